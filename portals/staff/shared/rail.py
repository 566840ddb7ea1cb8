"""The rail of every document page: family, vouchers, timeline, messages, files, goods; in four statements."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.kernel import audit, clock
from backend.kernel.comments import comments_on
from backend.kernel.document import Approval
from backend.kernel.models import Attachment
from backend.kernel.threads import open_thread
from backend.kernel.together import together
from portals.staff.shared import related
from portals.staff.shared.goods import goods_lines
from portals.staff.shared.words import VERBS
from portals.ui import related as ui_related
from portals.ui.components import GraphNode, RelatedLine

_SHOWN = 8
NEVER_BOOKED = frozenset(
    {
        "purchasing.rfq",
        "purchasing.requisition",
        "purchasing.blanket",
        "purchasing.inspection",
        "invoicing.statement",
        "sales.quote",
        "production.order",
        "service.ticket",
    }
)
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def audiences(partner: str) -> tuple[tuple[str, Any], ...]:
    """Who may read a message: colleagues, or the partner of the document too."""
    if partner == "customer":
        return (("internal", _("Internal")), ("customer", _("The customer reads it")))
    if partner == "supplier":
        return (("internal", _("Internal")), ("supplier", _("The supplier reads it")))
    return ()


def rail_of(
    request: HttpRequest,
    document: Any,
    *,
    partner: str = "",
    family: related.Family | None = None,
    graph_sub: Any = "",
    extra_nodes: Iterable[GraphNode] = (),
    also: Iterable[UUID] = (),
    verbs: Mapping[str, Any] | None = None,
    voucher_note: Any = "",
) -> dict[str, Any]:
    """The rail's part of a `DocumentSheet`: pass it on as `DocumentSheet(…, **rail_of(request, document))`."""
    actor = request.actor  # type: ignore[attr-defined]
    family = family if family is not None else related.family_of(document.pk)
    nodes = related.graph_of(document, family, actor, sub=graph_sub, extra=extra_nodes)
    limit = 200 if request.GET.get("activity") == "all" else _SHOWN
    about = together(
        done=audit.timeline(document.pk, also=also)[: limit + 1],
        said=comments_on(document.pk),
        filed=Attachment.objects.filter(subject_id=document.pk).order_by("created_at", "id"),
    )
    timeline = ui_related.entries(about["done"], words=VERBS | dict(verbs or {}), reader=actor)
    where = {"doc_type": document.DOC_TYPE, "pk": document.pk}
    return {
        "goods": goods_lines(document),
        "graph": nodes if len(nodes) > 1 else (),
        "flow_url": reverse("staff:document_flow", kwargs=where) if len(nodes) > 1 else "",
        "vouchers": _vouchers(document, family, actor),
        "voucher_note": _("none: it is void") if _is_void(document) else voucher_note,
        "timeline": timeline[:limit],
        "timeline_more_url": f"{request.path}?activity=all" if len(timeline) > limit else "",
        "messages": ui_related.messages(
            about["said"], mine=actor.member_id, since=_read_until(document, actor, partner)
        ),
        "message_url": reverse("staff:message_add", kwargs=where),
        "message_audiences": audiences(partner),
        "files": ui_related.file_refs(about["filed"]),
        "upload_url": reverse("staff:file_add", kwargs=where),
    }


def _vouchers(document: Any, family: related.Family, actor: Any) -> list[RelatedLine] | None:
    """The vouchers, or nothing to draw: for who may not see the books, and for papers that reach them by others alone."""
    if not actor.may("accounting.voucher.view"):
        return None
    found = related.voucher_lines(family, actor)
    return found if found or document.DOC_TYPE not in NEVER_BOOKED else None


def _is_void(document: Any) -> bool:
    return bool(getattr(document, "approval", "") == Approval.VOIDED)


def _read_until(document: Any, actor: Any, partner: str) -> Any:
    """Until when the reader had read what the supplier wrote; it counts as read from now on."""
    if partner != "supplier":
        return None
    return open_thread(document.pk, actor=actor, at=clock.now()) or NEVER
