"""What purchasing registers with areas below it."""

from backend.invoicing import sources
from backend.invoicing.events import PurchaseInvoiceUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.purchasing.goods import receipt_goods
from backend.purchasing.models import PurchaseReceipt
from backend.purchasing.services.landed_costs import refuse_while_landed

sources.register(PurchaseReceipt.DOC_TYPE, receipt_goods)


@subscribe(PurchaseInvoiceUnapproved, when="now")
def keep_landed_costs(event: PurchaseInvoiceUnapproved, actor: Actor) -> None:
    """The invoice of a landed cost goes back with the landed cost alone."""
    refuse_while_landed(invoice_id=event.aggregate_id)
