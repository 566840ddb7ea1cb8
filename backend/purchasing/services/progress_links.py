"""Links to report on one order line without an account (M-14).

Invariants: only the hash of a token is kept; a link is good for one line and seven days; a new link ends the former
one of its line; the buyer revokes it at any time; every use is counted and every report is audited as its own.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from backend.kernel import audit, clock
from backend.kernel.actor import Actor
from backend.kernel.document import Closing, load_locked
from backend.kernel.errors import Conflict, NotFoundRefused
from backend.purchasing.models import ProgressLink, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.checks import CannotAnswerOrder, require_running

GOOD_FOR = timedelta(days=7)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue_link(*, order_line_id: UUID, actor: Actor, at: datetime, sent_to: str = "") -> tuple[ProgressLink, str]:
    """A new link and its token, which is never shown again; raises Conflict when nothing of the line is to be made."""
    order_id = PurchaseOrderLine.objects.filter(pk=order_line_id).values_list("document", flat=True).first()
    if order_id is None:
        raise NotFoundRefused(_("There is no such line."), value=order_line_id)
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_running(order, CannotAnswerOrder)
        line = PurchaseOrderLine.objects.get(pk=order_line_id)
        if not line.unshipped_qty:
            raise Conflict(
                _("Line %(line)s of %(order)s is shipped.") % {"line": line.line_no, "order": order},
                code="line_shipped",
                document=order.number,
                line=line.line_no,
            )
        _end(ProgressLink.objects.filter(order_line=line), actor, at)
        token = secrets.token_urlsafe(32)
        made = ProgressLink.objects.create(
            order_line=line,
            token_hash=_hash(token),
            sent_to=sent_to[:254],
            expires_at=at + GOOD_FOR,
            created_at=at,
            created_by_name=actor.name,
        )
        changes = {str(line.line_no): ["", sent_to], "expires_at": ["", clock.day_of(made.expires_at).isoformat()]}
        audit.record(order, "issue_link", actor=actor, at=at, changes=changes)
    return made, token


def _end(links: QuerySet[ProgressLink], actor: Actor, at: datetime) -> int:
    return links.filter(revoked_at=None, expires_at__gt=at).update(revoked_at=at, revoked_by_name=actor.name)


def revoke_link(*, link_id: UUID, actor: Actor, at: datetime) -> ProgressLink:
    """End a link at once; ending it twice changes nothing."""
    with transaction.atomic():
        link = ProgressLink.objects.select_related("order_line__document").filter(pk=link_id).first()
        if link is None:
            raise NotFoundRefused(_("There is no such link."), value=link_id)
        if _end(ProgressLink.objects.filter(pk=link_id), actor, at):
            line = link.order_line
            audit.record(
                line.document, "revoke_link", actor=actor, at=at, changes={str(line.line_no): ["", link.sent_to]}
            )
    return link


def open_link(token: str, at: datetime) -> ProgressLink:
    """The link of a token while it is good; raises NotFoundRefused for any other, whatever is wrong with it."""
    found = (
        ProgressLink.objects.select_related("order_line__document__supplier", "order_line__item__unit")
        .filter(token_hash=_hash(token), revoked_at=None, expires_at__gt=at)
        .first()
    )
    order = found.order_line.document if found else None
    if found is None or order is None or not order.is_approved or order.closing != Closing.OPEN:
        raise NotFoundRefused(
            _("This link is not good any more."), code="link_gone", way_out=_("Ask the buyer for a new one.")
        )
    return found


def actor_of(link: ProgressLink) -> Actor:
    """Who acts by a link: somebody of the supplier, who is nobody's member and holds no right."""
    supplier = link.order_line.document.supplier
    name = _("%(supplier)s by link") % {"supplier": supplier.label}
    return Actor(kind="supplier", name=name[:120], party_id=supplier.pk, channel="link")


def count_use(link: ProgressLink, at: datetime) -> None:
    """One more report came by the link."""
    ProgressLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, used_at=at)
