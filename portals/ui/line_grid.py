"""The entry grid of document lines: what it shows, and how its posted fields are read back.

Fields are `lines-0-item`, `lines-0-item_code`, `lines-0-qty`, …; rows left empty are no lines. A failed save keeps every
character: build the grid again from the posted data with the errors of the refusal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.http import QueryDict

from backend.kernel.errors import Refusal
from portals.ui import formats
from portals.ui.errors import cell_errors
from portals.ui.typed import count_of

_NUMBERS = {"qty", "price", "percent", "money"}
_PICKERS = {"item", "account", "party"}
MOST_LINES = 500


@dataclass(frozen=True)
class GridColumn:
    """`kind`: item, account or party (type-ahead), text, qty, price, percent, money, date, select; the server computes `out`.

    A picker column `item` posts the id as `lines-N-item` and what was typed as `lines-N-item_code`; it asks the grid's
    `pick_url` unless it has its own.
    """

    key: str
    label: Any
    kind: str = "text"
    out: bool = False
    numeric: bool = False
    required: bool = False
    options: Sequence[tuple[str, Any]] = ()
    size: str = ""
    locked: bool = False
    strong: bool = False
    pick_url: Any = ""

    @property
    def right(self) -> bool:
        return self.numeric or self.kind in _NUMBERS

    @property
    def is_picker(self) -> bool:
        return self.kind in _PICKERS

    @property
    def input_mode(self) -> str:
        return "decimal" if self.kind in _NUMBERS else "text"


@dataclass(frozen=True)
class GridRow:
    """Values by column key as they stand in the inputs, and errors by key. A picker has `<key>` and `<key>_code`."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    short: Sequence[str] = ()


@dataclass(frozen=True)
class LineGrid:
    """The grid. `pick_url` answers the type-ahead, `recalculate_url` prices the lines (see README.md, "Line grid")."""

    columns: Sequence[GridColumn]
    rows: Sequence[GridRow] = ()
    pick_url: str = ""
    recalculate_url: str = ""
    new_item_url: str = ""
    price_label: Any = ""
    prefix: str = "lines"
    least_rows: int = 8
    spare_rows: int = 3
    totals: Mapping[str, Any] = field(default_factory=dict)
    summary: Any = ""
    voucher: bool = False
    fixed: bool = False

    @property
    def counts(self) -> bool:
        """Whether there is anything to sum up."""
        return bool(self.totals)

    @property
    def cells(self) -> list[dict[str, Any]]:
        """All rows, the filled ones and the blank ones after them."""
        blanks = 0 if self.fixed else max(self.spare_rows, self.least_rows - len(self.rows))
        every = [*self.rows, *([GridRow()] * blanks)]
        return [self._row(index, row, blank=index >= len(self.rows)) for index, row in enumerate(every)]

    @property
    def template_row(self) -> dict[str, Any]:
        """The row that the script clones."""
        return self._row("__i__", GridRow(), blank=True)

    def _row(self, index: int | str, row: GridRow, *, blank: bool) -> dict[str, Any]:
        cells = [self._cell(column, row) for column in self.columns]
        no = index + 1 if isinstance(index, int) else index
        problem = row.errors.get("", "")
        return {
            "index": index,
            "no": no,
            "cells": cells,
            "blank": blank,
            "id": row.values.get("id", ""),
            "touched": row.values.get("touched", ""),
            "problem": problem,
        }

    @staticmethod
    def _cell(column: GridColumn, row: GridRow) -> dict[str, Any]:
        value = row.values.get(column.key, "")
        if column.kind in _NUMBERS and not isinstance(value, str):
            value = formats.plain(value)
        return {
            "column": column,
            "value": "" if value is None else value,
            "code": row.values.get(f"{column.key}_code", ""),
            "error": row.errors.get(column.key, "") or row.errors.get(f"{column.key}_code", ""),
            "short": column.key in row.short,
        }

    def with_posted(self, post: QueryDict, refusal: Refusal | None = None) -> "LineGrid":
        """The same grid with what was typed and what was wrong with it."""
        errors = cell_errors(refusal) if refusal else {}
        rows = [GridRow(line.values, errors.get(line.no, {})) for line in read_lines(post, self.columns, self.prefix)]
        return replace(self, rows=rows)


@dataclass(frozen=True)
class EntryLine:
    """A posted line: its number among the filled rows, its row index in the form, the stripped texts by key."""

    no: int
    index: int
    values: dict[str, str]

    def text(self, key: str) -> str:
        return self.values.get(key, "")

    @property
    def touched(self) -> set[str]:
        """The keys that a person typed, as opposed to what the server filled in."""
        return {key for key in self.values.get("touched", "").split(",") if key}


def read_lines(post: QueryDict, columns: Sequence[GridColumn], prefix: str = "lines") -> list[EntryLine]:
    """The lines of a posted grid in order. A row counts when its picker is filled, or without a picker any field."""
    keys = ["id", "touched"]
    for column in columns:
        if not column.out:
            keys += [column.key, f"{column.key}_code"] if column.is_picker else [column.key]
    found: list[EntryLine] = []
    for index in sorted(_indexes(post, prefix)):
        values = {key: post.get(f"{prefix}-{index}-{key}", "").strip() for key in keys}
        if _filled(values, columns):
            found.append(EntryLine(len(found) + 1, index, values))
    return found[:MOST_LINES]


def _indexes(post: QueryDict, prefix: str) -> set[int]:
    found = set()
    for name in post:
        parts = name.split("-")
        index = count_of(parts[1]) if len(parts) == 3 and parts[0] == prefix else None
        if index is not None:
            found.add(index)
    return found


def _filled(values: Mapping[str, str], columns: Sequence[GridColumn]) -> bool:
    typed = [column for column in columns if not column.out and column.kind != "select"]
    return any(values.get(column.key) or values.get(f"{column.key}_code") for column in typed)
