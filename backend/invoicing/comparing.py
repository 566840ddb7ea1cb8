"""Comparing our statement with the partner's list: who stands for whom, and what differs, typed (M-07). Pure.

Rows are paired one to one, the surest pairs first: same document number and item, then the same number, then the same
goods within a week where no number of theirs is known. What is left over is named: a row of theirs that stands twice,
goods we never received, a return they did not credit, goods they forgot. Differences of a pair are of quantity, of
price, or mere rounding.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.invoicing.models import DifferenceKind
from backend.kernel.money import ZERO

ROUNDING = Decimal("0.05")
DAYS_APART = 7


@dataclass(frozen=True)
class Row:
    """A row of either side. ``numbers`` are all numbers it is known by; what lowers the balance has a negative quantity.

    ``item`` is our item, or the partner's words where they name none of ours; ``theirs_known`` says that the partner's
    own number is among the numbers of our row.
    """

    id: UUID
    numbers: tuple[str, ...]
    day: date | None
    item: Hashable
    qty: Decimal
    price: Decimal
    amount: Decimal
    theirs_known: bool = False

    @property
    def unknown_item(self) -> bool:
        return isinstance(self.item, str)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(filter(None, map(plain_number, self.numbers)))


@dataclass(frozen=True)
class Found:
    """One difference."""

    kind: str
    ours: Row | None
    theirs: Row | None

    @property
    def gap(self) -> Decimal:
        return (self.theirs.amount if self.theirs else ZERO) - (self.ours.amount if self.ours else ZERO)


@dataclass(frozen=True)
class Comparison:
    """Pairs (our id, their id) and what differs, in the order of the rows."""

    pairs: tuple[tuple[UUID, UUID], ...]
    differences: tuple[Found, ...]


def plain_number(number: str) -> str:
    """A document number without what people write differently: case, blanks, dashes."""
    return re.sub(r"[^0-9A-Z\u4e00-\u9fff]", "", number.upper())


def compare(ours: Sequence[Row], theirs: Sequence[Row], *, rounding: Decimal = ROUNDING) -> Comparison:
    """Pair the rows and type what differs."""
    pairs = _pair(ours, theirs)
    taken_ours, taken_theirs = {our.id for our, _their in pairs}, {their.id for _our, their in pairs}
    found = [difference for our, their in pairs for difference in _within(our, their, rounding)]
    seen = [(their, their.keys) for _our, their in pairs]
    for their in theirs:
        if their.id in taken_theirs:
            continue
        twice = any(_same_row(their, other) and their.keys & keys for other, keys in seen)
        found.append(Found(DifferenceKind.DUPLICATE if twice else DifferenceKind.NOT_RECEIVED, None, their))
        seen.append((their, their.keys))
    for our in ours:
        if our.id not in taken_ours:
            kind = DifferenceKind.RETURN_NOT_CREDITED if our.qty < 0 else DifferenceKind.MISSING_AT_THEIRS
            found.append(Found(kind, our, None))
    return Comparison(tuple((our.id, their.id) for our, their in pairs), tuple(found))


def _same_row(one: Row, other: Row) -> bool:
    return one.item == other.item and one.qty == other.qty


def _within(our: Row, their: Row, rounding: Decimal) -> Iterable[Found]:
    """What differs in a pair: the quantity, the price, or less than a few cents."""
    same_price = our.price == their.price or (our.qty == their.qty and abs(our.amount - their.amount) <= rounding)
    if our.qty != their.qty:
        yield Found(DifferenceKind.QUANTITY, our, their)
    elif not same_price:
        yield Found(DifferenceKind.PRICE, our, their)
    elif our.amount != their.amount:
        yield Found(DifferenceKind.ROUNDING, our, their)


# --- pairing -----------------------------------------------------------------------------------
Keys = Callable[[Row], Iterable[Hashable]]


def _every(row: Row) -> Iterable[Hashable]:
    return [(key, row.item, row.qty, row.amount) for key in row.keys]


def _quantity(row: Row) -> Iterable[Hashable]:
    return [(key, row.item, row.qty) for key in row.keys]


def _goods(row: Row) -> Iterable[Hashable]:
    return [(key, row.item, row.qty < 0) for key in row.keys]


def _figures(row: Row) -> Iterable[Hashable]:
    return [(key, row.qty, row.amount) for key in row.keys]


def _number(row: Row) -> Iterable[Hashable]:
    return [(key, row.qty < 0) for key in row.keys]


def _number_alone(row: Row) -> Iterable[Hashable]:
    return _number(row) if row.unknown_item else ()


def _same_goods(row: Row) -> Iterable[Hashable]:
    return () if row.theirs_known else [(row.item, row.qty, row.amount)]


# (keys of our rows, keys of theirs), from the surest to the loosest; each is tried on what is left
RULES: tuple[tuple[Keys, Keys], ...] = (
    (_every, _every),
    (_quantity, _quantity),
    (_goods, _goods),
    (_figures, _figures),
    (_number, _number_alone),
    (_same_goods, _same_goods),
)


def _pair(ours: Sequence[Row], theirs: Sequence[Row]) -> list[tuple[Row, Row]]:
    left_ours, left_theirs = list(ours), list(theirs)
    pairs: list[tuple[Row, Row]] = []
    for our_keys, their_keys in RULES:
        made = _by_rule(left_ours, left_theirs, our_keys, their_keys, near=our_keys is _same_goods)
        pairs += made
        gone = {row.id for pair in made for row in pair}
        left_ours = [row for row in left_ours if row.id not in gone]
        left_theirs = [row for row in left_theirs if row.id not in gone]
    order = {row.id: place for place, row in enumerate(ours)}
    return sorted(pairs, key=lambda pair: order[pair[0].id])


def _by_rule(
    ours: Sequence[Row], theirs: Sequence[Row], our_keys: Keys, their_keys: Keys, *, near: bool
) -> list[tuple[Row, Row]]:
    waiting: dict[Hashable, list[Row]] = defaultdict(list)
    for row in ours:
        for key in our_keys(row):
            waiting[key].append(row)
    taken: set[UUID] = set()
    pairs = []
    for their in theirs:
        candidates = (our for key in their_keys(their) for our in waiting[key] if our.id not in taken)
        match = next((our for our in candidates if not near or _near(our, their)), None)
        if match is not None:
            taken.add(match.id)
            pairs.append((match, their))
    return pairs


def _near(our: Row, their: Row) -> bool:
    """Without a common number the days must be close."""
    if our.day is None or their.day is None:
        return True
    return abs((our.day - their.day).days) <= DAYS_APART
