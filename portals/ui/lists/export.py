"""What is shown, as a file: the same rows, columns and order. Numbers stay numbers, dates stay dates."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import HttpResponse

from portals.ui.lists.columns import Column

MOST_ROWS = 20_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {
    "money": "#,##0.00",
    "price": "#,##0.00####",
    "qty": "#,##0.####",
    "percent": '0.##"%"',
    "number": "#,##0.####",
}
_RISKY = ("=", "+", "-", "@", "\t", "\r")


def _attachment(body: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(body, content_type=content_type)
    ascii_name = name.encode("ascii", "ignore").decode() or "export"
    response["Content-Disposition"] = f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "no-store"
    return response


def xlsx(name: str, columns: Sequence[Column], rows: Iterable[Any], totals: dict[str, Any]) -> HttpResponse:
    """A workbook with one sheet: frozen header, filter, real numbers and dates, the totals below."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "constant_memory": False})
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bg_color": "#EDF1F0", "bottom": 1})
    styles = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _FORMATS.items()}
    sums = {
        kind: book.add_format({"num_format": pattern, "bold": True, "top": 1}) for kind, pattern in _FORMATS.items()
    }
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for at, column in enumerate(columns):
        sheet.write_string(0, at, str(column.label), head)
        sheet.set_column(at, at, 14 if column.numeric or column.kind in {"date", "chip"} else 24)
    last = 0
    for last, row in enumerate(rows, start=1):
        for at, column in enumerate(columns):
            _write(sheet, last, at, column.raw(row), styles.get(column.kind), day, moment)
    for at, column in enumerate(columns):
        if column.key in totals:
            sheet.write_number(last + 1, at, totals[column.key] or 0, sums.get(column.kind))
    sheet.freeze_panes(1, 1)
    if columns:
        sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)
    book.close()
    return _attachment(buffer.getvalue(), _XLSX, f"{name}.xlsx")


def _write(sheet: Any, row: int, at: int, value: Any, style: Any, day: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_string(row, at, str(value))
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, at, value, style)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, at, value, moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, at, value, day)
    else:
        sheet.write_string(row, at, str(value))


def csv_file(name: str, columns: Sequence[Column], rows: Iterable[Any]) -> HttpResponse:
    """A file any program reads; a text that looks like a formula is quoted so that Excel does not run it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([str(column.label) for column in columns])
    for row in rows:
        writer.writerow([_plain(column.raw(row)) for column in columns])
    return _attachment(buffer.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", f"{name}.csv")


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (int, float, Decimal, date)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_RISKY) else text
