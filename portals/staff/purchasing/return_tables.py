"""The list of purchase returns."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel.document import Approval
from backend.purchasing.models import PurchaseReturn, PurchaseReturnLine, ReturnOutcome, ReturnReason
from backend.purchasing.selectors.returns import returns_visible_to
from backend.purchasing.services import returns
from portals.staff.purchasing.tables import supplier_filter
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_NUMBER, NUMBER
from portals.staff.shared.line_lists import DocumentList
from portals.ui.components import Action, Empty
from portals.ui.lists import BatchAction, ChoiceFilter, Column, DateFilter, Preset, TextFilter


class ReturnList(DocumentList):
    line_model = PurchaseReturnLine
    line_related = ("document__supplier", "item__unit", "lot")
    key = "purchasing.return"
    noun = "purchase_return"
    title = gettext_lazy("Purchase returns")
    permission = "purchasing.return.view"
    export_permission = "purchasing.return.export"
    priced = frozenset({"gross_amount", "net_amount"})
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        Column("outcome", gettext_lazy("For"), value="get_outcome_display", sort=True),
        APPROVAL,
        Column("supplier_ref", gettext_lazy("Supplier's number"), phone="hide"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", shown=False),
        Column("net_amount", gettext_lazy("Net"), "money", sort=True, total="net_amount", shown=False),
        Column("created_by_name", gettext_lazy("Made by"), shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column(
            "supplier", gettext_lazy("Supplier"), value="document.supplier.name", sort="document__supplier__sort_key"
        ),
        Column("item", gettext_lazy("Item"), value="item.name", sub=lambda row: f"{row.item.code} {row.item.spec}"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no"),
        Column("reason", gettext_lazy("Reason"), value="get_reason_display", sort=True),
        Column("receipt_number", gettext_lazy("Receipt of goods"), sort=True),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
    )
    filters = (
        TextFilter(
            "q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier__mnemonic", "supplier_ref")
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("outcome", gettext_lazy("For"), choices=ReturnOutcome),
        ChoiceFilter("reason", gettext_lazy("Reason"), "lines__reason", choices=ReturnReason),
    )
    presets = (
        Preset("month", gettext_lazy("This month"), "date=month"),
        Preset("draft", gettext_lazy("To book"), "approval=draft,submitted", need=True),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("approve", gettext_lazy("Book"), "check", "purchasing.return.approve"),)

    def rows(self) -> QuerySet[PurchaseReturn]:
        return returns_visible_to(self.actor)

    def actions(self) -> Sequence[Action]:
        if not self.may("purchasing.return.edit"):
            return ()
        return (Action(_("New purchase return"), reverse("staff:purchase_return_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("Goods that go back to a supplier: stock, payable and statement follow in one step.")
        return Empty(_("Nothing went back"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        returns.approve_return(return_id=row.pk, **who_and_when(self.request))
