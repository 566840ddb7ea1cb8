"""Sales orders: entry, the page, and every step as one service call."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.availability import selectors as availability
from backend.catalog.selectors import search_items
from backend.catalog.services import pricing
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused, PermissionRefused, Refusal, ValidationRefused
from backend.parties.models import Party
from backend.processes import order_to_cash, promise_words
from backend.sales.models import CreditState, SalesDelivery, SalesOrder
from backend.sales.services import deliveries, orders
from backend.sales.services import promises as sales_promises
from backend.sales.services.inputs import AmendmentData
from backend.sales.services.inputs import OrderData as OrderInput
from portals.staff.catalog.matrix import style_rows
from portals.staff.sales import entry, forms, promises
from portals.staff.sales.order_page import sheet_of
from portals.staff.sales.order_read import load_order, load_to_decide, read_order
from portals.staff.sales.order_steps import dialogs_of
from portals.staff.sales.scope import visible_orders
from portals.staff.shared import approvals
from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.coming import coming_for, sees_suppliers
from portals.staff.shared.forms import put_on
from portals.ui import formats
from portals.ui.components import Crumb
from portals.ui.documents import draw
from portals.ui.errors import block_of
from portals.ui.explained import draw_ladder
from portals.ui.guards import staff_view
from portals.ui.line_grid import LineGrid


def detail_url(order: SalesOrder) -> str:
    return reverse("staff:sales_order_detail", kwargs={"number": order.number})


def crumbs(order: SalesOrder | None = None) -> list[Crumb]:
    found = [Crumb(_("Sales")), Crumb(_("Sales orders"), reverse("staff:sales_order_list"))]
    return [*found, Crumb(order.number, detail_url(order))] if order else found


def draw_order(request: HttpRequest, order: SalesOrder, error: Any = None) -> HttpResponse:
    """The page of the order, with a refusal in its place when there is one."""
    data = read_order(request.actor, order)  # type: ignore[attr-defined]
    sheet = sheet_of(request, data, error=error)
    coming = coming_for(data.waiting, request.actor) if order.is_approved else ()  # type: ignore[attr-defined]
    extra = {"dialogs": dialogs_of(request, data), "coming": coming, "standing": data.standing}
    return draw(request, sheet, template="staff/sales/order.html", **extra)


@approvals.decider_view(SalesOrder.DOC_TYPE, "sales.order.view")
def order_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_order(request, load_to_decide(request.actor, number))  # type: ignore[attr-defined]


# --- entry -----------------------------------------------------------------------------------------------
@staff_view()
def pick(request: HttpRequest) -> HttpResponse:
    """The type-ahead of the grid: items that are sold, with what is available and this customer's price."""
    actor = request.actor  # type: ignore[attr-defined]
    if not (actor.may("sales.order.edit") or actor.may("sales.quote.edit")):
        raise PermissionRefused(_("Your role does not include this: %(code)s.") % {"code": "sales.order.edit"})
    head = entry.Header.of(request.GET.dict())
    found = search_items(request.GET.get("q", ""), warehouse=head.warehouse, sellable=True, limit=12)
    prices = []
    if head.customer is not None:
        pairs = [(item, item.pack_qty) for item in found]
        prices = pricing.resolve_lines(kind="sales", party=head.customer, lines=pairs, at_date=head.doc_date)
    rows = []
    for index, item in enumerate(found):
        rate = item.tax_code.rate
        price = prices[index].in_mode(includes_tax=head.includes_tax, tax_rate=rate) if prices else item.sale_price
        stocked = item.is_stocked
        rows.append(
            {
                "id": str(item.pk),
                "code": item.code,
                "name": item.name,
                "spec": item.spec,
                "pinyin": item.mnemonic.lower(),
                "barcode": item.barcode,
                "unit": str(item.unit),
                "available": formats.qty(item.available) if stocked else "",  # type: ignore[attr-defined]
                "low": stocked and item.available <= 0,  # type: ignore[attr-defined]
                "price": formats.price(price) if price is not None else "",
            }
        )
    return JsonResponse({"results": [*style_rows(request.GET.get("q", ""), "sales"), *rows]})


@require_POST
@staff_view()
def recalculate(request: HttpRequest) -> HttpResponse:
    """Prices, amounts, stock and promise of the lines being keyed. Nothing is written."""
    actor = request.actor  # type: ignore[attr-defined]
    if not (actor.may("sales.order.edit") or actor.may("sales.quote.edit")):
        raise PermissionRefused(_("Your role does not include this: %(code)s.") % {"code": "sales.order.edit"})
    return JsonResponse(entry.recalculate(request.POST))


