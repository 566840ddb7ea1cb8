"""Deliveries: shipping notices over lines of several orders, with lots; labels to stick on packages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.inventory.services.naming import serial_lines
from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.logistics import selectors as logistics
from backend.purchasing.models import PurchaseOrderLine
from backend.purchasing.selectors import asns as asn_reads
from backend.purchasing.selectors import orders as order_reads
from backend.purchasing.services import asn_way, asns
from backend.purchasing.services.inputs import AsnData, AsnLineInput
from portals.supplier import thread
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.guards import supplier_view
from portals.ui.sent_once import form_key, sent_once
from portals.ui.serials import rows_of

PER_PAGE = 30
MOST_LINES = 200
LOTS = 3


@require_safe
@supplier_view("supplier.order.view")
def asn_list(request: HttpRequest) -> HttpResponse:
    """Shipping notices, newest first, and the way to the next one."""
    found = asn_reads.asns_visible_to(request.actor).prefetch_related("lines")  # type: ignore[attr-defined]
    paged = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "paged": paged,
        "ready": order_reads.lines_to_ship(request.actor.party_id).count(),  # type: ignore[attr-defined]
        "may_ship": request.actor.may("supplier.asn.edit"),  # type: ignore[attr-defined]
    }
    return page(request, "supplier/asn_list.html", "shipments", context)


@require_safe
@supplier_view("supplier.order.view")
def asn_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One shipping notice with its shipment's milestones."""
    notice = asn_reads.asn_for(request.actor, number)  # type: ignore[attr-defined]
    return _draw(request, notice)


