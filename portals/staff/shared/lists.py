"""List pages of the staff face: export is a right of its own, and amounts are shown to those who may see prices."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from portals.ui import navigation
from portals.ui.lists import ListPage
from portals.ui.lists.columns import Column

PRICES = "catalog.price.view"


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
