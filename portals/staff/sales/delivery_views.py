"""Deliveries: made from orders with quantities, shipped, signed for, taken back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST

from backend.availability.models import DemandLine
from backend.kernel import clock, tenancy
from backend.kernel.errors import Conflict, Refusal, ValidationRefused
from backend.kernel.money import ZERO
from backend.logistics.models import Shipment
from backend.logistics.services import report_milestone
from backend.processes import order_to_cash
from backend.sales.models import SalesDelivery, SalesOrder, SalesOrderLine
from backend.sales.services import deliveries, handling
from backend.sales.services.inputs import DeliveryData, DeliveryLineInput
from portals.staff.sales import entry
from portals.staff.sales.delivery_page import dialogs_of, load_delivery, read_delivery, sheet_of, shipment_context
from portals.staff.sales.order_read import load_order
from portals.staff.sales.scope import visible_orders
from portals.staff.shared.acting import step, version_of, who_and_when
from portals.staff.shared.forms import StaffForm, party_choices
from portals.staff.shared.parties import uuid_or_none
from portals.staff.shared.quantities import counted_quantity, counted_words, ordered_units
from portals.ui import formats
from portals.ui.components import Crumb
from portals.ui.documents import draw
from portals.ui.errors import block_of
from portals.ui.forms import DateInput
from portals.ui.guards import staff_view
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

COLUMNS = (
    GridColumn("order", pgettext_lazy("document", "Order"), out=True),
    GridColumn("item", gettext_lazy("Item"), out=True, size="w-xl"),
    GridColumn("unit", gettext_lazy("Unit"), out=True),
    GridColumn("ordered", gettext_lazy("Ordered"), out=True, numeric=True),
    GridColumn("open", gettext_lazy("Open quantity"), out=True, numeric=True),
    GridColumn("reserved", gettext_lazy("Reserved"), out=True, numeric=True),
    GridColumn("qty", gettext_lazy("Deliver"), "qty", strong=True),
)


class DeliveryForm(StaffForm):
    """What is keyed about a delivery beside its lines."""

    doc_date = forms.DateField(label=gettext_lazy("Date"), widget=DateInput())
    expected_date = forms.DateField(label=gettext_lazy("Expected arrival"), widget=DateInput(), required=False)
    carrier_id = forms.ChoiceField(label=gettext_lazy("Carrier"), required=False)
    tracking_no = forms.CharField(label=gettext_lazy("Tracking number"), max_length=60, required=False)
    ship_to = forms.CharField(label=gettext_lazy("Ship to"), max_length=250, required=False)
    remark = forms.CharField(label=gettext_lazy("Remarks"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["carrier_id"].choices = party_choices("carrier")  # type: ignore[attr-defined]

    def values(self) -> DeliveryData:
        clean = self.cleaned_data
        return DeliveryData(
            doc_date=clean["doc_date"],
            carrier_id=uuid_or_none(clean["carrier_id"]),
            tracking_no=clean["tracking_no"],
            expected_date=clean["expected_date"],
            ship_to=clean["ship_to"],
            remark=clean["remark"],
        )


def detail_url(delivery: SalesDelivery) -> str:
    return reverse("staff:sales_delivery_detail", kwargs={"number": delivery.number})


def draw_delivery(request: HttpRequest, delivery: SalesDelivery, error: Any = None) -> HttpResponse:
    page = read_delivery(delivery)
    sheet = sheet_of(request, page, error=error)
    extra = {"dialogs": dialogs_of(request, page), **shipment_context(page)}
    return draw(request, sheet, template="staff/sales/delivery.html", **extra)


@staff_view("sales.delivery.view")
def delivery_detail(request: HttpRequest, number: str) -> HttpResponse:
    return draw_delivery(request, load_delivery(request.actor, number))  # type: ignore[attr-defined]


# --- entry -----------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Source:
    """An order line that may be on the delivery, with what the form shows of it first."""

    line: SalesOrderLine
    reserved: Decimal
    qty: Decimal
    count: Decimal | None = None


def _open_lines(orders: Sequence[SalesOrder]) -> list[SalesOrderLine]:
    lines = SalesOrderLine.objects.filter(document__in=orders).select_related("item__unit", "line_unit", "document")
    return [line for line in lines.order_by("document__number", "line_no") if line.open_qty > 0]


def _reserved(lines: Sequence[SalesOrderLine]) -> dict[UUID, Decimal]:
    found = DemandLine.objects.filter(ref_line_id__in=[line.pk for line in lines])
    return dict(found.values_list("ref_line_id", "reserved_qty"))


def _sources(orders: Sequence[SalesOrder], delivery: SalesDelivery | None) -> list[_Source]:
    lines = _open_lines(orders)
    reserved = _reserved(lines)
    on_it = {row.order_line_id: row for row in delivery.lines.all()} if delivery else {}
    found = []
    for line in lines:
        held = reserved.get(line.pk, ZERO)
        row = on_it.get(line.pk)
        first = (row.qty if row else ZERO) if delivery else (held if line.item.is_stocked else line.open_qty)
        found.append(_Source(line, held, first, row.line_qty if row else None))
    return found


def _grid(sources: Sequence[_Source]) -> LineGrid:
    rows = []
    for source in sources:
        line = source.line
        rows.append(
            GridRow(
                {
                    "id": str(line.pk),
                    "order": line.document.number,
                    "item": f"{line.item.name} {line.item.spec}".strip(),
                    "unit": ordered_units(line),
                    "ordered": formats.qty(line.wanted_qty),
                    "open": formats.qty(line.open_qty),
                    "reserved": formats.qty(source.reserved) if line.item.is_stocked else "–",
                    "qty": counted_words(line, source.qty, source.count),
                },
                short=("reserved",) if line.item.is_stocked and source.reserved < line.open_qty else (),
            )
        )
    return LineGrid(COLUMNS, rows=rows, fixed=True)


def _read(request: HttpRequest) -> tuple[DeliveryLineInput, ...]:
    """The quantities keyed; rows left empty are not delivered."""
    problems: list[Refusal] = []
    found = []
    lines = read_lines(request.POST, COLUMNS)
    ids = [line_id for line in lines if (line_id := entry.uuid_of(line.text("id")))]
    sources = SalesOrderLine.objects.select_related("item__unit", "line_unit").in_bulk(ids)
    for line in lines:
        line_id = entry.uuid_of(line.text("id"))
        qty, count = counted_quantity(line, sources.get(line_id) if line_id else None, problems)
        if qty and line_id:
            found.append(DeliveryLineInput(order_line_id=line_id, qty=qty, unit_qty=count))
    if problems:
        raise Refusal.many(problems)
    if not found:
        raise ValidationRefused(
            _("Nothing is on the delivery."), field="lines", way_out=_("Type how much of a line leaves.")
        )
    return tuple(found)


def _kept(grid: LineGrid, request: HttpRequest, refusal: Refusal | None) -> LineGrid:
    """The grid with the quantities that were typed, the computed cells as they are."""
    posted = {line.text("id"): line for line in read_lines(request.POST, COLUMNS)}
    marked = grid.with_posted(request.POST, refusal)
    errors = {row.values.get("id"): row.errors for row in marked.rows}
    rows = []
    for row in grid.rows:
        key = row.values["id"]
        typed = posted[key].text("qty") if key in posted else ""
        rows.append(GridRow({**row.values, "qty": typed}, errors.get(key, {}), row.short))
    return replace(grid, rows=rows)


def _entry(
    request: HttpRequest,
    *,
    orders: Sequence[SalesOrder],
    delivery: SalesDelivery | None,
    save: Callable[[tuple[DeliveryLineInput, ...], DeliveryData], SalesDelivery],
) -> HttpResponse:
    grid, error, status = _grid(_sources(orders, delivery)), None, 200
    if request.method == "POST":
        form = DeliveryForm(request.POST)
        status = 400
        refusal = None
        if form.is_valid():
            try:
                made = save(_read(request), form.values())
            except Refusal as caught:
                refusal, error, status = caught, block_of(caught), caught.status
            else:
                messages.success(request, _("%(number)s is saved.") % {"number": made.number})
                return HttpResponseRedirect(detail_url(made))
        grid = _kept(grid, request, refusal)
    else:
        form = DeliveryForm(initial=_initial(orders, delivery))
    title = _("Edit %(number)s") % {"number": delivery.number} if delivery else _("New delivery")
    context = {
        "form": form,
        "grid": grid,
        "error": error,
        "title": title,
        "customer": orders[0].customer,
        "version": request.POST.get("version") or (delivery.version if delivery else ""),
        "crumbs": [Crumb(_("Sales")), Crumb(_("Deliveries"), reverse("staff:sales_delivery_list"))],
        "cancel_url": detail_url(delivery) if delivery else reverse("staff:sales_delivery_list"),
    }
    return render(request, "staff/sales/delivery_form.html", context, status=status)


def _initial(orders: Sequence[SalesOrder], delivery: SalesDelivery | None) -> dict[str, Any]:
    if delivery is None:
        return {"doc_date": clock.today(), "ship_to": orders[0].ship_to}
    names = ("doc_date", "expected_date", "tracking_no", "ship_to", "remark")
    return {name: getattr(delivery, name) for name in names} | {"carrier_id": str(delivery.carrier_id or "")}


@staff_view("sales.delivery.edit")
def delivery_new(request: HttpRequest) -> HttpResponse:
    """A delivery of the orders named in the address; without any, choose one that can ship."""
    numbers = [number for number in ",".join(request.GET.getlist("order")).split(",") if number]
    if not numbers:
        return _choose_order(request)
    orders = [load_order(request.actor, number) for number in numbers[:20]]  # type: ignore[attr-defined]

    def save(lines: tuple[DeliveryLineInput, ...], data: DeliveryData) -> SalesDelivery:
        ids = [order.pk for order in orders]
        return deliveries.create_delivery(order_ids=ids, lines=lines, data=data, **who_and_when(request))

    return _entry(request, orders=orders, delivery=None, save=save)


def _choose_order(request: HttpRequest) -> HttpResponse:
    """Orders with goods set aside, the oldest requested date first."""
    reserved = DemandLine.objects.filter(reserved_qty__gt=0).values("ref_id")
    found = visible_orders(request.actor).filter(approval="approved", closing="open", pk__in=reserved)  # type: ignore[attr-defined]
    rows = found.select_related("customer").order_by("requested_date", "number")[:50]
    crumbs = [Crumb(_("Sales")), Crumb(_("Deliveries"), reverse("staff:sales_delivery_list"))]
    return render(request, "staff/sales/delivery_choose.html", {"rows": rows, "crumbs": crumbs})


@staff_view("sales.delivery.edit")
def delivery_edit(request: HttpRequest, number: str) -> HttpResponse:
    delivery = load_delivery(request.actor, number)  # type: ignore[attr-defined]
    if not delivery.is_draft:
        messages.warning(request, _("%(number)s is not a draft any more.") % {"number": number})
        return HttpResponseRedirect(detail_url(delivery))
    ids = delivery.lines.values_list("order_line__document_id", flat=True)
    orders = list(SalesOrder.objects.select_related("customer").filter(pk__in=ids).order_by("number"))

    def save(lines: tuple[DeliveryLineInput, ...], data: DeliveryData) -> SalesDelivery:
        version = version_of(request)
        return deliveries.save_delivery(
            delivery_id=delivery.pk, lines=lines, data=data, version=version, **who_and_when(request)
        )

    return _entry(request, orders=orders, delivery=delivery, save=save)


# --- steps -----------------------------------------------------------------------------------------------
def _step(
    request: HttpRequest, number: str, do: Callable[[SalesDelivery], Any], done: Any, back: Any = None
) -> HttpResponse:
    delivery = load_delivery(request.actor, number)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: do(delivery),
        done=done,
        back=back or detail_url(delivery),
        refused=lambda error: draw_delivery(request, load_delivery(request.actor, number), error),  # type: ignore[attr-defined]
    )


@require_POST
@staff_view("sales.delivery.approve")
def delivery_approve(request: HttpRequest, number: str) -> HttpResponse:
    who = who_and_when(request) | {"version": version_of(request)}
    return _step(
        request, number, lambda it: deliveries.approve_delivery(delivery_id=it.pk, **who), _("Shipped and booked.")
    )


@require_POST
@staff_view("sales.delivery.unapprove")
def delivery_unapprove(request: HttpRequest, number: str) -> HttpResponse:
    who = who_and_when(request) | {"reason": request.POST.get("reason", "")[:300]}
    return _step(request, number, lambda it: deliveries.unapprove_delivery(delivery_id=it.pk, **who), _("Taken back."))


@require_POST
@staff_view("sales.delivery.edit")
def delivery_void(request: HttpRequest, number: str) -> HttpResponse:
    who = who_and_when(request) | {"reason": request.POST.get("reason", "")[:300]}
    return _step(request, number, lambda it: deliveries.void_delivery(delivery_id=it.pk, **who), _("Voided."))


@require_POST
@staff_view("sales.delivery.edit")
def delivery_pick(request: HttpRequest, number: str) -> HttpResponse:
    """All that is on the delivery lies ready."""
    who = who_and_when(request)
    return _step(request, number, lambda it: handling.pick_lines(delivery_id=it.pk, **who), _("Picked."))


@require_POST
@staff_view("sales.delivery.edit")
def delivery_put_back(request: HttpRequest, number: str) -> HttpResponse:
    who = who_and_when(request)
    return _step(request, number, lambda it: handling.put_back(delivery_id=it.pk, **who), _("Nothing is picked."))


@require_POST
@staff_view("sales.delivery.edit")
def delivery_pack(request: HttpRequest, number: str) -> HttpResponse:
    who = who_and_when(request)
    return _step(request, number, lambda it: handling.pack_delivery(delivery_id=it.pk, **who), _("Packed."))


@require_POST
@staff_view("sales.delivery.edit")
def delivery_sign(request: HttpRequest, number: str) -> HttpResponse:
    """Note who received the goods, and when."""
    who = who_and_when(request)

    def sign(delivery: SalesDelivery) -> Any:
        return deliveries.sign_delivery(
            delivery_id=delivery.pk,
            signed_by=request.POST.get("signed_by", ""),
            note=request.POST.get("note", "")[:200],
            signed_at=_moment_of(request.POST.get("signed_on", ""), who["at"]),
            **who,
        )

    return _step(request, number, sign, _("The customer has the goods."))


def _moment_of(day: str, now: datetime) -> datetime:
    """Now for today, noon for an earlier day."""
    chosen = entry.day_of(day)
    if chosen is None or chosen == clock.today():
        return now
    return timezone.make_aware(datetime.combine(chosen, time(12)), tenancy.time_zone())


@require_POST
@staff_view("logistics.shipment.edit")
def delivery_milestone(request: HttpRequest, number: str) -> HttpResponse:
    """Report where the goods are."""
    who = who_and_when(request)

    def report(delivery: SalesDelivery) -> Any:
        shipment = Shipment.objects.filter(source_id=delivery.pk, dispatched_at__isnull=False).first()
        if shipment is None:
            raise Conflict(_("%(number)s has not left yet.") % {"number": delivery.number}, document=delivery.number)
        typed: dict[str, Any] = {name: request.POST.get(name, "") for name in ("kind", "place", "note")}
        return report_milestone(shipment_id=shipment.pk, **typed, **who)

    return _step(request, number, report, _("Reported; the customer sees it."))


@require_POST
@staff_view("invoicing.sales_invoice.edit")
def delivery_invoice(request: HttpRequest, number: str) -> HttpResponse:
    who = who_and_when(request)
    return _step(
        request,
        number,
        lambda it: order_to_cash.invoice_deliveries(delivery_ids=[it.pk], **who),
        _("A draft invoice: check it, then approve it."),
        back=lambda made: reverse("staff:sales_invoice_detail", kwargs={"number": made.number}),
    )
