"""Purchase orders: entry, the page, and every step as one service call."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backend.availability.selectors.material import waiting_for
from backend.catalog.selectors import search_items
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.purchasing.models import OrderKind, ProgressReport, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.selectors import orders as reads
from backend.purchasing.services import amendments, confirmations, orders, prices, progress
from backend.purchasing.services.inputs import OrderData
from portals.staff.catalog.matrix import style_rows
from portals.staff.purchasing import entry, forms
from portals.staff.purchasing.order_page import links_of, list_trail, plan_of, sheet_of
from portals.staff.purchasing.order_reading import OrderPage, read_order
from portals.staff.purchasing.price_views import price_reasons_dialog, reasons_of
from portals.staff.sales.entry import day_of, uuid_of
from portals.staff.sales.order_views import save_entry
from portals.staff.shared import approvals
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.coming import coming_for
from portals.staff.shared.dialogs import Ask, Dialog, typed
from portals.staff.shared.kit import Kit
from portals.staff.shared.lists import PRICES
from portals.ui import formats
from portals.ui.components import Crumb
from portals.ui.documents import draw
from portals.ui.guards import staff_view
from portals.ui.navigation import trail
from portals.ui.typed import count_of

EDIT = "purchasing.order.edit"


def draw_order(request: HttpRequest, order: PurchaseOrder, error: Any = None) -> HttpResponse:
    standing = approvals.standing_of(order, request.actor)  # type: ignore[attr-defined]
    actor = standing.reader(request.actor)  # type: ignore[attr-defined]
    page = replace(read_order(order, prices=actor.may(PRICES)), standing=standing)
    sheet = sheet_of(request, page, ORDER, error=error)
    extra = {
        "dialogs": dialogs_of(request, page),
        "answers": answers_of(page, prices=actor.may(PRICES)),
        "may_decide": page.waiting is not None and actor.may(EDIT),
        "waiting": page.waiting,
        "decision_reason": typed(request, "reason") if request.POST.get("verdict") == "accept" else "",
        "order": order,
        "reports": page.reports[:12],
        "material": page.material,
        "material_title": _("Material for the processor"),
        "material_held": _("Lies there"),
        "coming": coming_for(waiting_for(page.material), request.actor),  # type: ignore[attr-defined]
        "plan": plan_of(page),
        "links": links_of(page),
        "may_plan": page.running and actor.may(EDIT),
        "standing": page.standing,
    }
    return draw(request, sheet, template="staff/purchasing/order.html", **extra)


ORDER = Kit("purchase_order", "order_id", reads.order_for, draw_order)


def answers_of(page: OrderPage, *, prices: bool) -> list[dict[str, Any]]:
    """Every answer of the supplier, the newest first, with its lines in words."""
    lines = {line.pk: line for line in page.lines}
    found = []
    for answer in page.order.confirmations.all():
        rows: list[dict[str, Any]] = [
            {"part": part, "line": lines[part.order_line_id], "price": part.price if prices else None}
            for part in answer.lines.all()
            if part.order_line_id in lines
        ]
        rows.sort(key=lambda row: (row["line"].line_no, row["part"].part_no))
        found.append({"answer": answer, "rows": rows})
    return found


def dialogs_of(request: HttpRequest, page: OrderPage) -> list[Dialog]:
    order = page.order
    free = _("What was ordered and has not come is not expected any more; customers' dates are computed again.")
    found = [
        ORDER.ask(request, "void", _("Void the order"), "voiding", order, _("Void"), required=False, danger=True),
        ORDER.ask(request, "unapprove", _("Take the approval back"), "unapproval", order, _("Unapprove"), text=free),
        ORDER.ask(request, "close", _("Close the rest"), "closing", order, _("Close the rest"), text=free),
    ]
    if not order.is_approved:
        words = _("The reason stays in the trail of this order; the supplier remains suspended.")
        title = _("Order from a suspended supplier")
        found.append(ORDER.ask(request, "override", title, "approval", order, _("Approve"), text=words))
    if page.standing.may_decide:
        found.append(approvals.reject_dialog(request, ORDER, order, page.standing))
    if page.rises and request.actor.may(EDIT):  # type: ignore[attr-defined]
        found.append(price_reasons_dialog(request, order, page.rises, ORDER.url("prices", order)))
    if page.running:
        found.append(_progress_dialog(request, page))
        found += _production_dialogs(request, page) if request.actor.may(EDIT) else []  # type: ignore[attr-defined]
    if page.waiting is not None:
        fields = {"confirmation": page.waiting.pk, "verdict": "decline", "version": order.version}
        asks = (Ask("reason", _("Reason"), value=typed(request, "reason")),)
        words = _("The supplier is asked to answer again; the dates stay what is known.")
        url = ORDER.url("decision", order)
        found.append(Dialog("decline", _("Decline the answer"), url, _("Decline"), asks, words, fields, danger=True))
    return found


def _progress_dialog(request: HttpRequest, page: OrderPage) -> Dialog:
    lines = [(str(line.pk), f"{line.line_no}. {line.item.name}") for line in page.lines if line.open_qty > 0]
    nodes = ProgressReport._meta.get_field("node").flatchoices
    asks = (
        Ask("line", _("Line"), "select", typed(request, "line"), options=lines),
        Ask("node", _("How far"), "select", typed(request, "node"), options=nodes),
        Ask("percent", _("Per cent done"), "number", typed(request, "percent"), most=3),
        Ask("note", _("Note"), "text", typed(request, "note"), required=False),
    )
    return Dialog("progress", _("Note the progress"), ORDER.url("progress", page.order), _("Save"), asks)


def _production_dialogs(request: HttpRequest, page: OrderPage) -> list[Dialog]:
    order = page.order
    lines = [(str(line.pk), f"{line.line_no}. {line.item.name}") for line in page.lines if line.unshipped_qty > 0]
    if not lines:
        return []
    templates = [(str(row.pk), str(row)) for row in page.templates]
    words = _("Whoever has the link reports on this line for seven days, without an account and without prices.")
    ways = [("yes", _("Mail it to the supplier")), ("no", _("Only show it to me"))]
    found = [
        Dialog(
            "link",
            _("Link for the workshop"),
            ORDER.url("link", order),
            _("Make the link"),
            (
                Ask("line", _("Line"), "select", typed(request, "line"), options=lines),
                Ask("mail", _("How"), "select", typed(request, "mail"), options=ways),
            ),
            words,
        )
    ]
    asks = (Ask("template", _("Template"), "select", typed(request, "template"), options=templates),)
    text = _("Nodes of open lines are planned anew; what has been reported stays.")
    found.append(Dialog("plan", _("Plan the production"), ORDER.url("plan", order), _("Plan"), asks, text))
    return found


# --- entry -----------------------------------------------------------------------------------------------
@staff_view(EDIT)
def pick(request: HttpRequest) -> HttpResponse:
    """The type-ahead of the grid: items that are bought, with what is available and this supplier's price."""
    supplier = entry.supplier_of(request.GET.get("supplier", ""))
    found = search_items(request.GET.get("q", ""), purchasable=True, limit=12)
    pairs = [(item, item.pack_qty) for item in found]
    prices = entry.prices_for(supplier, pairs, day_of(request.GET.get("doc_date", "")) or clock.today())
    includes = request.GET.get("price_includes_tax", "1") != "0"
    rows = []
    for item, price in zip(found, prices, strict=True):
        amount = price.in_mode(includes_tax=includes, tax_rate=item.tax_code.rate)
        free = getattr(item, "available", None) if item.is_stocked else None
        rows.append(
            {
                "id": str(item.pk),
                "code": item.code,
                "name": item.name,
                "spec": item.spec,
                "pinyin": item.mnemonic.lower(),
                "barcode": item.barcode,
                "unit": str(item.unit),
                "available": formats.qty(free) if free is not None else "",
                "low": free is not None and free <= 0,
                "price": formats.price(amount) if amount is not None else "",
            }
        )
    return JsonResponse({"results": [*style_rows(request.GET.get("q", ""), "purchase"), *rows]})


