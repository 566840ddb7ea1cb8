"""Bins on the screen: their list, what lies in one, moves between them, and the bins of a document (the pick list)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_POST

from backend.catalog.models import Item
from backend.inventory.models import Bin, BinMove, BinMoveLine, FixedBin, LineBin
from backend.inventory.selectors.bins import contents, stops_of
from backend.inventory.services import bin_moves, bins, naming
from backend.inventory.services.inputs import BinMoveLineInput
from backend.kernel import tenancy
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.money import ZERO
from portals.staff.inventory.papers import (
    ITEM_COLUMNS,
    Paper,
    PaperForm,
    approved_fact,
    date_fact,
    known_lot,
    place_field,
    qty_cell,
)
from portals.staff.inventory.tables import _warehouses
from portals.staff.sales.forms import warehouse_choices
from portals.staff.sales.prints import printed
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.line_lists import DocumentList
from portals.staff.shared.lists import StaffList, yes_or_nothing
from portals.staff.shared.masters import edit_page
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.components import Action, Crumb, Empty, Fact, Total
from portals.ui.documents import Line, LineColumn
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.line_grid import EntryLine, GridColumn
from portals.ui.lists import ChoiceFilter, Column, DateFilter, FlagFilter, Preset, TextFilter
from portals.ui.navigation import document_address
from portals.ui.printing import PrintSheet, lines_for_print

VIEW, EDIT, MOVE = "inventory.stock.view", "inventory.warehouse.edit", "inventory.transfer.edit"


# --- bins ----------------------------------------------------------------------------------------
class BinList(StaffList):
    key = "inventory.bin"
    title = gettext_lazy("Bins")
    permission = VIEW
    export_permission = "inventory.stock.export"
    columns = (
        Column("code", gettext_lazy("Bin"), sort=True),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("zone", gettext_lazy("Zone"), sort=True),
        Column("sequence", gettext_lazy("Order of the way"), "number", sort=True),
        Column("kinds", gettext_lazy("Items in it"), "number", sort="kinds", strong=True),
        Column("is_default", gettext_lazy("Takes what has no place"), value=yes_or_nothing("is_default"), phone="hide"),
        Column("active", gettext_lazy("State"), "chip"),
    )
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("code", "zone")),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        FlagFilter("empty", gettext_lazy("Empty"), when=Q(kinds=0)),
    )
    default_sort = ("warehouse", "sequence")

    def rows(self) -> QuerySet[Bin]:
        kinds = Count("balances__item", filter=Q(balances__on_hand__gt=0), distinct=True)
        return Bin.objects.select_related("warehouse").annotate(kinds=kinds)

    def row_url(self, row: Any) -> str:
        return reverse("staff:bin_detail", kwargs={"pk": row.pk})

    def actions(self) -> Sequence[Action]:
        found = [Action(_("Stock by bin"), reverse("staff:bin_stock"), icon="list-details")]
        if self.may(EDIT):
            found.append(Action(_("New bin"), reverse("staff:bin_new"), icon="plus", look="primary"))
        return tuple(found)

    def empty(self) -> Empty:
        text = _("With the first bin all that lies in the warehouse lies there; every move then has its places.")
        return Empty(_("No bins yet"), text, tuple(self.actions()[1:]))


class BinStock(StaffList):
    key = "inventory.bin_stock"
    title = gettext_lazy("Stock by bin")
    permission = VIEW
    export_permission = "inventory.stock.export"
    columns = (
        Column("bin", gettext_lazy("Bin"), value="bin.code", sort="bin__code"),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("zone", gettext_lazy("Zone"), value="bin.zone", sort="bin__zone", phone="hide"),
        Column("item", gettext_lazy("Item"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("lot", gettext_lazy("Lot"), value="lot.lot_no"),
        Column("on_hand", gettext_lazy("On hand"), "qty", unit="item.unit.name", sort=True, strong=True),
    )
    filters = (
        TextFilter(
            "q",
            gettext_lazy("Search"),
            fields=("bin__code", "item__code", "item__name", "item__mnemonic", "lot__lot_no"),
        ),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
    )
    default_sort = ("bin",)

    def rows(self) -> QuerySet[Any]:
        return contents()

    def row_url(self, row: Any) -> str:
        return reverse("staff:bin_detail", kwargs={"pk": row.bin_id})

    def crumbs(self) -> Sequence[Crumb]:
        return (Crumb(_("Bins"), reverse("staff:bin_list")),)

    def empty(self) -> Empty:
        return Empty(_("Nothing lies in bins"), _("Give a warehouse its first bin."), ())


class BinForm(StaffForm):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=30)
    zone = forms.CharField(label=gettext_lazy("Zone"), max_length=30, required=False)
    sequence = forms.IntegerField(
        label=gettext_lazy("Order of the way"),
        min_value=0,
        max_value=999999,
        initial=0,
        help_text=gettext_lazy("People walk from small to large"),
    )
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)


class NewBinForm(BinForm):
    warehouse_id = forms.ChoiceField(label=gettext_lazy("Warehouse"), choices=warehouse_choices)


_PLACE = ("code", "zone", "sequence", "active")


def _load(pk: UUID) -> Bin:
    found = Bin.objects.select_related("warehouse").filter(pk=pk).first()
    if found is None:
        raise NotFoundRefused(_("There is no such bin."), value=pk)
    return found


def _edit(request: HttpRequest, found: Bin | None) -> HttpResponse:
    kind = BinForm if found else NewBinForm
    initial: dict[str, Any] = {name: getattr(found, name) for name in _PLACE} if found else {}
    form = kind(request.POST) if request.method == "POST" else kind(initial=initial)
    back = reverse("staff:bin_list")

    def save() -> Bin:
        clean = dict(form.cleaned_data)
        place = found.warehouse_id if found else UUID(clean.pop("warehouse_id"))
        return bins.save_bin(warehouse_id=place, bin_id=found.pk if found else None, **clean, **who_and_when(request))

    return edit_page(
        request,
        form=form,
        sections=[("", _PLACE if found else ("warehouse_id", *_PLACE))],
        save=save,
        back=lambda saved: reverse("staff:bin_detail", kwargs={"pk": saved.pk}),
        title=_("Change %(name)s") % {"name": found.code} if found else _("New bin"),
        crumbs=[Crumb(_("Bins"), back)],
        cancel_url=reverse("staff:bin_detail", kwargs={"pk": found.pk}) if found else back,
    )


@staff_view(EDIT)
def bin_new(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@staff_view(EDIT)
def bin_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _edit(request, _load(pk))


@staff_view(VIEW)
def bin_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What lies in a bin, and which items have their place there."""
    return _draw(request, _load(pk))


