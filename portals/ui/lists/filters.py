"""Filters drawn as chips. Each keeps its value in the address under its own key and turns it into one condition."""

import calendar
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.ui import formats
from portals.ui.typed import amount_of


@dataclass(frozen=True)
class Filter:
    """The base: `key` in the address, `label` on the chip. `condition` is asked only for a value that is set."""

    key: str
    label: Any
    field: str = ""

    kind = "text"

    @property
    def column(self) -> str:
        return self.field or self.key

    def condition(self, value: str) -> Q:
        raise NotImplementedError

    def words(self, value: str) -> str:
        return value

    def form(self, value: str) -> dict[str, Any]:
        """What the popover's form shows for the present value."""
        return {"value": value}

    def outside(self, value: str) -> Hashable:
        """What the chip shows besides the address, the language and the day: names from the database."""
        return None


@dataclass(frozen=True)
class TextFilter(Filter):
    """The search box: the words must each occur in one of the fields."""

    fields: Sequence[str] = ()
    placeholder: Any = ""
    kind = "text"

    def condition(self, value: str) -> Q:
        found = Q()
        for word in value.split()[:6]:
            one = Q()
            for name in self.fields or (self.column,):
                one |= Q(**{f"{name}__icontains": word})
            found &= one
        return found


@dataclass(frozen=True)
class ChoiceFilter(Filter):
    """One or more of a list of (value, label) choices, or a function that gives them."""

    choices: Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]] = ()
    kind = "choice"

    def options(self) -> list[tuple[str, Any]]:
        given: Any = getattr(self.choices, "choices", self.choices)
        if callable(given):
            given = given()
        return [(str(value), label) for value, label in given]

    def outside(self, value: str) -> Hashable:
        return tuple(self.options()) if callable(self.choices) else None

    def _chosen(self, value: str) -> dict[str, Any]:
        """What is chosen and known, with its label."""
        known = dict(self.options())
        return {each: known[each] for each in value.split(",") if each in known}

    def condition(self, value: str) -> Q:
        chosen = list(self._chosen(value))
        return Q(**{f"{self.column}__in": chosen}) if chosen else Q()

    def words(self, value: str) -> str:
        return _(", ").join(map(str, self._chosen(value).values()))

    def form(self, value: str) -> dict[str, Any]:
        chosen = set(value.split(","))
        return {"options": [(key, label, key in chosen) for key, label in self.options()]}


@dataclass(frozen=True)
class FlagFilter(Filter):
    """A yes-or-no condition with words of its own: overdue, short, without an invoice."""

    when: Q | Callable[[], Q] = Q()
    kind = "flag"

    def condition(self, value: str) -> Q:
        return self.when() if callable(self.when) else self.when

    def words(self, value: str) -> str:
        return ""


PERIODS: dict[str, Any] = {
    "today": gettext_lazy("Today"),
    "yesterday": gettext_lazy("Yesterday"),
    "week": gettext_lazy("This week"),
    "month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "quarter": gettext_lazy("This quarter"),
    "year": gettext_lazy("This year"),
}


def _month(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def period(name: str, today: date) -> tuple[date, date] | None:
    """First and last day of a named period."""
    first_of_quarter = 3 * ((today.month - 1) // 3) + 1
    last_month = today.replace(day=1) - timedelta(days=1)
    known = {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "week": (today - timedelta(days=today.weekday()), today + timedelta(days=6 - today.weekday())),
        "month": _month(today.year, today.month),
        "last_month": _month(last_month.year, last_month.month),
        "quarter": (date(today.year, first_of_quarter, 1), _month(today.year, first_of_quarter + 2)[1]),
        "year": (date(today.year, 1, 1), date(today.year, 12, 31)),
    }
    return known.get(name)


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class DateFilter(Filter):
    """A named period or `2026-11-01..2026-11-30`, open on either side. `moments` when the field holds date and time."""

    moments: bool = False
    kind = "date"

    def bounds(self, value: str) -> tuple[date | None, date | None]:
        named = period(value, timezone.localdate())
        if named:
            return named
        first, _dots, last = value.partition("..")
        return _iso(first), _iso(last or ("" if ".." in value else first))

    def condition(self, value: str) -> Q:
        first, last = self.bounds(value)
        name = f"{self.column}__date" if self.moments else self.column
        found = Q()
        if first:
            found &= Q(**{f"{name}__gte": first})
        if last:
            found &= Q(**{f"{name}__lte": last})
        return found

    def words(self, value: str) -> str:
        if value in PERIODS:
            return str(PERIODS[value])
        first, last = self.bounds(value)
        if first and last and first == last:
            return formats.day(first)
        return f"{formats.day(first) if first else ''} – {formats.day(last) if last else ''}".strip()

    def form(self, value: str) -> dict[str, Any]:
        first, last = (None, None) if value in PERIODS else self.bounds(value)
        return {"periods": [(key, label, key == value) for key, label in PERIODS.items()], "first": first, "last": last}


@dataclass(frozen=True)
class NumberFilter(Filter):
    """A range of numbers, `100..500`, open on either side."""

    kind = "number"

    def bounds(self, value: str) -> tuple[Decimal | None, Decimal | None]:
        low, _dots, high = value.partition("..")
        return amount_of(low), amount_of(high)

    def condition(self, value: str) -> Q:
        low, high = self.bounds(value)
        found = Q()
        if low is not None:
            found &= Q(**{f"{self.column}__gte": low})
        if high is not None:
            found &= Q(**{f"{self.column}__lte": high})
        return found

    def words(self, value: str) -> str:
        low, high = self.bounds(value)
        return (
            f"{formats.qty(low) if low is not None else ''} – {formats.qty(high) if high is not None else ''}".strip()
        )

    def form(self, value: str) -> dict[str, Any]:
        low, high = self.bounds(value)
        return {"first": formats.plain(low), "last": formats.plain(high)}


@dataclass(frozen=True)
class PartyFilter(Filter):
    """One row of another table, found by typing. `url` answers `?q=` with `{"results": [{id, label, sub}]}`; `name_of` gives
    the label of a chosen id."""

    url: Any = ""
    name_of: Callable[[str], str] | None = None
    kind = "party"

    def condition(self, value: str) -> Q:
        try:
            return Q(**{self.column: UUID(value)})
        except ValueError:
            return Q(pk__in=[])

    def words(self, value: str) -> str:
        return self.name_of(value) if self.name_of else value

    def form(self, value: str) -> dict[str, Any]:
        return {"value": value, "label": self.words(value) if value else "", "url": str(self.url)}

    def outside(self, value: str) -> Hashable:
        return self.words(value) if value else None
