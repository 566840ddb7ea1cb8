"""What the lists of documents that settle without an invoice's own money have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy

from backend.kernel.document import Approval
from portals.staff.finance.clearing_base import Clearing
from portals.staff.shared.columns import DAY, MADE_BY, NUMBER
from portals.staff.shared.lists import StaffList
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset

FIRST = (
    NUMBER,
    DAY,
)
AMOUNT = Column("amount", gettext_lazy("Amount"), "money", sort=True, total="amount", strong=True)
LAST = (
    Column("approval", gettext_lazy("Approval"), "chip", sort=True),
    MADE_BY,
)
DATE = DateFilter("date", gettext_lazy("Date"), "doc_date")
APPROVAL = ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval)


class ClearingList(StaffList):
    """The list of one kind: `pages` says what the kind is, `nothing` and `purpose` what stands where no row does."""

    pages: ClassVar[Clearing]
    nothing: ClassVar[Any]
    purpose: ClassVar[Any]
    presets = (Preset("draft", gettext_lazy("To approve"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.pages.model.objects.select_related(*self.pages.related)
        return found

    def row_url(self, row: Any) -> str:
        return self.pages.kit.url("detail", row)

    def actions(self) -> Sequence[Action]:
        if not self.may(f"{self.pages.right}.edit"):
            return ()
        url = reverse(f"staff:{self.pages.name}_new")
        return (Action(self.pages.new_title, url, icon="plus", look="primary"),)

    def empty(self) -> Empty:
        return Empty(self.nothing, self.purpose, tuple(self.actions()))
