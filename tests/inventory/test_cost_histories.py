"""FIN-24, INV-01, INV-02, INV-10, INV-12: at random, whatever comes in whatever order, costs hold after every step.

Value of layers = value of stock = inventory accounts; nothing lying is worth nothing; no piece costs less than
nothing; what lies there is the sum of its moves. Single histories take every path, refusals and stock below zero too;
many more run side by side, all of them moved by one document a step. `TROIKA_HISTORIES=500` runs as many of 40 steps.
"""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from backend.catalog.models import Item
from backend.inventory.events import CostAdjustmentApproved, CostAdjustmentUnapproved
from backend.inventory.models import Bin, BinBalance, Serial, StockBalance, StockMove
from backend.inventory.services.bin_moves import approve_bin_move, save_bin_move
from backend.inventory.services.bins import save_bin
from backend.inventory.services.inputs import BinMoveLineInput, MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves
from backend.inventory.services.relayering import take_anew
from backend.inventory.services.spreading import Difference, spread
from backend.kernel import events
from backend.kernel.errors import Refusal
from tests.accounting.test_concurrency import in_threads
from tests.factories.availability import Paper
from tests.factories.costing import below_zero, come, item_costed_by, leave
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse, make_warehouse
from tests.factories.serials import name, serial_item
from tests.histories import STEPS, histories

HISTORIES = histories(8)
SIDE_BY_SIDE = max(HISTORIES, 100)
METHODS = ("moving_avg", "month_avg", "fifo", "specific")

WRONG = """
SELECT 'balance', b.item_id::text FROM inventory_stock_balance b
LEFT JOIN (SELECT item_id, warehouse_id, sum(qty_in - qty_out) AS qty, sum(value_in - value_out) AS value
           FROM inventory_stock_move GROUP BY 1, 2) m ON m.item_id = b.item_id AND m.warehouse_id = b.warehouse_id
WHERE b.on_hand <> coalesce(m.qty, 0) OR b.value <> coalesce(m.value, 0)
   OR (b.on_hand = 0 AND b.value <> 0) OR b.on_hand * b.value < 0 OR (b.on_hand < 0 AND NOT b.allow_negative)
UNION ALL
SELECT 'layers', b.item_id::text FROM inventory_stock_balance b JOIN catalog_item i ON i.id = b.item_id
JOIN catalog_item_category c ON c.id = i.category_id AND c.cost_method IN ('fifo', 'specific')
LEFT JOIN (SELECT item_id, warehouse_id, sum(qty) AS qty, sum(value) AS value FROM inventory_cost_layer GROUP BY 1, 2) l
       ON l.item_id = b.item_id AND l.warehouse_id = b.warehouse_id
WHERE b.on_hand <> coalesce(l.qty, 0) OR b.value <> coalesce(l.value, 0)
UNION ALL
SELECT 'entries', l.id::text FROM inventory_cost_layer l
LEFT JOIN (SELECT layer_id, sum(qty) AS qty, sum(value) AS value FROM inventory_layer_entry GROUP BY 1) e
       ON e.layer_id = l.id
WHERE l.qty <> coalesce(e.qty, 0) OR l.value <> coalesce(e.value, 0)
UNION ALL
SELECT 'pieces', b.item_id::text FROM inventory_stock_balance b JOIN catalog_item i ON i.id = b.item_id AND i.serial_tracked
LEFT JOIN (SELECT item_id, warehouse_id, count(*) AS qty FROM inventory_serial GROUP BY 1, 2) s
       ON s.item_id = b.item_id AND s.warehouse_id = b.warehouse_id WHERE b.on_hand <> coalesce(s.qty, 0)
UNION ALL
SELECT 'bins', b.item_id::text FROM inventory_stock_balance b
JOIN inventory_bin d ON d.warehouse_id = b.warehouse_id AND d.is_default
LEFT JOIN (SELECT item_id, warehouse_id, sum(on_hand) AS qty FROM inventory_bin_balance GROUP BY 1, 2) x
       ON x.item_id = b.item_id AND x.warehouse_id = b.warehouse_id WHERE b.on_hand <> coalesce(x.qty, 0)
UNION ALL
SELECT 'ledger', stock.value || ' <> ' || books.value
FROM (SELECT coalesce(sum(value), 0) AS value FROM inventory_stock_balance) stock,
     (SELECT coalesce(sum(b.debit - b.credit), 0) AS value FROM accounting_account_balance b
      JOIN accounting_account a ON a.id = b.account_id AND a.control = 'stock') books
WHERE stock.value <> books.value
"""


