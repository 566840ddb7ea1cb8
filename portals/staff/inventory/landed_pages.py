"""Landed cost: a carrier's or broker's fee, shared out over the lines of receipts it came with."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.invoicing.models import InvoiceKind
from backend.kernel import clock
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.parties.models import Party
from backend.purchasing.models import Basis, LandedCost, LandedCostLine, PurchaseReceiptLine
from backend.purchasing.services import landed_costs
from backend.purchasing.services.landed_costs import FeeLineInput, LandedCostData
from portals.staff.inventory.papers import Paper, PaperForm, approved_fact, date_fact, qty_cell
from portals.staff.inventory.tables import CostList
from portals.staff.purchasing.words import supplier_fact
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.columns import APPROVAL, DAY, LINE_DAY, LINE_ITEM, LINE_NUMBER, MADE_BY, NUMBER
from portals.staff.shared.forms import PickField, put_on
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.masters import sections_of
from portals.ui import formats
from portals.ui.components import Action, Crumb, Empty, Fact, Total
from portals.ui.documents import Cell, LineColumn
from portals.ui.errors import block_of
from portals.ui.lists import ChoiceFilter, Column, DateFilter, Preset, TextFilter
from portals.ui.navigation import document_address

VIEW, EDIT, EXPORT = "inventory.cost.view", "inventory.cost.edit", "inventory.cost.export"
_DAYS, _MOST = 90, 200


class LandedForm(PaperForm):
    supplier_id = PickField(
        label=gettext_lazy("Owed to"), model=Party, role="is_supplier", url_name="staff:find_suppliers"
    )
    fee_name = forms.CharField(label=gettext_lazy("What for"), max_length=60)
    amount = forms.DecimalField(label=gettext_lazy("Amount incl. tax"), max_digits=18, decimal_places=2)
    tax_rate = forms.DecimalField(label=gettext_lazy("Tax rate %"), max_digits=9, decimal_places=4)
    basis = forms.ChoiceField(label=gettext_lazy("Shared out"), choices=Basis)
    invoice_kind = forms.ChoiceField(label=gettext_lazy("Invoice"), choices=InvoiceKind)
    external_no = forms.CharField(label=gettext_lazy("Tax invoice number"), max_length=40, required=False)


_HEAD = (
    "supplier_id",
    "fee_name",
    "amount",
    "tax_rate",
    "basis",
    "invoice_kind",
    "external_no",
    "doc_date",
    "remark",
)


class LandedPaper(Paper):
    name = "landed_cost"
    right = "inventory.cost"
    model = LandedCost
    title = gettext_lazy("Landed cost")
    plural = gettext_lazy("Landed costs")
    area = gettext_lazy("Finance")
    new_title = gettext_lazy("New landed cost")
    form = LandedForm
    fields = _HEAD
    related = ("supplier", "invoice")
    line_related = ("item__unit", "receipt_line__document")
    save, approve = landed_costs.save_landed_cost, landed_costs.approve_landed_cost
    unapprove, void = landed_costs.unapprove_landed_cost, landed_costs.void_landed_cost
    book_label = gettext_lazy("Book")
    voucher_note = gettext_lazy("on its purchase invoice")
    booked = gettext_lazy("The fee is in the cost of the goods, and owed.")
    waiting = gettext_lazy("The goods do not carry the fee yet.")
    undo_text = gettext_lazy("The fee leaves the cost of the goods again, and its invoice is voided.")

    def facts(self, document: LandedCost, actor: Any) -> list[Fact]:
        found = [
            supplier_fact(document.supplier, actor),
            Fact(_("What for"), document.fee_name, document.get_basis_display()),
            date_fact(document),
        ]
        if document.invoice:
            url = document_address(document.invoice.DOC_TYPE, document.invoice.number)
            shown = url if actor.may("invoicing.purchase_invoice.view") else ""
            found.append(
                Fact(_("Purchase invoice"), document.invoice.number, document.external_no, shown, numeric=True)
            )
        else:
            found.append(Fact(_("Invoice"), document.get_invoice_kind_display(), document.external_no))
        return [*found, approved_fact(document)]

    def columns(self, cost: bool) -> list[LineColumn]:
        money = [
            LineColumn("goods", _("Goods, net"), "money"),
            LineColumn("amount", _("Share of the fee"), "money", strong=True),
        ]
        return [
            LineColumn("receipt", _("Receipt of goods")),
            LineColumn("qty", _("Quantity"), "qty"),
            LineColumn("measure", _("Weight or volume"), "qty"),
            *(money if cost else ()),
        ]

    def cells(self, line: LandedCostLine) -> dict[str, Any]:
        return {
            "receipt": Cell(line.receipt_number, url=document_address("purchasing.receipt", line.receipt_number)),
            "qty": qty_cell(line),
            "measure": line.measure or None,
            "goods": line.goods_amount,
            "amount": line.amount,
        }

    def totals(self, document: LandedCost, lines: Sequence[Any], cost: bool) -> list[Total]:
        if not cost:
            return []
        found = [
            Total(_("Net"), formats.money(document.net_amount)),
            Total(_("Tax"), formats.money(document.tax_amount)),
            Total(_("Total incl. tax"), formats.money(document.gross_amount), grand=True),
        ]
        if document.is_approved:
            found[:0] = [
                Total(_("Into stock"), formats.money(document.stock_amount)),
                Total(_("Into cost of sales"), formats.money(document.sold_amount)),
            ]
        return found

    def head(self, document: LandedCost) -> dict[str, Any]:
        kept = ("doc_date", "remark", "fee_name", "basis", "invoice_kind", "external_no")
        rate = f"{document.tax_rate.normalize():f}"
        more = {"supplier_id": str(document.supplier_id), "amount": document.gross_amount, "tax_rate": rate}
        return {name: getattr(document, name) for name in kept} | more

    def first(self, request: HttpRequest) -> dict[str, Any]:
        return {"doc_date": clock.today(), "tax_rate": "9", "basis": Basis.VALUE, "fee_name": _("Freight")}

    # --- entry ----------------------------------------------------------------------------------
    def enter(self, request: HttpRequest, document: LandedCost | None) -> HttpResponse:
        """The head, and the lines of booked receipts to tick."""
        form, error, status = LandedForm(initial=self.head(document) if document else self.first(request)), None, 200
        if request.POST.get("find"):
            form = LandedForm(initial={name: request.POST.get(name, "") for name in _HEAD})
        elif request.method == "POST":
            form, status = LandedForm(request.POST), 400
            if form.is_valid():
                try:
                    saved = landed_costs.save_landed_cost(
                        data=LandedCostData(**form.cleaned_data, lines=_ticked(request)),
                        document_id=document.pk if document else None,
                        version=version_of(request) if document else None,
                        **who_and_when(request),
                    )
                except Refusal as caught:
                    status = caught.status
                    error = put_on(form, caught) if not any(each.line for each in caught.problems) else block_of(caught)
                else:
                    messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
                    return HttpResponseRedirect(self.kit.url("detail", saved))
        context = {
            "form": form,
            "sections": sections_of(form, [("", _HEAD)], ("remark",)),
            "goods": _goods(request, document),
            "error": error,
            "q": _sought(request),
            "title": _("Edit %(number)s") % {"number": document.number} if document else self.new_title,
            "crumbs": [Crumb(self.area), Crumb(self.plural, self.kit.list_url)],
            "cancel_url": self.kit.url("detail", document) if document else self.kit.list_url,
            "version": request.POST.get("version") or (document.version if document else ""),
        }
        return render(request, "staff/inventory/landed_form.html", context, status=status)


def _goods(request: HttpRequest, document: LandedCost | None) -> list[dict[str, Any]]:
    """Lines that can carry the fee: of late receipts, of what was asked for, and those ticked before."""
    chosen = _chosen(request, document)
    asked = request.GET.get("receipt", "")[:40]
    rows = PurchaseReceiptLine.objects.filter(document__approval=Approval.APPROVED, item__item_type="goods")
    wanted = Q(document__doc_date__gte=clock.today() - timedelta(days=_DAYS))
    words = _sought(request)
    if words:
        wanted = Q(document__number__icontains=words) | Q(document__supplier__name__icontains=words)
    if asked:
        wanted = Q(document__number=asked)
    rows = rows.filter(wanted | Q(pk__in=chosen)).select_related("item__unit", "document__supplier")
    first = [Case(When(pk__in=chosen, then=0), default=1)] if chosen else []  # what is ticked is never cut off
    found = rows.order_by(*first, "-document__doc_date", "-document__number", "line_no")[:_MOST]
    return [
        {
            "row": row,
            "chosen": row.pk in chosen or (bool(asked) and request.method == "GET"),
            "measure": chosen.get(row.pk, ""),
        }
        for row in found
    ]


def _sought(request: HttpRequest) -> str:
    return (request.POST.get("q") or request.GET.get("q", "")).strip()[:40]


def _chosen(request: HttpRequest, document: LandedCost | None) -> dict[UUID, Any]:
    """The lines that are ticked, with the weight or volume as it was typed."""
    if request.method == "POST":
        ids = [uuid_of(value) for value in request.POST.getlist("line")[:500]]
        return {pk: request.POST.get(f"measure-{pk}", "")[:20] for pk in ids if pk}
    if document is None:
        return {}
    lines = document.lines.values_list("receipt_line_id", "measure")
    return {pk: f"{measure.normalize():f}" if measure else "" for pk, measure in lines}


def _ticked(request: HttpRequest) -> list[FeeLineInput]:
    found, problems = [], []
    for number, (pk, typed) in enumerate(_chosen(request, None).items(), start=1):
        try:
            measure = Decimal(typed.replace(",", "")) if typed.strip() else ZERO
        except ArithmeticError:
            measure = None
        if measure is None or not measure.is_finite() or abs(measure) >= 10**12:
            words = _("Line %(line)s: “%(typed)s” is not a number.") % {"line": number, "typed": typed}
            problems.append(ValidationRefused(words, line=number, field="measure", value=typed))
            continue
        found.append(FeeLineInput(pk, round(measure, 4)))
    if problems:
        raise Refusal.many(problems)
    return found


class LandedList(CostList, DocumentList):
    key = "purchasing.landed_cost"
    noun = "landed_cost"
    title = LandedPaper.plural
    permission = VIEW
    export_permission = EXPORT
    costly = frozenset({"gross_amount", "stock_amount", "sold_amount", "amount", "goods_amount"})
    columns = (
        NUMBER,
        DAY,
        Column("supplier", gettext_lazy("Owed to"), value="supplier.name", sort="supplier__sort_key"),
        Column("fee_name", gettext_lazy("What for"), sort=True),
        Column("basis", gettext_lazy("Shared out"), value="get_basis_display", phone="hide"),
        Column("gross_amount", gettext_lazy("Total"), "money", sort=True, total="gross_amount", strong=True),
        Column("stock_amount", gettext_lazy("Into stock"), "money", total="stock_amount", phone="meta"),
        Column("sold_amount", gettext_lazy("Into cost of sales"), "money", total="sold_amount", phone="meta"),
        APPROVAL,
        MADE_BY,
    )
    line_columns = (
        LINE_NUMBER,
        LINE_DAY,
        Column("receipt", gettext_lazy("Receipt of goods"), value="receipt_number", sort="receipt_number"),
        LINE_ITEM,
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name"),
        Column("goods_amount", gettext_lazy("Goods, net"), "money", total="goods_amount"),
        Column("amount", gettext_lazy("Share of the fee"), "money", sort=True, total="amount", strong=True),
    )
    line_model = LandedCostLine
    line_related = ("document", "item__unit")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "fee_name", "supplier__name", "external_no")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
        ChoiceFilter("basis", gettext_lazy("Shared out"), choices=Basis),
    )
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Any]:
        return LandedCost.objects.select_related("supplier")

    def actions(self) -> Sequence[Action]:
        if not self.may(EDIT):
            return ()
        return (Action(LandedPaper.new_title, reverse("staff:landed_cost_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("Freight, customs, insurance: fees that come after the goods are shared out over them.")
        return Empty(_("No landed costs yet"), text, tuple(self.actions()))


LANDED = LandedPaper()
urlpatterns = LANDED.patterns("landed-costs", LandedList)
