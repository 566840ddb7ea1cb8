"""Grids whose rows are fixed: counted quantities, amounts of a draft. What was typed stays when saving is refused."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import QueryDict

from backend.kernel.errors import Refusal
from portals.ui.line_grid import GridRow, LineGrid


def kept(grid: LineGrid, post: QueryDict, refusal: Refusal | None, keys: Sequence[str]) -> LineGrid:
    """The grid with what was typed in the columns `keys`; computed cells stay as they are."""
    posted = {row.values.get("id"): row for row in grid.with_posted(post, refusal).rows}
    rows = []
    for row in grid.rows:
        typed = posted.get(row.values["id"])
        if typed is None:
            rows.append(GridRow({**row.values, **dict.fromkeys(keys, "")}, {}, row.short))
            continue
        values = {key: typed.values.get(key, "") for key in keys}
        rows.append(GridRow({**row.values, **values}, typed.errors, row.short))
    return replace(grid, rows=rows)
