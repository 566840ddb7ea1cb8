"""Many people at one order: no more is made than was ordered and issued for, and nobody waits in a circle."""

from decimal import Decimal as D

from backend.inventory.models import StockBalance
from backend.kernel.errors import Refusal
from backend.production.models import ProductionComponent, ProductionOrder
from backend.production.services import materials, receipts
from tests.accounting.test_concurrency import in_threads
from tests.factories.inventory import TODAY
from tests.factories.production import BY, Lamps, move_material


def test_receipts_of_one_order_at_once_never_exceed_it(committed_tenant):
    lamps = Lamps()
    move_material(lamps.order, "issue")
    saved = [receipts.save_receipt(order_id=lamps.order.pk, doc_date=TODAY, qty=D(6), **BY).pk for _number in range(6)]
    extra = [materials.save_material(order_id=lamps.order.pk, kind="return", doc_date=TODAY, **BY).pk]

    def work(number: int) -> str:
        if number < len(saved):
            return receipts.approve_receipt(document_id=saved[number], **BY).number
        return materials.approve_material(document_id=extra[0], **BY).number

    outcomes = in_threads(committed_tenant, 7, work)
    done = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert all(isinstance(outcome, str | Refusal) for outcome in outcomes)
    order = ProductionOrder.objects.get()
    assert order.received_qty == StockBalance.objects.get(item=lamps.lamp).on_hand <= 18
    tube = ProductionComponent.objects.get(item=lamps.tube)
    assert tube.used_qty == tube.needed(order.received_qty)
    assert StockBalance.objects.get(item=lamps.tube, warehouse=lamps.place).on_hand == tube.held_qty >= 0
    assert 1 <= len(done) <= 4
