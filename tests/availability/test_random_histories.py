"""Random histories of orders, purchases, stock, lots and bins: after every step every invariant holds.

`TROIKA_HISTORIES=500` runs as many of 40 steps.
"""

from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from backend.availability.models import DemandLine, Peg, Promise, Reservation, Suggestion
from backend.availability.selectors.consistency import violations
from backend.availability.services import demand, planning, suggestions
from backend.availability.services.demand_lines import DemandInput
from backend.inventory.models import Lot, StockBalance
from backend.inventory.services import lots
from backend.inventory.services.bins import save_bin
from backend.kernel.errors import Refusal
from backend.kernel.ids import uuid7
from tests.factories.availability import CAUSE, Order, Purchase, day, purchase
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, main_warehouse, make_warehouse, stock_up
from tests.factories.parties import make_supplier
from tests.histories import ASKED, STEPS, histories

QTY = st.integers(1, 40)
DAYS = st.integers(1, 30)
PARTS = st.lists(st.tuples(QTY, DAYS), min_size=1, max_size=3)


class World:
    """Masters that every history shares; made once, outside of the histories."""

    def __init__(self) -> None:
        supplier = make_supplier(lead_days=5, transport_days=2)
        self.items = [
            make_item(supplier_id=supplier.pk, pack_qty=D(10)),
            make_item(supplier_id=supplier.pk, min_order_qty=D(25)),
            make_item(lot_tracked=True),
        ]
        self.places = [main_warehouse(), make_warehouse()]
        for code in ("DOCK", "SHELF"):
            save_bin(warehouse_id=self.places[1].pk, code=code, actor=SYSTEM, at=AT)


