"""Fifty receipts and issues of the same lots at once: no deadlock, nothing lost, every sum exact (INV-02, INV-04)."""

from decimal import Decimal as D

from django.db import transaction
from django.db.models import F, Sum

from backend.inventory.models import Lot, LotBalance, LotEdge, StockBalance, StockMove
from backend.inventory.services import lots
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves
from backend.kernel.errors import Refusal
from backend.purchasing.services import receipts
from backend.purchasing.services.inputs import ReceiptLineInput
from tests.factories.availability import Paper, assert_sound
from tests.factories.catalog import make_item
from tests.factories.inventory import SYSTEM, main_warehouse, stock_up
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, lines_of, make_purchase_order
from tests.purchasing.test_concurrency import in_threads

TIMES, FIRST = 50, 100


def test_receipts_and_issues_of_the_same_lots_at_once(committed_tenant):
    place, supplier = main_warehouse().pk, make_supplier()
    items = [make_item(lot_tracked=True) for _number in range(3)]
    for item in items:
        stock_up(item, FIRST, FIRST, lot_no="A")
    orders = [make_purchase_order(*[(item, 4) for item in items], supplier=supplier) for _n in range(TIMES // 2)]
    held = Lot.objects.get(item=items[0], lot_no="A")

    def work(number: int) -> str:
        if number == 7:
            with transaction.atomic():
                lots.hold_lot(lot_id=held.pk, reason="test", actor=SYSTEM, at=AT)
                return lots.release_lot(lot_id=held.pk, actor=SYSTEM, at=AT).state
        if number % 2 == 0:
            order = orders[number // 2]
            rows = lines_of(order)
            rows = rows if number % 4 else rows[::-1]
            given = [ReceiptLineInput(row.pk, D(4), lot_no="ABC"[number % 3]) for row in rows]
            return receipts.receive_order(order_id=order.pk, lines=given, actor=BUYER, at=AT).number
        wanted = items if number % 4 == 1 else items[::-1]
        moves = [MoveInput("sales_delivery", item.pk, place, qty_out=D(3)) for item in wanted]
        post_moves(moves, document=Paper("test.delivery"), actor=SYSTEM, at=AT)  # type: ignore[arg-type]
        return "issued"

    outcomes = in_threads(committed_tenant, TIMES, work)
    assert [outcome for outcome in outcomes if isinstance(outcome, Refusal)] == []
    left = FIRST + 4 * (TIMES // 2) - 3 * outcomes.count("issued")
    for item in items:
        assert StockBalance.objects.get(item=item).on_hand == left
        of_lots = LotBalance.objects.filter(item=item)
        assert of_lots.aggregate(n=Sum("on_hand"))["n"] == left
        moved = StockMove.objects.filter(item=item).values("lot").annotate(n=Sum(F("qty_in") - F("qty_out")))
        assert dict(moved.values_list("lot", "n")) == dict(of_lots.values_list("lot", "on_hand"))
        assert sorted(Lot.objects.filter(item=item).values_list("lot_no", flat=True)) == ["A", "B", "C"]
    assert LotEdge.objects.filter(direction="out", activity_type="purchasing.receipt").count() == 3 * (TIMES // 2)
    assert_sound()
