"""INV-10: one history, four ways of costing it: every figure worked out by hand.

One item in two lots, A for 10 a piece and B for 12; B expires first, so that the specific cost takes B first.

=====================  ==============  ==============  ==============  =====================
step                   moving average  FIFO            specific        month average
=====================  ==============  ==============  ==============  =====================
receive A 10 @ 10      10 = 100        100             100             100
receive B 10 @ 12      20 = 220        220             220             220
issue 10 and 5         110 + 55 = 165  100 + 60 = 160  120 + 50 = 170  110 + 55 = 165
lies there             5 = 55          5 × 12 = 60     5 × 10 = 50     5 = 55
3 of the first 10      3/10 × 110      3/10 × 100      3/10 × 120      3/10 × 110
come back              = 33 → 88       = 30 → 90       = 36 → 86       = 33 → 88
fee of 20 on the 20    8/20 × 20 = 8   5 of B left:    5 of A left:    all 20 join the
that came, by pieces   → 96 (12 sold)  5/20 × 20 = 5   5/20 × 20 = 5   month → 108
                                       → 95 (15 sold)  → 91 (15 sold)
2 of B go back, at     2 × 12 = 24     2/5 of B's 65   2/3 of B's 36   2 × 12 = 24
what they came at      → 72            = 26 → 69       = 24 → 67       → 84
=====================  ==============  ==============  ==============  =====================

The month's own average: 20 came for 220 and 20 of fee, 3 came back for 33 and 2 went back for 24: 21 for 249, so that the 15
issued cost 15 × 249 ÷ 21 = 177.86, 12.86 more than at first; 6 are left for 71.14.
"""

from decimal import Decimal as D

import pytest

from backend.inventory.services.costing_runs import run_costing
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves
from backend.inventory.services.spreading import Difference, spread
from tests.factories.availability import Paper
from tests.factories.costing import come, item_costed_by, lot_of, move
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse

pytestmark = pytest.mark.usefixtures("tenant")
TABLE = {
    "moving_avg": (165, 55, 88, 12, 96, 24, 72),
    "fifo": (160, 60, 90, 15, 95, 26, 69),
    "specific": (170, 50, 86, 15, 91, 24, 67),
    "month_avg": (165, 55, 88, 0, 108, 24, 84),
}


@pytest.mark.parametrize("method", TABLE)
def test_the_same_history_costed_four_ways(method):
    issued, lying, with_return, sold, with_fee, gone_back, left = TABLE[method]
    item = item_costed_by(method, lot_tracked=True)
    lots = {name: lot_of(item, name).pk for name in "AB"}
    a, b = (come(item, 10, value, lot_id=lots[name]) for name, value in (("A", 100), ("B", 120)))

    def worth():
        return balance_of(item).value

    parts = [("B", 10), ("A", 5)]
    out = [
        MoveInput("sales_delivery", item.pk, main_warehouse().pk, qty_out=D(qty), lot_id=lots[lot])
        for lot, qty in parts
    ]
    left_with = post_moves(out, document=Paper(), actor=SYSTEM, at=AT)
    assert (sum(each.value_out for each in left_with), worth()) == (issued, lying)

    move(item, qty_in=3, value_in=None, origin_id=left_with[0].pk, kind="sales_return", lot_id=lots["B"])
    assert worth() == with_return

    fee = Difference(item.pk, main_warehouse().pk, D(20), D(20), (a.pk, b.pk))
    split = spread([fee], document=Paper(), actor=SYSTEM, at=AT)
    assert (split.sold, worth()) == (sold, with_fee)

    [back] = move(item, qty_out=2, origin_id=b.pk, kind="purchase_return", lot_id=lots["B"])
    assert (back.value_out, worth()) == (gone_back, left)

    if method == "month_avg":
        run = run_costing(month=TODAY, actor=SYSTEM, at=AT)
        assert (run.issued_value, run.difference, worth()) == (D("177.86"), D("12.86"), D("71.14"))
