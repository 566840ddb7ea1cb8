"""A style's variants as a table: rows colours, columns sizes; with stock to read, or with cells to type quantities into."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from backend.catalog.models import Style
from backend.catalog.variants import Matrix, search_styles
from backend.kernel.money import ZERO
from portals.ui import formats


@dataclass(frozen=True)
class MatrixCell:
    """A variant: what is ``available`` and ``on_hand``; ``item`` is None where there is no such variant."""

    item: Any = None
    available: Decimal = ZERO
    on_hand: Decimal = ZERO
    current: bool = False
    open: bool = True

    @property
    def url(self) -> str:
        return reverse("staff:item_detail", kwargs={"pk": self.item.pk}) if self.item else ""


@dataclass(frozen=True)
class MatrixTable:
    """The matrix as a template draws it, with sums of every row, of every column and of all."""

    style: Style
    corner: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[MatrixCell], MatrixCell]]
    sums: Sequence[MatrixCell]
    total: MatrixCell


def table_of(matrix: Matrix, *, current: UUID | None = None, opens: Callable[[Any], bool] | None = None) -> MatrixTable:
    """The matrix to draw; ``opens`` says into which variants a quantity may be typed."""
    rows = [(row.label, [_cell(item, current, opens) for item in row.cells]) for row in matrix.rows]
    columns = list(zip(*(cells for _label, cells in rows), strict=True))
    corner = " ╲ ".join(part for part in (matrix.row_label, matrix.column_label) if part)
    return MatrixTable(
        style=matrix.style,
        corner=corner,
        columns=[str(value) for value in matrix.columns],
        rows=[(label, cells, _sum(cells)) for label, cells in rows],
        sums=[_sum(cells) for cells in columns],
        total=_sum(cell for _label, cells in rows for cell in cells),
    )


def _cell(item: Any, current: UUID | None, opens: Callable[[Any], bool] | None) -> MatrixCell:
    if item is None:
        return MatrixCell(open=False)
    is_open = item.active and (opens is None or opens(item))
    return MatrixCell(item, item.available, item.on_hand, item.pk == current, is_open)


def _sum(cells: Any) -> MatrixCell:
    found = [cell for cell in cells if cell.item is not None]
    return MatrixCell(
        available=sum((cell.available for cell in found), ZERO), on_hand=sum((cell.on_hand for cell in found), ZERO)
    )


def style_rows(text: str, kind: str) -> list[dict[str, Any]]:
    """Styles for an item picker: taking one opens its matrix. ``kind`` is sales or purchase."""
    return [
        {
            "id": "",
            "code": style.code,
            "name": style.name,
            "spec": _("style: enter by colour and size"),
            "pinyin": style.mnemonic.lower(),
            "barcode": "",
            "unit": "",
            "available": "",
            "low": False,
            "price": formats.price(style.sale_price) if kind == "sales" and style.sale_price is not None else "",
            "matrix": f"{reverse('staff:style_matrix', kwargs={'pk': style.pk})}?for={kind}",
        }
        for style in search_styles(text)
    ]
