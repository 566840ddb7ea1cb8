"""The list of imports."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.imports.kinds import KINDS
from backend.imports.models import ImportRun, RunState
from backend.imports.selectors import runs_visible_to
from portals.staff.shared.lists import StaffList
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, Preset, TextFilter

RIGHT = "imports.run.edit"


def _kind(row: ImportRun) -> str:
    return str(KINDS[row.kind].label)


class ImportList(StaffList):
    """Imports of what this member may change, the newest first."""

    key = "imports.run"
    title = gettext_lazy("Imports")
    permission = RIGHT
    export_permission = RIGHT
    columns = (
        Column("name", gettext_lazy("The list"), sort=True),
        Column("kind", gettext_lazy("Kind"), value=_kind, sort=True),
        Column("state", gettext_lazy("State"), "chip", axis="import", sort=True),
        Column("rows_count", gettext_lazy("Rows"), "number", sort=True),
        Column("faulty_count", gettext_lazy("Not right"), "number", sort=True),
        Column("created_at", gettext_lazy("Sent in on"), "moment", sort=True),
        Column("created_by_name", gettext_lazy("By"), phone="hide"),
        Column("saved_at", gettext_lazy("Saved on"), "moment", sort=True, phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("name", "created_by_name")),
        ChoiceFilter("kind", gettext_lazy("Kind"), choices=[(kind.key, kind.label) for kind in KINDS.values()]),
        ChoiceFilter("state", gettext_lazy("State"), choices=RunState),
    )
    presets = (Preset("checked", gettext_lazy("To decide"), "state=checked", need=True),)
    default_sort = ("-created_at",)
    tie_breaker = "pk"

    def rows(self) -> QuerySet[Any]:
        return runs_visible_to(self.actor)

    def row_url(self, row: Any) -> str:
        return reverse("staff:import_detail", kwargs={"pk": row.pk})

    def actions(self) -> Sequence[Action]:
        return (Action(_("Import a list"), reverse("staff:import_new"), icon="upload", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Items, prices, partners, opening stock and purchase orders come in from a spreadsheet: "
            "checked row by row first."
        )
        return Empty(_("No imports yet"), text, tuple(self.actions()))
