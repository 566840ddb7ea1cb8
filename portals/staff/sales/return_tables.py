"""The list of sales returns."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.sales.models import ReturnOutcome, ReturnReason, ReturnState, SalesReturn, SalesReturnLine
from backend.sales.selectors.returns import returns_visible_to
from portals.staff.sales.tables import customer_filter
from portals.staff.shared.columns import DAY, LINE_DAY, LINE_NUMBER, NUMBER
from portals.staff.shared.line_lists import DocumentList
from portals.ui.components import Action, Empty
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter


class ReturnList(DocumentList):
    line_model = SalesReturnLine
    line_related = ("document__customer", "item__unit", "lot")
    key = "sales.return"
    noun = "sales_return"
    title = gettext_lazy("Sales returns")
    permission = "sales.return.view"
    export_permission = "sales.return.export"
    priced = frozenset({"gross_amount", "net_amount"})
    columns = (
        NUMBER,
        DAY,
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        Column("outcome", gettext_lazy("For"), value="get_outcome_display", sort=True),
        Column("state", gettext_lazy("State"), "chip", axis="return", sort=True),
        Column("asked_by_customer", gettext_lazy("Asked by the customer"), "bool", phone="hide"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", shown=False),
        Column("net_amount", gettext_lazy("Net"), "money", sort=True, total="net_amount", shown=False),
        Column("created_by_name", gettext_lazy("Made by"), shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column(
            "customer", gettext_lazy("Customer"), value="document.customer.name", sort="document__customer__sort_key"
        ),
        Column("item", gettext_lazy("Item"), value="item.name", sub=lambda row: f"{row.item.code} {row.item.spec}"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("restock_qty", gettext_lazy("To stock"), "qty", total="restock_qty"),
        Column("scrap_qty", gettext_lazy("To scrap"), "qty", total="scrap_qty"),
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no"),
        Column("reason", gettext_lazy("Reason"), value="get_reason_display", sort=True),
        Column("delivery_number", gettext_lazy("Delivery"), sort=True),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "customer__name", "customer__mnemonic")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        customer_filter(),
        ChoiceFilter("state", gettext_lazy("State"), choices=ReturnState),
        ChoiceFilter("outcome", gettext_lazy("For"), choices=ReturnOutcome),
        ChoiceFilter("reason", gettext_lazy("Reason"), "lines__reason", choices=ReturnReason),
        FlagFilter("asked", gettext_lazy("Asked by the customer"), when=Q(asked_by_customer=True)),
    )
    presets = (
        Preset("requested", gettext_lazy("To allow"), "state=requested", need=True),
        Preset("inspect", gettext_lazy("To inspect"), "state=received", need=True),
        Preset("month", gettext_lazy("This month"), "date=month"),
    )
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[SalesReturn]:
        return returns_visible_to(self.actor)

    def actions(self) -> Sequence[Action]:
        if not self.may("sales.return.edit"):
            return ()
        return (Action(_("New sales return"), reverse("staff:sales_return_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("Goods that customers send back: inspected, restocked or scrapped, credited or exchanged.")
        return Empty(_("Nothing came back"), text, tuple(self.actions()))
