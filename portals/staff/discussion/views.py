"""Messages and files on any document: written here, drawn in the rail of the document's page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.kernel import comments, files
from backend.kernel.conversation import say
from backend.kernel.document import DOC_TYPES
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.workflow.approvals.rules import rules_of
from portals.staff.sales.scope import visible_orders, visible_quotes
from portals.staff.shared import related
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.approvals import decides
from portals.staff.shared.registry import KINDS, Kind, kind_of
from portals.ui.components import Crumb
from portals.ui.errors import refusal_response
from portals.ui.guards import staff_view


def subject_of(actor: Any, doc_type: str, pk: UUID) -> Any:
    """The document to write on; a foreign or unknown one is not found."""
    kind, model = kind_of(doc_type), DOC_TYPES.get(doc_type)
    document = None
    if kind is not None and model is not None:
        document = _visible(actor, kind, model, pk) or _to_decide(actor, model, pk)
    if document is None:
        raise NotFoundRefused(_("There is no such document."), value=pk)
    return document


def _visible(actor: Any, kind: Kind, model: Any, pk: UUID) -> Any:
    if not actor.may(kind.permission):
        return None
    scoped = {"sales.order": visible_orders, "sales.quote": visible_quotes}.get(kind.doc_type)
    found = scoped(actor) if scoped else model._default_manager.all()
    return found.filter(pk=pk).first()


def _to_decide(actor: Any, model: Any, pk: UUID) -> Any:
    """A document whose level waits for this actor: he reads its files and writes on it as long as it does."""
    document = model._default_manager.filter(pk=pk).first() if rules_of(model.DOC_TYPE) else None
    return document if document is not None and decides(document, actor) else None


def party_of(document: Any) -> UUID | None:
    """The partner of a document."""
    for name in ("customer_id", "supplier_id", "party_id"):
        if getattr(document, name, None):
            return getattr(document, name)
    return None


def _audience(request: HttpRequest, document: Any) -> str:
    """Internal unless the partner of this very document was chosen."""
    wanted = request.POST.get("visibility", "internal")
    partner = (
        "customer"
        if getattr(document, "customer_id", None)
        else "supplier"
        if getattr(document, "supplier_id", None)
        else ""
    )
    return wanted if wanted == partner and partner else "internal"


def _shared(request: HttpRequest, document: Any, audience: str) -> dict[str, Any]:
    return {
        "subject": document,
        "visibility": audience,
        "party_id": party_of(document) if audience != "internal" else None,
        **who_and_when(request),
    }


@require_POST
@staff_view()
def message_add(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    document = subject_of(request.actor, doc_type, pk)  # type: ignore[attr-defined]
    audience = _audience(request, document)
    upload, text = request.FILES.get("file"), request.POST.get("text", "")
    try:
        say(text=text, upload=upload, **_shared(request, document, audience))
    except Refusal as refusal:
        return refusal_response(request, refusal)
    messages.success(request, _("Message sent."))
    return _back(doc_type, document)


@require_POST
@staff_view()
def file_add(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    document = subject_of(request.actor, doc_type, pk)  # type: ignore[attr-defined]
    upload = request.FILES.get("file")
    if upload is None:
        raise ValidationRefused(_("Choose a file first."), document=document.number, field="file")
    audience = _audience(request, document)
    shared = _shared(request, document, audience)
    with transaction.atomic():
        kept = files.attach_file(upload=upload, **shared)
        if audience != "internal":  # the partner is told of it
            comments.add_comment(text=kept.name, **shared)
    messages.success(request, _("File added."))
    return _back(doc_type, document)


@staff_view()
def document_flow(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    """All documents a document came from and led to, in the order of the business."""
    actor = request.actor  # type: ignore[attr-defined]
    document = subject_of(actor, doc_type, pk)
    family = related.family_of(document.pk)
    kind = KINDS[doc_type]
    rows = sorted(
        [related.relative_of(document), *family.relatives],
        key=lambda each: (each.level, each.kind.doc_type, each.number),
    )
    context = {
        "document": document,
        "rows": [(row, actor.may(row.kind.permission), row.chip) for row in rows],
        "prices": actor.may("catalog.price.view"),
        "nodes": related.graph_of(document, family, actor),
        "vouchers": related.voucher_lines(family, actor),
        "crumbs": [Crumb(kind.label), Crumb(document.number, kind.url(document.number))],
    }
    return render(request, "staff/shared/flow.html", context)


def _back(doc_type: str, document: Any) -> HttpResponse:
    kind = kind_of(doc_type)
    return HttpResponseRedirect((kind.url(document.number) if kind else "") or "/")