class History:
    """A warehouse keeper at random, with goods of every costing method."""

    def __init__(self, seed: int, places: tuple[Any, Any]) -> None:
        self.random, self.places = random.Random(seed), places
        self.items = [item_costed_by(method) for method in METHODS]
        self.tool = serial_item(self.random.choice(METHODS))
        self.papers: list[Paper] = []
        self.steps = [getattr(self, name) for name in dir(self) if name.startswith("do_")]

    def step(self) -> str:
        do: Callable[[], None] = self.random.choice([*self.steps, self.do_receive, self.do_issue, self.do_issue])
        try:
            with transaction.atomic():
                do()
        except Refusal:
            return f"{do.__name__} refused"
        return do.__name__

    def qty(self, most: Any = 20) -> Decimal:
        return round(Decimal(self.random.randint(1, 10000)) * Decimal(most) / 10000, 3) or Decimal("0.001")

    def paper(self) -> Paper:
        late = self.random.choice([0, 0, 0, self.random.randint(1, 20)])
        paper = Paper(doc_date=TODAY - timedelta(days=late))
        self.papers.append(paper)
        return paper

    def post(self, kind: str, item: Any, place: Any, **values: Any) -> None:
        paper = self.paper()
        given = MoveInput(kind=kind, item_id=item.pk, warehouse_id=place.pk, **values)
        self.tell(paper, post_moves([given], document=paper, actor=SYSTEM, at=AT))

    def tell(self, paper: Paper, made: list[StockMove]) -> None:
        value = sum((move.value_in - move.value_out for move in made), Decimal(0))
        told = CostAdjustmentApproved(paper.pk, paper.number, paper.doc_date, "cogs", (("inventory", value),))
        events.publish(told, actor=SYSTEM)

    def some_move(self, **where: Any) -> StockMove | None:
        mine = StockMove.objects.filter(item__in=self.items, reverses=None, reversed_by=None, **where)
        found = list(mine.select_related("item", "warehouse").order_by("id"))
        return self.random.choice(found) if found else None

    def do_receive(self) -> None:
        value = Decimal(self.random.randint(0, 30000)) / 100
        item, place = self.random.choice(self.items), self.random.choice(self.places)
        self.post("purchase_receipt", item, place, qty_in=self.qty(), value_in=value)

    def do_pieces_come(self) -> None:
        numbers = sorted({f"N{self.random.randint(1, 30)}" for _ in range(self.random.randint(1, 4))})
        self.post_pieces(
            "purchase_receipt", self.random.choice(self.places), numbers, value_in=Decimal(self.random.randint(0, 90))
        )

    def do_pieces_leave(self) -> None:
        place = self.random.choice(self.places)
        lying = Serial.objects.filter(item=self.tool, warehouse=place).order_by("serial_no")
        numbers = list(lying.values_list("serial_no", flat=True))
        if numbers:
            self.post_pieces("sales_delivery", place, self.random.sample(numbers, min(len(numbers), 2)))

    def post_pieces(self, kind: str, place: Any, numbers: list[str], **values: Any) -> None:
        paper, qty = self.paper(), Decimal(len(numbers))
        name(paper.pk, paper, self.tool, *numbers)
        values |= {"qty_in": qty} if values else {"qty_out": qty}
        given = MoveInput(kind=kind, item_id=self.tool.pk, warehouse_id=place.pk, **values)
        self.tell(paper, post_moves([given], document=paper, actor=SYSTEM, at=AT))

    def do_put_elsewhere(self) -> None:
        """The first warehouse gets bins some day; from then on goods are put from one into another."""
        place = self.places[0]
        shelves = list(Bin.objects.filter(warehouse=place).order_by("code"))
        if len(shelves) < 3:
            save_bin(warehouse_id=place.pk, code=f"S{len(shelves)}", sequence=9 - len(shelves), actor=SYSTEM, at=AT)
            return
        row = (
            BinBalance.objects.filter(warehouse=place, item__in=self.items, on_hand__gt=0).select_related("bin").first()
        )
        if row:
            other = self.random.choice([shelf for shelf in shelves if shelf.pk != row.bin_id])
            line = BinMoveLineInput(row.item_id, max(round(row.on_hand / 2), Decimal(1)), row.bin.code, other.code)
            made = save_bin_move(doc_date=TODAY, warehouse_id=place.pk, lines=[line], actor=SYSTEM, at=AT)
            approve_bin_move(document_id=made.pk, actor=SYSTEM, at=AT)

    def do_issue(self) -> None:
        item, place = self.random.choice(self.items), self.random.choice(self.places)
        lying = StockBalance.objects.filter(item=item, warehouse=place).values_list("on_hand", flat=True).first()
        qty = lying if lying and lying > 0 and self.random.random() < 0.3 else self.qty(15)
        self.post("sales_delivery", item, place, qty_out=qty)

    def do_return_from_customer(self) -> None:
        sold = self.some_move(qty_out__gt=0, kind="sales_delivery")
        if sold:
            qty = sold.qty_out if self.random.random() < 0.3 else min(self.qty(5), sold.qty_out)
            self.post("sales_return", sold.item, sold.warehouse, qty_in=qty, value_in=None, origin_id=sold.pk)

    def do_return_without_delivery(self) -> None:
        item, place = self.random.choice(self.items), self.random.choice(self.places)
        self.post("sales_return", item, place, qty_in=self.qty(3), value_in=None)

    def do_return_to_supplier(self) -> None:
        came = self.some_move(qty_in__gt=0, kind="purchase_receipt")
        if came:
            qty = min(self.qty(8), came.qty_in)
            self.post("purchase_return", came.item, came.warehouse, qty_out=qty, origin_id=came.pk)

    def do_find_a_difference(self) -> None:
        came = self.some_move(qty_in__gt=0, kind="purchase_receipt")
        if came:
            amount = Decimal(self.random.randint(-3000, 6000)) / 100
            difference = Difference(came.item_id, came.warehouse_id, amount, came.qty_in, (came.pk,))
            paper = self.paper()
            split = spread([difference], document=paper, actor=SYSTEM, at=AT)  # type: ignore[arg-type]
            assert sum(split.values.values()) + split.sold == amount
            told = CostAdjustmentApproved(paper.pk, paper.number, paper.doc_date, "cogs", tuple(split.values.items()))
            events.publish(told, actor=SYSTEM)

    def do_revalue(self) -> None:
        item = self.random.choice(self.items)
        balance = StockBalance.objects.filter(item=item, on_hand__gt=0).first()
        if balance:
            least = max(int(-balance.value * 100), -2000)
            value = Decimal(self.random.randint(least, 3000)) / 100
            self.post("revaluation", item, balance.warehouse, value_in=value)

    def do_take_back(self) -> None:
        if self.papers:
            paper = self.random.choice(self.papers)
            reverse_moves(document=paper, actor=SYSTEM, at=AT)  # type: ignore[arg-type]
            events.publish(CostAdjustmentUnapproved(paper.pk, paper.number, paper.doc_date), actor=SYSTEM)


