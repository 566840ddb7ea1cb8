"""Order to cash: order → promise → delivery → shipment → signature → invoice → money.

Push-downs build invoices from what was delivered. Reactions make the shipment, keep the progress of
orders and deliveries, and tell the salesperson and the customer what changed and why.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.accounting.events import ItemsMatched
from backend.availability.events import DemandReserved, PromiseRevised
from backend.availability.selectors import reserved_of
from backend.availability.services.causes import names_supplier
from backend.catalog.models import Item
from backend.invoicing.events import SalesInvoiceApproved, SalesInvoiceUnapproved
from backend.invoicing.models import SalesInvoice, SalesInvoiceLine
from backend.invoicing.services import sales_invoices
from backend.invoicing.services.drafts import save_draft
from backend.invoicing.services.sides import SALES
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import Conflict
from backend.kernel.events import subscribe
from backend.logistics.models import MilestoneKind, Shipment
from backend.logistics.services import ShipmentData, cancel_shipment, create_shipment
from backend.processes import addresses
from backend.processes.statements import propose_customer_statement
from backend.processes.telling import mail_party, plain_qty
from backend.sales.events import (
    DeliverySigned,
    SalesDeliveryApproved,
    SalesDeliveryUnapproved,
    SalesOrderApproved,
    SalesOrderClosed,
    SalesOrderUnapproved,
)
from backend.sales.goods import goods_of_deliveries
from backend.sales.models import SalesDelivery, SalesOrder
from backend.sales.services import progress
from backend.sales.services.deliveries import create_delivery_from_order
from backend.workflow import parameters
from backend.workflow.services import complete_tasks, create_task, notify

__all__ = ["CannotInvoiceDeliveries", "invoice_deliveries", "propose_customer_statement"]
DELIVERY = SalesDelivery.DOC_TYPE
ORDER = SalesOrder.DOC_TYPE


class CannotInvoiceDeliveries(Conflict):
    """The deliveries cannot become one invoice."""

    code = "cannot_invoice_deliveries"


# --- push-downs --------------------------------------------------------------------------------
def invoice_deliveries(
    *,
    delivery_ids: Sequence[UUID],
    actor: Actor,
    at: datetime,
    invoice_kind: str = "vat_special",
    doc_date: date | None = None,
) -> SalesInvoice:
    """A draft invoice over everything of these deliveries that is not invoiced yet; one customer at a time."""
    with transaction.atomic():
        goods = goods_of_deliveries(delivery_ids)
        customers = {line.party_id for line in goods.values()}
        if len(customers) != 1:
            raise CannotInvoiceDeliveries(
                _("Nothing is left to invoice.") if not customers else _("One invoice has one customer."),
                code="nothing_to_invoice" if not customers else "several_customers",
                field="delivery_ids",
                way_out=_("Choose shipped deliveries of one customer that are not invoiced yet."),
            )
        inputs = [
            sales_invoices.InvoiceLineInput(source_type=DELIVERY, source_line_id=line.line_id, qty=line.open_qty)
            for line in goods.values()
        ]
        made: SalesInvoice = save_draft(
            SALES,
            data=sales_invoices.InvoiceData(
                party_id=customers.pop(),
                doc_date=doc_date or clock.day_of(at),
                lines=inputs,
                invoice_kind=invoice_kind,
            ),
            goods=goods,
            invoice_id=None,
            version=None,
            actor=actor,
            at=at,
        )
    return made


# --- progress, in the same truth ---------------------------------------------------------------
@subscribe(SalesInvoiceApproved, when="now")
def count_invoiced_deliveries(event: SalesInvoiceApproved, actor: Actor) -> None:
    """Deliveries and orders know what is invoiced; the approval has locked them when it looked at what is left."""
    done = [(_id(line), qty) for line, _order_line, qty in event.source_lines]
    progress.record_invoiced(done, actor=actor, at=timezone.now(), locked=True)


@subscribe(SalesInvoiceUnapproved, when="now")
def uncount_invoiced_deliveries(event: SalesInvoiceUnapproved, actor: Actor) -> None:
    """The invoice is a draft again: so much less is invoiced."""
    undone = [(_id(line), -qty) for line, _order_line, qty in event.source_lines]
    progress.record_invoiced(undone, actor=actor, at=timezone.now())


@subscribe(SalesDeliveryApproved, when="now")
def dispatch_shipment(event: SalesDeliveryApproved, actor: Actor) -> None:
    """What has left was picked and packed, and is on its way: carrier, tracking number, expected day (SCM-12)."""
    data = ShipmentData(
        carrier_id=event.carrier_id,  # type: ignore[arg-type]
        tracking_no=event.tracking_no,
        destination=event.ship_to,
        expected_date=event.expected_date,  # type: ignore[arg-type]
    )
    create_shipment(
        source=SalesDelivery(id=event.aggregate_id, number=event.number),
        direction="out",
        party_id=_id(event.customer_id),
        data=data,
        before=(MilestoneKind.PICKED, MilestoneKind.PACKED),
        actor=actor,
        at=event.approved_at or timezone.now(),  # type: ignore[arg-type]
    )


@subscribe(SalesDeliveryUnapproved, when="now")
def recall_shipment(event: SalesDeliveryUnapproved, actor: Actor) -> None:
    """The goods did not leave after all."""
    cancel_shipment(source_id=event.aggregate_id)


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


@subscribe(ItemsMatched, when="after_commit")
def count_settled_orders(event: ItemsMatched, actor: Actor) -> None:
    """Orders know what of them is paid: all of it, a part, nothing.

    After the commit, in a transaction of its own: orders are locked before parties everywhere else, and
    here the party is locked already.
    """
    invoices = [_id(source) for doc_type, source in event.sources if doc_type == SalesInvoice.DOC_TYPE]
    found = SalesInvoiceLine.objects.filter(document__in=invoices).values_list("order_id", flat=True)
    orders = {order_id for order_id in found if order_id}
    if orders:
        with transaction.atomic():
            progress.record_settled(sorted(orders), actor=actor, at=timezone.now())


# --- promises (INT-07) -------------------------------------------------------------------------
@subscribe(PromiseRevised, when="after_commit")
def follow_promise(event: PromiseRevised, actor: Actor) -> None:
    """A later date is a to-do of the seller; the customer reads old date, new date and reason either way."""
    if event.ref_type != ORDER or event.old_date == event.new_date:
        return
    order = SalesOrder.objects.select_related("customer").filter(pk=event.aggregate_id).first()
    if order is None or not order.is_approved:
        return
    if _is_later(event):
        _ask_seller(order, event)
    else:
        complete_tasks(dedupe_key=f"promise:{event.ref_line_id}", actor=actor, at=timezone.now())
    _tell_customer_of_promise(order, event)


def _is_later(event: PromiseRevised) -> bool:
    return event.new_date is None or (event.old_date is not None and str(event.new_date) > str(event.old_date))


def _ask_seller(order: SalesOrder, event: PromiseRevised) -> None:
    create_task(
        kind="sales.promise_moved",
        params={
            "number": order.number,
            "line_no": event.line_no,
            "new_date": event.new_date,
            "old_date": event.old_date,
            "cause": _cause_for_sales(event),
            "customer": order.customer.label,
        },
        dedupe_key=f"promise:{event.ref_line_id}",
        assignee_id=order.salesperson_id,
        permission="sales.order.edit",
        subject=order,
        at=timezone.now(),
    )


def _cause_for_sales(event: PromiseRevised) -> str:
    """Why the date moved, without the supplier where the company keeps suppliers' names from sales."""
    if names_supplier(event.cause_type) and not parameters.get("sales.show_suppliers"):
        return event.cause_number
    return event.cause_text


