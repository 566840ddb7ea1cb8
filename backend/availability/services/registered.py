"""Registered demand under the locks of its balances: what is shipped, changed and taken back is read here first."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability.services.rows import Pair, read
from backend.inventory.services.balances import LockedBalance, lock_balances
from backend.kernel.bulk import uuid_array
from backend.kernel.errors import NotFoundRefused


@dataclass
class DemandAtHand:
    """A registered line, read under the lock of its balance."""

    id: UUID
    ref_line_id: UUID
    ref_number: str
    ref_line_no: int
    item_id: UUID
    warehouse_id: UUID
    qty: Decimal
    open_qty: Decimal
    reserved: Decimal

    @property
    def pair(self) -> Pair:
        return (self.item_id, self.warehouse_id)


_LINES = """
SELECT id, ref_line_id, ref_number, ref_line_no, item_id, warehouse_id, qty, open_qty, reserved_qty
FROM availability_demand_line WHERE {} ORDER BY ref_line_no, id
"""
BY_LINE, BY_REF = _LINES.format("ref_line_id = ANY(%s::uuid[])"), _LINES.format("ref_id = %s")


@dataclass(frozen=True)
class Held:
    """Registered lines and their balances, under the locks of the balances until the transaction ends."""

    lines: dict[UUID, DemandAtHand]
    balances: dict[Pair, LockedBalance]

    @property
    def reserved(self) -> dict[UUID, Decimal]:
        """What lies ready for each line, by the id of the document's line."""
        return {id: line.reserved for id, line in self.lines.items()}


def hold_demand(lines: Iterable[tuple[UUID, Pair]]) -> Held:
    """Lock what is to be shipped: (line, its item and warehouse); two statements."""
    wanted = dict(lines)
    if not wanted:
        return Held({}, {})
    balances = lock_balances(wanted.values())
    found = {row[1]: DemandAtHand(*row) for row in read(BY_LINE, [uuid_array(wanted)])}
    if any(line.pair not in balances for line in found.values()):
        moved, balances = lock_lines(BY_LINE, uuid_array(wanted))
        found = {line.ref_line_id: line for line in moved}
    return Held(found, balances)


def lock_lines(
    sql: str, key: object, *, also: Iterable[Pair] = ()
) -> tuple[list[DemandAtHand], dict[Pair, LockedBalance]]:
    """The lines as they are once their balances are locked. A line never changes its pair, so reading twice is enough."""
    pairs = {(row[4], row[5]) for row in read(sql, [key])}
    balances = lock_balances([*pairs, *also])
    return [DemandAtHand(*row) for row in read(sql, [key])], balances


def known_lines(lines: Iterable[DemandAtHand], wanted: Iterable[UUID]) -> dict[UUID, DemandAtHand]:
    """The lines by the document's line; raises NotFoundRefused for one that is not registered."""
    found = {line.ref_line_id: line for line in lines}
    for ref_line_id in wanted:
        if ref_line_id not in found:
            raise NotFoundRefused(_("This line is not registered."), value=ref_line_id)
    return found


OPEN = """
UPDATE availability_demand_line d SET qty = x.qty, open_qty = x.open_qty,
    required_date = coalesce(x.required_date, d.required_date)
FROM jsonb_to_recordset(%s) AS x (id uuid, qty numeric, open_qty numeric, required_date date)
WHERE d.id = x.id
"""
