"""Reading the table of supply and demand for pairs of item and warehouse, in as few statements as there are questions.

Callers hold the locks of the balances; nothing here changes under them.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability import allocation, parts
from backend.availability.explanation import SHOWN, Behind, Entry
from backend.availability.services.rows import Pair, columns_of, read
from backend.availability.terms import ItemTerms
from backend.kernel.bulk import uuid_array
from backend.kernel.money import ZERO

SUPPLY, SUGGESTION = parts.SUPPLY, parts.SUGGESTION

_TERMS = """
SELECT i.id, i.code, i.name, u.name, i.item_type = 'goods', i.purchasable, i.pack_qty, i.min_order_qty, i.lead_days,
       i.supplier_id, coalesce(nullif(p.short_name, ''), p.name, ''), s.lead_days, s.transport_days
FROM catalog_item i
JOIN catalog_unit u ON u.id = i.unit_id
LEFT JOIN party p ON p.id = i.supplier_id
LEFT JOIN party_supplier s ON s.party_id = i.supplier_id
WHERE i.id = ANY(%s::uuid[])
"""


def load_terms(item_ids: Collection[UUID]) -> dict[UUID, ItemTerms]:
    """How these items are bought."""
    return {row[0]: ItemTerms(*row) for row in read(_TERMS, [uuid_array(item_ids)])}


@dataclass
class DemandRow:
    """An open demand with the promise that stands."""

    id: UUID
    item_id: UUID
    warehouse_id: UUID
    party_id: UUID | None
    ref_type: str
    ref_id: UUID
    ref_number: str
    ref_line_id: UUID
    ref_line_no: int
    open_qty: Decimal
    reserved: Decimal
    required_date: date
    priority: int
    first_date: date | None
    promise_date: date | None
    revision: int
    parts: parts.Parts

    @property
    def pair(self) -> Pair:
        return (self.item_id, self.warehouse_id)

    @property
    def waiting(self) -> Decimal:
        return self.open_qty - self.reserved

    @property
    def rank(self) -> allocation.Rank:
        return allocation.rank(
            priority=self.priority, required_date=self.required_date, first_date=self.first_date, id=self.id
        )

    def entry(self, short: Decimal) -> Entry:
        return Entry(
            self.id,
            self.ref_type,
            self.ref_number,
            self.ref_line_no,
            self.required_date,
            self.open_qty,
            self.reserved,
            short,
        )


_DEMAND = """
SELECT d.id, d.item_id, d.warehouse_id, d.party_id, d.ref_type, d.ref_id, d.ref_number, d.ref_line_id, d.ref_line_no,
       d.open_qty, d.reserved_qty, d.required_date, d.priority,
       p.first_date, p.promise_date, coalesce(p.revision, 0), coalesce(p.parts, '[]')::text"""
_OF_DEMANDS = """
FROM wanted w JOIN availability_demand_line d ON d.item_id = w.item_id AND d.warehouse_id = w.warehouse_id
LEFT JOIN availability_promise p ON p.demand_id = d.id
WHERE d.open_qty > 0
"""
_WANTED = "WITH wanted AS MATERIALIZED (SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS w (item_id, warehouse_id))"
_DEMANDS = _WANTED + _DEMAND + _OF_DEMANDS


def load_demands(pairs: Iterable[Pair]) -> list[DemandRow]:
    """Open demands of these pairs in the order in which they are served."""
    return _served([_demand(row) for row in read(_DEMANDS, columns_of(pairs))])


def _demand(row: Sequence[Any]) -> DemandRow:
    *values, promised = row
    return DemandRow(*(*values, parts.from_json(json.loads(promised))))


def _served(rows: Iterable[DemandRow]) -> list[DemandRow]:
    return sorted(rows, key=lambda row: row.rank)


@dataclass
class SourceRow:
    """A supply line or a suggestion; ``qty`` is what it can still give in all, ``pegged`` what is given."""

    kind: str
    id: UUID
    item_id: UUID
    warehouse_id: UUID
    arrives: date | None
    qty: Decimal
    pegged: Decimal
    firmness: str
    ref_type: str
    ref_id: UUID | None
    ref_number: str
    state: str
    need_qty: Decimal
    need_date: date | None
    snoozed_until: date | None
    explanation: str

    @property
    def pair(self) -> Pair:
        return (self.item_id, self.warehouse_id)

    @property
    def undecided(self) -> bool:
        return self.kind == SUGGESTION and self.state != "accepted"

    def source(self, *, free_only: bool) -> allocation.Source:
        """As a source to share out: the whole of it, or what nobody has."""
        return allocation.Source(
            self.kind,
            self.id,
            self.arrives,
            max(self.qty - self.pegged, ZERO) if free_only else self.qty,
            self.firmness,
            self.ref_type,
            self.ref_id,
            self.ref_number,
        )


_SOURCES = """
WITH wanted AS MATERIALIZED (SELECT * FROM unnest(%s::uuid[], %s::uuid[]) AS w (item_id, warehouse_id))
SELECT 'supply', s.id, s.item_id, s.warehouse_id, s.supply_date, s.open_qty,
       coalesce((SELECT sum(p.qty) FROM availability_peg p WHERE p.supply_id = s.id), 0),
       s.firmness, s.ref_type, s.ref_id, s.ref_number, '', 0, NULL::date, NULL::date, ''
