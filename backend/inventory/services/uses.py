"""What the cost of goods that left was booked to, in one word: their *use*.

Inventory corrects what issues cost, day by day; it knows issues, not accounts. Whoever books issues tells once how the word
of an issue is found (``told_by``): the role of an account, or the role with the line that the cost waits for, such as
``goods_dispatched:<line>``. The word of an issue stays the same as long as its document stands, so a correction that is
worked out anew finds what it told before: a correction's ``origin`` is the first issue of those that it corrects.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.db import connection

from backend.inventory.services.balances import Pair
from backend.kernel.bulk import uuid_array

SOLD, AT_AGENT = "cogs", "at_agent"  # goods at an agent are ours: ``at_agent:<party>``
_teller: list[Callable[[str], str]] = []


def told_by(teller: Callable[[str], str]) -> None:
    """Register who gives the expression for the use of a move, by its ``doc_type``, ``doc_id`` and ``doc_line_id``."""
    _teller[:] = [teller]


def use_of(move: str) -> str:
    """The expression for the use of the move of that name in a statement; goods were sold unless somebody knows better."""
    known = "".join(f"{teller(move)}, " for teller in _teller)
    return f"coalesce({known}'{SOLD}')"


def uses_of(move_ids: Iterable[int]) -> dict[int, str]:
    """The uses of issues by their id; one statement, none for none."""
    wanted = sorted(set(move_ids))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT m.id, {use_of('m')} FROM inventory_stock_move m WHERE m.id = ANY(%s)", [wanted])
        return dict(cursor.fetchall())


_BEFORE_THEY_CAME = """
SELECT w.place, o.id, least(o.qty_out, w.qty - o.later)
FROM unnest(%s::int[], %s::uuid[], %s::uuid[], %s::numeric[]) AS w (place, item_id, warehouse_id, qty)
CROSS JOIN LATERAL (
    SELECT l.id, l.qty_out, sum(l.qty_out) OVER (ORDER BY l.id DESC) - l.qty_out AS later
    FROM (SELECT m.id, m.qty_out FROM inventory_stock_move m
          WHERE m.item_id = w.item_id AND m.warehouse_id = w.warehouse_id AND m.qty_out > 0 AND m.kind <> 'reversal'
            AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)
          ORDER BY m.id DESC LIMIT 200) l
) o WHERE o.later < w.qty ORDER BY w.place, o.id
"""


def issued_before_it_came(missing: list[tuple[Pair, Decimal]]) -> list[list[tuple[int, Decimal]]]:
    """For so much that is missing of each pair: the last issues that made it so, with their part of it; one statement."""
    found: list[list[tuple[int, Decimal]]] = [[] for _each in missing]
    if missing:
        items, places = uuid_array(pair[0] for pair, _qty in missing), uuid_array(pair[1] for pair, _qty in missing)
        with connection.cursor() as cursor:
            values: list[Any] = [list(range(len(missing))), items, places, [qty for _pair, qty in missing]]
            cursor.execute(_BEFORE_THEY_CAME, values)
            for place, move_id, qty in cursor.fetchall():
                found[place].append((move_id, qty))
    return found
