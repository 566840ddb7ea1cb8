"""What stock tells: how old it is, what does not move, how often it turns over, what hurried transfers cost.

Each report is one statement, read when it is asked for.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.kernel.money import HUNDRED, ZERO, cents
from backend.workflow import parameters

BUCKETS = (30, 60, 90, 180)


def _rows(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


# --- ages ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class AgeRow:
    """An item in a warehouse; ``parts`` are quantities up to 30, 60, 90, 180 days, and older."""

    item_id: UUID
    code: str
    name: str
    unit: str
    warehouse: str
    on_hand: Decimal
    value: Decimal
    parts: tuple[Decimal, ...]

    @property
    def oldest(self) -> Decimal:
        """The value of what is older than the last bucket, at the average cost."""
        return cents(self.value * self.parts[-1] / self.on_hand) if self.on_hand else ZERO


# Of each lot what lies there came last: its arrivals are counted back from the newest until they cover what is left of
# it; goods without a lot likewise. A part that was set aside as a lot of its own came when that was done.
_AGES = """
WITH stock AS (
    SELECT b.item_id, b.warehouse_id, b.on_hand, b.value, w.name AS warehouse FROM inventory_stock_balance b
    JOIN inventory_warehouse w ON w.id = b.warehouse_id
    WHERE b.on_hand > 0 AND (%(warehouse)s::uuid IS NULL OR b.warehouse_id = %(warehouse)s)
), lots AS (
    SELECT l.item_id, l.warehouse_id, l.lot_id, l.on_hand FROM inventory_lot_balance l
    JOIN stock s ON s.item_id = l.item_id AND s.warehouse_id = l.warehouse_id
), parts AS (
    SELECT * FROM lots
    UNION ALL
    SELECT s.item_id, s.warehouse_id, NULL, s.on_hand - coalesce(sum(l.on_hand), 0)
    FROM stock s LEFT JOIN lots l ON l.item_id = s.item_id AND l.warehouse_id = s.warehouse_id
    GROUP BY s.item_id, s.warehouse_id, s.on_hand
), came AS (
    SELECT m.item_id, m.warehouse_id, m.lot_id, m.move_date, m.qty_in,
           sum(m.qty_in) OVER (PARTITION BY m.item_id, m.warehouse_id, m.lot_id
                               ORDER BY m.move_date DESC, m.id DESC) AS upto
    FROM inventory_stock_move m JOIN stock s ON s.item_id = m.item_id AND s.warehouse_id = m.warehouse_id
    WHERE m.qty_in > 0 AND m.kind <> 'reversal'
      AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
), lying AS (
    SELECT c.item_id, c.warehouse_id, %(today)s::date - c.move_date AS days,
           greatest(least(c.qty_in, p.on_hand - (c.upto - c.qty_in)), 0) AS qty
    FROM came c JOIN parts p ON p.item_id = c.item_id AND p.warehouse_id = c.warehouse_id
     AND p.lot_id IS NOT DISTINCT FROM c.lot_id
)
SELECT s.item_id, i.code, i.name, u.name, s.warehouse, s.on_hand, s.value,
       coalesce(sum(l.qty) FILTER (WHERE l.days <= 30), 0),
       coalesce(sum(l.qty) FILTER (WHERE l.days BETWEEN 31 AND 60), 0),
       coalesce(sum(l.qty) FILTER (WHERE l.days BETWEEN 61 AND 90), 0),
       coalesce(sum(l.qty) FILTER (WHERE l.days BETWEEN 91 AND 180), 0),
       coalesce(sum(l.qty) FILTER (WHERE l.days > 180), 0)
