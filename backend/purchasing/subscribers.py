"""What purchasing registers with areas below it."""

from backend.invoicing import sources
from backend.invoicing.events import PurchaseInvoiceUnapproved
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.purchasing.events import PurchaseOrderAmended, PurchaseOrderApproved, PurchaseOrderVoided
from backend.purchasing.goods import receipt_goods
from backend.purchasing.models import PurchaseReceipt
from backend.purchasing.services import blankets
from backend.purchasing.services.landed_costs import refuse_while_landed

sources.register(PurchaseReceipt.DOC_TYPE, receipt_goods)


@subscribe(PurchaseInvoiceUnapproved, when="now")
def keep_landed_costs(event: PurchaseInvoiceUnapproved, actor: Actor) -> None:
    """The invoice of a landed cost goes back with the landed cost alone."""
    refuse_while_landed(invoice_id=event.aggregate_id)


@subscribe(PurchaseOrderVoided, when="now")
def free_called_off(event: PurchaseOrderVoided, actor: Actor) -> None:
    """What a voided order had called off can be called off again."""
    blankets.free_called_off(order_id=event.aggregate_id, at=clock.now())


@subscribe(PurchaseOrderApproved, when="now")
def keep_to_what_was_called_off(event: PurchaseOrderApproved, actor: Actor) -> None:
    """A draft may have been edited since it was called off."""
    blankets.follow_order(order_id=event.aggregate_id, at=clock.now())


@subscribe(PurchaseOrderAmended, when="now")
def keep_to_what_is_called_off(event: PurchaseOrderAmended, actor: Actor) -> None:
    blankets.follow_order(order_id=event.aggregate_id, at=clock.now())
