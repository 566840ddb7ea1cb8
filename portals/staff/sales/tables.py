"""The lists of quotations, orders, deliveries and sales invoices."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import pgettext_lazy as _p

from backend.availability.models import DemandLine
from backend.kernel import clock
from backend.kernel.document import Approval
from backend.processes import promise_words
from backend.sales.models import CreditState, SalesOrder, SalesOrderLine
from backend.sales.services import orders as order_services
from backend.workflow.models import Task
from portals.staff.sales import promises
from portals.staff.sales.scope import visible_orders
from portals.staff.search.views import party_name
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.columns import DAY, LINE_DAY, LINE_NUMBER, NUMBER
from portals.staff.shared.currency import amount_column
from portals.staff.shared.forms import staff_choices
from portals.staff.shared.lists import StaffList, axis_choices
from portals.ui.chips import Chip, chip
from portals.ui.components import Action, Empty, Way
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

_MONEY: Any = DecimalField(max_digits=18, decimal_places=2)


def customer_filter() -> PartyFilter:
    return PartyFilter(
        "customer",
        gettext_lazy("Customer"),
        "customer_id",
        url=reverse_lazy("staff:find_customers"),
        name_of=party_name,
    )


def done_amount(column: str) -> Subquery:
    """The share of an order's amount whose quantity is done, as an amount."""
    lines = SalesOrderLine.objects.filter(document=OuterRef("pk"), qty__gt=0).order_by().values("document")
    share = Sum(F("gross_amount") * F(column) / F("qty"), output_field=_MONEY)
    return Subquery(lines.annotate(done=share).values("done"), output_field=_MONEY)


def percent_of(name: str) -> Any:
    """A function of the row: the share of `name` in the order's total, in per cent."""

    def share(row: Any) -> Any:
        return 100 * getattr(row, name) / row.gross_amount if row.gross_amount and getattr(row, name) else None

    return share


def approval_chip(order: SalesOrder) -> Chip:
    """Approval, or the credit hold that stands in its way."""
    if order.approval == Approval.SUBMITTED and order.credit_state == CreditState.HOLD:
        return chip("credit", order.credit_state)
    return chip("approval", order.approval)


def _late() -> Q:
    today = clock.today()
    late = Q(promise_date__lt=today) | Q(promise_date=None, requested_date__lt=today)
    return late & Q(approval="approved", closing="open") & ~Q(shipped="full")


def _ready() -> Q:
    reserved = DemandLine.objects.filter(reserved_qty__gt=0).values("ref_id")  # read once, not for every order
    return Q(pk__in=reserved, approval="approved", closing="open") & ~Q(shipped="full")


def _moved() -> Q:
    waiting = Task.objects.filter(kind=promise_words.WAITING, done_at=None, subject_id__isnull=False)
    return Q(pk__in=waiting.values("subject_id"), approval="approved") & ~Q(shipped="full")


# What the columns show; the rest of an order stays in the database.
_DRAWN = (
    "number",
    "doc_date",
    "approval",
    "credit_state",
    "closing",
    "customer__name",
    "customer_ref",
    "salesperson_name",
    "requested_date",
    "promise_date",
    "currency",
    "exchange_rate",
    "net_amount",
    "gross_amount",
    "shipped",
    "invoiced",
    "settled",
    "created_by_name",
    "approved_by_name",
)
_UNFINISHED = Q(closing="open") & ~Q(shipped="full") & ~Q(approval="voided")


