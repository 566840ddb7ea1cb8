"""The exception board: what has life in it, sorted by the customer's promise it puts at risk, in four statements."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from backend.kernel.prepared import Prepared
from backend.purchasing.models import ExceptionKind, PurchaseException
from backend.purchasing.selectors.hurt import Hurt, first_hurt

_COUNTS = """
SELECT {lane}, count(*), count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE risk_lines > 0)
FROM purchasing_exception WHERE state <> 'solved' AND {filters} GROUP BY 1 ORDER BY 4 DESC, 3 DESC, 2 DESC, 1
"""
_FIRST_OF_EACH = """
SELECT found.id FROM unnest(%(lanes)s{type}) AS wanted (lane)
CROSS JOIN LATERAL (
    SELECT id, risk_date, due_date FROM purchasing_exception
    WHERE state <> 'solved' AND {lane} = wanted.lane AND {filters}
    ORDER BY {lane}, risk_date, due_date, id LIMIT %(most)s
) AS found
"""


@dataclass(frozen=True)
class Card:
    """One exception with whom it hurts."""

    row: PurchaseException
    hurt: Hurt | None


@dataclass
class Lane:
    """Exceptions of one kind, or of one supplier: the first of them, and how many there are."""

    key: str
    count: int
    open: int
    risky: int
    cards: list[Card] = field(default_factory=list)


@dataclass(frozen=True)
class Board:
    """The lanes that are shown; ``count``, ``open`` and ``risky`` are of all that fit the filters."""

    lanes: list[Lane]
    count: int
    open: int
    risky: int
    hidden_lanes: int


def read_board(
    *,
    by_supplier: bool = False,
    buyer_id: UUID | None = None,
    supplier_id: UUID | None = None,
    kind: str = "",
    most: int = 12,
    most_lanes: int = 12,
) -> Board:
    """The board in four statements, however much is wrong."""
    wanted = {"buyer_id": buyer_id, "supplier_id": supplier_id, "kind": kind}
    chosen = {name: value for name, value in wanted.items() if value}
    column = "supplier_id" if by_supplier else "kind"
    lanes = _lanes(column, chosen)
    shown = lanes[:most_lanes]
    rows = _first_of_each(column, [lane.key for lane in shown], chosen, most)
    hurt = first_hurt(rows.keys())
    by_key = {str(lane.key): lane for lane in shown}
    for row in sorted(rows.values(), key=lambda row: (row.risk_date is None, row.risk_date, row.due_date, row.pk)):
        by_key[str(getattr(row, column))].cards.append(Card(row, hurt.get(row.pk)))
    if not by_supplier:
        order = {key: place for place, key in enumerate(ExceptionKind.values)}
        shown.sort(key=lambda lane: order[lane.key])
    count, waiting, risky = (sum(getattr(lane, name) for lane in lanes) for name in ("count", "open", "risky"))
    return Board(shown, count, waiting, risky, hidden_lanes=len(lanes) - len(shown))


def _lanes(column: str, chosen: dict[str, Any]) -> list[Lane]:
    """How many there are of each, those that hurt most first."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(lane=column, filters=_filters(chosen)), chosen)
        return [Lane(*row) for row in cursor.fetchall()]


def _filters(chosen: dict[str, Any]) -> str:
    return " AND ".join(["true", *(f"{name} = %({name})s" for name in chosen)])


# What a card says: whole documents, items and parties would cost more than the rest of the board.
_SAID = (
    "kind",
    "facts",
    "state",
    "opened_at",
    "due_date",
    "risk_date",
    "acknowledged_by_name",
    "note",
    "order__number",
    "asn__number",
    "supplier__name",
    "supplier__short_name",
    "order_line__item__name",
    "order_line__item__unit__name",
)
_cards = Prepared(
    lambda ids: (
        PurchaseException.objects.filter(pk__in=ids)
        .select_related("order", "order_line__item__unit", "asn", "supplier")
        .only(*_SAID)
    )
)


def _first_of_each(column: str, keys: list[Any], chosen: dict[str, Any], most: int) -> dict[UUID, PurchaseException]:
    kind = "::uuid[]" if column == "supplier_id" else "::text[]"
    statement = _FIRST_OF_EACH.format(lane=column, filters=_filters(chosen), type=kind)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"lanes": keys, "most": most, **chosen})
        ids = [row[0] for row in cursor.fetchall()]
    return {row.pk: row for row in _cards(ids)}
