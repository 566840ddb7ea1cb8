"""The lists of purchase orders, shipping notices and receipts of goods."""

from collections.abc import Sequence
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import NullIf
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.threads import has_unread
from backend.purchasing.models import (
    Asn,
    AsnState,
    ConfirmationState,
    OrderConfirmation,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseReceipt,
    PurchaseReceiptLine,
    ScheduleLine,
    Sending,
)
from backend.purchasing.selectors.asns import asns_visible_to
from backend.purchasing.selectors.orders import orders_visible_to
from backend.purchasing.selectors.receipts import receipts_visible_to
from backend.purchasing.services import orders as order_services
from backend.purchasing.services import receipts as receipt_services
from portals.staff.search.views import party_name
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_NUMBER, NUMBER
from portals.staff.shared.currency import amount_column
from portals.staff.shared.forms import staff_choices
from portals.staff.shared.importing import import_actions
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.lists import StaffList, axis_choices
from portals.ui.components import Action, Empty
from portals.ui.lists import (
    BatchAction,
    ChoiceFilter,
    Column,
    DateFilter,
    FlagFilter,
    NumberFilter,
    PartyFilter,
    Preset,
    TextFilter,
)
from portals.ui.navigation import numbered

_QTY: Any = DecimalField(max_digits=18, decimal_places=4)


def supplier_filter(field: str = "supplier_id") -> PartyFilter:
    return PartyFilter(
        "supplier", gettext_lazy("Supplier"), field, url=reverse_lazy("staff:find_suppliers"), name_of=party_name
    )


def _running() -> Q:
    return Q(approval="approved", closing="open") & ~Q(received="full")


def _late() -> Q:
    today = clock.today()
    parts = ScheduleLine.objects.filter(qty__gt=F("received_qty"))
    due = parts.filter(Q(arrival_date__lt=today) | Q(arrival_date=None, date__lt=today))
    return _running() & Q(pk__in=due.values("order_line__document"))


def _to_decide() -> Q:
    waiting = OrderConfirmation.objects.filter(state=ConfirmationState.PROPOSED)
    return _running() & Q(pk__in=waiting.values("order"))


def next_part() -> Subquery:
    """The day the next part of an order comes."""
    parts = ScheduleLine.objects.filter(order_line__document=OuterRef("pk"), qty__gt=F("received_qty"))
    return Subquery(parts.order_by("date").values("date")[:1])


def _share(done: str) -> Subquery:
    lines = PurchaseOrderLine.objects.filter(document=OuterRef("pk")).order_by().values("document")
    part = 100 * Sum(F(done)) / NullIf(Sum(F("qty") - F("cancelled_qty")), Value(0, output_field=_QTY))
    return Subquery(lines.annotate(part=part).values("part"), output_field=_QTY)


def _news(row: Any) -> str:
    """Whether the supplier wrote something this reader has not seen."""
    return _("New message") if getattr(row, "unread", False) else ""


def _ahead() -> Q:
    """Something of it is invoiced and has not come."""
    return Q(pk__in=PurchaseOrderLine.objects.filter(ahead_qty__gt=0).order_by().values("document"))


