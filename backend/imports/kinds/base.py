"""What a kind of list is to the engine: its columns, and a reader that checks rows and saves the good ones.

A reader lives for one pass over a list. ``check`` gets portions of rows in their order and notes faults and what would
happen to each; ``save`` gets the good rows that change something, inside the transaction of the whole list;
``late_faults`` speaks of rows that stand or fall with others; ``finish`` comes last and says what was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from backend.imports.columns import Column, Fault
from backend.imports.models import RowAction
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal


@dataclass
class Row:
    """A row of the sheet while it is worked on: ``values`` of the cells that are filled and could be read."""

    number: int
    texts: Mapping[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, str]] = field(default_factory=list)
    action: str = ""
    made: Any = None

    def fault(self, column: str, message: Any) -> None:
        """Something is wrong in this column."""
        self.faults.append({"column": column, "message": str(message)})

    def refused(self, refusal: Refusal, columns: Mapping[str, str]) -> None:
        """Take over what a service refuses; ``columns`` name the column of a field where they differ."""
        for problem in refusal.problems:
            field_name = problem.field or ""
            self.fault(columns.get(field_name, field_name), f"{problem.message} {problem.way_out or ''}".strip())

    def read(self, columns: Sequence[Column]) -> None:
        """Fill ``values`` from the texts."""
        for column in columns:
            text = self.texts.get(column.key, "")
            if text:
                try:
                    self.values[column.key] = column.read(text)
                except Fault as fault:
                    self.fault(column.key, fault)


class Reader:
    """One pass over a list. ``saving``: what is there is locked, because it is about to be written."""

    def __init__(self, *, actor: Actor, at: datetime, make_missing: bool = False, saving: bool = False) -> None:
        self.actor, self.at, self.make_missing, self.saving = actor, at, make_missing, saving

    def check(self, rows: Sequence[Row]) -> None:
        raise NotImplementedError

    def save(self, rows: Sequence[Row]) -> None:
        raise NotImplementedError

    def late_faults(self) -> dict[int, str]:
        """What came to light about good rows when all were read, by their numbers: those are not saved either."""
        return {}

    def finish(self) -> list[dict[str, str]]:
        """Documents that were made: label, doc_type, number."""
        return []

    def missing(self, row: Row, required: Iterable[Column]) -> None:
        """A fault for each needed cell that is empty (in a row that makes something new)."""
        for column in required:
            if column.key not in row.values and not any(each["column"] == column.key for each in row.faults):
                row.fault(column.key, _("This is needed."))

    @staticmethod
    def judge(row: Row, *, is_new: bool, changes: bool) -> None:
        """Say what the row would do."""
        row.action = RowAction.NEW if is_new else RowAction.CHANGE if changes else RowAction.SAME


class ListKind:
    """A kind of list: who may import it, and how it is read. ``can_make`` says what may be made on the way, if anything."""

    key: ClassVar[str]
    label: ClassVar[Any]
    permission: ClassVar[str]
    reader: ClassVar[type[Reader]]
    hint: ClassVar[Any] = ""
    can_make: ClassVar[Any] = ""

    def columns(self) -> Sequence[Column]:
        """Every column the list may have."""
        raise NotImplementedError

    def columns_for(self, actor: Actor) -> list[Column]:
        """The columns this actor may give."""
        return [column for column in self.columns() if not column.permission or actor.may(column.permission)]


class References:
    """Rows that cells name by code or name, found without regard to case; what is asked once is known."""

    def __init__(self, rows: Iterable[Any], *names: str) -> None:
        self._found: dict[str, Any] = {}
        for row in rows:
            for name in names:
                value = str(getattr(row, name) or "").strip().casefold()
                if value:
                    self._found.setdefault(value, row)

    def get(self, text: str) -> Any:
        return self._found.get(text.strip().casefold())

    def add(self, text: str, row: Any) -> None:
        self._found[text.strip().casefold()] = row
