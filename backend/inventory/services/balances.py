"""Locking balances: the one lock that everything about an item in a warehouse waits for.

Rows are made when missing and locked in the order of their keys, in one statement, so callers can wait for each other but
never in a circle.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

from backend.inventory.models.stock import role_expression
from backend.kernel.bulk import uuid_array
from backend.kernel.money import ZERO

Pair = tuple[UUID, UUID]

_LOCK = f"""
SELECT b.id, b.item_id, b.warehouse_id, b.on_hand, b.reserved, b.blocked, b.value,
       i.code, i.name, i.lot_tracked, i.serial_tracked, c.cost_method,
       {role_expression("w", "c")} AS inventory_role,
       b.allow_negative,
       (SELECT closed_through FROM inventory_calendar) AS closed_through
FROM inventory_lock_balances(%s::uuid[], %s::uuid[]) b
JOIN catalog_item i ON i.id = b.item_id
JOIN catalog_item_category c ON c.id = i.category_id
JOIN inventory_warehouse w ON w.id = b.warehouse_id
"""


@dataclass
class LockedBalance:
    """A balance under lock (the columns of StockBalance), with what is needed of its item.

    ``inventory_role`` is the account of the item's category, or that of the place (at suppliers, in the workshop).

    Whoever reserves or moves under the lock keeps ``reserved``, ``on_hand`` and ``value`` here in step for the next one.
    """

    id: int
    item_id: UUID
    warehouse_id: UUID
    on_hand: Decimal
    reserved: Decimal
    blocked: Decimal
    value: Decimal
    item_code: str
    item_name: str
    lot_tracked: bool
    serial_tracked: bool
    cost_method: str
    inventory_role: str
    allow_negative: bool
    closed_through: date | None
    outdated: bool = False  # moved in a way that the database alone reckons (lots, later values): read again before use

    @property
    def pair(self) -> Pair:
        return (self.item_id, self.warehouse_id)

    @property
    def available(self) -> Decimal:
        return max(self.on_hand - self.reserved - self.blocked, ZERO)

    @property
    def leaves_before_it_comes(self) -> bool:
        """Whether the warehouse lets goods leave that it does not have; lots and pieces are always there."""
        return self.allow_negative and not (self.lot_tracked or self.serial_tracked)

    @property
    def may_go_below_zero(self) -> bool:
        """Whether more may leave than lies there now: never under a reservation."""
        return self.leaves_before_it_comes and not self.reserved and not self.blocked


def lock_balances(pairs: Iterable[Pair]) -> dict[Pair, LockedBalance]:
    """The balances of (item, warehouse) pairs, locked until the end of the transaction; one statement."""
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [uuid_array(item for item, _ in wanted), uuid_array(place for _, place in wanted)])
        return {row.pair: row for row in (LockedBalance(*values) for values in cursor.fetchall())}


def held_or_locked(pairs: Iterable[Pair], held: Mapping[Pair, LockedBalance] | None) -> dict[Pair, LockedBalance]:
    """The balances of these pairs as the caller holds them, when it holds all of them and knows them; locked otherwise."""
    wanted = sorted(set(pairs))
    if held is not None and all(pair in held and not held[pair].outdated for pair in wanted):
        return {pair: held[pair] for pair in wanted}
    return lock_balances(wanted)
