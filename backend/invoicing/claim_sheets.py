"""Reading the partner's list: a CSV or Excel file, or rows pasted from a sheet.

Columns are known by their headings, in either language.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from backend.kernel import sheets
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import MOST, ZERO, cents, require_held

MOST_ROWS = 5000
HEADINGS = """
number: number no document deliverynote deliverynoteno note 单号 送货单号 出库单号 单据编号 送货单
date: date day deliverydate 日期 送货日期 单据日期
item: item itemcode code sku goods product 商品 商品编码 物料 物料编码 品名 商品名称 编码
qty: qty quantity pieces 数量
price: price unitprice 含税单价 单价
amount: amount total sum 金额 含税金额 价税合计
"""
COLUMNS = {name: words.split() for name, words in (line.split(":") for line in HEADINGS.strip().splitlines())}
REQUIRED = ("number", "qty")


@dataclass(frozen=True)
class ClaimInput:
    """A row of the partner's list. The amount follows quantity and price where it is not given."""

    number: str
    qty: Decimal
    price: Decimal = ZERO
    line_date: date | None = None
    item_text: str = ""
    amount: Decimal | None = None

    def worth(self, row: int) -> Decimal:
        """The amount of the row; raises AmountTooLarge."""
        return cents(self.qty * self.price, line=row, field="price") if self.amount is None else self.amount


def read_upload(upload: UploadedFile) -> list[ClaimInput]:
    """The rows of an uploaded list; raises ValidationRefused naming each row that cannot be read."""
    return read_rows(sheets.read_table(upload))


def read_text(text: str) -> list[ClaimInput]:
    """Rows as they are pasted from a sheet or written in a CSV file."""
    return read_rows(sheets.table_of_text(text))


def read_rows(rows: Sequence[Sequence[Any]]) -> list[ClaimInput]:
    """Rows under a line of headings."""
    heads, body = _headings(rows)
    if len(body) > MOST_ROWS:
        raise ValidationRefused(_("At most %(most)s rows at once.") % {"most": MOST_ROWS}, field="file")
    problems: list[Refusal] = []
    found = list(_claims(heads, body, problems))
    if problems:
        raise ValidationRefused.many(problems[:50])
    if not found:
        raise ValidationRefused(_("The list has no rows."), field="file")
    return found


def _headings(rows: Sequence[Sequence[Any]]) -> tuple[dict[str, int], Sequence[Sequence[Any]]]:
    for place, row in enumerate(rows[:10]):
        heads: dict[str, int] = {}
        for column, cell in enumerate(row):
            word = sheets.heading_of(cell)
            name = next((name for name, words in COLUMNS.items() if word in words), "")
            if name:
                heads.setdefault(name, column)
        if all(name in heads for name in REQUIRED):
            return heads, rows[place + 1 :]
    raise ValidationRefused(
        _("The headings are missing: at least the number of the delivery note and the quantity are needed."),
        field="file",
        way_out=_("Write them like this: %(heads)s.") % {"heads": "number, date, item, qty, price"},
    )


def _claims(heads: dict[str, int], body: Sequence[Sequence[Any]], problems: list[Refusal]) -> Iterator[ClaimInput]:
    for line, row in enumerate(body, 1):
        cells = {name: row[column] if column < len(row) else "" for name, column in heads.items()}
        number = sheets.text_of(cells.get("number"))[:60]
        if not number or number.startswith(("合计", "Total", "total")):
            continue
        try:
            yield ClaimInput(
                number=number,
                qty=_number(cells.get("qty"), "qty", line) or ZERO,
                price=_number(cells.get("price"), "price", line) or ZERO,
                line_date=_day(cells.get("date"), line),
                item_text=sheets.text_of(cells.get("item"))[:120],
                amount=_cents(_number(cells.get("amount"), "amount", line), line),
            )
        except ValidationRefused as problem:
            problems.append(problem)


def _cents(value: Decimal | None, line: int) -> Decimal | None:
    return None if value is None else cents(value, line=line)


def _number(value: Any, field: str, line: int) -> Decimal | None:
    text = sheets.text_of(value)
    if not text:
        return None
    try:
        found = sheets.number_of(text)
    except ValueError:
        raise ValidationRefused(
            _("Row %(line)s: “%(text)s” is not a number.") % {"line": line, "text": text[:20]},
            line=line,
            field=field,
            value=text[:20],
        ) from None
    require_held(found, line=line, field=field, limit=MOST)
    return round(found, 6 if field == "price" else 4)


def _day(value: Any, line: int) -> date | None:
    text = sheets.text_of(value)
    if not text:
        return None
    try:
        return sheets.day_of(text)
    except ValueError:
        raise ValidationRefused(
            _("Row %(line)s: “%(text)s” is not a date.") % {"line": line, "text": text},
            line=line,
            field="date",
            value=text,
        ) from None
