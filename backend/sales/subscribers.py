"""What sales hears from below, and what it registers there."""

from django.db import transaction

from backend.availability.events import PromiseRevised
from backend.catalog.services import pricing
from backend.invoicing import sources
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.sales.events import SalesOrderAmended, SalesOrderApproved, SalesOrderEvent
from backend.sales.goods import delivered_goods, settled_goods
from backend.sales.models import Consignment, SalesDelivery, SalesOrder
from backend.sales.services import demands
from backend.sales.services.lines import price_of
from backend.workflow.approvals import rules

sources.register(SalesDelivery.DOC_TYPE, delivered_goods)
sources.register(Consignment.DOC_TYPE, settled_goods)
rules.offer(SalesOrder.DOC_TYPE, "sales.order.approve")


@subscribe(PromiseRevised, when="after_commit")
def follow_promise(event: PromiseRevised, actor: Actor) -> None:
    """Keep the order's date in step with the promises of its lines.

    After the commit and in a transaction of its own: under the locks of the balances nobody may wait for an order.
    """
    if event.ref_type != SalesOrder.DOC_TYPE:
        return
    with transaction.atomic():
        order = SalesOrder.objects.select_for_update().filter(pk=event.aggregate_id).first()
        if order is not None and order.is_approved:
            order.promise_date = demands.promise_date(order)
            order.save(update_fields=["promise_date"])


@subscribe(SalesOrderApproved, when="after_commit")
@subscribe(SalesOrderAmended, when="after_commit")
def remember_prices(event: SalesOrderEvent, actor: Actor) -> None:
    """Keep what the customer pays as its last prices; doing it again changes nothing."""
    order = SalesOrder.objects.filter(pk=event.aggregate_id).first()
    if order is None or not order.is_approved:
        return
    pricing.remember_prices(
        kind="sales",
        party_id=order.customer_id,
        prices=[(line.item_id, price_of(line, order), order.price_includes_tax) for line in order.lines.all()],
        doc_number=order.number,
        doc_date=order.doc_date,
        currency=order.currency,
    )