FROM stock s JOIN catalog_item i ON i.id = s.item_id JOIN catalog_unit u ON u.id = i.unit_id
LEFT JOIN lying l ON l.item_id = s.item_id AND l.warehouse_id = s.warehouse_id
GROUP BY s.item_id, i.code, i.name, i.sort_key, u.name, s.warehouse, s.on_hand, s.value
ORDER BY i.sort_key, i.code, s.warehouse
"""


def stock_ages(today: date, *, warehouse_id: UUID | None = None) -> list[AgeRow]:
    """How long what lies there has been lying: lot by lot, by the arrivals it must have come with."""
    rows = _rows(_AGES, {"today": today, "warehouse": warehouse_id})
    return [AgeRow(*row[:7], parts=tuple(row[7:])) for row in rows]  # type: ignore[misc]


# --- what does not move ----------------------------------------------------------------------------
@dataclass(frozen=True)
class SlowRow:
    """``days`` since the last sale (since it came, without one); ``cover`` in days at the present pace, None without sales."""

    item_id: UUID
    code: str
    name: str
    unit: str
    warehouse: str
    on_hand: Decimal
    value: Decimal
    sold: Decimal
    days: int
    cover: Decimal | None
    sale_price: Decimal | None
    unit_cost: Decimal

    @property
    def discount(self) -> int:
        """Suggested discount in per cent: 10 from the limit on, 20 beyond twice, 30 beyond three times as long."""
        return 10 if self.days <= 180 else 20 if self.days <= 270 else 30

    @property
    def clearance_price(self) -> Decimal | None:
        """The sale price less the discount."""
        return None if self.sale_price is None else cents(self.sale_price * (HUNDRED - self.discount) / HUNDRED)


_SLOW = """
WITH sales AS (
    SELECT m.item_id, m.warehouse_id,
           max(m.move_date) FILTER (WHERE m.qty_out > 0 AND NOT EXISTS (
               SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)) AS last_day,
           coalesce(sum(m.qty_out - m.qty_in) FILTER (WHERE m.move_date > %(since)s), 0) AS qty
    FROM inventory_stock_move m LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
    WHERE coalesce(o.kind, m.kind) IN ('sales_delivery', 'consign_sold') AND m.move_date <= %(today)s GROUP BY 1, 2
), arrived AS (
    SELECT item_id, warehouse_id, min(move_date) AS first_day FROM inventory_stock_move WHERE qty_in > 0 GROUP BY 1, 2
)
SELECT b.item_id, i.code, i.name, u.name, w.name, b.on_hand, b.value, coalesce(s.qty, 0),
       %(today)s::date - coalesce(s.last_day, a.first_day),
       CASE WHEN s.qty > 0 THEN round(b.on_hand * %(days)s / s.qty) END, i.sale_price, b.value / b.on_hand
FROM {held} b JOIN inventory_warehouse w ON w.id = b.warehouse_id AND w.kind = 'stock'
JOIN catalog_item i ON i.id = b.item_id JOIN catalog_unit u ON u.id = i.unit_id
JOIN arrived a ON a.item_id = b.item_id AND a.warehouse_id = b.warehouse_id
LEFT JOIN sales s ON s.item_id = b.item_id AND s.warehouse_id = b.warehouse_id
WHERE b.on_hand > 0 AND (%(warehouse)s::uuid IS NULL OR b.warehouse_id = %(warehouse)s)
  AND (%(today)s::date - coalesce(s.last_day, a.first_day) >= %(days)s
       OR (s.qty > 0 AND b.on_hand * %(days)s / s.qty > %(cover)s))