class OrderList(StaffList):
    key = "sales.order"
    title = gettext_lazy("Sales orders")
    permission = "sales.order.view"
    export_permission = "sales.order.export"
    priced = frozenset({"gross_amount", "net_amount", "price"})
    columns = (
        NUMBER,
        DAY,
        Column("customer", gettext_lazy("Customer"), value="customer.name", sort="customer__sort_key"),
        Column(
            "salesperson", gettext_lazy("Salesperson"), value="salesperson_name", sort="salesperson_name", phone="hide"
        ),
        amount_column("gross_amount", gettext_lazy("Total incl. tax"), strong=True),
        Column("approval", gettext_lazy("Approval"), "chip", value=approval_chip, sort="approval"),
        Column(
            "shipped", _p("state", "Delivery"), "chip", axis="delivery", share=percent_of("shipped_amount"), sort=True
        ),
        Column(
            "invoiced",
            _p("state", "Invoice"),
            "chip",
            axis="invoice",
            share=percent_of("invoiced_amount"),
            sort=True,
            phone="hide",
        ),
        Column("settled", _p("state", "Settlement"), "chip", axis="settlement", sort=True, phone="hide"),
        Column("promise_date", gettext_lazy("Promised"), "date", sort=True, render=promises.list_cell),
        Column("requested_date", gettext_lazy("Requested"), "date", sort=True, shown=False),
        Column("customer_ref", gettext_lazy("Customer's number"), sort=True, shown=False),
        amount_column("net_amount", gettext_lazy("Net"), shown=False),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", shown=False),
        Column("created_by_name", gettext_lazy("Made by"), shown=False),
        Column("approved_by_name", gettext_lazy("Approved by"), shown=False),
        Column("closing", gettext_lazy("Closing"), "chip", shown=False),
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column(
            "customer", gettext_lazy("Customer"), value="document.customer.name", sort="document__customer__sort_key"
        ),
        Column(
            "item",
            gettext_lazy("Item"),
            value="item.name",
            sub=lambda row: f"{row.item.code} {row.item.spec}",
            sort="item__sort_key",
        ),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, total="qty"),
        Column("shipped_qty", gettext_lazy("Shipped"), "qty", sort=True, total="shipped_qty"),
        Column("open_qty", gettext_lazy("Open quantity"), "qty"),
        Column("price", gettext_lazy("Price incl. tax"), "price", value="tax_incl_price", sort="tax_incl_price"),
        amount_column("gross_amount", gettext_lazy("Total incl. tax"), of="document", strong=True),
        Column("requested_date", gettext_lazy("Requested"), "date", sort=True),
        Column("approval", gettext_lazy("Approval"), "chip", value="document.approval"),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("number", "customer__name", "customer__mnemonic", "customer_ref"),
            placeholder=gettext_lazy("Number, customer, pinyin"),
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        customer_filter(),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("shipped", _p("state", "Delivery"), choices=axis_choices("delivery")),
        ChoiceFilter("invoiced", _p("state", "Invoice"), choices=axis_choices("invoice")),
        ChoiceFilter("settled", _p("state", "Settlement"), choices=axis_choices("settlement")),
        ChoiceFilter("salesperson", gettext_lazy("Salesperson"), "salesperson_id", choices=lambda: staff_choices()[1:]),
        NumberFilter("amount", gettext_lazy("Total"), "gross_amount"),
        FlagFilter("ready", gettext_lazy("Ready to ship"), when=_ready),
        FlagFilter("moved", gettext_lazy("Date moved, customer not told"), when=_moved),
        FlagFilter("late", gettext_lazy("Late"), when=_late),
        FlagFilter("held", gettext_lazy("Credit hold"), when=Q(approval="submitted", credit_state=CreditState.HOLD)),
        FlagFilter("unfinished", gettext_lazy("Unfinished"), when=_UNFINISHED),
    )
    presets = (
        Preset("open", gettext_lazy("Unfinished"), "unfinished=1"),
        Preset("approve", gettext_lazy("To approve"), "approval=submitted", need=True),
        Preset("ship", gettext_lazy("Ready to ship"), "ready=1"),
        Preset("moved", gettext_lazy("Dates moved"), "moved=1", need=True),
        Preset(
            "invoice",
            gettext_lazy("Shipped, not invoiced"),
            "approval=approved&shipped=partial,full&invoiced=none,partial",
        ),
    )
    default_sort = ("-doc_date", "-number")
    counts_at_once = True
    written_once = True
    drawn_once = True
    batch = (
        BatchAction("approve", gettext_lazy("Approve"), "check", "sales.order.approve"),
        BatchAction("ship", gettext_lazy("Create deliveries"), "truck", "sales.delivery.edit"),
    )

    def counted_rows(self) -> QuerySet[SalesOrder]:
        return visible_orders(self.actor)

    def rows(self) -> QuerySet[SalesOrder]:
        found = visible_orders(self.actor).select_related(None).select_related("customer").only(*_DRAWN)
        if any(column.key == "warehouse" for column in self.shown_columns):
            found = found.select_related("customer", "warehouse").only(*_DRAWN, "warehouse__name")
        return found.annotate(shipped_amount=done_amount("shipped_qty"), invoiced_amount=done_amount("invoiced_qty"))

    def line_rows(self) -> QuerySet[SalesOrderLine]:
        orders = visible_orders(self.actor).filter(self.condition(self.state.filters))
        found = SalesOrderLine.objects.filter(document__in=orders)
        return found.select_related("document__customer", "item__unit")

    @cached_property
    def filtered(self) -> QuerySet[Any]:
        return self.line_rows() if self.by_lines else self.rows().filter(self.condition(self.state.filters))

    @cached_property
    def page_rows(self) -> list[Any]:
        rows = super().page_rows
        if not self.by_lines:
            promises.attach_to(rows, self.promised)
        return rows

    @cached_property
    def promised(self) -> Any:
        return promises.of_orders(self.found.column())

    def beside(self) -> dict[Any, Any]:
        """The promises of each order, as they came."""
        told: dict[Any, str] = {}
        for order, row in zip(self.promised.column("ref_id"), self.promised.rows, strict=True):
            told[order] = told.get(order, "") + repr(row)
        return told

    def row_url(self, row: Any) -> str:
        number = row.document.number if self.by_lines else row.number
        return numbered("staff:sales_order_detail", number)

    def row_mark(self, row: Any) -> str:
        return "off" if getattr(row, "approval", "") == Approval.VOIDED else ""

    def actions(self) -> Sequence[Action]:
        if not self.may("sales.order.edit"):
            return ()
        return (Action(_("New sales order"), reverse("staff:sales_order_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        ways = (
            Way(
                _("From a quotation"),
                _("An accepted quotation becomes an order in one step"),
                reverse("staff:sales_quote_list"),
                "file-text",
            ),
            Way(
                _("By phone"),
                _("The page works at a customer's, 360 points wide"),
                reverse("staff:sales_order_new"),
                "device-mobile",
            ),
            Way(
                _("Customers first"),
                _("With their prices and credit"),
                reverse("staff:customer_list"),
                "building-store",
            ),
        )
        text = _(
            "An order reserves stock, tells the customer a date, and says what to buy. Everything after it follows from it."
        )
        return Empty(_("No sales orders yet"), text, tuple(self.actions()), ways)

    def apply_batch(self, action: str, row: Any) -> None:
        if action == "approve":
            order_services.approve_order(order_id=row.pk, **who_and_when(self.request))
        else:
            from backend.sales.services import deliveries

            deliveries.create_delivery_from_order(order_id=row.pk, **who_and_when(self.request))
