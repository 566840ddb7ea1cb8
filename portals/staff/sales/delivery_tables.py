"""The list of deliveries."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from backend.kernel import clock
from backend.kernel.document import Approval
from backend.processes import order_to_cash
from backend.sales.models import SalesDelivery, SalesDeliveryLine
from backend.sales.services import deliveries
from portals.staff.sales.scope import visible_deliveries
from portals.staff.sales.tables import customer_filter
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, NUMBER
from portals.staff.shared.lists import StaffList, axis_choices
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Empty
from portals.ui.lists import BatchAction, ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter
from portals.ui.navigation import numbered


def _late() -> Q:
    return Q(approval="approved", signed_at=None, expected_date__lt=clock.today())


def way_chip(row: SalesDelivery) -> Chip | None:
    """Where the goods are: not before they left."""
    if row.approval != Approval.APPROVED:
        return None
    return chip("shipment", "signed" if row.signed_at else "dispatched")


class DeliveryList(StaffList):
    key = "sales.delivery"
    title = gettext_lazy("Deliveries")
    permission = "sales.delivery.view"
    export_permission = "sales.delivery.export"
    priced = frozenset({"gross_amount", "price"})
    columns = (
        NUMBER,
        DAY,
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        APPROVAL,
        Column("way", gettext_lazy("Way"), "chip", value=way_chip),
        Column("invoiced", pgettext_lazy("state", "Invoice"), "chip", axis="invoice", sort=True, phone="hide"),
        Column("expected_date", gettext_lazy("Expected"), "date", sort=True),
        Column("carrier", gettext_lazy("Carrier"), value="carrier.name", phone="hide"),
        Column("tracking_no", gettext_lazy("Tracking number"), shown=False),
        Column("signed_by", gettext_lazy("Signed by"), shown=False),
        Column("signed_at", gettext_lazy("Signed at"), "moment", sort=True, shown=False),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column(
            "customer", gettext_lazy("Customer"), value="document.customer.name", sort="document__customer__sort_key"
        ),
        Column("order", pgettext_lazy("document", "Order"), value="order_number", sort="order_number"),
        LINE_ITEM,
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("price", gettext_lazy("Price incl. tax"), "price", value="tax_incl_price"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        Column("approval", gettext_lazy("Approval"), "chip", value="document.approval"),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("number", "customer__name", "customer__mnemonic", "tracking_no", "lines__order_number"),
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        customer_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("invoiced", pgettext_lazy("state", "Invoice"), choices=axis_choices("invoice")),
        DateFilter("expected", gettext_lazy("Expected"), "expected_date"),
        FlagFilter("way", gettext_lazy("On the way"), when=Q(approval="approved", signed_at=None)),
        FlagFilter("late", gettext_lazy("Late"), when=_late),
    )
    presets = (
        Preset("draft", gettext_lazy("To ship"), "approval=draft,submitted", need=True),
        Preset("way", gettext_lazy("On the way"), "way=1"),
        Preset("late", gettext_lazy("Late"), "late=1"),
        Preset("invoice", gettext_lazy("To invoice"), "approval=approved&invoiced=none,partial"),
    )
    default_sort = ("-doc_date", "-number")
    batch = (
        BatchAction("approve", gettext_lazy("Ship"), "truck-fast", "sales.delivery.approve"),
        BatchAction("invoice", gettext_lazy("Create invoices"), "file-invoice", "invoicing.sales_invoice.edit"),
    )

    def rows(self) -> QuerySet[SalesDelivery]:
        found = visible_deliveries(self.actor).select_related("customer", "carrier", "warehouse")
        return found.distinct() if self.state.filters.get("q") else found

    def line_rows(self) -> QuerySet[SalesDeliveryLine]:
        documents = visible_deliveries(self.actor).filter(self.condition(self.state.filters))
        return SalesDeliveryLine.objects.filter(document__in=documents).select_related(
            "document__customer", "item__unit", "lot"
        )

    @property
    def filtered(self) -> QuerySet[Any]:  # type: ignore[override]
        return self.line_rows() if self.by_lines else self.rows().filter(self.condition(self.state.filters))

    def row_url(self, row: Any) -> str:
        number = row.document.number if self.by_lines else row.number
        return numbered("staff:sales_delivery_detail", number)

    def row_mark(self, row: Any) -> str:
        return "off" if getattr(row, "approval", "") == Approval.VOIDED else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("sales.delivery.edit"):
            return ()
        return (Action(_("New delivery"), reverse("staff:sales_delivery_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _(
            "Goods leave with a delivery made from an order. Booking it writes stock, cost and the voucher at once."
        )
        return Empty(_("No deliveries yet"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        if action == "approve":
            deliveries.approve_delivery(delivery_id=row.pk, **who_and_when(self.request))
        else:
            order_to_cash.invoice_deliveries(delivery_ids=[row.pk], **who_and_when(self.request))