ORDER BY b.value DESC, i.code
"""


def slow_movers(today: date, *, days: int, cover_days: int, warehouse_id: UUID | None = None) -> list[SlowRow]:
    """Goods without a sale for so many days, or that last longer than so many at the present pace."""
    values = _limits(today, days, cover_days, warehouse_id)
    return [SlowRow(*row) for row in _rows(_SLOW.format(held="inventory_stock_balance"), values)]


def _limits(today: date, days: int, cover_days: int, warehouse_id: UUID | None) -> dict[str, Any]:
    return {
        "today": today,
        "since": today - timedelta(days=days),
        "days": days,
        "cover": cover_days,
        "warehouse": warehouse_id,
    }


SLOW_TARGET = Decimal(-40)
_HELD_THEN = """(
    SELECT item_id, warehouse_id, sum(qty_in - qty_out) AS on_hand, sum(value_in - value_out) AS value
    FROM inventory_stock_move WHERE move_date <= %(today)s GROUP BY 1, 2
)"""
_SLOW_VALUE = f"SELECT count(*), coalesce(sum(slow.value), 0) FROM ({_SLOW.format(held=_HELD_THEN)}) slow"


@dataclass(frozen=True)
class SlowChange:
    """What slow movers are worth now, and what they were worth as many days ago; less by 40 % is the target (INV-07)."""

    goods: int
    value: Decimal
    goods_before: int
    value_before: Decimal

    @property
    def change(self) -> Decimal | None:
        """In per cent of what it was; nothing when nothing was slow."""
        return change_of(self.value, self.value_before)

    @property
    def target(self) -> Decimal:
        return SLOW_TARGET

    @property
    def reached(self) -> bool:
        return self.change is not None and self.change <= SLOW_TARGET


def slow_change(today: date, *, days: int, cover_days: int, warehouse_id: UUID | None = None) -> SlowChange:
    """Slow movers as of a day beside those of a period before, both counted from the moves; two statements."""
    then = today - timedelta(days=days)
    now, before = (_rows(_SLOW_VALUE, _limits(day, days, cover_days, warehouse_id))[0] for day in (today, then))
    return SlowChange(*now, *before)


# --- turnover --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TurnRow:
    """Cost of what was sold or used up in a month beside the average of the stock's value on its days."""

    key: str
    label: str
    cost: Decimal
    average: Decimal

    @property
    def turns(self) -> Decimal | None:
        """COGS ÷ average stock value."""
        return round(self.cost / self.average, 2) if self.average > 0 else None


_DIMENSIONS = {
    "item": ("m.item_id::text", "i.code || ' ' || i.name"),
    "warehouse": ("m.warehouse_id::text", "w.name"),
    "category": ("i.category_id::text", "c.name"),
    "all": ("''", "''"),
}
_SOLD = ["sales_delivery", "consign_sold", "sales_return"]
_USED = ["assembly_out", "subcontract_used"]
# The value on a day is what had moved until then; the average over days weighs each change by the days it lasted.
_TURNS = """
SELECT {key}, {label},
       coalesce(sum(m.value_out - m.value_in) FILTER (
           WHERE coalesce(o.kind, m.kind) = ANY(%(kinds)s) AND m.move_date >= %(first)s), 0),
       round(sum((m.value_in - m.value_out)
                 * (%(last)s::date - greatest(m.move_date, %(first)s::date) + 1))
             / (%(last)s::date - %(first)s::date + 1), 2)
FROM inventory_stock_move m LEFT JOIN inventory_stock_move o ON o.id = m.reverses_id
JOIN catalog_item i ON i.id = m.item_id JOIN catalog_item_category c ON c.id = i.category_id
JOIN inventory_warehouse w ON w.id = m.warehouse_id
WHERE m.move_date <= %(last)s GROUP BY 1, 2
HAVING sum(m.value_in - m.value_out) <> 0 OR bool_or(m.move_date >= %(first)s) ORDER BY 2
"""


def turnover(first: date, last: date, *, by: str = "item") -> list[TurnRow]:
    """How often stock turned over between two days, by item, warehouse, category, or in all.

    Material turns when it is used up in making something. In all only sales count: there the goods made of it do.
    """
    key, label = _DIMENSIONS[by]
    values = {"first": first, "last": last, "kinds": _SOLD if by == "all" else [*_SOLD, *_USED]}
    return [TurnRow(*row) for row in _rows(_TURNS.format(key=key, label=label), values)]


@dataclass(frozen=True)
class TurnRowBeside:
    """A row of a month beside the same row of the month before; a month that still runs counts at its pace (G-17)."""

    row: TurnRow
    pace: Decimal | None
    before: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """In per cent of the month before."""
        return change_of(self.pace, self.before)


