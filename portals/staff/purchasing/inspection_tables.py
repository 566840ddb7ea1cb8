"""The list of incoming inspections."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel.document import Approval
from backend.purchasing.models import Inspection, InspectionState
from backend.purchasing.selectors.inspections import inspections_visible_to
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.shared.columns import DAY, NUMBER
from portals.staff.shared.lists import StaffList
from portals.ui.components import Empty
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter


class InspectionList(StaffList):
    key = "purchasing.inspection"
    title = gettext_lazy("Incoming inspections")
    permission = "purchasing.inspection.view"
    export_permission = "purchasing.inspection.export"
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("state", gettext_lazy("State"), "chip", axis="inspection", sort=True),
        Column("receipt", gettext_lazy("Receipt of goods"), value="receipt.number"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", phone="hide"),
        Column("approved_by_name", gettext_lazy("Decided by"), phone="hide"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier__mnemonic")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        supplier_filter(),
        ChoiceFilter("state", gettext_lazy("State"), choices=InspectionState),
    )
    presets = (
        Preset("open", gettext_lazy("To inspect"), "state=open", need=True),
        Preset("bad", gettext_lazy("With rejects"), "state=partial,rejected"),
        Preset("good", pgettext_lazy("inspection", "Accepted"), "state=accepted", counted=False),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Inspection]:
        return inspections_visible_to(self.actor).exclude(approval=Approval.VOIDED)

    def row_url(self, row: Any) -> str:
        return reverse("staff:inspection_detail", kwargs={"number": row.number})

    def row_mark(self, row: Any) -> str:
        return "need" if row.state == InspectionState.OPEN else ""

    def empty(self) -> Empty:
        text = _("Items that are inspected wait here after their receipt: they are not sold before somebody decides.")
        return Empty(_("Nothing to inspect"), text, ())
