"""Workbooks that go out: the empty template of a kind, and the rows that are not right with what is wrong about each."""

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from backend.imports.columns import Column
from backend.imports.models import ImportRow

_WIDTH, _ROWS = 18, 5000
# The heading of what is wrong, in each language: it is not read when a corrected list comes back.
FAULTS = {"en": "What is wrong", "zh-hans": "错误说明"}


def template_xlsx(columns: Sequence[Column], title: str) -> bytes:
    """Headings with the needed ones marked, choices to pick from, and a second sheet that says what each means."""
    buffer = BytesIO()
    book = _book(buffer)
    sheet = book.add_worksheet(title[:31])
    head, needed = book.add_format({"bold": True}), book.add_format({"bold": True, "bg_color": "#FFF2CC"})
    for place, column in enumerate(columns):
        sheet.write_string(0, place, heading(column), needed if column.required else head)
        words = _words_of(column)
        if words and len(",".join(words)) < 250:
            sheet.data_validation(
                1, place, _ROWS, place, {"validate": "list", "source": words, "error_type": "warning"}
            )
    sheet.set_column(0, len(columns) - 1, _WIDTH)
    sheet.freeze_panes(1, 0)
    notes = book.add_worksheet(_("Notes")[:31])
    for place, text in enumerate((_("Column"), _("Must be filled"), _("What may stand there"))):
        notes.write_string(0, place, str(text), head)
    for number, column in enumerate(columns, 1):
        notes.write_string(number, 0, str(column.label))
        notes.write_string(number, 1, _("yes") if column.required else "")
        notes.write_string(number, 2, explained(column))
    notes.set_column(0, 1, _WIDTH)
    notes.set_column(2, 2, 60)
    book.close()
    return buffer.getvalue()


def faults_xlsx(columns: Sequence[Column], rows: Iterable[ImportRow]) -> bytes:
    """The rows as they came with what is wrong in the last column; corrected they are sent in again."""
    buffer = BytesIO()
    book = _book(buffer)
    sheet = book.add_worksheet(_("Rows that are not right")[:31])
    head, bad = book.add_format({"bold": True}), book.add_format({"bg_color": "#FDE2E0"})
    labels = {column.key: str(column.label) for column in columns}
    for place, column in enumerate(columns):
        sheet.write_string(0, place, heading(column), head)
    sheet.write_string(0, len(columns), FAULTS.get(translation.get_language() or "en", FAULTS["en"]), head)
    for number, row in enumerate(rows, 1):
        wrong = {fault["column"] for fault in row.faults}
        for place, column in enumerate(columns):
            sheet.write_string(number, place, row.texts.get(column.key, ""), bad if column.key in wrong else None)
        sheet.write_string(number, len(columns), "; ".join(fault_words(fault, labels) for fault in row.faults))
    sheet.set_column(0, len(columns) - 1, _WIDTH)
    sheet.set_column(len(columns), len(columns), 60)
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def heading(column: Column) -> str:
    """A heading as the template writes it."""
    return f"{column.label} *" if column.required else str(column.label)


def explained(column: Column) -> str:
    """What may stand in a cell of the column, in words."""
    kinds: dict[str, Any] = {
        "number": _("a number"),
        "count": _("a whole number"),
        "yes": _("yes or no"),
        "day": _("a date: 2026-01-31"),
        "choice": ", ".join(_words_of(column)),
    }
    return " · ".join(str(word) for word in (kinds.get(column.kind, ""), column.note) if word)


def fault_words(fault: dict[str, str], labels: dict[str, str]) -> str:
    """``Unit: There is no unit “furlong”.``"""
    label = labels.get(fault["column"], "")
    return f"{label}: {fault['message']}" if label else fault["message"]


def _words_of(column: Column) -> list[str]:
    if column.kind == "yes":
        return [_("yes"), _("no")]
    return [str(label) for label in column.choices.values()]


def _book(buffer: BytesIO) -> Any:
    """Text never becomes a formula."""
    return xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
