"""Supply: what orders bring, when, and how firmly. Every change ends in ``planning.replan`` with its cause.

Callers say for whole order lines what is still to come; rows are matched by (order line, schedule number). Purchasing
registers only quantities that are not received: ``open_qty`` is what is still to come of a row.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.errors import CannotReceiveSupply
from backend.availability.models import SupplyKind, SupplyLine
from backend.availability.services import planning
from backend.availability.services.causes import Cause
from backend.availability.services.planning import release_stock
from backend.availability.services.rows import Pair, read, write
from backend.inventory.services.balances import LockedBalance, lock_balances
from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.kernel.money import ZERO
from backend.kernel.prepared import Key, Prepared

Balances = Mapping[Pair, LockedBalance]

__all__ = [
    "SupplyInput",
    "receive_supply",
    "register_supply",
    "release_stock",
    "reschedule_supply",
    "withdraw_supply",
]


@dataclass(frozen=True)
class SupplyInput:
    """So much of an order line that is to come on a date; its order is named where a call speaks of several."""

    ref_line_id: UUID
    schedule_no: int
    item_id: UUID
    warehouse_id: UUID
    qty: Decimal
    date: date
    firmness: str = "requested"
    party_id: UUID | None = None
    suggestion_id: UUID | None = None
    kind: str = SupplyKind.PURCHASE
    ref_line_no: int = 0
    ref_type: str = ""
    ref_id: UUID | None = None
    ref_number: str = ""


def register_supply(
    lines: Sequence[SupplyInput],
    *,
    ref_type: str,
    ref_id: UUID,
    ref_number: str,
    cause: Cause,
    actor: Actor,
    at: datetime,
) -> None:
    """Announce what a document brings. The suggestions it answers stand back: their demands go to these lines."""
    if not lines:
        return
    with transaction.atomic(savepoint=False):
        answered = {line.suggestion_id for line in lines if line.suggestion_id}
        pairs = {(line.item_id, line.warehouse_id) for line in lines} | _pairs_of("id = ANY(%s)", list(answered))
        balances = lock_balances(pairs)
        if answered:
            _stand_back(answered, ref_id, ref_number, at)
        _upsert(lines, ref_type, ref_id, ref_number, cause.by(actor), at)
        planning.replan(pairs, cause=cause, actor=actor, at=at, held=balances)


def _pairs_of(where: str, key: object) -> set[Pair]:
    """The pairs that accepted suggestions count for: the order may go to another warehouse than was suggested."""
    sql = f"SELECT DISTINCT item_id, warehouse_id FROM availability_suggestion WHERE state = 'accepted' AND {where}"
    return {(item_id, warehouse_id) for item_id, warehouse_id in read(sql, [key])} if key else set()


_STAND_BACK = """
UPDATE availability_suggestion SET supplied_at = %s, order_id = coalesce(order_id, %s),
    order_number = CASE WHEN order_number = '' THEN %s ELSE order_number END
WHERE id = ANY(%s) AND state = 'accepted' RETURNING id
"""


def _stand_back(suggestion_ids: Iterable[UUID], order_id: UUID, order_number: str, at: datetime) -> None:
    read(_STAND_BACK, [at, order_id, order_number, list(suggestion_ids)])


_UPSERT = """
INSERT INTO availability_supply_line AS s (id, kind, item_id, warehouse_id, party_id, ref_type, ref_id, ref_number,
    ref_line_id, ref_line_no, schedule_no, qty, open_qty, supply_date, firmness, dated_at, dated_by_name, former_date)
SELECT x.id, x.kind, x.item_id, x.warehouse_id, x.party_id, x.ref_type, x.ref_id, x.ref_number,
    x.ref_line_id, x.ref_line_no, x.schedule_no, x.qty, x.qty, x.date, x.firmness, x.at, x.by_name, NULL
FROM jsonb_to_recordset(%s) AS x (id uuid, kind text, item_id uuid, warehouse_id uuid, party_id uuid, ref_type text,
    ref_id uuid, ref_number text, ref_line_id uuid, ref_line_no int, schedule_no int, qty numeric, date date, firmness text,
    at timestamptz, by_name text)
ON CONFLICT (ref_line_id, schedule_no) DO UPDATE SET qty = s.qty - s.open_qty + excluded.qty, open_qty = excluded.qty,
    item_id = excluded.item_id, warehouse_id = excluded.warehouse_id, party_id = excluded.party_id,
    ref_number = excluded.ref_number, ref_line_no = excluded.ref_line_no,
    supply_date = excluded.supply_date, firmness = excluded.firmness,
    former_date = CASE WHEN s.supply_date <> excluded.supply_date THEN s.supply_date ELSE s.former_date END,
    dated_at = CASE WHEN s.supply_date <> excluded.supply_date OR s.firmness <> excluded.firmness
                    THEN excluded.dated_at ELSE s.dated_at END,
    dated_by_name = CASE WHEN s.supply_date <> excluded.supply_date OR s.firmness <> excluded.firmness
                         THEN excluded.dated_by_name ELSE s.dated_by_name END