class OrderList(DocumentList):
    line_model = PurchaseOrderLine
    line_related = ("document__supplier", "item__unit")
    key = "purchasing.order"
    noun = "purchase_order"
    title = gettext_lazy("Purchase orders")
    permission = "purchasing.order.view"
    export_permission = "purchasing.order.export"
    priced = frozenset({"gross_amount", "net_amount", "price"})
    columns = (
        Column("number", gettext_lazy("Number"), sort=True, sub=_news),
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("buyer", gettext_lazy("Buyer"), value="buyer_name", sort="buyer_name", shown=False),
        amount_column("gross_amount", gettext_lazy("Total incl. tax"), strong=True),
        APPROVAL,
        Column("sending", gettext_lazy("Sending"), "chip", sort=True, phone="hide"),
        Column("confirmed", _p("state", "Confirmation"), "chip", axis="confirmation", sort=True),
        Column("received", _p("state", "Receipt"), "chip", axis="receipt", share="received_share", sort=True),
        Column("invoiced", _p("state", "Invoice"), "chip", axis="invoice", sort=True, phone="hide"),
        Column("paid", _p("state", "Payment"), "chip", axis="settlement", sort=True, shown=False),
        Column("next_day", gettext_lazy("Next part"), "date", sort="next_day"),
        Column("requested_date", gettext_lazy("Wanted on"), "date", sort=True, shown=False),
        Column("supplier_ref", gettext_lazy("Supplier's number"), sort=True, shown=False),
        Column("external_ref", gettext_lazy("External order number"), sort=True, shown=False),
        amount_column("net_amount", gettext_lazy("Net"), shown=False),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", shown=False),
        Column("created_by_name", gettext_lazy("Made by"), shown=False),
        Column("approved_by_name", gettext_lazy("Approved by"), shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column(
            "supplier", gettext_lazy("Supplier"), value="document.supplier.name", sort="document__supplier__sort_key"
        ),
        Column(
            "item",
            gettext_lazy("Item"),
            value="item.name",
            sub=lambda row: f"{row.item.code} {row.item.spec}",
            sort="item__sort_key",
        ),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("received_qty", gettext_lazy("Received"), "qty", sort=True, total="received_qty"),
        Column("open_qty", gettext_lazy("To come"), "qty"),
        Column("ahead_qty", gettext_lazy("Invoiced, not received"), "qty", shown=False),
        Column("price", gettext_lazy("Price incl. tax"), "price", value="tax_incl_price", sort="tax_incl_price"),
        amount_column("gross_amount", gettext_lazy("Total incl. tax"), of="document", strong=True),
        Column("requested_date", gettext_lazy("Wanted on"), "date", sort=True),
        Column("state", gettext_lazy("Answer"), "chip", axis="confirmation"),
        Column("approval", gettext_lazy("Approval"), "chip", value="document.approval", shown=False),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("number", "supplier__name", "supplier__mnemonic", "supplier_ref", "external_ref"),
            placeholder=gettext_lazy("Number, supplier, pinyin"),
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("sending", gettext_lazy("Sending"), choices=Sending),
        ChoiceFilter("received", _p("state", "Receipt"), choices=axis_choices("receipt")),
        ChoiceFilter("invoiced", _p("state", "Invoice"), choices=axis_choices("invoice")),
        ChoiceFilter("paid", _p("state", "Payment"), choices=axis_choices("settlement")),
        ChoiceFilter("buyer", gettext_lazy("Buyer"), "buyer_id", choices=lambda: staff_choices()[1:]),
        NumberFilter("amount", gettext_lazy("Total"), "gross_amount"),
        FlagFilter(
            "open", gettext_lazy("Under way"), when=Q(closing="open") & ~Q(received="full") & ~Q(approval="voided")
        ),
        FlagFilter(
            "unconfirmed",
            gettext_lazy("Not confirmed"),
            when=lambda: _running() & ~Q(confirmed="full") & ~Q(sending="not_sent"),
        ),
        FlagFilter("decide", gettext_lazy("Change proposed"), when=_to_decide),
        FlagFilter("late", gettext_lazy("Overdue"), when=_late),
        FlagFilter("ahead", gettext_lazy("Invoiced, not received"), when=_ahead),
    )
    presets = (
        Preset("open", gettext_lazy("Under way"), "open=1"),
        Preset("approve", gettext_lazy("To approve"), "approval=draft,submitted", need=True),
        Preset("decide", gettext_lazy("Change proposed"), "decide=1", need=True),
        Preset("unconfirmed", gettext_lazy("Not confirmed"), "unconfirmed=1"),
        Preset("late", gettext_lazy("Overdue"), "late=1", need=True),
    )
    default_sort = ("-doc_date", "-number")
    counts_at_once = True
    written_once = True
    batch = (
        BatchAction("approve", gettext_lazy("Approve"), "check", "purchasing.order.approve"),
        BatchAction("send", gettext_lazy("Send"), "send", "purchasing.order.edit"),
    )

    def counted_rows(self) -> QuerySet[PurchaseOrder]:
        return orders_visible_to(self.actor)

    def rows(self) -> QuerySet[PurchaseOrder]:
        found = orders_visible_to(self.actor).annotate(next_day=next_part(), received_share=_share("received_qty"))
        return found.annotate(unread=has_unread(self.actor))

    def actions(self) -> Sequence[Action]:
        if not self.may("purchasing.order.edit"):
            return ()
        imports = import_actions(self.actor, "purchase_orders", "purchasing.order.edit")
        new = Action(_("New purchase order"), reverse("staff:purchase_order_new"), icon="plus", look="primary")
        return (*imports, new)

    def empty(self) -> Empty:
        text = _("Orders come from suggestions, with the arithmetic that led to them, or are written here.")
        return Empty(_("No purchase orders yet"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        service = order_services.approve_order if action == "approve" else order_services.send_order
        service(order_id=row.pk, **who_and_when(self.request))


class AsnList(StaffList):
    key = "purchasing.asn"
    title = gettext_lazy("Shipping notices")
    permission = "purchasing.asn.view"
    export_permission = "purchasing.receipt.export"
    columns = (
        NUMBER,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("expected_date", gettext_lazy("Expected"), "date", sort=True, strong=True),
        Column("state", gettext_lazy("State"), "chip", axis="asn", sort=True),
        Column("packages", gettext_lazy("Packages"), "number", sort=True),
        Column("carrier_name", gettext_lazy("Carrier"), sort=True, phone="hide"),
        Column("tracking_no", gettext_lazy("Tracking number"), phone="hide"),
        DAY,
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", shown=False),
    )
    filters = (
        TextFilter(
            "q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier__mnemonic", "tracking_no")
        ),
        DateFilter("date", gettext_lazy("Expected"), "expected_date"),
        supplier_filter(),
        ChoiceFilter("state", gettext_lazy("State"), choices=AsnState),
    )
    presets = (
        Preset("way", gettext_lazy("On the way"), "state=submitted,arrived"),
        Preset("arrived", gettext_lazy("Arrived, not counted"), "state=arrived", need=True),
        Preset("received", gettext_lazy("Received"), "state=received", counted=False),
    )
    default_sort = ("expected_date", "number")

    def rows(self) -> QuerySet[Asn]:
        return asns_visible_to(self.actor).exclude(approval="voided")

    def row_url(self, row: Any) -> str:
        return numbered("staff:asn_detail", row.number)

    def row_mark(self, row: Any) -> str:
        late = row.state in {AsnState.SUBMITTED, AsnState.IN_TRANSIT} and row.expected_date < clock.today()
        return "bad" if late else "need" if row.state == AsnState.ARRIVED else ""

    def empty(self) -> Empty:
        text = _(
            "Suppliers announce in their portal what they ship, with lots and packages; it is received here in one tap."
        )
        return Empty(_("Nothing is announced"), text, ())


class ReceiptList(DocumentList):
    line_model = PurchaseReceiptLine
    line_related = ("document__supplier", "item__unit")
    key = "purchasing.receipt"
    noun = "purchase_receipt"
    title = gettext_lazy("Receipts of goods")
    permission = "purchasing.receipt.view"
    export_permission = "purchasing.receipt.export"
    priced = frozenset({"gross_amount", "net_amount"})
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Supplier"), value="supplier.name", sort="supplier__sort_key"),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
        APPROVAL,
        Column("invoiced", _p("state", "Invoice"), "chip", axis="invoice", sort=True),
        Column("supplier_note_no", gettext_lazy("Supplier's delivery note"), sort=True, phone="hide"),
        Column("asn", gettext_lazy("Shipping notice"), value="asn.number", phone="hide"),
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
        Column("lot_no", gettext_lazy("Lot"), sort=True),
        Column("order_number", gettext_lazy("Purchase order"), sort=True),
        Column("invoiced_qty", gettext_lazy("Invoiced"), "qty", sort=True),
        Column("gross_amount", gettext_lazy("Total incl. tax"), "money", sort=True, total="gross_amount", strong=True),
    )
    filters = (
        TextFilter(
            "q", gettext_lazy("Search"), fields=("number", "supplier__name", "supplier__mnemonic", "supplier_note_no")
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        supplier_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("invoiced", _p("state", "Invoice"), choices=axis_choices("invoice")),
    )
    presets = (
        Preset("month", gettext_lazy("This month"), "date=month"),
        Preset("draft", gettext_lazy("To book"), "approval=draft,submitted", need=True),
        Preset("invoice", gettext_lazy("To invoice"), "approval=approved&invoiced=none,partial"),
    )
    default_sort = ("-doc_date", "-number")
    batch = (BatchAction("approve", gettext_lazy("Book"), "check", "purchasing.receipt.approve"),)

    def rows(self) -> QuerySet[PurchaseReceipt]:
        return receipts_visible_to(self.actor)

    def actions(self) -> Sequence[Action]:
        if not self.may("purchasing.receipt.edit"):
            return ()
        return (Action(_("New receipt of goods"), reverse("staff:purchase_receipt_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("Receive a shipping notice or an order: stock, lots and the voucher follow in one step.")
        return Empty(_("No receipts of goods yet"), text, tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        receipt_services.approve_receipt(receipt_id=row.pk, **who_and_when(self.request))
