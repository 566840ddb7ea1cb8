"""Reading what people send as a table: a workbook, a CSV file, or rows pasted from a sheet; and what stands in its cells.

Workbooks give numbers and dates, text files give text: ``text_of`` brings both to the words a person would type, the
others read those words. What cannot be read raises ValueError; whoever asks knows how to say so.
"""

import csv
import io
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from python_calamine import CalamineWorkbook

from backend.kernel.errors import ValidationRefused
from backend.kernel.files import check_upload

LARGEST = Decimal(10) ** 12
Table = list[list[Any]]


def read_table(upload: UploadedFile) -> Table:
    """The rows of an uploaded .xlsx, .csv or .txt file; raises ValidationRefused for any other."""
    name, _kind = check_upload(upload)
    body = upload.read()
    upload.seek(0)
    if name.lower().endswith(".xlsx"):
        return _workbook(body)
    if name.lower().endswith((".csv", ".txt")):
        return table_of_text(_decoded(body))
    raise ValidationRefused(
        _("The list should be a CSV or Excel file."), field="file", value=name, way_out=_("Save it as .xlsx or .csv.")
    )


def table_of_text(text: str) -> Table:
    """Rows as they are pasted from a sheet or written in a CSV file."""
    lines = [line for line in text.replace("\x00", "").splitlines() if line.strip()]
    sample = lines[0] if lines else ""
    mark = "\t" if "\t" in sample else ";" if sample.count(";") > sample.count(",") else ","
    try:
        return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark))
    except csv.Error as problem:  # a cell beyond all measure
        raise ValidationRefused(
            _("The list should be a CSV or Excel file."), field="file", way_out=_("Save it as .xlsx or .csv.")
        ) from problem


def _decoded(body: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValidationRefused(_("The file is not a text file."), field="file")


def _workbook(body: bytes) -> Table:
    try:
        found: Table = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    except Exception as problem:  # whatever the reader makes of a file that is none
        raise ValidationRefused(
            _("The file cannot be read as a workbook."), field="file", way_out=_("Save it again as .xlsx.")
        ) from problem
    return found


def heading_of(cell: Any) -> str:
    """A heading without what people write around it: case, spaces, stars, units in brackets keep their letters."""
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", str(cell or "").lower())


def text_of(value: Any) -> str:
    """A cell as a person would type it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    return str(value if value is not None else "").replace("\x00", "").strip()


def number_of(text: str) -> Decimal:
    """A number as people type it; raises ValueError."""
    try:
        found = Decimal(text.replace(",", "").replace("，", "").replace("¥", "").replace("−", "-"))
    except InvalidOperation:
        raise ValueError(text) from None
    if not found.is_finite() or abs(found) >= LARGEST:
        raise ValueError(text)
    return found


def day_of(text: str) -> date:
    """A day as people type it, the year first; raises ValueError."""
    parts = text.replace("/", "-").replace(".", "-")[:10].split("-")
    found = parse_date("-".join(part.zfill(2) for part in parts)) if len(parts) == 3 else None
    if found is None:
        raise ValueError(text)
    return found
