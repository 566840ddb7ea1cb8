"""Deliveries: shipping notices over lines of several orders, with lots; labels to stick on packages."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from backend.logistics import selectors as logistics
from backend.purchasing.models import PurchaseOrderLine
from backend.purchasing.selectors import asns as asn_reads
from backend.purchasing.selectors import orders as order_reads
from backend.purchasing.services import asns
from backend.purchasing.services.inputs import AsnData, AsnLineInput
from portals.supplier.frame import page, refused, who_and_when
from portals.ui import formats
from portals.ui import typed as reading
from portals.ui.guards import supplier_view

PER_PAGE = 30
MOST_LINES = 200


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
        "may_withdraw": notice.state == "submitted" and request.actor.may("supplier.asn.edit"),  # type: ignore[attr-defined]
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
        notice = asns.submit_asn(data=_typed(lines, request), **who_and_when(request))
    except Refusal as refusal:
        return _draw_form(request, lines, request.POST, refusal)
    messages.success(request, _("%(number)s is announced. The warehouse expects it.") % {"number": notice.number})
    return redirect("supplier:asn_detail", number=notice.number)


def _draw_form(
    request: HttpRequest, lines: list[PurchaseOrderLine], posted: Any, refusal: Refusal | None = None
) -> HttpResponse:
    for line in lines:
        line.shown = {
            "qty": posted.get(f"qty-{line.pk}", formats.plain(line.to_ship) if not posted else ""),
            "lot": posted.get(f"lot-{line.pk}", ""),
            "expiry": posted.get(f"expiry-{line.pk}", ""),
            "mfg": posted.get(f"mfg-{line.pk}", ""),
        }
    context: dict[str, Any] = {
        "lines": lines,
        "typed": posted,
        "expected": posted.get("expected_date", (clock.today() + timedelta(days=2)).isoformat()),
    }
    if refusal:
        context |= refused(refusal)
    return page(request, "supplier/asn_new.html", "shipments", context, status=refusal.status if refusal else 200)


def _typed(lines: list[PurchaseOrderLine], request: HttpRequest) -> AsnData:
    posted = request.POST
    chosen = []
    for line in lines:
        qty = reading.number(posted, f"qty-{line.pk}", line=line.line_no)
        if not qty:
            continue
        chosen.append(
            AsnLineInput(
                order_line_id=line.pk,
                qty=qty,
                lot_no=reading.words(posted, f"lot-{line.pk}", 40),
                mfg_date=reading.day(posted, f"mfg-{line.pk}", line=line.line_no),
                expiry_date=reading.day(posted, f"expiry-{line.pk}", line=line.line_no),
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