def _draw(request: HttpRequest, notice: Any, refusal: Refusal | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "notice": notice,
        "shipment": logistics.shipment_of(notice.pk),
        "may_change": notice.state in asn_reads.ON_ITS_WAY and request.actor.may("supplier.asn.edit"),  # type: ignore[attr-defined]
        "typed": request.POST if refusal else {},
        "today": clock.today(),
        "serials": rows_of(request, serial_lines(notice)),
        **thread.thread_of(request, notice, reverse("supplier:asn_message", args=[notice.number])),
    }
    if refusal:
        context |= refused(refusal)
    status = refusal.status if refusal else 200
    return page(request, "supplier/asn_detail.html", "shipments", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@supplier_view("supplier.asn.edit")
def asn_new(request: HttpRequest) -> HttpResponse:
    """Announce a shipment: choose lines, quantities, lots, carrier."""
    lines = list(order_reads.lines_to_ship(request.actor.party_id)[:MOST_LINES])  # type: ignore[attr-defined]
    if request.method != "POST":
        return _draw_form(request, lines, {})
    try:
        number = _submit(request, lines)
    except Refusal as refusal:
        return _draw_form(request, lines, request.POST, refusal)
    messages.success(request, _("%(number)s is announced. The warehouse expects it.") % {"number": number})
    return redirect("supplier:asn_detail", number=number)


def _submit(request: HttpRequest, lines: list[PurchaseOrderLine]) -> str:
    """Announce what was typed, once: the same form sent again by a phone that lost the answer is the same shipment."""
    who = who_and_when(request)
    return sent_once(request, "asn", lambda: asns.submit_asn(data=_typed(lines, request), **who).number)


def _draw_form(
    request: HttpRequest, lines: list[PurchaseOrderLine], posted: Any, refusal: Refusal | None = None
) -> HttpResponse:
    for line in lines:
        line.lots = [_lot_row(line, place, posted) for place in range(LOTS)]
    context: dict[str, Any] = {
        "lines": lines,
        "typed": posted,
        "key": form_key(posted),
        "expected": posted.get("expected_date", (clock.today() + timedelta(days=2)).isoformat()),
    }
    if refusal:
        context |= refused(refusal)
    return page(request, "supplier/asn_new.html", "shipments", context, status=refusal.status if refusal else 200)


def _key(line: PurchaseOrderLine, place: int) -> str:
    """The end of a field's name: the first lot of a line has the line's id alone."""
    return f"{line.pk}-{place}" if place else str(line.pk)


def _lot_row(line: PurchaseOrderLine, place: int, posted: Any) -> dict[str, Any]:
    """What was typed for one lot of a line; at first everything that is confirmed, in one lot."""
    key = _key(line, place)
    first = formats.plain(line.to_ship) if not posted and not place else ""  # type: ignore[attr-defined]
    row = {name: posted.get(f"{name}-{key}", "") for name in ("lot", "expiry", "mfg", "packs")}
    return {"key": key, "place": place, "qty": posted.get(f"qty-{key}", first), **row}


def _typed(lines: list[PurchaseOrderLine], request: HttpRequest) -> AsnData:
    posted = request.POST
    chosen = []
    for line in lines:
        for place in range(LOTS):
            key = _key(line, place)
            qty = reading.number(posted, f"qty-{key}", line=line.line_no)
            if not qty:
                continue
            packages = posted.get(f"packs-{key}", "").strip()
            chosen.append(
                AsnLineInput(
                    order_line_id=line.pk,
                    qty=qty,
                    lot_no=reading.words(posted, f"lot-{key}", 40),
                    mfg_date=reading.day(posted, f"mfg-{key}", line=line.line_no),
                    expiry_date=reading.day(posted, f"expiry-{key}", line=line.line_no),
                    packages=reading.whole(posted, f"packs-{key}", least=0, most=9999) if packages else 0,
                )
            )
    expected = reading.day(posted, "expected_date")
    if expected is None:
        raise ValidationRefused(_("Say when the goods will arrive."), field="expected_date")
    return AsnData(
        lines=chosen,
        expected_date=expected,
        carrier_name=reading.words(posted, "carrier_name", 60),
        tracking_no=reading.words(posted, "tracking_no", 60),
        packages=reading.whole(posted, "packages", least=1, most=9999) if posted.get("packages") else 1,
        remark=reading.words(posted, "remark", 1000),
    )


@require_POST
@supplier_view("supplier.asn.edit")
def asn_withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """The notice was wrong."""
    notice = asn_reads.asn_for(request.actor, number)  # type: ignore[attr-defined]
    try:
        asns.withdraw_asn(asn_id=notice.pk, reason=reading.words(request.POST, "reason"), **who_and_when(request))
    except Refusal as refusal:
        return _draw(request, notice, refusal)
    messages.success(request, _("%(number)s is withdrawn.") % {"number": notice.number})
    return redirect("supplier:asn_list")


@require_POST
@supplier_view("supplier.asn.edit")
def asn_dispatch(request: HttpRequest, number: str) -> HttpResponse:
    """The goods left, or passed a place."""
    return step_of(
        request,
        number,
        lambda notice: asn_way.dispatch_asn(
            asn_id=notice.pk,
            place=reading.words(request.POST, "place", 100),
            note=reading.words(request.POST, "note", 200),
            **who_and_when(request),
        ),
        _("The buyer sees where the goods are."),
    )


@require_POST
@supplier_view("supplier.asn.edit")
def asn_move(request: HttpRequest, number: str) -> HttpResponse:
    """Another day of arrival, carrier or tracking number."""

    def move(notice: Any) -> Any:
        expected = reading.day(request.POST, "expected_date")
        if expected is None:
            raise ValidationRefused(_("Say when the goods will arrive."), field="expected_date")
        return asn_way.move_asn(
            asn_id=notice.pk,
            expected_date=expected,
            carrier_name=reading.words(request.POST, "carrier_name", 60),
            tracking_no=reading.words(request.POST, "tracking_no", 60),
            reason=reading.words(request.POST, "reason", 200),
            **who_and_when(request),
        )

    return step_of(request, number, move, _("Kept. What waits for the goods has moved with them."))


@require_POST
@supplier_view("supplier.order.view")
def asn_message(request: HttpRequest, number: str) -> HttpResponse:
    """A message or a document that goes with the shipment: packing list, test report."""
    return step_of(request, number, lambda notice: thread.write(request, notice), "")


def step_of(request: HttpRequest, number: str, do: Callable[[Any], Any], done: str) -> HttpResponse:
    """Do one thing to a notice of the supplier; its page says why not."""
    notice = asn_reads.asn_for(request.actor, number)  # type: ignore[attr-defined]
    try:
        do(notice)
    except Refusal as refusal:
        return _draw(request, notice, refusal)
    if done:
        messages.success(request, done)
    return redirect("supplier:asn_detail", number=notice.number)
