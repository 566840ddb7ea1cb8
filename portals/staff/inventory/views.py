"""Opening stock, lots and warehouses: entry, pages and steps."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.inventory.models import Lot, LotState, OpeningStock, Warehouse, WarehouseKind
from backend.inventory.selectors import trace_lot
from backend.inventory.selectors.bins import has_bins
from backend.inventory.selectors.recall import lots_above, lots_below
from backend.inventory.services import lots, opening, warehouses
from backend.inventory.services.inputs import OpeningLineInput
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.money import ZERO, total
from portals.staff.inventory.tables import COST
from portals.staff.purchasing.words import item_cell, made
from portals.staff.sales.entry import day_of, items_of
from portals.staff.sales.forms import warehouse_choices
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.item_names import item_addresses
from portals.staff.shared.kit import Kit
from portals.staff.shared.masters import edit_page, sections_of
from portals.staff.shared.quantities import number_of
from portals.staff.shared.rail import rail_of
from portals.staff.shared.registry import kind_of
from portals.staff.shared.words import VERBS
from portals.ui import formats
from portals.ui import related as ui_related
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact, Total
from portals.ui.documents import Cell, DocumentSheet, Line, LineColumn, draw
from portals.ui.errors import block_of
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines
from portals.ui.navigation import document_address

EDIT = "inventory.opening_stock.edit"


# --- opening stock ---------------------------------------------------------------------------------------------
def draw_opening(request: HttpRequest, document: OpeningStock, error: Any = None) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    cost = actor.may(COST)
    lines = list(document.lines.select_related("item__unit").order_by("line_no"))
    primary, secondary, more = None, [], []
    if document.is_draft:
        if actor.may("inventory.opening_stock.approve"):
            primary = OPENING.post(_("Book"), "approval", document, "check", "primary")
        if actor.may(EDIT):
            secondary.append(Action(_("Edit"), OPENING.url("edit", document), icon="edit"))
    elif document.is_approved and actor.may("inventory.opening_stock.unapprove"):
        more.append(Action(_("Unapprove"), icon="arrow-back-up", dialog="unapprove"))
    columns = [LineColumn("item", _("Item"), "item"), LineColumn("qty", _("Quantity"), "qty", strong=True)]
    if cost:
        columns += [LineColumn("cost", _("Unit cost"), "price"), LineColumn("value", _("Value"), "money", strong=True)]
    columns += [LineColumn("lot", _("Lot")), LineColumn("expiry", _("Expires"), "date")]
    drawn = [
        Line(
            line.line_no,
            {
                "item": item_cell(line, actor),
                "qty": Cell(line.qty, unit=line.item.unit),
                "cost": line.unit_cost,
                "value": line.value,
                "lot": line.lot_no or "–",
                "expiry": line.expiry_date,
            },
        )
        for line in lines
    ]
    totals = [Total(_("Quantity in all"), formats.qty(total(line.qty for line in lines)))]
    if cost:
        totals.append(Total(_("Value"), formats.money(document.total_value), grand=True))
    sheet = DocumentSheet(
        number=document.number,
        title=_("Opening stock"),
        chips=[chip("approval", document.approval)],
        crumbs=[Crumb(_("Inventory")), Crumb(_("Opening stock"), OPENING.list_url)],
        primary=primary,
        secondary=secondary,
        more=more,
        banner=Banner(_("Not booked yet."), _("Stock does not know of it."), look="info", icon="info")
        if document.is_draft
        else None,
        facts=[
            Fact(_("Warehouse"), str(document.warehouse)),
            Fact(_("Date"), formats.day(document.doc_date), made(document), numeric=True),
            Fact(
                _("Approved by"),
                document.approved_by_name or "–",
                formats.moment(document.approved_at) if document.approved_at else "",
            ),
        ],
        columns=columns,
        lines=drawn,
        totals=totals,
        remark=document.remark,
        error=error,
        **rail_of(request, document, voucher_note=_("made on booking")),
    )
    words = _("Quantities, values and the voucher are reversed, as long as nothing of it has left.")
    dialogs = [
        OPENING.ask(
            request, "unapprove", _("Take the booking back"), "unapproval", document, _("Unapprove"), text=words
        )
    ]
    return draw(request, sheet, template="staff/document.html", dialogs=dialogs)


def _load_opening(actor: Any, number: str) -> OpeningStock:
    found = OpeningStock.objects.select_related("warehouse").filter(number=number).first()
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found


OPENING = Kit("opening_stock", "document_id", _load_opening, draw_opening)

COLUMNS = (
    GridColumn("item_id", gettext_lazy("Item code"), "item", required=True),
    GridColumn("name", gettext_lazy("Name and specification"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("qty", gettext_lazy("Quantity"), "qty", required=True, strong=True),
    GridColumn("unit_cost", gettext_lazy("Unit cost"), "price"),
    GridColumn("value", gettext_lazy("or value"), "money"),
    GridColumn("lot_no", gettext_lazy("Lot")),
    GridColumn("expiry_date", gettext_lazy("Expires"), "date"),
)


class OpeningForm(StaffForm):
    warehouse_id = forms.ChoiceField(label=gettext_lazy("Warehouse"))
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["warehouse_id"].choices = warehouse_choices()  # type: ignore[attr-defined]


def _opening_grid(document: OpeningStock | None) -> LineGrid:
    lines = document.lines.select_related("item__unit").order_by("line_no") if document else ()
    rows = [
        GridRow(
            {
                "item_id": str(line.item_id),
                "item_id_code": line.item.code,
                "name": f"{line.item.name} {line.item.spec}".strip(),
                "unit": str(line.item.unit),
                "qty": line.qty,
                "unit_cost": line.unit_cost,
                "lot_no": line.lot_no,
                "expiry_date": line.expiry_date.isoformat() if line.expiry_date else "",
            }
        )
        for line in lines
    ]
    return LineGrid(COLUMNS, rows=rows, **item_addresses())


def _opening_lines(request: HttpRequest) -> list[OpeningLineInput]:
    lines = read_lines(request.POST, COLUMNS)
    items = items_of(lines)
    problems: list[Refusal] = []
    found = []
    for line in lines:
        item = items.get(line.index)
        if item is None:
            words = _("Line %(line)s: there is no item “%(code)s”.") % {
                "line": line.no,
                "code": line.text("item_id_code")[:40],
            }
            problems.append(ValidationRefused(words, line=line.no, field="item_id"))
            continue
        numbers = {key: number_of(line, key, problems) for key in ("qty", "unit_cost", "value")}
        found.append(
            OpeningLineInput(
                item.pk,
                numbers["qty"] or ZERO,
                numbers["unit_cost"] if numbers["value"] is None else None,
                numbers["value"],
                line.text("lot_no")[:40],
                day_of(line.text("expiry_date")),
            )
        )
    if problems:
        raise Refusal.many(problems)
    return found


def _opening_entry(request: HttpRequest, document: OpeningStock | None) -> HttpResponse:
    grid, error, status = _opening_grid(document), None, 200
    if request.method == "POST":
        form, refusal, status = OpeningForm(request.POST), None, 400
        if form.is_valid():
            clean = form.cleaned_data
            try:
                saved = opening.save_opening_stock(
                    doc_date=clean["doc_date"],
                    warehouse_id=UUID(clean["warehouse_id"]),
                    lines=_opening_lines(request),
                    remark=clean["remark"],
                    document_id=document.pk if document else None,
                    version=version_of(request) if document else None,
                    **who_and_when(request),
                )
            except Refusal as caught:
                refusal, status = caught, caught.status
                error = block_of(caught)
            else:
                messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
                return HttpResponseRedirect(OPENING.url("detail", saved))
        grid = grid.with_posted(request.POST, refusal)
    else:
        first: dict[str, Any] = {"doc_date": clock.today()}
        if document is not None:
            first = {
                "doc_date": document.doc_date,
                "warehouse_id": str(document.warehouse_id),
                "remark": document.remark,
            }
        form = OpeningForm(initial=first)
    context = {
        "form": form,
        "sections": sections_of(form, [("", ("warehouse_id", "doc_date", "remark"))], ("remark",)),
        "grid": grid,
        "error": error,
        "title": _("Edit %(number)s") % {"number": document.number} if document else _("New opening stock"),
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Opening stock"), OPENING.list_url)],
        "cancel_url": OPENING.url("detail", document) if document else OPENING.list_url,
        "version": request.POST.get("version") or (document.version if document else ""),
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


@staff_view(EDIT)
def opening_new(request: HttpRequest) -> HttpResponse:
    return _opening_entry(request, None)


@staff_view(EDIT)
def opening_edit(request: HttpRequest, number: str) -> HttpResponse:
    document = _load_opening(request.actor, number)  # type: ignore[attr-defined]
    if not document.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(OPENING.url("detail", document))
    return _opening_entry(request, document)


opening_detail = OPENING.detail("inventory.opening_stock.view")
opening_approve = OPENING.step(
    "inventory.opening_stock.approve", opening.approve_opening_stock, gettext_lazy("Booked into stock."), seen=True
)
opening_unapprove = OPENING.step(
    "inventory.opening_stock.unapprove", opening.unapprove_opening_stock, gettext_lazy("Taken back."), reason=True
)


# --- lots --------------------------------------------------------------------------------------------------------
def _lot_page(request: HttpRequest, pk: UUID, refusal: Refusal | None = None) -> HttpResponse:
    trace = trace_lot(pk)
    if trace is None:
        raise NotFoundRefused(_("There is no such lot."), value=pk)
    lot, actor = trace.lot, request.actor  # type: ignore[attr-defined]
    may = actor.may("inventory.lot.edit")
    late = bool(lot.expiry_date and lot.expiry_date < clock.today())
    facts = [
        Fact(
            _("Item"),
            lot.item.name,
            f"{lot.item.code} {lot.item.spec}",
            reverse("staff:item_detail", kwargs={"pk": lot.item_id}),
        ),
        Fact(_("Supplier"), lot.supplier.name if lot.supplier else "–", lot.supplier_lot_no),
        Fact(_("Made on"), formats.day(lot.mfg_date) if lot.mfg_date else "–", numeric=True),
        Fact(
            _("Expires"),
            formats.day(lot.expiry_date) if lot.expiry_date else "–",
            _("expired") if late else "",
            numeric=True,
        ),
        Fact(_("On hand"), f"{formats.qty(total(row.on_hand for row in trace.lies_in))} {lot.item.unit}", numeric=True),
    ]
    context = {
        "trace": trace,
        "lot": lot,
        "chips": [chip("lot", lot.state)],
        "facts": facts,
        "acts": _lot_actions(lot, actor),
        "made_of": [row for row in lots_above(lot.pk) if row.lot_id != lot.pk][:50],
        "went_into": [row for row in lots_below(lot.pk) if row.lot_id != lot.pk][:50],
        "came": [(step, document_address(step.doc_type, step.number)) for step in trace.came_from],
        "went": [
            (step, document_address(step.doc_type, step.number), kind_of(step.doc_type)) for step in trace.went_to
        ],
        "may_hold": may and lot.state in {LotState.RELEASED, LotState.QUARANTINE},
        "may_release": may and lot.state in {LotState.HELD, LotState.QUARANTINE},
        "reason": request.POST.get("reason", ""),
        "timeline": ui_related.timeline(lot.pk, limit=8, words=VERBS | _LOT_VERBS),
        "crumbs": [Crumb(_("Inventory")), Crumb(_("Lots"), reverse("staff:lot_list"))],
        "error": block_of(refusal) if refusal else None,
    }
    return render(request, "staff/inventory/lot.html", context, status=refusal.status if refusal else 200)


_LOT_VERBS = {
    "hold": gettext_lazy("put it on hold"),
    "expire": gettext_lazy("noted that it expired"),
    "scrap": gettext_lazy("scrapped it"),
}


def _lot_actions(lot: Lot, actor: Actor) -> list[Action]:
    """Call it back from everybody; hold the supplier to it."""
    found = [Action(_("Recall…"), reverse("staff:lot_recall", kwargs={"pk": lot.pk}), icon="alert-triangle")]
    if lot.supplier_id and actor.may("srm.claim.edit"):
        url = f"{reverse('staff:claim_new')}?lot={lot.pk}"
        found.append(Action(_("Claim against the supplier"), url, icon="flag"))
    return found


@staff_view("inventory.lot.view")
def lot_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _lot_page(request, pk)


def _lot_step(request: HttpRequest, pk: UUID, service: Any, done: Any, **more: Any) -> HttpResponse:
    if not Lot.objects.filter(pk=pk).exists():
        raise NotFoundRefused(_("There is no such lot."), value=pk)
    try:
        service(lot_id=pk, **more, **who_and_when(request))
    except Refusal as refusal:
        return _lot_page(request, pk, refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("staff:lot_detail", kwargs={"pk": pk}))


@require_POST
@staff_view("inventory.lot.edit")
def lot_hold(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Nobody gets goods of this lot until it is released."""
    reason = request.POST.get("reason", "").strip()[:200]
    return _lot_step(request, pk, lots.hold_lot, _("On hold: it is not available any more."), reason=reason)


