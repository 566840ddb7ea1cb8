"""Reading purchase returns."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import PurchaseReceiptLine, PurchaseReturn, PurchaseReturnLine


def returns_visible_to(actor: Actor) -> QuerySet[PurchaseReturn]:
    """Returns the actor may see, newest first; suppliers see what was sent back to them."""
    found = PurchaseReturn.objects.select_related("supplier", "warehouse").order_by("-doc_date", "-id")
    if actor.kind in {"staff", "system"}:
        return found
    if actor.kind == "supplier" and actor.party_id:
        return found.filter(supplier=actor.party_id, approval=Approval.APPROVED)
    return found.none()


def return_for(actor: Actor, number: str) -> PurchaseReturn:
    """The return with its lines; raises NotFoundRefused."""
    lines = PurchaseReturnLine.objects.select_related("item__unit", "lot", "receipt_line").order_by("line_no")
    found = returns_visible_to(actor).filter(number=number).prefetch_related(Prefetch("lines", lines)).first()
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found


def lines_to_return(receipt_ids: Iterable[UUID]) -> list[PurchaseReceiptLine]:
    """Lines of booked receipts of which something is left to go back, with ``returnable``; one statement."""
    found = PurchaseReceiptLine.objects.select_related("document__supplier", "item__unit", "lot")
    found = found.filter(document__in=list(receipt_ids), document__approval=Approval.APPROVED)
    left = found.annotate(returnable=F("qty") - F("returned_qty")).filter(returnable__gt=0)
    return list(left.order_by("document__number", "line_no"))