def _tell_customer_of_promise(order: SalesOrder, event: PromiseRevised) -> None:
    item = Item.objects.filter(pk=event.item_id).values_list("name", flat=True).first()
    notify(
        kind="customer.promise_moved",
        params={
            "number": order.number,
            "item": item,
            "new_date": event.new_date,
            "old_date": event.old_date,
            "reason": event.customer_reason,
        },
        url=addresses.customer(ORDER, order.number),
        dedupe_key=f"promise:{event.demand_id}:{event.revision}",
        party_id=order.customer_id,
        permission="customer.order.view",
        at=timezone.now(),
    )


@subscribe(SalesOrderUnapproved, when="after_commit")
def forget_promise_of_withdrawn_order(event: SalesOrderUnapproved, actor: Actor) -> None:
    """A draft promises nothing."""
    complete_tasks(subject_id=event.aggregate_id, kinds=["sales.promise_moved"], actor=actor, at=timezone.now())


@subscribe(SalesOrderClosed, when="after_commit")
def forget_promise_of_closed_order(event: SalesOrderClosed, actor: Actor) -> None:
    """The rest is not delivered: no date is left to tell."""
    complete_tasks(subject_id=event.aggregate_id, kinds=["sales.promise_moved"], actor=actor, at=timezone.now())