def _draw(request: HttpRequest, found: Bin, refusal: Refusal | None = None) -> HttpResponse:
    may = request.actor.may(EDIT)  # type: ignore[attr-defined]
    url = reverse("staff:bin_edit", kwargs={"pk": found.pk})
    context = {
        "bin": found,
        "facts": [
            Fact(_("Warehouse"), str(found.warehouse)),
            Fact(_("Zone"), found.zone or "–"),
            Fact(_("Order of the way"), str(found.sequence), numeric=True),
            Fact(
                _("Takes what has no place"),
                pgettext("answer", "Yes") if found.is_default else pgettext("answer", "No"),
            ),
        ],
        "rows": contents().filter(bin=found).order_by("item__sort_key", "lot__expiry_date")[:500],
        "fixed": FixedBin.objects.filter(bin=found).select_related("item").order_by("item__sort_key")[:500],
        "may": may,
        "typed": request.POST.get("code", "") if refusal else "",
        "actions": [Action(_("Edit"), url, icon="edit")] if may else [],
        "crumbs": [Crumb(_("Bins"), reverse("staff:bin_list"))],
        "error": block_of(refusal) if refusal else None,
    }
    return render(request, "staff/inventory/bin.html", context, status=refusal.status if refusal else 200)


@require_POST
@staff_view(EDIT)
def bin_fixed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give an item its place in this bin, or take it away."""
    found, code = _load(pk), request.POST.get("code", "").strip()[:40]
    item = Item.objects.filter(Q(code__iexact=code) | Q(barcode=code)).first() if code else None
    if item is None:
        words = _("There is no item “%(code)s”.") % {"code": code}
        return _draw(request, found, ValidationRefused(words, field="code", value=code))
    target = None if request.POST.get("remove") else found.pk
    try:
        bins.set_fixed_bin(item_id=item.pk, warehouse_id=found.warehouse_id, bin_id=target, **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, found, refusal)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("staff:bin_detail", kwargs={"pk": pk}))


# --- moves between bins ------------------------------------------------------------------------------
class BinMoveForm(PaperForm):
    warehouse_id = place_field(gettext_lazy("Warehouse"))


class BinMovePaper(Paper):
    name = "bin_move"
    right = "inventory.transfer"
    model = BinMove
    title = gettext_lazy("Bin move")
    plural = gettext_lazy("Bin moves")
    new_title = gettext_lazy("New bin move")
    form = BinMoveForm
    fields = ("warehouse_id", "doc_date", "remark")
    grid_columns = (
        *ITEM_COLUMNS,
        GridColumn("source", gettext_lazy("From bin"), required=True),
        GridColumn("destination", gettext_lazy("To bin"), required=True),
        GridColumn("lot_no", gettext_lazy("Lot")),
    )
    line_related = ("item__unit", "lot", "source", "destination")
    save, approve = bin_moves.save_bin_move, bin_moves.approve_bin_move
    unapprove, void = bin_moves.unapprove_bin_move, bin_moves.void_bin_move
    voucher_note = gettext_lazy("none: nothing changes its value")
    book_label = gettext_lazy("The goods are moved")
    booked = gettext_lazy("The goods lie in their new bins.")
    waiting = gettext_lazy("The goods still lie where they were.")
    undo_text = gettext_lazy("The goods lie where they were before, as long as they are still there.")

    def facts(self, document: Any, actor: Any) -> list[Fact]:
        return [Fact(_("Warehouse"), str(document.warehouse)), date_fact(document), approved_fact(document)]

    def columns(self, cost: bool) -> list[LineColumn]:
        return [
            LineColumn("source", _("From bin")),
            LineColumn("destination", _("To bin")),
            LineColumn("lot", _("Lot")),
            LineColumn("qty", _("Quantity"), "qty", strong=True),
        ]

    def cells(self, line: BinMoveLine) -> dict[str, Any]:
        return {
            "source": line.source.code,
            "destination": line.destination.code,
            "lot": line.lot.lot_no if line.lot else "–",
            "qty": qty_cell(line),
        }

    def totals(self, document: Any, lines: Sequence[Any], cost: bool) -> list[Total]:
        return super().totals(document, lines, False)

    def row(self, line: BinMoveLine) -> dict[str, Any]:
        lot_no = line.lot.lot_no if line.lot else ""
        return {"source": line.source.code, "destination": line.destination.code, "lot_no": lot_no}

    def typed(self, line: EntryLine, item: Any, lot_id: UUID | None, problems: list[Refusal]) -> BinMoveLineInput:
        qty = number_of(line, "qty", problems) or ZERO
        places = line.text("source")[:30], line.text("destination")[:30]
        return BinMoveLineInput(item.pk, qty, *places, known_lot(line, lot_id, problems))


MOVES = BinMovePaper()


class BinMoveList(DocumentList):
    key = "inventory.bin_move"
    title = BinMovePaper.plural
    permission = "inventory.transfer.view"
    export_permission = "inventory.stock.export"
    line_model = BinMoveLine
    columns = (
        Column("number", gettext_lazy("Number"), sort=True),
        Column("doc_date", gettext_lazy("Date"), "date", sort=True),
        Column("warehouse", gettext_lazy("Warehouse"), value="warehouse.name", sort="warehouse__code"),
        Column("approval", gettext_lazy("Approval"), "chip", sort=True),
        Column("created_by_name", gettext_lazy("Made by"), phone="hide"),
        Column("remark", gettext_lazy("Remarks"), phone="hide"),
    )
    line_columns = (
        Column("number", gettext_lazy("Number"), value="document.number", sort="document__number"),
        Column("doc_date", gettext_lazy("Date"), "date", value="document.doc_date", sort="document__doc_date"),
        Column("item", gettext_lazy("Item"), value="item.name", sub="item.code", sort="item__sort_key"),
        Column("source", gettext_lazy("From bin"), value="source.code"),
        Column("destination", gettext_lazy("To bin"), value="destination.code"),
        Column("qty", gettext_lazy("Quantity"), "qty", unit="item.unit.name", sort=True, strong=True),
    )
    line_related = ("document", "item__unit", "source", "destination")
    filters = (
        TextFilter("q", gettext_lazy("Search"), fields=("number", "remark")),
        DateFilter("date", gettext_lazy("Date"), "doc_date"),
        ChoiceFilter("warehouse", gettext_lazy("Warehouse"), "warehouse_id", choices=_warehouses),
        ChoiceFilter("approval", gettext_lazy("Approval"), choices=Approval),
    )
    presets = (Preset("draft", gettext_lazy("To book"), "approval=draft", need=True),)
    default_sort = ("-doc_date", "-number")

    def rows(self) -> QuerySet[Any]:
        return BinMove.objects.select_related("warehouse")

    def row_url(self, row: Any) -> str:
        number = row.document.number if self.by_lines else row.number
        return reverse("staff:bin_move_detail", kwargs={"number": number})

    def actions(self) -> Sequence[Action]:
        if not self.may(MOVE):
            return ()
        return (Action(_("New bin move"), reverse("staff:bin_move_new"), icon="plus", look="primary"),)

    def empty(self) -> Empty:
        text = _("What came to the dock is put away; what is picked often comes nearer.")
        return Empty(_("No bin moves yet"), text, tuple(self.actions()))


# --- the bins of a document ----------------------------------------------------------------------------
def _typed_bins(request: HttpRequest, document: Any) -> dict[UUID, list[bins.NamedBin]]:
    """``A-01 3, B-02 2`` of each line; a code alone takes the whole line."""
    found: dict[UUID, list[bins.NamedBin]] = {}
    problems: list[Refusal] = []
    for line in document.lines.order_by("line_no"):
        text = request.POST.get(f"b-{line.pk}")
        if text is None:
            continue
        found[line.pk] = []
        for part in text.replace("，", ",").replace("\n", ",").split(","):
            words = part.split()
            if not words:
                continue
            qty = _decimal(words[1]) if len(words) == 2 else line.qty if len(words) == 1 else None
            if qty is None:
                text_of = _("Line %(line)s: “%(text)s” is no bin with a quantity.")
                problems.append(
                    ValidationRefused(text_of % {"line": line.line_no, "text": part.strip()[:40]}, line=line.line_no)
                )
                continue
            found[line.pk].append(bins.NamedBin(words[0], qty))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    return found


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return round(number, 4) if number.is_finite() and 0 < number < 10**12 else None


def _named_rows(request: HttpRequest, document: Any) -> list[dict[str, Any]]:
    named: dict[UUID, list[str]] = {}
    for row in LineBin.objects.filter(doc_id=document.pk).select_related("bin").order_by("bin__sequence", "bin__code"):
        named.setdefault(row.line_id, []).append(f"{row.bin.code} {formats.plain(row.qty)}")
    lines = document.lines.select_related("item__unit").order_by("line_no")
    return [
        {"line": line, "text": request.POST.get(f"b-{line.pk}", ", ".join(named.get(line.pk, ())))} for line in lines
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_view()
def bin_entry(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    """Where a document's goods go to, or come from in the order people walk; other bins can be named while it is open."""
    document: Any = naming.find_moving(doc_type, pk)
    paper, actor = naming.PAPERS[doc_type], request.actor  # type: ignore[attr-defined]
    actor.require(paper.edit if request.method == "POST" else paper.view)
    error, status = None, 200
    if request.method == "POST":
        try:
            bins.name_bins(document=document, bins=_typed_bins(request, document), **who_and_when(request))
        except Refusal as refusal:
            error, status = block_of(refusal), refusal.status
        else:
            messages.success(request, _("The bins are noted."))
            return HttpResponseRedirect(request.path)
    back = document_address(doc_type, document.number)
    can_name = naming.may_be_named(document) and actor.may(paper.edit) and "qty" in paper.quantities
    context = {
        "document": document,
        "stops": stops_of(document),
        "rows": _named_rows(request, document) if can_name else (),
        "picking": paper.way == naming.OUT,
        "print_url": reverse("staff:bin_print", kwargs={"doc_type": doc_type, "pk": pk}),
        "back": back,
        "error": error,
        "crumbs": [Crumb(document.number, back)],
    }
    return render(request, "staff/inventory/bin_entry.html", context, status=status)