def wrong() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        return cursor.fetchall()


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("batch", range(-(-HISTORIES // 4)))
def test_costs_hold_after_every_step(batch):
    places = (main_warehouse(), below_zero(make_warehouse()))
    seen = set()
    for seed in range(batch * 4, min(batch * 4 + 4, HISTORIES)):
        history, trail = History(seed, places), []
        for _turn in range(STEPS):
            trail.append(history.step())
            assert wrong() == [], (seed, trail)
        seen |= set(trail)
    assert len({name for name in seen if not name.endswith("refused")}) >= 7


class Crowd:
    """Many histories, one item each of every costing method; a step moves one item of each of them, in one document."""

    def __init__(self, count: int) -> None:
        self.random, self.place = random.Random(count), main_warehouse()
        self.groups = [self._items(method, count) for method in METHODS]
        self.moves: dict[Any, list[StockMove]] = defaultdict(list)
        self.last: Paper | None = None

    def _items(self, method: str, count: int) -> list[Any]:
        first = item_costed_by(method)
        skipped = {"id", "code", "name", "barcode"}
        same = {field.attname: getattr(first, field.attname) for field in Item._meta.concrete_fields}
        rows = [
            Item(code=f"{method}-{no}", name=f"{method} {no}", **{k: v for k, v in same.items() if k not in skipped})
            for no in range(1, count)
        ]
        return [first, *Item.objects.bulk_create(rows)]

    def step(self) -> None:
        if self.last and self.random.random() < 0.1:
            self._take_back(self.last)
            return
        lying = {row.item_id: row for row in StockBalance.objects.filter(warehouse=self.place)}
        chosen = [self.random.choice(items) for items in zip(*self.groups, strict=True)]
        moves = [self._move(item, lying.get(item.pk)) for item in chosen]
        self.last = Paper(doc_date=TODAY - timedelta(days=self.random.choice([0, 0, 0, 5, 9])))
        made = post_moves(moves, document=self.last, actor=SYSTEM, at=AT)
        if self.last.doc_date < TODAY:
            self._told_once({(move.item_id, move.warehouse_id) for move in moves if move.qty_in or move.qty_out})
        for move in made:
            if move.kind in {"purchase_receipt", "sales_delivery"}:
                self.moves[move.item_id].append(move)
        value = sum((move.value_in - move.value_out for move in made), Decimal(0))
        told = CostAdjustmentApproved(
            self.last.pk, self.last.number, self.last.doc_date, "cogs", (("inventory", value),)
        )
        events.publish(told, actor=SYSTEM)

    def _told_once(self, pairs: set[Any]) -> None:
        """What came late let later goods take their layers anew; doing it again changes nothing."""
        by_arrival = {item.pk for item in self.groups[METHODS.index("fifo")]}
        again = {pair for pair in pairs if pair[0] in by_arrival}
        since = self.last.doc_date  # type: ignore[union-attr]
        assert take_anew(again, since=since, document=self.last, at=AT) == []  # type: ignore[arg-type]

    def _move(self, item: Any, lying: StockBalance | None) -> MoveInput:
        """What is possible: an arrival, an issue of a part or of all, a return either way, another value."""
        where: dict[str, Any] = {"item_id": item.pk, "warehouse_id": self.place.pk}
        way = self.random.randrange(6)
        origin = self.random.choice(self.moves[item.pk]) if self.moves[item.pk] else None
        on_hand = lying.on_hand if lying else Decimal(0)
        if way < 2 and on_hand > 0:
            qty = on_hand if way else max(round(on_hand * self.random.randrange(1, 100) / 100, 3), Decimal("0.001"))
            return MoveInput("sales_delivery", qty_out=min(qty, on_hand), **where)
        if way == 2 and origin and origin.qty_out:
            return MoveInput("sales_return", qty_in=origin.qty_out, value_in=None, origin_id=origin.pk, **where)
        if way == 3 and origin and 0 < origin.qty_in <= on_hand:
            return MoveInput("purchase_return", qty_out=origin.qty_in, origin_id=origin.pk, **where)
        if way == 4 and lying and on_hand > 0:
            least = -min(lying.value, Decimal(20))
            return MoveInput("revaluation", value_in=least if self.random.random() < 0.5 else Decimal("7.77"), **where)
        qty, value = self.random.randrange(1, 20000), self.random.randrange(30000)
        return MoveInput("purchase_receipt", qty_in=Decimal(qty) / 1000, value_in=Decimal(value) / 100, **where)

    def _take_back(self, paper: Paper) -> None:
        """All of the last document, where nothing stands in its way."""
        self.last = None
        try:
            with transaction.atomic():
                reverse_moves(document=paper, actor=SYSTEM, at=AT)  # type: ignore[arg-type]
                events.publish(CostAdjustmentUnapproved(paper.pk, paper.number, paper.doc_date), actor=SYSTEM)
        except Refusal:
            return
        gone = set(StockMove.objects.filter(doc_id=paper.pk, reverses=None).values_list("pk", flat=True))
        for item_id, moves in self.moves.items():
            self.moves[item_id] = [move for move in moves if move.pk not in gone]


@pytest.mark.usefixtures("tenant")
def test_costs_hold_in_many_histories_side_by_side():
    """FIN-24: a hundred histories of every costing method, 40 steps: 0.00 between layers, stock and ledger after each."""
    crowd = Crowd(SIDE_BY_SIDE)
    for turn in range(STEPS):
        crowd.step()
        assert wrong() == [], turn
    assert StockMove.objects.filter(item__in=crowd.groups[0]).count() > SIDE_BY_SIDE * STEPS / 6


@pytest.mark.usefixtures("tenant")
@pytest.mark.parametrize("seed", range(-(-HISTORIES // 2)))
def test_in_whatever_order_it_is_keyed_fifo_takes_by_day(seed):
    """INV-10, INV-11: each day costs what the oldest goods of that day cost, though papers come in any order."""
    mine = random.Random(seed)
    item, papers, lying = item_costed_by("fifo"), [], 0
    for days in range(28, 0, -1):
        if days % 2 or not lying:
            papers.append((days, mine.randint(1, 9), mine.randint(1, 99)))
            lying += papers[-1][1]
        else:
            papers.append((days, -mine.randint(1, lying), 0))
            lying += papers[-1][1]
    wanted = by_hand(papers)
    mine.shuffle(papers)
    while papers:
        days, qty, price = papers.pop(0)
        where = {"item": item, "paper": Paper(doc_date=TODAY - timedelta(days=days))}
        if qty > 0:
            come(qty=qty, value=qty * price, **where)
        else:
            try:
                with transaction.atomic():
                    leave(qty=-qty, **where)
            except Refusal:
                papers.append((days, qty, price))  # its goods have not been keyed yet
    rows = StockMove.objects.filter(item=item).exclude(kind="purchase_receipt")
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[(TODAY - row.move_date).days] += row.value_out - row.value_in
    assert sums == wanted
    assert [row for row in wrong() if row[0] != "ledger"] == []


def by_hand(papers: list[tuple[int, int, int]]) -> dict[int, int]:
    """What each day costs by first in, first out: the prices of the pieces in their order."""
    pieces: list[int] = []
    cost = {}
    for days, qty, price in papers:
        if qty > 0:
            pieces += [price] * qty
        else:
            cost[days], pieces = sum(pieces[:-qty]), pieces[-qty:]
    return cost


def test_many_people_at_once(committed_tenant):
    """Everybody moves the same goods of every costing method: no deadlock, nothing lost, layers and values agree."""
    items = [item_costed_by(method) for method in METHODS]
    place = main_warehouse().pk

    def work(number: int) -> str:
        mine = random.Random(number)
        for _turn in range(5):
            chosen = mine.sample(items, 3)
            came = [
                MoveInput("purchase_receipt", item.pk, place, qty_in=Decimal(5), value_in=Decimal(mine.randint(1, 99)))
                for item in chosen
            ]
            left = [MoveInput("sales_delivery", item.pk, place, qty_out=Decimal(3)) for item in reversed(chosen)]
            paper = Paper()
            for moves in (came, left):
                try:
                    with transaction.atomic():
                        post_moves(moves, document=paper, actor=SYSTEM, at=AT)
                except Refusal:
                    pass
            if mine.random() < 0.3:
                try:
                    with transaction.atomic():
                        reverse_moves(document=paper, actor=SYSTEM, at=AT)
                except Refusal:
                    pass
        return "done"

    assert in_threads(committed_tenant, 12, work) == ["done"] * 12
    assert [row for row in wrong() if row[0] != "ledger"] == []