def chosen_customer(request: HttpRequest) -> Party | None:
    """The customer named in the address."""
    picked = entry.uuid_of(request.GET.get("customer", ""))
    return Party.objects.select_related("customer").filter(pk=picked, is_customer=True).first() if picked else None


def draw_entry(
    request: HttpRequest, template: str, *, form: Any, grid: LineGrid, status: int = 200, **extra: Any
) -> HttpResponse:
    """An entry page: head, grid, and what was refused."""
    return render(request, template, {"form": form, "grid": grid, **extra}, status=status)


def save_entry(
    request: HttpRequest,
    form: Any,
    save: Callable[[tuple[Any, ...]], Any],
    read: Callable[[Any], tuple[Any, ...]] = entry.read_inputs,
) -> tuple[Any, Any, Refusal | None]:
    """Read and save what was keyed: (the saved document, the block above the form, the refusal for the cells)."""
    valid = form.is_valid()
    try:
        lines = read(request.POST)
        if not valid:
            raise ValidationRefused(_("The head of the document needs attention."), field="head")
        return save(lines), None, None
    except Refusal as refusal:
        cells = [problem for problem in refusal.problems if problem.line is None and problem.field != "head"]
        block = put_on(form, Refusal.many(cells)) if cells else None
        if refusal.problems and not block and any(problem.line is not None for problem in refusal.problems):
            in_lines = [problem for problem in refusal.problems if problem.line is not None]
            block = block_of(
                Refusal.many(in_lines), comfort=_("Nothing was saved; everything you typed is still here.")
            )
        return None, block, refusal


