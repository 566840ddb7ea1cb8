"""The delivery schedule of an order line as plain arithmetic: no database, so every rule can be tried out alone.

A plan is a tuple of parts. A part is either to be shipped, on its way (``shipped_qty`` = ``qty``), or
received; a part that is done only partly is split. What is still to come = Σ (qty − received) ≥ 0.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)
Day = date  # a part has a field of that name


@dataclass(frozen=True)
class Part:
    """So much on a date. ``number`` tells parts of one line apart and is never used twice."""

    number: int
    qty: Decimal
    date: Day
    arrival_date: Day | None = None
    shipped_qty: Decimal = ZERO
    received_qty: Decimal = ZERO
    confirmed: bool = False
    revision: int = 0
    reason: str = ""

    @property
    def to_come(self) -> Decimal:
        return max(self.qty - self.received_qty, ZERO)

    @property
    def on_its_way(self) -> bool:
        return self.shipped_qty > 0 and self.to_come > 0

    @property
    def to_ship(self) -> Decimal:
        return ZERO if self.shipped_qty else self.to_come

    @property
    def due(self) -> Day:
        """When it is expected here."""
        return self.arrival_date or self.date

    @property
    def firmness(self) -> str:
        if self.shipped_qty:
            return "shipped"
        return "confirmed" if self.confirmed else "requested"


Plan = tuple[Part, ...]


def requested(qty: Decimal, day: date) -> Plan:
    """The plan of an order line that nobody has answered."""
    return (Part(1, qty, day),)


def to_come(plan: Plan) -> Decimal:
    """What has not arrived."""
    return sum((part.to_come for part in plan), ZERO)


def to_ship(plan: Plan) -> Decimal:
    """What has not been sent."""
    return sum((part.to_ship for part in plan), ZERO)


def sent(plan: Plan) -> Decimal:
    """What is on its way or here."""
    return sum((max(part.shipped_qty, part.received_qty) for part in plan), ZERO)


def arrived(plan: Plan) -> Decimal:
    """What was received."""
    return sum((part.received_qty for part in plan), ZERO)


def last_due(plan: Plan) -> date | None:
    """The day by which all of it is expected; None when nothing is to come."""
    return max((part.due for part in plan if part.to_come), default=None)


def answer(plan: Plan, parts: Iterable[tuple[Decimal, date]], *, confirmed: bool, revision: int, reason: str) -> Plan:
    """Put these quantities and dates in the place of everything that has not been sent."""
    kept = [_cut_to_done(part) for part in plan]
    staying = [part for part in kept if part]
    number = _next_number(plan)
    for qty, day in parts:
        staying.append(Part(number, qty, day, confirmed=confirmed, revision=revision, reason=reason))
        number += 1
    return tuple(staying)


def _cut_to_done(part: Part) -> Part | None:
    if part.shipped_qty:
        return part
    return replace(part, qty=part.received_qty) if part.received_qty else None


def unconfirm(plan: Plan) -> Plan:
    """The dates stay the best that is known, but they bind nobody."""
    return tuple(replace(part, confirmed=False) if part.to_ship else part for part in plan)


def ship(plan: Plan, qty: Decimal, arrival: date) -> Plan:
    """Mark the earliest parts as on their way; more than planned makes a part of its own."""
    made: list[Part] = []
    number, rest = _next_number(plan), qty
    for part in sorted(plan, key=lambda part: (part.date, part.number)):
        take = min(rest, part.to_ship)
        if not take:
            made.append(part)
            continue
        rest -= take
        sent, left = _split(part, part.received_qty + take, number)
        number += left.qty > 0
        made += [replace(sent, shipped_qty=sent.qty, arrival_date=arrival), left]
    if rest:
        made.append(Part(number, rest, arrival, arrival_date=arrival, shipped_qty=rest, confirmed=True))
    return _in_order(made)


def finish(plan: Plan) -> Plan:
    """Nothing more is to come: parts end with what arrived of them."""
    return tuple(replace(part, qty=part.received_qty) for part in plan if part.received_qty)


def expect_more(plan: Plan, qty: Decimal, day: date) -> Plan:
    """So much more is to come, as a part that nobody has sent: with the last one, or on ``day`` when there is none."""
    last = max(plan, key=lambda part: part.number, default=None)
    if last is not None and not last.shipped_qty:
        return tuple(replace(part, qty=part.qty + qty) if part is last else part for part in plan)
    return _in_order([*plan, Part(_next_number(plan), qty, last.date if last else day)])


def unship(plan: Plan, qty: Decimal, arrival: date) -> Plan:
    """Put what was to arrive on that day back to be sent: its notice was withdrawn or came short."""
    made: list[Part] = []
    number, rest = _next_number(plan), qty
    for part in sorted(plan, key=lambda p: (p.arrival_date != arrival, p.due, p.number)):
        take = min(rest, part.to_come) if part.shipped_qty else ZERO
        if not take:
            made.append(part)
            continue
        rest -= take
        stays, back = _split(part, part.qty - take, number)
        if stays.qty:
            made.append(stays)
            number += 1
        else:
            back = replace(back, number=part.number)
        made.append(replace(back, shipped_qty=ZERO, arrival_date=None))
    return _in_order(made)


def receive(plan: Plan, qty: Decimal, day: date, arrival: date | None = None) -> Plan:
    """Count arrived goods: what was on its way first, then by date; more than planned makes a part of its own."""
    made: list[Part] = []
    rest = qty
    for part in _eating_order(plan, arrival):
        take = min(rest, part.to_come)
        rest -= take
        made.append(replace(part, received_qty=part.received_qty + take) if take else part)
    if rest:
        made.append(Part(_next_number(plan), rest, day, received_qty=rest, confirmed=True))
    return _in_order(made)


def unreceive(plan: Plan, qty: Decimal, *, wanted: Decimal, arrival: date | None = None) -> Plan:
    """Take a receipt back: what was received last is to come again, but never more in all than is ``wanted``."""
    made: list[Part] = []
    rest = qty
    for part in reversed(_eating_order(plan, arrival)):
        take = min(rest, part.received_qty)
        rest -= take
        made.append(replace(part, received_qty=part.received_qty - take) if take else part)
    return _in_order(_trim(made, sum((part.qty for part in made), ZERO) - wanted))


def send_back(plan: Plan, qty: Decimal, *, wanted: Decimal) -> Plan:
    """So much of what was received went back and is to be sent again; never more in all is to come than is ``wanted``."""
    made: list[Part] = []
    number, rest = _next_number(plan), qty
    for part in reversed(_eating_order(plan, None)):
        take = min(rest, part.received_qty)
        if not take:
            made.append(part)
            continue
        rest -= take
        stays = part.qty - take
        again = Part(number, take, part.date, confirmed=part.confirmed, revision=part.revision, reason=part.reason)
        number += 1
        left = replace(part, qty=stays, shipped_qty=min(part.shipped_qty, stays), received_qty=part.received_qty - take)
        made += [left, again]
    return _in_order(_trim(made, sum((part.qty for part in made), ZERO) - wanted))


def keep_after_all(plan: Plan, qty: Decimal, day: date) -> Plan:
    """What had gone back is here again: it is not to be sent any more. What is on its way goes on."""
    made: list[Part] = []
    rest = qty
    for part in sorted(plan, key=lambda part: (bool(part.shipped_qty), part.due, part.number)):
        take = min(rest, part.to_come)
        rest -= take
        made.append(replace(part, received_qty=part.received_qty + take) if take else part)
    if rest:
        made.append(Part(_next_number(plan), rest, day, received_qty=rest, confirmed=True))
    return _in_order(made)


def _trim(parts: Iterable[Part], excess: Decimal) -> Iterable[Part]:
    """Without what had come beyond the plan: the newest parts that nobody has sent."""
    for part in sorted(parts, key=lambda part: part.number, reverse=True):
        drop = max(min(excess, part.to_ship), ZERO)
        excess -= drop
        yield replace(part, qty=part.qty - drop) if drop else part


def _split(part: Part, first: Decimal, number: int) -> tuple[Part, Part]:
    """``part`` cut after ``first``, which covers what was received; the second piece gets the number."""
    head = replace(part, qty=first, shipped_qty=min(part.shipped_qty, first))
    tail = replace(
        part, number=number, qty=part.qty - first, received_qty=ZERO, shipped_qty=max(part.shipped_qty - first, ZERO)
    )
    return head, tail


def _next_number(plan: Plan) -> int:
    return max((part.number for part in plan), default=0) + 1


def _eating_order(plan: Iterable[Part], arrival: date | None) -> list[Part]:
    return sorted(
        plan,
        key=lambda part: (
            not part.shipped_qty,
            arrival is not None and part.arrival_date != arrival,
            part.due,
            part.number,
        ),
    )


def _in_order(parts: Iterable[Part]) -> Plan:
    return tuple(sorted((part for part in parts if part.qty > 0), key=lambda part: (part.due, part.number)))
