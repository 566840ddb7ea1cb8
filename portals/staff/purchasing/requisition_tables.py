"""The list of purchase requisitions, by document and by line."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from backend.kernel.document import Approval
from backend.purchasing.models import PurchaseRequisition, RequisitionLine
from backend.purchasing.selectors import requisitions as reads
from backend.purchasing.services import requisitions
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_NUMBER, NUMBER
from portals.staff.shared.forms import staff_choices
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.lists import axis_choices
from portals.ui.components import Action, Empty
from portals.ui.lists import BatchAction, ChoiceFilter, Column, DateFilter, FlagFilter, NumberFilter, Preset, TextFilter

VIEW, EDIT = "purchasing.requisition.view", "purchasing.requisition.edit"
_TO_ORDER = Q(approval="approved", closing="open") & ~Q(ordered="full")


class RequisitionList(DocumentList):
    line_model = RequisitionLine
    line_related = ("document", "item__unit", "supplier")
    key = "purchasing.requisition"
    noun = "requisition"
    title = gettext_lazy("Purchase requisitions")
    permission = VIEW
    export_permission = "purchasing.requisition.export"
    priced = frozenset({"gross_amount", "price"})
    columns = (
        NUMBER,
        DAY,
        Column("requester", gettext_lazy("Requested by"), value="requester_name", sort="requester_name"),
        Column("department", gettext_lazy("Department"), sort=True, phone="hide"),
        Column("reason", gettext_lazy("Purpose"), phone="hide"),
        Column(
            "gross_amount", gettext_lazy("Estimate incl. tax"), "money", sort=True, total="gross_amount", strong=True
        ),
        Column("need_date", gettext_lazy("Needed by"), "date", sort=True),
        APPROVAL,
        Column("ordered", _p("state", "Order"), "chip", axis="order", sort=True),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", shown=False),
        Column("created_by_name", gettext_lazy("Made by"), shown=False),
        Column("approved_by_name", gettext_lazy("Approved by"), shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        Column("requester", gettext_lazy("Requested by"), value="document.requester_name"),
        Column(
            "item",
            gettext_lazy("Item"),
            value="item.name",
            sub=lambda row: f"{row.item.code} {row.item.spec}",
            sort="item__sort_key",
        ),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("ordered_qty", gettext_lazy("Ordered"), "qty", sort=True, total="ordered_qty"),
        Column("open_qty", gettext_lazy("Left"), "qty"),
        Column("price", gettext_lazy("Estimated price"), "price", sort=True),
        Column(
            "gross_amount", gettext_lazy("Estimate incl. tax"), "money", sort=True, total="gross_amount", strong=True
        ),
        Column("requested_date", gettext_lazy("Wanted on"), "date", sort=True),
        Column("supplier", gettext_lazy("Preferred supplier"), value="supplier.name"),
        Column("approval", gettext_lazy("Approval"), "chip", value="document.approval"),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("number", "requester_name", "department", "reason"),
            placeholder=gettext_lazy("Number, person, purpose"),
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        DateFilter("need", gettext_lazy("Needed by"), "need_date"),
        ChoiceFilter("requester", gettext_lazy("Requested by"), "requester_id", choices=lambda: staff_choices()[1:]),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("ordered", _p("state", "Order"), choices=axis_choices("order")),
        NumberFilter("amount", gettext_lazy("Estimate incl. tax"), "gross_amount"),
        FlagFilter("open", gettext_lazy("Under way"), when=~Q(approval="voided") & Q(closing="open")),
        FlagFilter("buy", gettext_lazy("To order"), when=_TO_ORDER),
    )
    presets = (
        Preset("open", gettext_lazy("Under way"), "open=1"),
        Preset("approve", gettext_lazy("To approve"), "approval=submitted", need=True),
        Preset("buy", gettext_lazy("To order"), "buy=1", need=True),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("submit", gettext_lazy("Hand in"), "send", EDIT),)

    def rows(self) -> QuerySet[PurchaseRequisition]:
        return reads.requisitions_visible_to(self.actor)

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(_("New requisition"), reverse("staff:requisition_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        words = _(
            "Write down what is needed; whoever has to agree finds it among the to-dos, then it is bought in one step."
        )
        return Empty(_("No requisitions yet"), words, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        requisitions.submit_requisition(requisition_id=row.pk, **who_and_when(self.request))