def _order_entry(request: HttpRequest, order: SalesOrder | None) -> HttpResponse:
    grid = entry.empty_grid()
    if order is not None:
        lines = order.lines.select_related("item__unit", "line_unit").order_by("line_no")
        grid = entry.grid_of(list(lines), includes_tax=order.price_includes_tax)
    initial = forms.order_initial(order, chosen_customer(request))
    block, status = None, 200
    if request.method == "POST":
        form = forms.OrderForm(request.POST)

        def save(lines: tuple[Any, ...]) -> SalesOrder:
            return orders.save_order(
                data=OrderInput(lines=lines, **form.values()),
                order_id=order.pk if order else None,
                version=version_of(request) if order else None,
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save)
        if saved is not None:
            messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
            again = "another" in request.POST
            return HttpResponseRedirect(reverse("staff:sales_order_new") if again else detail_url(saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        form = forms.OrderForm(initial=initial)
    return draw_entry(
        request,
        "staff/sales/order_form.html",
        form=form,
        grid=grid,
        status=status,
        error=block,
        order=order,
        version=request.POST.get("version") or (order.version if order else ""),
        title=_("Edit %(number)s") % {"number": order.number} if order else _("New sales order"),
        crumbs=crumbs(order),
        cancel_url=detail_url(order) if order else reverse("staff:sales_order_list"),
    )


@staff_view("sales.order.edit")
def order_new(request: HttpRequest) -> HttpResponse:
    return _order_entry(request, None)


@staff_view("sales.order.edit")
def order_edit(request: HttpRequest, number: str) -> HttpResponse:
    order = load_order(request.actor, number)  # type: ignore[attr-defined]
    if not order.is_draft and request.method == "GET":
        messages.warning(
            request, _("%(number)s is not a draft any more: amend it or take it back first.") % {"number": number}
        )
        return HttpResponseRedirect(detail_url(order))
    return _order_entry(request, order)


@staff_view("sales.order.edit")
def order_amend(request: HttpRequest, number: str) -> HttpResponse:
    """Change an approved order by revision."""
    order = load_order(request.actor, number)  # type: ignore[attr-defined]
    lines = [
        line
        for line in order.lines.select_related("item__unit", "line_unit").order_by("line_no")
        if line.wanted_qty > 0
    ]
    grid = replace(entry.grid_of(lines, includes_tax=order.price_includes_tax), least_rows=len(lines) + 1)
    block, status = None, 200
    if request.method == "POST":
        form = forms.AmendForm(request.POST, order=order)

        def save(keyed: tuple[Any, ...]) -> SalesOrder:
            clean = form.cleaned_data
            names = ("requested_date", "ship_to", "customer_ref", "remark")
            return orders.amend_order(
                order_id=order.pk,
                data=AmendmentData(
                    lines=keyed, exchange_rate=clean.get("exchange_rate"), **{name: clean[name] for name in names}
                ),
                reason=clean["reason"],
                version=version_of(request),
                **who_and_when(request),
            )

        saved, block, refusal = save_entry(request, form, save)
        if saved is not None:
            messages.success(
                request, _("%(number)s is amended; demand and promises follow.") % {"number": saved.number}
            )
            return HttpResponseRedirect(detail_url(saved))
        grid, status = grid.with_posted(request.POST, refusal), refusal.status if refusal else 400
    else:
        names = ("requested_date", "ship_to", "customer_ref", "remark")
        form = forms.AmendForm(initial={name: getattr(order, name) for name in names}, order=order)
    return draw_entry(
        request,
        "staff/sales/amend_form.html",
        form=form,
        grid=grid,
        status=status,
        error=block,
        order=order,
        version=request.POST.get("version") or order.version,
        crumbs=crumbs(order),
        cancel_url=detail_url(order),
    )


# --- steps -----------------------------------------------------------------------------------------------
def _step(
    request: HttpRequest,
    number: str,
    service: Callable[..., Any],
    done: Any,
    *,
    back: Callable[[Any], str] | None = None,
    load: Callable[[Any, str], SalesOrder] = load_order,
    **kwargs: Any,
) -> HttpResponse:
    """One service call on an order; a refusal is shown on the order's page."""
    order = load(request.actor, number)  # type: ignore[attr-defined]
    if "version" not in kwargs:
        _tell_of_change(request, order)
    return step(
        request,
        lambda: service(order_id=order.pk, **who_and_when(request), **kwargs),
        done=done,
        back=back or (lambda _made: detail_url(order)),
        refused=lambda error: draw_order(request, load(request.actor, number), error),  # type: ignore[attr-defined]
    )


def _decide(request: HttpRequest, number: str, service: Callable[..., Any], done: Any, **kwargs: Any) -> HttpResponse:
    """A step of whoever holds the level that waits, on an order he may not see otherwise."""

    def sees(order: SalesOrder) -> bool:
        return visible_orders(request.actor).filter(pk=order.pk).exists()  # type: ignore[attr-defined]

    back, level = approvals.after(request, sees, detail_url), approvals.level_of(request)
    return _step(request, number, service, done, back=back, load=load_to_decide, level=level, **kwargs)


def _tell_of_change(request: HttpRequest, order: SalesOrder) -> None:
    """Say so when the page was older than the order: the step may not be what was meant."""
    shown = version_of(request)
    if shown is not None and shown != order.version:
        messages.info(request, _("The order changed since the page was opened; this is how it stands now."))


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "").strip()[:300]


@require_POST
@approvals.decider_view(SalesOrder.DOC_TYPE, "sales.order.approve")
def order_approve(request: HttpRequest, number: str) -> HttpResponse:
    def words(order: SalesOrder) -> str:
        if order.credit_state == CreditState.HOLD:
            return _("%(number)s is over the credit limit and waits for a release.") % {"number": order.number}
        if order.approval == Approval.SUBMITTED:
            return approvals.done_words(order)
        return _("%(number)s is approved.") % {"number": order.number}

    return _decide(request, number, orders.approve_order, words, version=version_of(request))


@require_POST
@approvals.decider_view(SalesOrder.DOC_TYPE, "sales.order.approve")
def order_reject(request: HttpRequest, number: str) -> HttpResponse:
    """Send it back with a reason."""
    return _decide(request, number, orders.reject_order, _("Sent back."), reason=_reason(request))


@require_POST
@staff_view("sales.order.edit")
def order_submit(request: HttpRequest, number: str) -> HttpResponse:
    done, seen = _("Submitted for approval."), version_of(request)
    return _step(request, number, orders.submit_order, done, version=seen)


@require_POST
@staff_view("sales.order.edit")
def order_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, orders.withdraw_order, _("Withdrawn: it is a draft again."))


@require_POST
@staff_view("sales.order.unapprove")
def order_unapprove(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, orders.unapprove_order, _("The approval is taken back."), reason=_reason(request))


@require_POST
@staff_view("sales.order.edit")
def order_void(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, orders.void_order, _("Voided."), reason=_reason(request))