@subscribe(DemandReserved, when="after_commit")
def tell_seller_of_reserved_goods(event: DemandReserved, actor: Actor) -> None:
    """What the line waited for is here: it can be shipped."""
    order = SalesOrder.objects.filter(pk=event.aggregate_id).first()
    if event.ref_type != ORDER or order is None or not order.is_approved:
        return
    notify(
        kind="sales.goods_reserved",
        params={"number": order.number, "line_no": event.line_no, "qty": plain_qty(Decimal(event.qty))},
        url=addresses.staff(ORDER, order.number),
        dedupe_key=f"reserved:{event.demand_id}:{plain_qty(Decimal(event.qty))}:{clock.today().isoformat()}",
        members=[order.salesperson_id] if order.salesperson_id else (),
        permission="" if order.salesperson_id else "sales.delivery.approve",
        mail=False,
        at=timezone.now(),
    )


# --- from confirmation to the pick list (INT-01) ------------------------------------------------
@subscribe(SalesOrderApproved, when="after_commit")
def prepare_delivery(event: SalesOrderApproved, actor: Actor) -> None:
    """Enough in stock: the delivery waits in the warehouse without anybody pushing the order down."""
    _prepare(event.aggregate_id)


@subscribe(DemandReserved, when="after_commit")
def prepare_delivery_of_reserved_goods(event: DemandReserved, actor: Actor) -> None:
    """The last goods have come: the same."""
    if event.ref_type == ORDER:
        _prepare(event.aggregate_id)


def _prepare(order_id: UUID) -> None:
    if not parameters.get("sales.auto_delivery"):
        return
    with transaction.atomic():
        order = SalesOrder.objects.select_for_update(of=("self",)).select_related("customer").get(pk=order_id)
        if not _all_in_stock(order):
            return
        delivery = create_delivery_from_order(order_id=order.pk, actor=Actor.system(), at=timezone.now())
        create_task(
            kind="sales.delivery_to_ship",
            params={"number": delivery.number, "customer": order.customer.label, "order": order.number},
            dedupe_key=f"ship:{delivery.pk}",
            permission="sales.delivery.approve",
            subject=delivery,
            at=timezone.now(),
        )


def _all_in_stock(order: SalesOrder) -> bool:
    """Whether all that is open lies reserved and on no other delivery."""
    if not order.is_approved or order.closing != "open":
        return False
    if SalesDelivery.objects.filter(lines__order_line__document=order, approval=Approval.DRAFT).exists():
        return False
    reserved = reserved_of(order.pk)
    open_lines = [line for line in order.lines.select_related("item") if line.open_qty and line.item.is_stocked]
    return bool(open_lines) and all(reserved.get(line.pk, 0) >= line.open_qty for line in open_lines)


