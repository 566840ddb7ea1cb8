"""Documents on paper: data go to a typst template as JSON and come back as a PDF, the same bytes for the same data.

Templates lie in `typst/`. Text of users is data there, never markup. Fonts come with the product (`glyphs.py`), so a PDF does
not depend on the machine.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import segno
import typst
from django.http import HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from portals.ui import formats
from portals.ui.chips import Chip
from portals.ui.components import Promise
from portals.ui.documents import Cell, Line, LineColumn, Stock
from portals.ui.glyphs import FOLDERS, drawable, font_folder

_TEMPLATES = Path(__file__).resolve().parent / "typst"
_PAPERS = {"a4": ("a4", False), "a5": ("a5", True)}


@dataclass(frozen=True)
class PrintColumn:
    """`align`: left, right or center; `share`: the part of the free width, 0 for as narrow as possible."""

    label: Any
    align: str = "left"
    share: float = 0


@dataclass(frozen=True)
class PrintTotal:
    label: Any
    value: Any
    grand: bool = False


@dataclass(frozen=True)
class PrintSheet:
    """What stands on the paper. A cell is a text, or (text, quieter second line)."""

    title: Any
    number: str
    company: str
    company_lines: Sequence[Any] = ()
    party_label: Any = ""
    party: Any = ""
    party_lines: Sequence[Any] = ()
    facts: Sequence[tuple[Any, Any]] = ()
    columns: Sequence[PrintColumn] = ()
    rows: Sequence[Sequence[Any]] = ()
    totals: Sequence[PrintTotal] = ()
    amount: Any = None
    currency: str = "CNY"
    remark: str = ""
    signatures: Sequence[tuple[Any, Any]] = ()
    state: Any = ""
    watermark: Any = ""
    link: str = ""
    footer: Any = ""
    paper: str = "a4"
    extra: Mapping[str, Any] = field(default_factory=dict)


@cache
def _fonts() -> Any:
    """The fonts of the product, read once."""
    folders = [str(font_folder(name)) for name in FOLDERS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


def render_pdf(template_name: str, context: Mapping[str, Any], language: str = "") -> bytes:
    """Compile `typst/<template_name>.typ` with the context as JSON; the language is the reader's unless one is given."""
    with translation.override(language or translation.get_language()):
        data = drawable(json.dumps(context, default=str, ensure_ascii=False))
    source = _TEMPLATES / f"{template_name}.typ"
    made = typst.compile(source, root=_TEMPLATES, font_paths=_fonts(), sys_inputs={"data": data}, format="pdf")
    return bytes(made)


def document_pdf(sheet: PrintSheet, language: str = "") -> bytes:
    """A business document: order, delivery, invoice, receipt, statement, voucher."""
    with translation.override(language or translation.get_language()):
        return render_pdf("document", _context(sheet))


def pdf_response(body: bytes, name: str) -> HttpResponse:
    """The PDF shown in the browser, with a name when it is kept."""
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename=\"{quote(name)}.pdf\"; filename*=UTF-8''{quote(name)}.pdf"
    response["Cache-Control"] = "private, no-store"
    return response


def qr_svg(text: str) -> str:
    """A QR code as svg text."""
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", border=0, xmldecl=False, svgns=True)
    return buffer.getvalue().decode()


def _context(sheet: PrintSheet) -> dict[str, Any]:
    paper, flipped = _PAPERS.get(sheet.paper, _PAPERS["a4"])
    chinese = formats.is_chinese()
    return {
        "lang": "zh" if chinese else "en",
        "paper": paper,
        "flipped": flipped,
        "title": str(sheet.title),
        "number": sheet.number,
        "state": str(sheet.state),
        "watermark": str(sheet.watermark),
        "qr": qr_svg(sheet.link) if sheet.link else "",
        "company": {"name": sheet.company, "lines": _texts(sheet.company_lines)},
        "party": {"label": str(sheet.party_label), "name": str(sheet.party), "lines": _texts(sheet.party_lines)},
        "facts": [[str(label), str(value)] for label, value in sheet.facts if value not in (None, "", formats.NOTHING)],
        "columns": [{"label": str(c.label), "align": c.align, "share": c.share} for c in sheet.columns],
        "rows": [[_print_cell(cell) for cell in row] for row in sheet.rows],
        "totals": [{"label": str(t.label), "value": str(t.value), "grand": t.grand} for t in sheet.totals],
        "in-words": formats.cn_amount(sheet.amount, sheet.currency) if chinese and sheet.amount is not None else "",
        "remark": sheet.remark,
        "signatures": [[str(label), str(name or "")] for label, name in sheet.signatures],
        "footer": str(sheet.footer or sheet.company),
        "words": {"page": _("Page {n}").split("{n}"), "in_words": _("Amount in words"), "remark": _("Remarks")},
    }


