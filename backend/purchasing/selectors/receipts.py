"""Reading purchase receipts."""

from decimal import Decimal

from django.db.models import F, Prefetch, QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import PurchaseReceipt, PurchaseReceiptLine


def receipts_visible_to(actor: Actor) -> QuerySet[PurchaseReceipt]:
    """Receipts the actor may see, newest first; suppliers see what was booked of their own."""
    found = PurchaseReceipt.objects.select_related("supplier", "warehouse", "asn").order_by("-doc_date", "-id")
    if actor.kind in {"staff", "system"}:
        return found
    if actor.kind == "supplier" and actor.party_id:
        return found.filter(supplier=actor.party_id, approval=Approval.APPROVED)
    return found.none()


def receipt_for(actor: Actor, number: str) -> PurchaseReceipt:
    """The receipt with its lines; raises NotFoundRefused."""
    lines = PurchaseReceiptLine.objects.select_related("item__unit", "line_unit", "lot", "order_line").order_by(
        "line_no"
    )
    found = receipts_visible_to(actor).filter(number=number).prefetch_related(Prefetch("lines", lines)).first()
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found


def open_to_invoice(line: PurchaseReceiptLine) -> Decimal:
    """What of a line is not invoiced yet."""
    return line.qty - line.returned_qty - line.invoiced_qty


def lines_to_invoice(actor: Actor) -> QuerySet[PurchaseReceiptLine]:
    """Booked lines that are not invoiced in full, with ``to_invoice``, the oldest first."""
    return (
        PurchaseReceiptLine.objects.select_related("document__supplier", "item__unit")
        .filter(document__in=receipts_visible_to(actor).order_by().values("pk"), document__approval=Approval.APPROVED)
        .annotate(to_invoice=F("qty") - F("returned_qty") - F("invoiced_qty"))
        .filter(to_invoice__gt=0)
        .order_by("document__doc_date", "document", "line_no")
    )