FROM wanted w JOIN availability_supply_line s ON s.item_id = w.item_id AND s.warehouse_id = w.warehouse_id
WHERE s.open_qty > 0
UNION ALL
SELECT 'suggestion', g.id, g.item_id, g.warehouse_id, g.arrival_date, g.qty,
       coalesce((SELECT sum(p.qty) FROM availability_peg p WHERE p.suggestion_id = g.id), 0),
       'suggested', CASE WHEN g.order_id IS NULL THEN '' ELSE g.order_type END, g.order_id, g.order_number,
       g.state, g.need_qty, g.need_date, g.snoozed_until,
       CASE WHEN g.state = 'accepted' THEN '' ELSE g.explanation::text END
FROM wanted w JOIN availability_suggestion g ON g.item_id = w.item_id AND g.warehouse_id = w.warehouse_id
WHERE g.state <> 'accepted' OR g.supplied_at IS NULL
"""


def load_sources(pairs: Iterable[Pair]) -> list[SourceRow]:
    """Everything that comes or could come for these pairs."""
    return [SourceRow(*row) for row in read(_SOURCES, columns_of(pairs))]


_BEHIND = """
SELECT suggestion_id, lines, all_open, all_reserved, all_short, need_date,
       demand_id, ref_type, ref_number, ref_line_no, required_date, open_qty, reserved_qty, qty
FROM (
    SELECT p.suggestion_id, p.demand_id, p.qty, d.ref_type, d.ref_number, d.ref_line_no, d.required_date, d.open_qty,
           d.reserved_qty, count(*) OVER w AS lines, sum(d.open_qty) OVER w AS all_open,
           sum(d.reserved_qty) OVER w AS all_reserved, sum(p.qty) OVER w AS all_short, min(d.required_date) OVER w AS need_date,
           row_number() OVER (w ORDER BY d.required_date, d.ref_number, d.ref_line_no) AS place
    FROM availability_peg p JOIN availability_demand_line d ON d.id = p.demand_id
    WHERE p.suggestion_id = ANY(%s)
    WINDOW w AS (PARTITION BY p.suggestion_id)
) x WHERE place <= %s
"""


def load_behind(suggestion_ids: Collection[UUID]) -> dict[UUID, Behind]:
    """The demands behind suggestions: their sums, and the first of them. Suggestions without any are left out."""
    if not suggestion_ids:
        return {}
    sums: dict[UUID, tuple[Any, ...]] = {}
    first: dict[UUID, list[Entry]] = {}
    for row in read(_BEHIND, [list(suggestion_ids), SHOWN]):
        sums[row[0]] = row[1:6]
        first.setdefault(row[0], []).append(Entry(*row[6:]))
    return {id: Behind(*(*values, tuple(first[id]))) for id, values in sums.items()}


PegKey = tuple[UUID, allocation.Key]
Pegs = dict[PegKey, tuple[int, Decimal]]

# Rows of three kinds in one list, each with the columns of the others empty: demands, their pegs (also of demands that
# nothing is open of any more), and one that tells whether a suggestion stands that nobody has decided on.
_STANDING = f"""{_WANTED}
{_DEMAND}, 'demand' AS kind, NULL::bigint, NULL::text, NULL::uuid, NULL::numeric
{_OF_DEMANDS}
UNION ALL
SELECT d.id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       'peg', p.id, CASE WHEN p.supply_id IS NULL THEN '{SUGGESTION}' ELSE '{SUPPLY}' END,
       coalesce(p.supply_id, p.suggestion_id), p.qty
FROM wanted w JOIN availability_demand_line d ON d.item_id = w.item_id AND d.warehouse_id = w.warehouse_id
JOIN availability_peg p ON p.demand_id = d.id
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       'undecided', NULL, NULL, NULL, NULL
WHERE EXISTS (SELECT FROM wanted w JOIN availability_suggestion g ON g.item_id = w.item_id
              AND g.warehouse_id = w.warehouse_id WHERE g.state <> 'accepted')
"""


def load_standing(pairs: Iterable[Pair]) -> tuple[list[DemandRow], Pegs, bool]:
    """Open demands in the order in which they are served, the pegs of every demand, and whether there is anything to plan.

    Nothing is where nobody waits and no suggestion stands; pegs are (demand, source) → (peg id, quantity).
    """
    demands: list[DemandRow] = []
    pegs: Pegs = {}
    undecided = False
    for *demand, kind, peg, source_kind, source, qty in read(_STANDING, columns_of(pairs)):
        if kind == "demand":
            demands.append(_demand(demand))
        elif kind == "peg":
            pegs[demand[0], (source_kind, source)] = (peg, qty)
        else:
            undecided = True
    return _served(demands), pegs, bool(demands) or undecided
