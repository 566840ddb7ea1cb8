"""List pages: declare columns and filters, get saved views, sorting, totals, batch actions and export.

See README.md, "List pages". A list page issues at most five statements: rows, totals and counts of views (one or two), saved
views, and one more for a prefetch.
"""

from portals.ui.lists.columns import Column
from portals.ui.lists.filters import ChoiceFilter, DateFilter, Filter, FlagFilter, NumberFilter, PartyFilter, TextFilter
from portals.ui.lists.page import ListPage
from portals.ui.lists.parts import BatchAction, Preset

__all__ = [
    "BatchAction",
    "ChoiceFilter",
    "Column",
    "DateFilter",
    "Filter",
    "FlagFilter",
    "ListPage",
    "NumberFilter",
    "PartyFilter",
    "Preset",
    "TextFilter",
]
