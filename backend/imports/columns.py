"""Columns of a list: under which headings they are found, and what may stand in their cells.

A heading is known by its label in either language, its key, or another word that people write; stars, spaces and case
do not matter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from django.utils import translation
from django.utils.translation import gettext as _

from backend.kernel import sheets

Kind = Literal["text", "number", "count", "yes", "day", "choice"]
YES = frozenset({"yes", "y", "true", "1", "是", "√", "✓", "x", "on"})
NO = frozenset({"no", "n", "false", "0", "否", "×", "-", "off"})
LANGUAGES = ("en", "zh-hans")
MOST_COUNT = 32_767


class Fault(Exception):
    """What is wrong with a cell, in the reader's words."""


@dataclass(frozen=True)
class Column:
    """``most`` characters of a text; ``decimals`` of a number ``below`` a bound; ``choices`` by value; ``permission`` to
    give it at all."""

    key: str
    label: Any
    kind: Kind = "text"
    words: tuple[str, ...] = ()
    required: bool = False
    most: int = 200
    decimals: int = 4
    below: Decimal = sheets.LARGEST
    negative: bool = False
    choices: Mapping[str, Any] = field(default_factory=dict)
    permission: str = ""
    note: Any = ""
    example: Any = ""

    def headings(self) -> set[str]:
        """Every heading that names the column."""
        return {sheets.heading_of(word) for word in (self.key, *self.words, *_in_every_language(self.label))}

    def read(self, text: str) -> Any:
        """The value of a cell that is not empty; raises Fault."""
        return _READERS[self.kind](self, text)


def _in_every_language(label: Any) -> list[str]:
    found = []
    for language in LANGUAGES:
        with translation.override(language):
            found.append(str(label))
    return found


def _text(column: Column, text: str) -> str:
    if len(text) > column.most:
        raise Fault(_("At most %(most)s characters.") % {"most": column.most})
    return text


def _number(column: Column, text: str) -> Decimal:
    try:
        found = sheets.number_of(text.removesuffix("%") if column.key == "tax" else text)
    except ValueError:
        raise Fault(_("“%(text)s” is not a number.") % {"text": text[:20]}) from None
    if found < 0 and not column.negative:
        raise Fault(_("This cannot be negative."))
    if abs(found) >= column.below:
        raise Fault(_("This must be less than %(below)s.") % {"below": f"{column.below:f}"})
    return found.quantize(Decimal(1).scaleb(-column.decimals), ROUND_HALF_UP)


def _count(column: Column, text: str) -> int:
    found = _number(column, text)
    if found != int(found) or found > MOST_COUNT:
        raise Fault(_("“%(text)s” is not a whole number.") % {"text": text[:20]})
    return int(found)


def _yes(column: Column, text: str) -> bool:
    word = text.lower()
    if word in YES or word in NO:
        return word in YES
    raise Fault(_("“%(text)s” is neither yes nor no.") % {"text": text[:20]})


def _day(column: Column, text: str) -> Any:
    try:
        return sheets.day_of(text)
    except ValueError:
        raise Fault(_("“%(text)s” is not a date.") % {"text": text[:20]}) from None


def _choice(column: Column, text: str) -> str:
    word = text.lower()
    for value, label in column.choices.items():
        if word in {value.lower(), *(each.lower() for each in _in_every_language(label))}:
            return value
    known = ", ".join(str(label) for label in column.choices.values())
    raise Fault(_("“%(text)s” is none of: %(known)s.") % {"text": text[:20], "known": known})


_READERS: dict[str, Any] = {
    "text": _text,
    "number": _number,
    "count": _count,
    "yes": _yes,
    "day": _day,
    "choice": _choice,
}


def places_of(columns: Sequence[Column], headings: Sequence[Any]) -> tuple[dict[str, int], list[str]]:
    """Where each column stands in the row of headings, and the headings that name none."""
    names = {heading: column.key for column in columns for heading in column.headings()}
    found: dict[str, int] = {}
    unread = []
    for place, cell in enumerate(headings):
        word = sheets.heading_of(cell)
        key = names.get(word)
        if key and key not in found:
            found[key] = place
        elif word:
            unread.append(sheets.text_of(cell)[:60])
    return found, unread