@staff_view()
def bin_print(request: HttpRequest, doc_type: str, pk: UUID) -> HttpResponse:
    """The pick list on paper."""
    document: Any = naming.find_moving(doc_type, pk)
    paper = naming.PAPERS[doc_type]
    request.actor.require(paper.view)  # type: ignore[attr-defined]
    return printed(request, document.number, lambda: _pick_sheet(request, document, paper))


def _pick_sheet(request: HttpRequest, document: Any, paper: naming.Paper) -> PrintSheet:
    columns = [
        LineColumn("bin", _("Bin"), strong=True),
        LineColumn("item", _("Item")),
        LineColumn("lot", _("Lot")),
        LineColumn("qty", _("Quantity"), "qty"),
    ]
    drawn = [Line(no, _cells(stop)) for no, stop in enumerate(stops_of(document), start=1)]
    heads, rows = lines_for_print(columns, drawn, ())
    return PrintSheet(
        title=_("Pick list") if paper.way == naming.OUT else _("Put-away list"),
        number=document.number,
        company=str(tenancy.current().name),
        facts=[(_("Date"), formats.day(document.doc_date))],
        columns=heads,
        rows=rows,
        signatures=[(_("Warehouse keeper"), "")],
        link=request.build_absolute_uri(request.path.removesuffix("print/")),
    )


def _cells(stop: Any) -> Mapping[str, Any]:
    zone = f"{stop.bin.code} · {stop.bin.zone}" if stop.bin.zone else stop.bin.code
    return {"bin": zone, "item": f"{stop.item.code} {stop.item.name}", "lot": stop.lot_no or "–", "qty": stop.qty}


urlpatterns = [
    path("bins/", BinList.as_view(), name="bin_list"),
    path("bins/stock/", BinStock.as_view(), name="bin_stock"),
    path("bins/new/", bin_new, name="bin_new"),
    path("bins/<uuid:pk>/", bin_detail, name="bin_detail"),
    path("bins/<uuid:pk>/edit/", bin_edit, name="bin_edit"),
    path("bins/<uuid:pk>/items/", bin_fixed, name="bin_fixed"),
    path("bins/of/<str:doc_type>/<uuid:pk>/", bin_entry, name="bin_entry"),
    path("bins/of/<str:doc_type>/<uuid:pk>/print/", bin_print, name="bin_print"),
    *MOVES.patterns("bin-moves", BinMoveList),
]
