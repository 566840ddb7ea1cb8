"""List pages of the staff face: export is a right of its own, and amounts are shown to those who may see prices."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.translation import pgettext

from portals.ui import navigation
from portals.ui.chips import VOCABULARY
from portals.ui.lists import FlagFilter, ListPage
from portals.ui.lists.columns import Column

PRICES = "catalog.price.view"


def axis_choices(axis: str, states: Sequence[str] = ("none", "partial", "full")) -> list[tuple[str, Any]]:
    """The states of a chip axis for a filter, in the words of the chips."""
    return [(key, label) for key, (_look, label) in VOCABULARY[axis].items() if key in states]


def yes_or_nothing(name: str) -> Callable[[Any], str]:
    """The value of a column that marks the few rows of which something is so."""
    return lambda row: pgettext("answer", "Yes") if getattr(row, name) else ""


class StaffList(ListPage):
    """`export_permission` guards the files; `priced` names columns that need the right to see prices."""

    template_name = "staff/list.html"
    export_permission: ClassVar[str] = ""
    priced: ClassVar[frozenset[str]] = frozenset()

    @property
    def actor(self) -> Any:
        return self.request.actor  # type: ignore[attr-defined]

    def may(self, permission: str) -> bool:
        return navigation.may(self.request, permission)

    @property
    def exportable(self) -> bool:  # type: ignore[override]
        return self.may(self.export_permission)

    @cached_property
    def all_columns(self) -> Sequence[Column]:
        columns = self.line_columns if self.by_lines else self.columns
        if self.may(PRICES):
            return columns
        return [column for column in columns if column.key not in self.priced]

    def filter_chips(self) -> list[dict[str, Any]]:
        """Conditions that are tabs already take no room as chips until they hold."""
        in_tabs = {key for preset in self.presets for key in QueryDict(preset.query)}
        chips = super().filter_chips()
        return [
            chip
            for chip in chips
            if chip["value"] or not (isinstance(chip["filter"], FlagFilter) and chip["filter"].key in in_tabs)
        ]
