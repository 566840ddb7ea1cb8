"""Production orders: entry, the page, paper, and every step as one service call."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from backend.availability.selectors.material import waiting_for
from backend.catalog.models import Item
from backend.inventory.models import KitLine
from backend.kernel import clock
from backend.production.models import ProductionOrder
from backend.production.services import orders
from backend.production.services.inputs import ProductionData
from portals.staff.inventory.papers import place_field, plain_paper
from portals.staff.production.order_page import OrderPage, facts_of, read_order, sheet_of, waiting_of
from portals.staff.production.words import ORDER_EDIT, ORDER_VIEW, load_order
from portals.staff.purchasing.words import item_cell
from portals.staff.sales.order_views import save_entry
from portals.staff.sales.prints import printed
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.coming import coming_for
from portals.staff.shared.dialogs import Dialog
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.item_field import ItemField
from portals.staff.shared.kit import Kit
from portals.staff.shared.masters import sections_of
from portals.staff.shared.parties import uuid_or_none
from portals.staff.shared.parts_grid import parts_grid, read_parts
from portals.ui.documents import Cell, Line, LineColumn, draw
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import LineGrid
from portals.ui.navigation import trail
from portals.ui.typed import amount_of

FIELDS = ("item_id", "qty", "start_date", "finish_date", "warehouse_id", "doc_date", "remark")
APPROVE = "production.order.approve"


class ProductionForm(StaffForm):
    """How many of what, from when until when."""

    item_id = ItemField(label=gettext_lazy("Product"))
    qty = forms.DecimalField(label=gettext_lazy("Quantity"), max_digits=14, decimal_places=4)
    start_date = forms.DateField(
        label=gettext_lazy("Starts on"),
        widget=DateInput(),
        help_text=gettext_lazy("The material is wanted on this day."),
    )
    finish_date = forms.DateField(
        label=gettext_lazy("To be finished on"),
        widget=DateInput(),
        help_text=gettext_lazy("Customers' orders count on the goods from this day."),
    )
    warehouse_id = place_field(gettext_lazy("Warehouse"))
    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    remark = forms.CharField(
        label=gettext_lazy("Remarks"), required=False, widget=forms.Textarea(attrs={"rows": 2}), max_length=500
    )

    def values(self) -> dict[str, Any]:
        """For `ProductionData`."""
        clean = self.cleaned_data
        return {name: clean[name] for name in FIELDS} | {"warehouse_id": uuid_or_none(clean["warehouse_id"])}


# --- page ----------------------------------------------------------------------------------------
def draw_order(request: HttpRequest, order: ProductionOrder, error: Any = None) -> HttpResponse:
    page = read_order(order)
    hang = waiting_for(page.rows) if page.running else {}
    extra = {
        "dialogs": _dialogs(request, page),
        "material": page.rows,
        "order_unit": order.item.unit,
        "material_title": _("What goes into it"),
        "material_held": pgettext("quantity", "In the workshop"),
        "waiting": waiting_of(page, request.actor),  # type: ignore[attr-defined]
        "coming": coming_for(hang, request.actor),  # type: ignore[attr-defined]
    }
    sheet = sheet_of(request, page, ORDER, error)
    return draw(request, sheet, template="staff/production/order.html", **extra)


ORDER = Kit("production_order", "order_id", load_order, draw_order)


def _dialogs(request: HttpRequest, page: OrderPage) -> list[Dialog]:
    order = page.order
    free = _(
        "What is not made is not expected any more, and its material is free; customers' dates are computed again."
    )
    return [
        ORDER.ask(request, "void", _("Void the order"), "voiding", order, _("Void"), required=False, danger=True),
        ORDER.ask(request, "unapprove", _("Take the approval back"), "unapproval", order, _("Unapprove"), text=free),
        ORDER.ask(request, "close", _("Close the rest"), "closing", order, _("Close the rest"), text=free),
    ]


order_detail = ORDER.detail(ORDER_VIEW)
order_approve = ORDER.step(APPROVE, orders.approve_order, gettext_lazy("Approved."), seen=True)
order_unapprove = ORDER.step(APPROVE, orders.unapprove_order, gettext_lazy("Taken back."), reason=True)
order_void = ORDER.step(ORDER_EDIT, orders.void_order, gettext_lazy("Voided."), reason=True)
order_close = ORDER.step(APPROVE, orders.close_order, gettext_lazy("Closed."), reason=True)
order_reopen = ORDER.step(APPROVE, orders.reopen_order, gettext_lazy("Reopened."), reason=True)


@staff_view(ORDER_VIEW)
def order_print(request: HttpRequest, number: str) -> HttpResponse:
    """The order on paper: what to pick for it."""
    page = read_order(load_order(request.actor, number))  # type: ignore[attr-defined]
    return printed(request, number, lambda: _paper(request, page))


def _paper(request: HttpRequest, page: OrderPage) -> Any:
    actor = request.actor  # type: ignore[attr-defined]
    columns = [
        LineColumn("item", _("Component"), "item"),
        LineColumn("qty_per", _("For one"), "qty"),
        LineColumn("needed", _("Needed in all"), "qty"),
        LineColumn("issued", _("Issued"), "qty"),
        LineColumn("to_issue", _("To issue"), "qty", strong=True),
    ]
    lines = [_picked(row, actor) for row in page.rows]
    return plain_paper(
        request, page.order, title=_("Production order"), facts=facts_of(page, actor), columns=columns, lines=lines
    )


def _picked(row: Any, actor: Any) -> Line:
    part = row.component
    cells = {
        "item": item_cell(part, actor),
        "qty_per": Cell(part.qty_per, unit=part.item.unit),
        "needed": row.needed,
        "issued": part.issued_qty,
        "to_issue": row.to_issue,
    }
    return Line(part.line_no, cells)


# --- entry -----------------------------------------------------------------------------------------
def _first(request: HttpRequest) -> tuple[dict[str, Any], LineGrid]:
    """What an entry begins with: today, and the item that the address names with what its kit says."""
    today = clock.today()
    code, qty = request.GET.get("item", "")[:40], amount_of(request.GET.get("qty", "")[:20])
    item = Item.objects.filter(code=code).first() if code else None
    head = {
        "item_id": item or "",
        "qty": qty or 1,
        "doc_date": today,
        "start_date": today,
        "finish_date": today + timedelta(days=(item.lead_days if item else None) or 0),
    }
    return head, parts_grid(_kit_of(item) if item else ())


def _kit_of(item: Item) -> Iterable[Any]:
    """The parts of a kit in the shape of components."""
    rows = KitLine.objects.filter(kit=item).select_related("item__unit").order_by("line_no")
    for row in rows:
        row.qty_per = row.qty  # type: ignore[attr-defined]
    return rows


def _initial(order: ProductionOrder) -> dict[str, Any]:
    names = ("qty", "start_date", "finish_date", "doc_date", "remark")
    return {name: getattr(order, name) for name in names} | {
        "item_id": order.item,
        "warehouse_id": str(order.warehouse_id),
    }


def _components_of(order: ProductionOrder) -> Iterable[Any]:
    return order.components.select_related("item__unit").order_by("line_no")


def _entry(request: HttpRequest, order: ProductionOrder | None) -> HttpResponse:
    head, grid = (_initial(order), parts_grid(_components_of(order))) if order else _first(request)
    block, status = None, 200
    if request.method == "POST":
        form = ProductionForm(request.POST)

        def save(parts: tuple[Any, ...]) -> ProductionOrder:
            return orders.save_order(
                data=ProductionData(parts=parts, **form.values()),
                order_id=order.pk if order else None,
                version=version_of(request) if order else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, read_parts)
        if saved is not None:
            messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
            return HttpResponseRedirect(ORDER.url("detail", saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        form = ProductionForm(initial=head)
    context = {
        "form": form,
        "sections": sections_of(form, [("", FIELDS)], ("remark",)),
        "grid": grid,
        "error": block,
        "version": request.POST.get("version") or (order.version if order else ""),
        "title": _("Edit %(number)s") % {"number": order.number} if order else _("New production order"),
        "lead": _("Without components the order takes those of the item's kit."),
        "crumbs": trail("staff:production_order_list"),
        "cancel_url": ORDER.url("detail", order) if order else ORDER.list_url,
    }
    return render(request, "staff/shared/master_form.html", context, status=status)


@staff_view(ORDER_EDIT)
def order_new(request: HttpRequest) -> HttpResponse:
    return _entry(request, None)


@staff_view(ORDER_EDIT)
def order_edit(request: HttpRequest, number: str) -> HttpResponse:
    order = load_order(request.actor, number)  # type: ignore[attr-defined]
    if not order.is_draft and request.method == "GET":
        messages.warning(request, _("%(number)s is not a draft any more: take it back first.") % {"number": number})
        return HttpResponseRedirect(ORDER.url("detail", order))
    return _entry(request, order)