@require_POST
@staff_view("sales.order.edit")
def order_close(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, orders.close_order, _("Closed: nothing more is delivered."), reason=_reason(request))


@require_POST
@staff_view("sales.order.edit")
def order_reopen(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, orders.reopen_order, _("Reopened."), reason=_reason(request))


@require_POST
@staff_view("sales.order.edit")
def order_copy(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, orders.copy_order, _("Copied to a new draft."), back=detail_url)


@require_POST
@staff_view("sales.credit.release")
def order_release(request: HttpRequest, number: str) -> HttpResponse:
    return _step(request, number, orders.release_credit, _("Released."), reason=_reason(request))


@require_POST
@staff_view("sales.order.edit")
def order_tell(request: HttpRequest, number: str) -> HttpResponse:
    """Say to the customer why dates moved."""

    def tell(order_id: Any, **who: Any) -> int:
        order = load_order(request.actor, number)  # type: ignore[attr-defined]
        return promise_words.tell_customer(order=order, text=_reason(request), **who)

    return _step(request, number, tell, _("The customer is told, in the portal and by mail."))


@require_POST
@staff_view("sales.promise.override")
def order_override(request: HttpRequest, number: str) -> HttpResponse:
    """Promise a line for another day than the computed one, or let the computed one hold again."""
    line_id, day = entry.uuid_of(request.POST.get("line", "")), entry.day_of(request.POST.get("day", ""))

    def override(order_id: Any, **who: Any) -> Any:
        if line_id is None:
            raise ValidationRefused(_("Choose a line."), field="line")
        if day is None:
            return sales_promises.clear_override(order_id=order_id, line_id=line_id, **who)
        return sales_promises.override_promise(
            order_id=order_id, line_id=line_id, day=day, reason=_reason(request), **who
        )

    return _step(request, number, override, _("The promise is changed."))


@staff_view("sales.order.view")
def order_promise(request: HttpRequest, number: str, line_no: int) -> HttpResponse:
    """How the promise of a line was computed: the popover's ladder, or a page without script."""
    order = load_order(request.actor, number)  # type: ignore[attr-defined]
    request.actor.require("availability.promise.view")  # type: ignore[attr-defined]
    line = order.lines.select_related("item__unit", "line_unit").filter(line_no=line_no).first()
    if line is None:
        raise NotFoundRefused(_("There is no such line."), value=line_no)
    ladder = availability.explain_promise(line.pk, named=sees_suppliers(request.actor))  # type: ignore[attr-defined]
    rungs = promises.rungs_of(ladder, str(line.item.unit))
    if request.headers.get("X-Requested-With") == "why":
        return HttpResponse(draw_ladder(rungs))
    context = {"order": order, "line": line, "rungs": rungs, "crumbs": crumbs(order)}
    return render(request, "staff/sales/promise.html", context)


def _delivery_url(delivery: SalesDelivery) -> str:
    return reverse("staff:sales_delivery_detail", kwargs={"number": delivery.number})


@require_POST
@staff_view("sales.delivery.edit")
def order_deliver(request: HttpRequest, number: str) -> HttpResponse:
    """A draft delivery of what is reserved."""
    done = _("A draft delivery: check quantities and carrier, then ship it.")
    return _step(request, number, deliveries.create_delivery_from_order, done, back=_delivery_url)


@require_POST
@staff_view("sales.delivery.approve")
def order_ship(request: HttpRequest, number: str) -> HttpResponse:
    """Deliver what is reserved in one step."""
    return _step(request, number, deliveries.ship_order, _("Shipped."), back=_delivery_url)


@require_POST
@staff_view("invoicing.sales_invoice.edit")
def order_invoice(request: HttpRequest, number: str) -> HttpResponse:
    """A draft invoice over everything of the order that is shipped and not invoiced."""

    def invoice(order_id: Any, **who: Any) -> Any:
        shipped = SalesDelivery.objects.filter(lines__order_line__document_id=order_id, approval="approved")
        ids = list(shipped.exclude(invoiced="full").values_list("pk", flat=True).distinct())
        return order_to_cash.invoice_deliveries(delivery_ids=ids, **who)

    def invoice_url(made: Any) -> str:
        return reverse("staff:sales_invoice_detail", kwargs={"number": made.number})

    return _step(request, number, invoice, _("A draft invoice: check it, then approve it."), back=invoice_url)