@require_POST
@staff_view("inventory.lot.edit")
def lot_release(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _lot_step(request, pk, lots.release_lot, _("Released: it is available again."))


# --- warehouses ----------------------------------------------------------------------------------------------------
class WarehouseForm(StaffForm):
    code = forms.CharField(label=gettext_lazy("Code"), max_length=20)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=200, required=False)
    is_default = forms.BooleanField(label=gettext_lazy("Default for new documents"), required=False)
    active = forms.BooleanField(label=gettext_lazy("In use"), required=False, initial=True)
    allow_negative = forms.BooleanField(
        label=gettext_lazy("Goods may leave before they are received"),
        required=False,
        help_text=gettext_lazy("Stock goes below zero at the last known cost; the receipt corrects it."),
    )


_PLACE = ("code", "name", "address", "is_default", "active", "allow_negative")


def _place_edit(request: HttpRequest, found: Warehouse | None) -> HttpResponse:
    initial = {name: getattr(found, name) for name in _PLACE} if found else {}
    form = WarehouseForm(request.POST) if request.method == "POST" else WarehouseForm(initial=initial)
    back = reverse("staff:warehouse_list")
    return edit_page(
        request,
        form=form,
        sections=[("", _PLACE)],
        save=lambda: warehouses.save_warehouse(
            warehouse_id=found.pk if found else None, **form.cleaned_data, **who_and_when(request)
        ),
        back=lambda _saved: back,
        title=_("Change %(name)s") % {"name": found.name} if found else _("New warehouse"),
        crumbs=[Crumb(_("Inventory")), Crumb(_("Warehouses"), back)],
        cancel_url=back,
        wide=("address",),
        lead=_labels_of_bins(found),
    )


def _labels_of_bins(place: Warehouse | None) -> str:
    """The way to the labels of a warehouse that has bins."""
    if place is None or not has_bins(place.pk):
        return ""
    url = reverse("staff:warehouse_labels", kwargs={"pk": place.pk})
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', url, _("Print the labels of its bins"))


@staff_view("inventory.warehouse.edit")
def warehouse_new(request: HttpRequest) -> HttpResponse:
    return _place_edit(request, None)


@staff_view("inventory.warehouse.edit")
def warehouse_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One that people keep: places of partners and of what is under way follow their documents alone."""
    found = Warehouse.objects.filter(pk=pk, kind=WarehouseKind.STOCK).first()
    if found is None:
        raise NotFoundRefused(_("There is no such warehouse."), value=pk)
    return _place_edit(request, found)