@subscribe(SalesDeliveryApproved, when="after_commit")
def finish_shipping(event: SalesDeliveryApproved, actor: Actor) -> None:
    """It has left; of an order that is delivered in full no date is left to tell."""
    complete_tasks(dedupe_key=f"ship:{event.aggregate_id}", actor=actor, at=timezone.now())
    for order in SalesOrder.objects.filter(pk__in=event.order_ids, shipped="full"):
        complete_tasks(subject_id=order.pk, kinds=["sales.promise_moved"], actor=actor, at=timezone.now())


# --- the customer ------------------------------------------------------------------------------
@subscribe(SalesOrderApproved, when="after_commit")
def tell_customer_of_order(event: SalesOrderApproved, actor: Actor) -> None:
    """The order is confirmed, with its promised day."""
    order = SalesOrder.objects.get(pk=event.aggregate_id)
    notify(
        kind="customer.order_confirmed",
        params={"number": order.number, "promise_date": order.promise_date},
        url=addresses.customer(ORDER, order.number),
        dedupe_key=f"order:{order.pk}:{order.revision}:{order.version}",
        party_id=order.customer_id,
        permission="customer.order.view",
        at=timezone.now(),
    )


@subscribe(SalesDeliveryApproved, when="after_commit")
def tell_customer_of_shipment(event: SalesDeliveryApproved, actor: Actor) -> None:
    """Shipped, expected on that day (SCM-12)."""
    delivery = SalesDelivery.objects.select_related("carrier", "customer").get(pk=event.aggregate_id)
    if not delivery.is_approved:
        return
    orders = sorted(set(delivery.lines.values_list("order_number", flat=True)))
    shipment = Shipment.objects.filter(source_id=delivery.pk).first()
    params = {
        "order": ", ".join(orders),
        "number": delivery.number,
        "expected_date": shipment.expected_date if shipment else delivery.expected_date,
        "carrier": delivery.carrier.label if delivery.carrier else "",
        "tracking_no": delivery.tracking_no,
    }
    if params["expected_date"] == clock.today() + timedelta(days=1):
        params["when"] = "tomorrow"
    url = addresses.customer(DELIVERY, delivery.number)
    told = notify(
        kind="customer.order_shipped",
        params=params,
        url=url,
        dedupe_key=f"shipped:{delivery.pk}:{delivery.version}",
        party_id=delivery.customer_id,
        permission="customer.order.view",
        at=timezone.now(),
    )
    if not told:
        mail_party(
            delivery.customer, "customer.order_shipped", params, url, key=f"shipped:{delivery.pk}", role="logistics"
        )


@subscribe(DeliverySigned, when="after_commit")
def tell_seller_of_signature(event: DeliverySigned, actor: Actor) -> None:
    """The customer has the goods."""
    delivery = SalesDelivery.objects.get(pk=event.aggregate_id)
    orders = SalesOrder.objects.filter(lines__delivery_lines__document=delivery).distinct()
    sellers = {order.salesperson_id for order in orders if order.salesperson_id}
    notify(
        kind="sales.delivery_signed",
        params={"number": event.number, "signed_by": event.signed_by},
        url=addresses.staff(DELIVERY, event.number),
        dedupe_key=f"signed:{event.aggregate_id}",
        members=sellers,
        mail=False,
        actor=actor,
        at=timezone.now(),
    )


@subscribe(SalesInvoiceApproved, when="after_commit")
def tell_customer_of_invoice(event: SalesInvoiceApproved, actor: Actor) -> None:
    """The invoice is there, with its due day."""
    notify(
        kind="customer.invoice_sent",
        params={"number": event.number, "amount": f"{Decimal(event.gross):,.2f}", "due_date": event.due_date},
        url=addresses.customer(SalesInvoice.DOC_TYPE, event.number),
        dedupe_key=f"invoice:{event.aggregate_id}",
        party_id=_id(event.customer_id),
        permission="customer.invoice.view",
        at=timezone.now(),
    )
