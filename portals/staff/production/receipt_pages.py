"""Product receipts: what production orders brought into the warehouse, and what went into it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.kernel import clock
from backend.kernel.document import Approval
from backend.production import selectors as reads
from backend.production.models import ProductReceipt, ProductReceiptLine
from backend.production.services import receipts
from portals.staff.inventory.papers import Paper, PaperForm, approved_fact, date_fact, place_field, qty_cell
from portals.staff.inventory.tables import CostList
from portals.staff.production.material_pages import order_field
from portals.staff.production.words import item_fact, order_fact
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_NUMBER, MADE_BY, NUMBER
from portals.staff.shared.line_lists import DocumentList
from portals.ui import formats
from portals.ui.components import Action, Empty, Fact, Total
from portals.ui.documents import LineColumn
from portals.ui.forms import DateInput
from portals.ui.line_grid import GridColumn
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter

VIEW, EDIT = "production.receipt.view", "production.receipt.edit"


class ReceiptForm(PaperForm):
    order = order_field()
    qty = forms.DecimalField(
        label=gettext_lazy("Quantity"),
        max_digits=14,
        decimal_places=4,
        required=False,
        help_text=gettext_lazy("Left empty: all that is still to be made"),
    )
    warehouse_id = place_field(gettext_lazy("Warehouse"))
    lot_no = forms.CharField(label=gettext_lazy("Lot"), required=False, max_length=40)
    expiry_date = forms.DateField(label=gettext_lazy("Expires"), required=False, widget=DateInput())


class ReceiptPaper(Paper):
    """Its lines are the material that was used, once it is booked; nobody types them."""

    name = "production_receipt"
    right = "production.receipt"
    undo = "approve"
    area = gettext_lazy("Production")
    model = ProductReceipt
    title = gettext_lazy("Product receipt")
    plural = gettext_lazy("Product receipts")
    new_title = gettext_lazy("Receive products")
    lead = gettext_lazy("Booking it uses the material that was issued for the order.")
    form = ReceiptForm
    fields = ("order", "qty", "warehouse_id", "doc_date", "lot_no", "expiry_date", "remark")
    grid_columns: ClassVar[tuple[GridColumn, ...]] = ()
    related = ("warehouse", "order__item", "item__unit")
    save, approve = receipts.save_receipt, receipts.approve_receipt
    unapprove, void = receipts.unapprove_receipt, receipts.void_receipt
    waiting = gettext_lazy("No goods came in and no material is used yet.")
    undo_text = gettext_lazy("The goods leave, and their material lies in the workshop again.")
    no_lines = gettext_lazy("What it used is shown here once it is booked.")

    def facts(self, document: ProductReceipt, actor: Any) -> list[Fact]:
        came = f"{formats.qty(document.qty)} {document.item.unit}"
        return [
            item_fact(_("Product"), document.item, actor),
            Fact(_("Quantity"), came, document.lot_no, numeric=True),
            order_fact(document.order, actor),
            Fact(_("Warehouse"), str(document.warehouse)),
            date_fact(document),
            approved_fact(document),
        ]

    def columns(self, cost: bool) -> list[LineColumn]:
        used = LineColumn("qty", _("Used"), "qty", strong=True)
        return [used, *([LineColumn("value", _("Value"), "money")] if cost else ())]

    def cells(self, line: ProductReceiptLine) -> dict[str, Any]:
        return {"qty": qty_cell(line), "value": line.value or None}

    def totals(self, document: ProductReceipt, lines: Sequence[Any], cost: bool) -> list[Total]:
        if not (cost and document.is_approved):
            return []
        return [
            Total(_("Cost of one"), formats.unit_cost(document.total_value / document.qty)),
            Total(_("Value"), formats.money(document.total_value), grand=True),
        ]

    def head(self, document: ProductReceipt) -> dict[str, Any]:
        names = ("qty", "lot_no", "expiry_date")
        return super().head(document) | {"order": str(document.order_id)} | {n: getattr(document, n) for n in names}

    def first(self, request: HttpRequest) -> dict[str, Any]:
        number = request.GET.get("order", "")[:40]
        order = reads.order_for(request.actor, number) if number else None  # type: ignore[attr-defined]
        named = (
            {"order": str(order.pk), "warehouse_id": str(order.warehouse_id), "qty": order.left_qty} if order else {}
        )
        return {"doc_date": clock.today(), **named}

    def arguments(self, clean: Mapping[str, Any]) -> dict[str, Any]:
        values = {key: value for key, value in super().arguments(clean).items() if key != "order"}
        return values | {"order_id": clean["order"]}


RECEIPTS = ReceiptPaper()


class ReceiptList(CostList, DocumentList):
    key = "production.receipt"
    title = ReceiptPaper.plural
    permission = VIEW
    export_permission = "inventory.stock.export"
    costly = frozenset({"total_value", "value"})
    noun = "production_receipt"
    columns = (
        NUMBER,
        DAY,
        Column("order", gettext_lazy("Production order"), value="order.number", sort="order__number"),
        Column("item", gettext_lazy("Product"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("lot_no", gettext_lazy("Lot"), phone="hide"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code", phone="hide"),
        Column("total_value", gettext_lazy("Value"), "money", sort=True, total="total_value"),
        APPROVAL,
        MADE_BY,
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column("made", gettext_lazy("Product"), value="document.item.name"),
        Column("item", gettext_lazy("Component"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("qty", gettext_lazy("Used"), "qty", unit="item.unit.name", sort=True, strong=True),
        Column("value", gettext_lazy("Value"), "money", sort=True, total="value"),
    )
    line_model = ProductReceiptLine
    line_related = ("document__item", "item__unit")
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("number", "order__number", "item__name", "item__code", "lot_no", "remark"),
        ),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[ProductReceipt]:
        return reads.receipts_visible_to(self.actor)

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        url = reverse("staff:production_receipt_new")
        return (Action(_("Receive products"), url, icon="plus", look="primary"),)

    def empty(self) -> Empty:
        words = _("Goods that production orders make come into the warehouse at what their material cost.")
        return Empty(_("No products were received yet"), words, tuple(self.actions()))