def _texts(lines: Sequence[Any]) -> list[str]:
    return [str(line) for line in lines if line not in (None, "")]


def _print_cell(cell: Any) -> Any:
    if isinstance(cell, (tuple, list)) and len(cell) == 2:
        return {"text": str(cell[0]), "sub": str(cell[1])} if cell[1] not in (None, "") else str(cell[0])
    return "" if cell is None else str(cell)


_PRINTERS = {
    "money": formats.money,
    "price": formats.price,
    "qty": formats.qty,
    "percent": formats.percent,
    "number": formats.qty,
    "date": formats.day,
}
_INSIDE_ONLY = {"promise", "stock"}
_ROOM, _WORD = 64, 24


def lines_for_print(
    columns: Sequence[LineColumn], lines: Sequence[Line], leave_out: Sequence[str] = ()
) -> tuple[list[PrintColumn], list[list[Any]]]:
    """Columns and rows for paper from those of a document page; what is only for ourselves (stock, promise) stays out."""
    kept = [column for column in columns if column.kind not in _INSIDE_ONLY and column.key not in leave_out]
    cells = [[_line_text(column, line.cells.get(column.key)) for column in kept] for line in lines]
    shares = _shares(kept, cells)
    heads = [
        PrintColumn(column.label, "right" if column.numeric else "left", share)
        for column, share in zip(kept, shares, strict=True)
    ]
    rows = [
        [line.no, *(_foldable(cell) if share == 1 else cell for cell, share in zip(row, shares, strict=True))]
        for line, row in zip(lines, cells, strict=True)
    ]
    return [PrintColumn("#", "center"), *heads], rows


def _shares(columns: Sequence[LineColumn], rows: Sequence[Sequence[Any]]) -> list[float]:
    """Numbers, dates and short words take what they need; items the rest; words that would leave the items no room, a part.

    A document's number that is wider than its part ran into the next column, so that parts are given last and may fold.
    """
    widths = [max((_width(row[at]) for row in rows), default=0) for at in range(len(columns))]
    free = _ROOM - sum(width for column, width in zip(columns, widths, strict=True) if column.numeric)
    found: list[float] = []
    for column, width in zip(columns, widths, strict=True):
        if column.kind == "item" or column.numeric:
            found.append(3 if column.kind == "item" else 0)
        elif width <= min(free, _WORD):
            free -= width
            found.append(0)
        else:
            found.append(1)
    words = [at for at, column in enumerate(columns) if not column.numeric]
    if words and not any(found):  # the widest one fills the paper
        found[max(words, key=widths.__getitem__)] = 3
    return found


def _width(cell: Any) -> int:
    """About how many letters wide a cell is; a Chinese character is two."""
    lines = cell if isinstance(cell, (tuple, list)) else (cell,)
    return max(sum(2 if ord(each) > 0x2E7F else 1 for each in str(line)) for line in lines)


def _foldable(cell: Any) -> Any:
    """The text with places where it may go on in the next line."""
    if isinstance(cell, (tuple, list)):
        return tuple(_foldable(each) for each in cell)
    return str(cell).replace("-", "-\u200b").replace("/", "/\u200b")


def _line_text(column: LineColumn, value: Any) -> Any:
    if isinstance(value, Chip):
        return str(value.label)
    if isinstance(value, (Promise, Stock)):
        return ""
    cell = value if isinstance(value, Cell) else Cell(value)
    if cell.value in (None, ""):
        return ""
    printer = _PRINTERS.get(column.kind)
    text = printer(cell.value) if printer else str(cell.value)
    text = f"{text} {cell.unit}" if cell.unit else text
    sub = cell.sub if column.kind == "item" else cell.printed
    return (text, sub) if sub else text