def turnover_beside(first: date, last: date, *, by: str = "item") -> list[TurnRowBeside]:
    """Turns from the first of a month to a day of it, row by row beside the month before; two statements."""
    eve = first - timedelta(days=1)
    before = {row.key: row.turns for row in turnover(eve.replace(day=1), eve, by=by)}
    return [
        TurnRowBeside(row, _pace(row.turns, first, last), before.get(row.key)) for row in turnover(first, last, by=by)
    ]


def _pace(turns: Decimal | None, first: date, last: date) -> Decimal | None:
    """What so many turns until a day come to in the whole month."""
    days = monthrange(first.year, first.month)[1]
    return None if turns is None else round(turns * days / ((last - first).days + 1), 2)


@dataclass(frozen=True)
class TurnChange:
    """Turns of a month beside the month before and the company's target; a month that still runs counts at its pace."""

    turns: Decimal | None
    before: Decimal | None
    target: Decimal
    days: int
    month_days: int

    def pace_of(self, turns: Decimal | None) -> Decimal | None:
        """What so many turns in the days that have passed come to in the whole month."""
        return None if turns is None else round(turns * self.month_days / self.days, 2)

    @property
    def pace(self) -> Decimal | None:
        return self.pace_of(self.turns)

    @property
    def change(self) -> Decimal | None:
        """In per cent of the month before."""
        return change_of(self.pace, self.before)

    @property
    def reached(self) -> bool:
        return self.pace is not None and self.pace >= self.target

    def share_of(self, turns: Decimal | None) -> Decimal | None:
        """So much of the target, in per cent."""
        pace = self.pace_of(turns)
        return None if pace is None else round(HUNDRED * pace / self.target, 2)


def turn_change(first: date, last: date) -> TurnChange:
    """The whole stock's turns from the first of a month to a day of it, and in the month before; two statements (INV-09)."""
    target = Decimal(parameters.get("inventory.turnover_target_pct")) / HUNDRED
    eve = first - timedelta(days=1)
    now, before = _whole_turns(first, last), _whole_turns(eve.replace(day=1), eve)
    return TurnChange(now, before, target, (last - first).days + 1, monthrange(first.year, first.month)[1])


def _whole_turns(first: date, last: date) -> Decimal | None:
    rows = turnover(first, last, by="all")
    return rows[0].turns if rows else None


def change_of(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """By how many per cent a figure grew; nothing where one of the two is missing."""
    return round(HUNDRED * (now - before) / before, 2) if now is not None and before else None


# --- hurried transfers -----------------------------------------------------------------------------
@dataclass(frozen=True)
class HurryRow:
    """Transfers of a month and their freight, and how many of them were urgent."""

    month: date
    transfers: int
    urgent: int
    freight: Decimal
    urgent_freight: Decimal
    causes: dict[str, int]

    @property
    def share(self) -> Decimal | None:
        """Of the freight, in per cent."""
        return round(HUNDRED * self.urgent_freight / self.freight, 2) if self.freight else None


_HURRY = """
SELECT date_trunc('month', doc_date)::date, count(*), count(*) FILTER (WHERE urgent), sum(freight_amount),
       coalesce(sum(freight_amount) FILTER (WHERE urgent), 0),
       array_agg(urgent_cause ORDER BY urgent_cause) FILTER (WHERE urgent)
FROM inventory_transfer WHERE approval = 'approved' AND doc_date >= %(first)s GROUP BY 1 ORDER BY 1 DESC
"""


def hurried_transfers(first: date) -> list[HurryRow]:
    """Month by month what hurry costs, with its causes (SCM-16)."""
    found = []
    for month, count, urgent, freight, urgent_freight, causes in _rows(_HURRY, {"first": first}):
        by_cause: dict[str, int] = {}
        for cause in causes or ():
            by_cause[cause] = by_cause.get(cause, 0) + 1
        found.append(HurryRow(month, count, urgent, freight, urgent_freight, by_cause))
    return found
