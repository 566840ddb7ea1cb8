"""The grid of what goes into one of an item, whoever makes it: a processor by a subcontract order, or our own workshop."""

from collections.abc import Iterable
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.purchasing.services.inputs import PartOfOne
from portals.staff.sales.entry import items_of
from portals.staff.shared.item_names import item_addresses, item_cells
from portals.staff.shared.quantities import number_of
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

COLUMNS = (
    GridColumn("item_id", gettext_lazy("Component"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("For one"), "qty", required=True, strong=True),
    GridColumn("scrap_pct", gettext_lazy("Scrap %"), "qty"),
)


def parts_grid(components: Iterable[Any] = ()) -> LineGrid:
    """The grid with the components that an order has."""
    rows = [
        GridRow({**item_cells(row.item), "qty": row.qty_per, "scrap_pct": row.scrap_pct or ""}) for row in components
    ]
    return LineGrid(COLUMNS, rows=rows, **item_addresses())


def read_parts(post: QueryDict) -> tuple[PartOfOne, ...]:
    """The components for the service; raises one refusal naming every cell that cannot be read."""
    lines = read_lines(post, COLUMNS)
    items = items_of(lines)
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item = items.get(line.index)
        qty, scrap = (number_of(line, key, problems) or ZERO for key in ("qty", "scrap_pct"))
        if item is None:
            where = {"line": line.no, "code": line.text("item_id_code")[:40]}
            words = _("Line %(line)s: there is no item “%(code)s”.") % where
            problems.append(ValidationRefused(words, line=line.no, field="item_id"))
        else:
            found.append(PartOfOne(item.pk, qty, scrap))
    if problems:
        raise Refusal.many(problems)
    return tuple(found)