"""


def _upsert(
    lines: Iterable[SupplyInput], ref_type: str, ref_id: UUID, ref_number: str, cause: Cause, at: datetime
) -> None:
    common = {"at": at, "by_name": cause.by_name}
    write(
        _UPSERT,
        [
            vars(line)
            | {"id": uuid7(), "ref_type": line.ref_type or ref_type}
            | {"ref_id": line.ref_id or ref_id, "ref_number": line.ref_number or ref_number}
            | common
            for line in lines
            if line.qty > 0
        ],
    )


def reschedule_supply(
    schedules: Mapping[UUID, Sequence[SupplyInput]],
    *,
    ref_type: str,
    ref_id: UUID,
    ref_number: str,
    cause: Cause,
    actor: Actor,
    at: datetime,
    held: Balances = MappingProxyType({}),
) -> None:
    """Put what is still to come of these order lines in the place of what was expected; an empty list: nothing more comes.

    ``held`` are balances that the caller has locked already, and kept in step.
    """
    if not schedules:
        return
    with transaction.atomic(savepoint=False):
        lines = [line for parts in schedules.values() for line in parts]
        also = {(line.item_id, line.warehouse_id) for line in lines}
        known, balances = _locked(_of_lines, list(schedules), also=also, held=held)
        wanted = {(line.ref_line_id, line.schedule_no) for line in lines if line.qty > 0}
        _drop([row for row in known if (row.ref_line_id, row.schedule_no) not in wanted])
        _upsert(lines, ref_type, ref_id, ref_number, cause.by(actor), at)
        planning.replan(balances, cause=cause, actor=actor, at=at, held=balances)


def withdraw_supply(ref_id: UUID, *, cause: Cause, actor: Actor, at: datetime) -> None:
    """The document brings nothing more. Accepted suggestions behind it count again until they are restored."""
    with transaction.atomic(savepoint=False):
        known, balances = _locked(_of_document, ref_id, also=_pairs_of("order_id = %s", ref_id))
        _drop(known)
        read(
            "UPDATE availability_suggestion SET supplied_at = NULL WHERE order_id = %s AND state = 'accepted' RETURNING id",
            [ref_id],
        )
        planning.replan(balances, cause=cause, actor=actor, at=at, held=balances)


_of_lines = Prepared(lambda lines: SupplyLine.objects.filter(ref_line_id__in=lines).order_by("schedule_no"))
_of_document = Prepared(lambda id: SupplyLine.objects.filter(ref_id=id).order_by("schedule_no"))


def _locked(
    found: Prepared[SupplyLine], key: Key, *, also: Iterable[Pair] = (), held: Balances = MappingProxyType({})
) -> tuple[list[SupplyLine], Balances]:
    """The rows as they are once their balances are locked, and these balances (of ``also``, too).

    Where the caller holds all these locks (``held``), the rows cannot change any more and are read once.
    """
    rows = found(key)
    pairs = {(row.item_id, row.warehouse_id) for row in rows} | set(also)
    if pairs <= held.keys():
        return rows, {pair: held[pair] for pair in pairs}
    balances = lock_balances(pairs)
    return found(key), balances


_FORGET = """
WITH unpegged AS (DELETE FROM availability_peg WHERE supply_id = ANY(%s))
DELETE FROM availability_supply_line WHERE id = ANY(%s::uuid[]) RETURNING id
"""


def _drop(rows: Iterable[SupplyLine]) -> None:
    """Rows that bring nothing more go, with their pegs; what was received of them stays on record."""
    rows = list(rows)
    if not rows:
        return
    gone = [row.pk for row in rows if row.qty == row.open_qty]
    read(_FORGET, [[row.pk for row in rows], gone])
    _set_open({row.pk: (row.qty - row.open_qty, ZERO) for row in rows if row.qty != row.open_qty})


_SET_OPEN = """
UPDATE availability_supply_line s SET qty = x.qty, open_qty = x.open_qty
FROM jsonb_to_recordset(%s) AS x (id uuid, qty numeric, open_qty numeric) WHERE s.id = x.id
"""


def _set_open(rows: Mapping[UUID, tuple[Decimal, Decimal]]) -> None:
    write(_SET_OPEN, [{"id": id, "qty": qty, "open_qty": open_qty} for id, (qty, open_qty) in rows.items()])


def receive_supply(lines: Iterable[tuple[UUID, Decimal]], *, cause: Cause, actor: Actor, at: datetime) -> None:
    """(Order line, quantity) has arrived; call after ``post_moves``. Waiting demand is served by itself.

    What was on its way counts first, then by date. More than was expected is fine: the stock is there.
    """
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for ref_line_id, qty in lines:
        sums[ref_line_id] += qty
    if not sums:
        return
    with transaction.atomic(savepoint=False):
        known, balances = _locked(_of_lines, list(sums))
        _require_known(sums, known)
        opened: dict[UUID, tuple[Decimal, Decimal]] = {}
        for row in sorted(known, key=lambda row: (row.firmness != "shipped", row.supply_date, row.schedule_no)):
            take = min(sums[row.ref_line_id], row.open_qty)
            if take > 0:
                sums[row.ref_line_id] -= take
                opened[row.pk] = (row.qty, row.open_qty - take)
        _set_open(opened)
        planning.replan(balances, cause=cause, actor=actor, at=at, held=balances)


def _require_known(sums: Iterable[UUID], known: Iterable[SupplyLine]) -> None:
    missing = set(sums) - {row.ref_line_id for row in known}
    if missing:
        raise CannotReceiveSupply(_("This order line is not expected."), field="line", value=sorted(missing)[0])
