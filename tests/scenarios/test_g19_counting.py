"""G-19: a cycle count of 500 SKUs while goods are shipped; accuracy computed, differences in the books."""

import time
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.utils import timezone

from backend.availability.selectors.consistency import violations
from backend.catalog.models import Item
from backend.inventory.models import StockBalance
from backend.inventory.services import count_booking, counting
from backend.inventory.services.inputs import CountedInput, OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.posting.reconciliation import all_differences
from backend.sales.services import deliveries
from tests.scenarios.world import World, books_balance, ledger, stock_value

pytestmark = pytest.mark.usefixtures("tenant")


def many_items(world: World, count: int) -> list[Item]:
    first = world.item("SKU-0000", "Item 0")
    fields = {
        field.attname: getattr(first, field.attname)
        for field in Item._meta.concrete_fields
        if field.attname not in {"id", "code", "name", "barcode"}
    }
    made = [Item(code=f"SKU-{no:04d}", name=f"Item {no}", **fields) for no in range(1, count)]
    return [first, *Item.objects.bulk_create(made)]


def test_five_hundred_skus_are_counted_while_goods_leave():
    world = World()
    items = many_items(world, 500)
    who = {"actor": world.accountant, "at": world.at}
    lines = [OpeningLineInput(item.pk, D(10), unit_cost=D(10)) for item in items]
    opened = save_opening_stock(doc_date=world.today, warehouse_id=world.warehouse.pk, lines=lines, **who)
    approve_opening_stock(document_id=opened.pk, **who)
    document = counting.save_count(
        doc_date=world.today, warehouse_id=world.warehouse.pk, actor=world.keeper, at=world.at
    )
    began = time.monotonic()
    counting.start_count(document_id=document.pk, actor=world.keeper, at=world.at)
    assert document.lines.count() == 500

    # goods go on leaving: 4 of the first item are shipped before it is counted
    order = world.order(items[0], 4)
    deliveries.ship_order(order_id=order.pk, actor=world.keeper, at=world.at + timedelta(minutes=1))

    # 50 items lack a piece and 50 have one too many: 100 of the 4996 pieces on the books
    later = timezone.now() + timedelta(minutes=5)
    rows = []
    for line in document.lines.order_by("item__code"):
        there = D(6) if line.item_id == items[0].pk else D(10)
        there -= 1 if line.item_id in {item.pk for item in items[1:51]} else 0
        there += 1 if line.item_id in {item.pk for item in items[51:101]} else 0
        rows.append(CountedInput(line.pk, there))
    counting.record_counts(document_id=document.pk, counted=rows, actor=world.keeper, at=later)
    document = count_booking.approve_count(document_id=document.pk, actor=world.accountant, at=later)
    took = time.monotonic() - began

    assert round(document.accuracy_qty) == 98  # 1 − 100 ÷ 4996
    assert document.accuracy_qty == D("97.9984")
    assert (document.gain_value, document.loss_value) == (500, 500)
    assert StockBalance.objects.get(item=items[0]).on_hand == 6
    assert stock_value() == 500 * 100 - 40
    assert ledger("pending_loss_gain") == 0
    count_booking.settle_count(document_id=document.pk, disposition="non_operating", actor=world.accountant, at=later)
    assert (ledger("count_gain"), ledger("count_loss")) == (-500, 500)
    assert all_differences() == []
    assert books_balance()
    assert violations() == []
    assert took < 20, took
