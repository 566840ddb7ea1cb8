"""Names and units of items whose codes were typed or pasted into a grid. Nothing is priced and nothing is written."""

from collections.abc import Sequence
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from portals.staff.sales.entry import items_of
from portals.ui.line_grid import GridColumn, read_lines

ITEM = (GridColumn("item_id", "", "item"),)


def item_addresses() -> dict[str, Any]:
    """What a `LineGrid` of items that are not priced asks: the type-ahead, names and units, and where a new item is made."""
    return {
        "pick_url": reverse("staff:item_pick"),
        "recalculate_url": reverse("staff:item_names"),
        "new_item_url": reverse("staff:item_new"),
    }


def item_cells(item: Any) -> dict[str, str]:
    """What a row of a grid says of its item: code, name and unit."""
    return {
        "item_id": str(item.pk),
        "item_id_code": item.code,
        "name": f"{item.name} {item.spec}".strip(),
        "unit": str(item.unit),
    }


def named(post: QueryDict, columns: Sequence[GridColumn] = ITEM) -> dict[str, Any]:
    """The answer of a grid's `recalculate_url` by row: the item's code, name and unit, or that there is no such item."""
    lines = read_lines(post, columns)
    items = items_of(lines)
    answers: dict[str, Any] = {}
    for line in lines:
        item = items.get(line.index)
        if item is None:
            words = _("There is no item “%(code)s”.") % {"code": line.text("item_id_code")[:40]}
            answers[str(line.index)] = {"_errors": {"item_id": words}, "name": ""}
        else:
            answers[str(line.index)] = item_cells(item)
    return {"lines": answers, "totals": {}, "summary": ""}
