"""Whatever is issued, returned, lost, made and taken back in whatever order, the workshop holds what orders hold.

After every step: held of a component = issued − returned − used − lost ≥ 0, what orders hold of an item is what lies in the
workshop, 4001.01 is what that is worth, and books, layers and promises agree. `TROIKA_HISTORIES=500` runs as many of 40 steps.
"""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import transaction

from backend.availability.selectors.consistency import violations
from backend.availability.services import planning
from backend.availability.services.causes import Cause
from backend.inventory.models import Lot, StockBalance, WarehouseKind
from backend.inventory.services import other
from backend.inventory.services.inputs import OtherIssueLineInput
from backend.inventory.services.transit import workshop_location
from backend.kernel.errors import Refusal
from backend.posting.reconciliation import all_differences
from backend.production.models import ProductionComponent, ProductionMaterial, ProductionOrder, ProductReceipt
from backend.production.services import materials, orders, receipts
from backend.production.services.inputs import MaterialLineInput
from backend.production.services.workshop import own_lots
from tests.factories.accounting import balance, make_party
from tests.factories.costing import item_costed_by
from tests.factories.inventory import TODAY, stock_up
from tests.factories.invoicing import buy, over, receive
from tests.factories.production import BY, make_production_order
from tests.histories import ASKED, STEPS, histories

METHODS = ("moving_avg", "fifo", "month_avg")


class History:
    """A workshop at random: each step either does something or is refused and changes nothing."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.supplier = make_party(supplier=True)
        self.parts = [item_costed_by(self.random.choice(METHODS)) for _ in range(2)]
        self.lots = item_costed_by(self.random.choice((*METHODS, "specific")), lot_tracked=True)
        self.made = item_costed_by(self.random.choice(METHODS))
        self.bought = [receive(self.supplier, [(part, 60, 7) for part in self.parts], day=TODAY - timedelta(days=9))]
        self.do_open_lot()
        self.do_order()

    def step(self) -> str:
        name = self.random.choice([name for name in dir(self) if name.startswith("do_")])
        try:
            with transaction.atomic():
                getattr(self, name)()
        except Refusal:
            return f"{name} refused"
        return name

    def day(self) -> date:
        """Mostly of today; some papers come late."""
        return TODAY - timedelta(days=self.random.choice([0, 0, self.random.randint(1, 8)]))

    def qty(self, most: int = 12) -> D:
        return D(self.random.randint(1, most))

    def some(self, model: Any, **where: Any) -> Any:
        found = list(model.objects.filter(**where).order_by("id"))
        return self.random.choice(found) if found else None

    def running(self) -> ProductionOrder:
        return self.some(ProductionOrder, approval="approved", closing="open") or self.do_order()

    def do_order(self) -> ProductionOrder:
        parts = [(part, self.random.choice([1, 2, "0.5"]), self.random.choice([0, 5])) for part in self.parts]
        if self.random.random() < 0.6:
            parts[0] = (self.lots, 1)
        return make_production_order(self.made, self.qty(), *parts)

    def do_buy(self) -> None:
        price = D(self.random.randint(100, 2000)) / 100
        receipt = receive(self.supplier, [(part, self.qty(), price) for part in self.parts], day=self.day())
        self.bought.append(receipt)
        pairs = {(part.pk, receipt.warehouse_id) for part in self.parts}
        planning.replan(pairs, cause=Cause.of("bought", receipt), **BY)

    def do_open_lot(self) -> None:
        stock_up(self.lots, self.qty(30), self.qty(90), lot_no=f"L-{self.random.randrange(3)}")

    def do_bill(self) -> None:
        line = self.random.randrange(2)
        price = D(self.random.randint(100, 2000)) / 100
        buy(self.supplier, lines=[over(self.random.choice(self.bought), 1, line=line, price=price)], accept=True)

    def _move(self, kind: str) -> None:
        order = self.running()
        components = [row.item_id for row in order.components.order_by("line_no")]
        lots = {self.lots.pk: self.some(Lot)} if self.random.random() < 0.3 else {}
        lines = [
            MaterialLineInput(item, self.qty(), lot.pk if (lot := lots.get(item)) else None) for item in components
        ]
        lines = [] if self.random.random() < 0.3 else lines
        saved = materials.save_material(order_id=order.pk, kind=kind, doc_date=self.day(), lines=lines, **BY)
        materials.approve_material(document_id=saved.pk, **BY)

    def do_issue(self) -> None:
        self._move("issue")

    do_issue_more = do_issue

    def do_return(self) -> None:
        self._move("return")

    def do_lose(self) -> None:
        self._move("loss")

    def do_receive(self) -> None:
        order = self.running()
        qty = min(self.qty(6), order.left_qty)
        saved = receipts.save_receipt(order_id=order.pk, doc_date=self.day(), qty=qty, **BY)
        receipts.approve_receipt(document_id=saved.pk, **BY)

    do_receive_more = do_receive

    def do_take_back_material(self) -> None:
        if paper := self.some(ProductionMaterial, approval="approved"):
            materials.unapprove_material(document_id=paper.pk, **BY)

    def do_take_back_receipt(self) -> None:
        if paper := self.some(ProductReceipt, approval="approved"):
            receipts.unapprove_receipt(document_id=paper.pk, **BY)

    def do_close(self) -> None:
        orders.close_order(order_id=self.running().pk, reason="enough", **BY)

    def do_reopen(self) -> None:
        if order := self.some(ProductionOrder, closing="manual_closed"):
            orders.reopen_order(order_id=order.pk, **BY)

    def do_use(self) -> None:
        lines = [OtherIssueLineInput(self.made.pk, self.qty(4))]
        place = ProductionOrder.objects.values_list("warehouse_id", flat=True)[0]
        paper = other.save_other_issue(doc_date=self.day(), warehouse_id=place, reason="own_use", lines=lines, **BY)
        other.approve_other_issue(document_id=paper.pk, **BY)


def check(trail: list[str]) -> None:
    held: dict[Any, D] = defaultdict(D)
    for row in ProductionComponent.objects.select_related("order"):
        assert row.held_qty >= 0, trail
        assert row.order.closing == "open" or not row.held_qty, trail
        held[row.item_id] += row.held_qty
    place = workshop_location()
    for order in ProductionOrder.objects.all():
        assert all(lot.qty > 0 for lot in own_lots(order, place)), trail
    lying = StockBalance.objects.filter(warehouse__kind=WarehouseKind.WORKSHOP)
    assert {row.item_id: row.on_hand for row in lying if row.on_hand} == {k: qty for k, qty in held.items() if qty}, (
        trail
    )
    assert balance("wip_material") == sum((row.value for row in lying), D(0)), trail
    assert all_differences() == violations() == [], trail


@pytest.mark.parametrize("seed", range(histories(2)))
def test_the_workshop_holds_what_orders_hold_after_every_step(tenant, seed):
    history, trail = History(seed), []
    for _turn in range(STEPS if ASKED else 12):
        trail.append(history.step())
        if not trail[-1].endswith("refused"):
            check(trail)
    assert len({name for name in trail if not name.endswith("refused")}) > 3
