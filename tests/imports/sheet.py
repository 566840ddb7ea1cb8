"""Lists as people send them."""

import io
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.imports.models import ImportRun
from backend.imports.services import start_import
from backend.kernel.actor import Actor
from tests.factories.parties import AT


def workbook(*rows: Any) -> bytes:
    """A workbook with these rows."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    book.close()
    return buffer.getvalue()


def upload(*rows: Any, name: str = "list.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, workbook(*rows))


def send(kind: str, *rows: Any, actor: Actor, **options: Any) -> ImportRun:
    """Take a list in."""
    return start_import(kind=kind, upload=upload(*rows), actor=actor, at=AT, **options)


def faults(run: ImportRun) -> list[tuple[int, str]]:
    """(row of the sheet, column) of everything that is wrong."""
    rows = run.rows.filter(is_faulty=True).order_by("number")
    return [(row.number, fault["column"]) for row in rows for fault in row.faults]
