"""Transfers in both directions at once, and two people who receive the same one: no deadlock, nothing twice (INV-01)."""

from decimal import Decimal as D

from backend.availability.selectors.consistency import violations
from backend.inventory.models import StockBalance
from backend.inventory.services import transfer_receipts, transfers
from backend.inventory.services.inputs import TransferLineInput
from backend.kernel.errors import Refusal
from backend.posting.reconciliation import stock_differences
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse, make_warehouse, stock_up
from tests.purchasing.test_concurrency import in_threads

BY = {"actor": SYSTEM, "at": AT}


def test_transfers_cross_each_other(committed_tenant):
    items = [make_item() for _ in range(3)]
    places = [main_warehouse(), make_warehouse()]
    for item in items:
        for place in places:
            stock_up(item, 50, 500, warehouse=place)

    def work(number: int) -> str:
        here, there = places[number % 2], places[1 - number % 2]
        order = items if number % 3 else list(reversed(items))
        document = transfers.save_transfer(
            doc_date=TODAY,
            source_id=here.pk,
            destination_id=there.pk,
            lines=[TransferLineInput(item.pk, D(2)) for item in order],
            **BY,
        )
        if number % 4 == 0:
            transfers.submit_transfer(document_id=document.pk, **BY)
        transfers.approve_transfer(document_id=document.pk, **BY)
        transfer_receipts.receive_transfer(transfer_id=document.pk, **BY)
        return "there"

    outcomes = in_threads(committed_tenant, 24, work)
    assert all(outcome == "there" or isinstance(outcome, Refusal) for outcome in outcomes), outcomes
    for item in items:
        rows = StockBalance.objects.filter(item=item)
        assert sum(row.on_hand for row in rows) == 100
        assert sum(row.value for row in rows) == 1000
    assert stock_differences() == []
    assert violations() == []


def test_goods_arrive_once(committed_tenant):
    item, shop = make_item(), make_warehouse()
    stock_up(item, 50, 500)
    document = transfers.save_transfer(
        doc_date=TODAY,
        source_id=main_warehouse().pk,
        destination_id=shop.pk,
        lines=[TransferLineInput(item.pk, D(20))],
        **BY,
    )
    transfers.approve_transfer(document_id=document.pk, **BY)
    outcomes = in_threads(
        committed_tenant, 6, lambda _no: transfer_receipts.receive_transfer(transfer_id=document.pk, **BY).number
    )
    assert sum(1 for outcome in outcomes if isinstance(outcome, str)) == 1
    assert StockBalance.objects.get(item=item, warehouse=shop).on_hand == 20