class History(RuleBasedStateMachine):
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at = AT
        self.orders: list[Order] = []
        self.purchases: list[Purchase] = []
        self.shipments: list[tuple[Order, object, D, int]] = []
        self.lots = 0
        self.first: dict = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def attempt(self, act) -> object:
        """Do it, or be refused without a trace."""
        try:
            with transaction.atomic():
                return act()
        except Refusal:
            return None

    # --- demand ---
    @rule(lines=st.lists(st.tuples(st.integers(0, 2), QTY), min_size=1, max_size=4), by=DAYS, place=st.integers(0, 1))
    def register(self, lines, by, place):
        order_id, number = uuid7(), f"SO-{len(self.orders)}"
        wanted = [
            DemandInput(uuid7(), n, self.world.items[item].pk, self.world.places[place].pk, D(qty), day(by))
            for n, (item, qty) in enumerate(lines, start=1)
        ]
        names = {"ref_type": "sales.order", "ref_id": order_id, "ref_number": number}
        made = demand.register_demand(wanted, **names, actor=SYSTEM, at=self.at, priority=by % 2)
        self.orders.append(Order(number, order_id, made))

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms())
    def withdraw(self, pick):
        pick.choice(self.orders).withdraw()

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(), qty=st.integers(0, 50), by=DAYS)
    def amend(self, pick, qty, by):
        made = pick.choice(self.orders)
        line = pick.choice(made.lines)
        row = DemandInput(line.ref_line_id, line.ref_line_no, line.item_id, line.warehouse_id, D(qty), day(by))
        self.attempt(
            lambda: demand.change_demand(
                [row],
                ref_type="sales.order",
                ref_id=made.id,
                ref_number=made.number,
                actor=SYSTEM,
                at=self.at,
            )
        )

    @precondition(lambda self: self.orders)
    @rule(pick=st.randoms(), share=st.integers(1, 4))
    def ship(self, pick, share):
        made = pick.choice(self.orders)
        index = pick.randrange(len(made.lines))
        qty = (made.line(index).reserved_qty / share).to_integral_value()
        if qty > 0:
            paper = self.attempt(lambda: made.ship(qty, index))
            if paper:
                self.shipments.append((made, paper, qty, index))

    @precondition(lambda self: self.shipments)
    @rule(pick=st.randoms())
    def take_back(self, pick):
        made, paper, qty, index = self.shipments.pop(pick.randrange(len(self.shipments)))
        self.attempt(lambda: made.take_back(paper, qty, index))

    # --- supply ---
    @rule(item=st.integers(0, 2), place=st.integers(0, 1), parts=PARTS)
    def buy(self, item, place, parts):
        self.purchases.append(purchase(self.world.items[item], *parts, warehouse=self.world.places[place]))

    @precondition(lambda self: self.purchases)
    @rule(pick=st.randoms(), parts=st.one_of(PARTS, st.just([])))
    def answer(self, pick, parts):
        pick.choice(self.purchases).move(*parts)

    @precondition(lambda self: self.purchases)
    @rule(pick=st.randoms(), qty=QTY, cents=st.integers(0, 5000))
    def receive(self, pick, qty, cents):
        bought = pick.choice(self.purchases)
        self.attempt(lambda: bought.receive(qty, D(cents) / 100, lot_id=self.new_lot(bought.item)))

    @precondition(lambda self: self.purchases)
    @rule(pick=st.randoms())
    def cancel(self, pick):
        self.purchases.pop(pick.randrange(len(self.purchases))).withdraw()

    # --- stock and lots ---
    def new_lot(self, item):
        if not item.lot_tracked:
            return None
        self.lots += 1
        return lots.ensure_lots([lots.LotInput(item.pk, f"L{self.lots}")], at=self.at)[item.pk, f"L{self.lots}"].pk

    @rule(item=st.integers(0, 2), place=st.integers(0, 1), qty=QTY, cents=st.integers(0, 5000))
    def open_stock(self, item, place, qty, cents):
        found = self.world.items[item]
        self.lots += found.lot_tracked
        named = {"lot_no": f"L{self.lots}"} if found.lot_tracked else {}
        stock_up(found, qty, D(cents) / 100, warehouse=self.world.places[place], **named)

    @precondition(lambda self: self.lots)
    @rule(pick=st.randoms(), verb=st.sampled_from(["hold", "release"]))
    def decide_lot(self, pick, verb):
        found = list(Lot.objects.order_by("lot_no"))
        if not found:
            return
        lot_id = pick.choice(found).pk
        if verb == "hold":
            self.attempt(lambda: lots.hold_lot(lot_id=lot_id, reason="x", actor=SYSTEM, at=self.at))
        else:
            self.attempt(lambda: lots.release_lot(lot_id=lot_id, actor=SYSTEM, at=self.at))

    # --- suggestions and time ---
    @rule(pick=st.randoms(), verb=st.sampled_from(["accept", "snooze", "dismiss", "restore", "order"]), days=DAYS)
    def decide_suggestion(self, pick, verb, days):
        found = list(Suggestion.objects.order_by("id"))
        if not found:
            return
        chosen = pick.choice(found)
        who = {"actor": SYSTEM, "at": self.at}
        if verb == "accept":
            row = (chosen.pk, uuid7(), uuid7(), D(days), "PO-A")
            self.attempt(lambda: suggestions.mark_accepted([row], **who))
        elif verb == "snooze":
            until = self.at.date() + timedelta(days=days)
            self.attempt(lambda: suggestions.snooze_suggestion(suggestion_id=chosen.pk, until=until, **who))
        elif verb == "dismiss":
            self.attempt(lambda: suggestions.dismiss_suggestion(suggestion_id=chosen.pk, reason="x", **who))
        elif verb == "restore":
            suggestions.restore_suggestions(suggestion_ids=[chosen.pk], **who)
        elif chosen.state == "accepted" and chosen.supplied_at is None:
            place = next(place for place in self.world.places if place.pk == chosen.warehouse_id)
            item = next(item for item in self.world.items if item.pk == chosen.item_id)
            self.purchases.append(purchase(item, (chosen.qty, days), warehouse=place, suggestion=chosen))

    @rule(days=st.integers(1, 5))
    def wait(self, days):
        self.at += timedelta(days=days)
        self.plan_all()

    @rule()
    def planning_twice_is_planning_once(self):
        self.plan_all()
        before = snapshot()
        self.plan_all()
        assert snapshot() == before

    def plan_all(self):
        pairs = [(item.pk, place.pk) for item in self.world.items for place in self.world.places]
        planning.replan(pairs, cause=CAUSE, actor=SYSTEM, at=self.at)

    @invariant()
    def everything_is_sound(self):
        assert violations() == []
        undecided = Suggestion.objects.exclude(state="accepted")
        assert not undecided.filter(pegs=None).exists()
        for need, numbers in undecided.values_list("need_qty", "explanation"):
            n = {name: D(numbers[name]) for name in ("need", "on_hand", "blocked", "reserved_for_others", "incoming")}
            short = n["need"] - (n["on_hand"] - n["blocked"] - n["reserved_for_others"]) - n["incoming"]
            assert short == need == D(numbers["shortage"])
        for demand_id, parts, date in Promise.objects.values_list("demand_id", "first_parts", "first_date"):
            assert self.first.setdefault(demand_id, (parts, date)) == (parts, date)


def snapshot():
    """Everything that planning derives, without the times at which it was written."""
    return [
        sorted(model.objects.values_list(*fields), key=str)
        for model, fields in (
            (StockBalance, ("item_id", "warehouse_id", "on_hand", "reserved", "blocked", "value")),
            (DemandLine, ("id", "qty", "open_qty", "reserved_qty")),
            (Reservation, ("demand_id", "qty")),
            (Peg, ("id", "demand_id", "supply_id", "suggestion_id", "qty")),
            (Suggestion, ("id", "state", "need_qty", "qty", "arrival_date", "explanation")),
            (Promise, ("demand_id", "parts", "promise_date", "revision")),
        )
    ]


@pytest.mark.usefixtures("tenant")
def test_random_histories():
    History.world = World()
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=histories(25),
            stateful_step_count=STEPS if ASKED else 30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
