"""What purchasing registers with areas below it."""

from uuid import UUID

from backend.availability.events import PromiseRevised
from backend.invoicing import sources
from backend.invoicing.events import PurchaseInvoiceUnapproved
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.purchasing.events import (
    ConfirmationDecided,
    PurchaseOrderAmended,
    PurchaseOrderApproved,
    PurchaseOrderClosed,
    PurchaseOrderReopened,
    PurchaseOrderUnapproved,
    PurchaseOrderVoided,
    RfqAwarded,
    RfqCancelled,
)
from backend.purchasing.goods import expected_goods, lock_goods, receipt_goods
from backend.purchasing.models import PurchaseOrder, PurchaseReceipt, PurchaseRequisition
from backend.purchasing.services import call_offs, material_demand, requisition_counts
from backend.purchasing.services.landed_costs import refuse_while_landed
from backend.workflow.approvals import rules

sources.register(PurchaseReceipt.DOC_TYPE, receipt_goods, lock_goods)
sources.register(PurchaseOrder.DOC_TYPE, expected_goods, lock_goods)
rules.offer(PurchaseRequisition.DOC_TYPE, "purchasing.requisition.approve")
rules.offer(PurchaseOrder.DOC_TYPE, "purchasing.order.approve")


@subscribe(PurchaseInvoiceUnapproved, when="now")
def keep_landed_costs(event: PurchaseInvoiceUnapproved, actor: Actor) -> None:
    """The invoice of a landed cost goes back with the landed cost alone."""
    refuse_while_landed(invoice_id=event.aggregate_id)


@subscribe(PurchaseOrderVoided, when="now")
def free_called_off(event: PurchaseOrderVoided, actor: Actor) -> None:
    """What a voided order had called off can be called off again."""
    call_offs.free_called_off(order_id=event.aggregate_id, at=clock.now())


@subscribe(PurchaseOrderApproved, when="now")
def keep_to_what_was_called_off(event: PurchaseOrderApproved, actor: Actor) -> None:
    """A draft may have been edited since it was called off."""
    if event.calls_off:
        call_offs.follow_order(order_id=event.aggregate_id, at=clock.now())


@subscribe(PurchaseOrderAmended, when="now")
def keep_to_what_is_called_off(event: PurchaseOrderAmended, actor: Actor) -> None:
    call_offs.follow_order(order_id=event.aggregate_id, at=clock.now())


@subscribe(PurchaseOrderClosed, when="now")
def free_what_does_not_come(event: PurchaseOrderClosed, actor: Actor) -> None:
    """Closed by hand before all had come, an order gives the rest back to its agreement."""
    if not event.by_itself:
        call_offs.free_rest(order_id=event.aggregate_id, at=clock.now())


@subscribe(PurchaseOrderReopened, when="now")
def call_off_again(event: PurchaseOrderReopened, actor: Actor) -> None:
    """What closing the order gave back is called off again, or the order stays closed."""
    call_offs.take_again(order_id=event.aggregate_id, at=clock.now())


@subscribe(PurchaseOrderUnapproved, when="now")
def call_off_again_as_a_draft(event: PurchaseOrderUnapproved, actor: Actor) -> None:
    """A closed order that is a draft again asks for all of it."""
    call_offs.take_again(order_id=event.aggregate_id, at=clock.now())


@subscribe(ConfirmationDecided, when="now")
def take_back_what_is_not_delivered(event: ConfirmationDecided, actor: Actor) -> None:
    """What the supplier rejected, and the buyer gave up, is free in the agreement and open in the requisition again."""
    if event.accepted:
        call_offs.follow_order(order_id=event.aggregate_id, at=clock.now())
        requisition_counts.follow_order(_id(event.aggregate_id), actor=actor, at=clock.now())


# --- requisitions: what orders and requests for quotation take of them ---------------------------
@subscribe(PurchaseOrderVoided, when="now")
def free_requisitions(event: PurchaseOrderVoided, actor: Actor) -> None:
    """What a voided order was to buy is open again."""
    requisition_counts.follow_order(_id(event.aggregate_id), actor=actor, at=clock.now())


@subscribe(PurchaseOrderAmended, when="now")
def count_amended_order(event: PurchaseOrderAmended, actor: Actor) -> None:
    """An amended order takes more or less of a requisition."""
    requisition_counts.follow_order(_id(event.aggregate_id), actor=actor, at=clock.now())


@subscribe(PurchaseOrderUnapproved, when="now")
def count_withdrawn_order(event: PurchaseOrderUnapproved, actor: Actor) -> None:
    """A draft again: what had been cancelled of it is wanted again."""
    requisition_counts.follow_order(_id(event.aggregate_id), actor=actor, at=clock.now())


@subscribe(RfqCancelled, when="now")
def free_requisitions_of_request(event: RfqCancelled, actor: Actor) -> None:
    """What was asked for is open again."""
    requisition_counts.follow_rfq(_id(event.aggregate_id), actor=actor, at=clock.now())


@subscribe(RfqAwarded, when="now")
def count_awarded_request(event: RfqAwarded, actor: Actor) -> None:
    """What was asked for is ordered now; what nobody got is open again."""
    requisition_counts.follow_rfq(_id(event.aggregate_id), actor=actor, at=clock.now())


@subscribe(PromiseRevised, when="after_commit")
def follow_material(event: PromiseRevised, actor: Actor) -> None:
    """A component of a subcontract order comes on another day: so do its goods."""
    if event.ref_type == PurchaseOrder.DOC_TYPE:
        material_demand.follow_material(event, actor=actor, at=clock.now())


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