@require_POST
@staff_view(EDIT)
def recalculate(request: HttpRequest) -> HttpResponse:
    """Prices, amounts and stock of the lines being keyed. Nothing is written."""
    prices = request.actor.may(PRICES)  # type: ignore[attr-defined]
    return JsonResponse(entry.recalculate(request.POST, prices=prices))


def order_crumbs(order: PurchaseOrder | None = None) -> list[Crumb]:
    if order is None:
        return trail("staff:purchase_order_list")
    return [*list_trail(order), Crumb(order.number, ORDER.url("detail", order))]


def _order_entry(request: HttpRequest, order: PurchaseOrder | None) -> HttpResponse:
    grid, block, status = entry.empty_grid(), None, 200
    if order is not None:
        grid = entry.grid_of(list(order.lines.all()), includes_tax=order.price_includes_tax)
    if request.method == "POST":
        form = forms.OrderForm(request.POST)

        def save(lines: tuple[Any, ...]) -> PurchaseOrder:
            return orders.save_order(
                data=OrderData(lines=lines, **form.values()),
                order_id=order.pk if order else None,
                version=version_of(request) if order else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, entry.read_inputs)
        if saved is not None:
            messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
            again = "another" in request.POST
            return HttpResponseRedirect(reverse("staff:purchase_order_new") if again else ORDER.url("detail", saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        supplier = entry.supplier_of(request.GET.get("supplier", ""))
        form = forms.OrderForm(initial=forms.order_initial(order, supplier))
    context = {
        "form": form,
        "grid": grid,
        "error": block,
        "order": order,
        "version": request.POST.get("version") or (order.version if order else ""),
        "title": _("Edit %(number)s") % {"number": order.number} if order else _("New purchase order"),
        "crumbs": order_crumbs(order),
        "cancel_url": ORDER.url("detail", order) if order else ORDER.list_url,
    }
    return render(request, "staff/purchasing/order_form.html", context, status=status)


@staff_view(EDIT)
def order_new(request: HttpRequest) -> HttpResponse:
    return _order_entry(request, None)


@staff_view(EDIT)
def order_edit(request: HttpRequest, number: str) -> HttpResponse:
    order = reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    if not order.is_draft and request.method == "GET":
        words = _("%(number)s is not a draft any more: amend it or take it back first.") % {"number": number}
        messages.warning(request, words)
        return HttpResponseRedirect(ORDER.url("detail", order))
    if order.kind == OrderKind.SUBCONTRACT:
        return HttpResponseRedirect(reverse("staff:subcontract_edit", kwargs={"number": number}))
    return _order_entry(request, order)


@staff_view(EDIT)
def order_amend(request: HttpRequest, number: str) -> HttpResponse:
    """Change an approved order; removed lines are cancelled as far as they are open."""
    order = reads.order_for(request.actor, number)  # type: ignore[attr-defined]
    lines = [line for line in order.lines.all() if line.wanted_qty > 0]
    grid, block, status = entry.grid_of(lines, includes_tax=order.price_includes_tax), None, 200
    grid = replace(grid, least_rows=len(lines) + 1)
    if request.method == "POST":
        form = forms.AmendForm(request.POST, order=order)

        def save(keyed: tuple[Any, ...]) -> PurchaseOrder:
            return amendments.amend_order(
                order_id=order.pk,
                lines=[*keyed, *_removed(lines, keyed)],
                reason=form.cleaned_data["reason"],
                exchange_rate=form.cleaned_data.get("exchange_rate"),
                version=version_of(request),
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save, entry.read_inputs)
        if saved is not None:
            words = _("%(number)s is amended; the supplier is asked to confirm again.") % {"number": saved.number}
            if saved.revision == order.revision:
                words = _("%(number)s has another rate.") % {"number": saved.number}
            messages.success(request, words)
            return HttpResponseRedirect(ORDER.url("detail", saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        form = forms.AmendForm(order=order)
    context = {
        "form": form,
        "grid": grid,
        "error": block,
        "order": order,
        "supplier": str(order.supplier_id),
        "version": request.POST.get("version") or order.version,
        "crumbs": order_crumbs(order),
        "cancel_url": ORDER.url("detail", order),
    }
    return render(request, "staff/purchasing/amend_form.html", context, status=status)


def _removed(lines: Sequence[PurchaseOrderLine], keyed: Sequence[Any]) -> list[Any]:
    """Lines taken out of the grid: nothing more of them is wanted."""
    named = {line.id for line in keyed}
    gone = [line for line in lines if line.pk not in named]
    return [entry.LineInput(line.item_id, Decimal(0), id=line.pk) for line in gone]


@require_POST
@staff_view(EDIT)
def order_progress(request: HttpRequest, number: str) -> HttpResponse:
    """Note how far a line is."""

    def note(order: PurchaseOrder) -> Any:
        line_id = uuid_of(request.POST.get("line", ""))
        if line_id not in {line.pk for line in order.lines.all()}:
            raise NotFoundRefused(_("There is no such line."), value=line_id)
        given = request.POST.get("percent", "").strip()
        percent = count_of(given)
        if percent is None:
            raise ValidationRefused(_("Give a number from 0 to 100."), field="percent", value=given[:10])
        node, words = request.POST.get("node", "")[:20], request.POST.get("note", "")[:300]
        return progress.report_progress(
            order_line_id=line_id, node=node, percent=percent, note=words, **who_and_when(request)
        )

    return ORDER.run(request, number, note, _("Noted."))


@require_POST
@staff_view(EDIT)
def order_prices(request: HttpRequest, number: str) -> HttpResponse:
    """Say why lines cost more than last time."""

    def say(order: PurchaseOrder) -> PurchaseOrder:
        reasons = reasons_of(request, order.lines.all())
        version = version_of(request)
        return prices.give_price_reasons(order_id=order.pk, reasons=reasons, version=version, **who_and_when(request))

    return ORDER.run(request, number, say, _("Noted: the reason goes with the line."))


@require_POST
@staff_view(EDIT)
def order_copy(request: HttpRequest, number: str) -> HttpResponse:
    """A new draft with the same lines at today's prices, wanted after the same lead time."""

    def copy(order: PurchaseOrder) -> PurchaseOrder:
        wait = max(order.requested_date - order.doc_date, order.requested_date - order.requested_date)
        return orders.copy_order(order_id=order.pk, requested_date=clock.today() + wait, **who_and_when(request))

    back: Callable[[Any], str] = lambda made: ORDER.url("edit", made)  # noqa: E731
    return ORDER.run(request, number, copy, _("Copied to a new draft."), back)


order_unapprove = ORDER.step(
    "purchasing.order.unapprove", orders.unapprove_order, gettext_lazy("The approval is taken back."), reason=True
)
order_void = ORDER.step(EDIT, orders.void_order, gettext_lazy("Voided."), reason=True)
order_send = ORDER.step(EDIT, orders.send_order, gettext_lazy("Sent to the supplier."))
order_close = ORDER.step(EDIT, orders.close_order, gettext_lazy("Closed: nothing more is expected."), reason=True)
order_reopen = ORDER.step(EDIT, orders.reopen_order, gettext_lazy("Reopened."))
order_confirm = ORDER.step(EDIT, confirmations.confirm_order_all, gettext_lazy("Confirmed as ordered."))
