"""Goods on consignment: an agent sees what lies with him, what was sent and settled, and reports what he sold (INV-13)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backend.kernel.document import item_names
from backend.kernel.errors import Refusal, ValidationRefused
from backend.sales.models import ConsignmentLine
from backend.sales.selectors import consignments as reads
from backend.sales.services.consignment_reports import agent_prices, report_sold
from backend.sales.services.inputs import ConsignmentLineInput
from portals.customer.frame import found_or_404, page, who_and_when
from portals.ui import typed
from portals.ui.guards import customer_view
from portals.ui.sent_once import form_key, sent_once

MOST = 60


@require_safe
@customer_view("customer.consignment.view")
def consignment_list(request: HttpRequest) -> HttpResponse:
    """What lies with the agent, and everything that was sent, came back or was settled, newest first."""
    actor = request.actor  # type: ignore[attr-defined]
    found = reads.consignments_visible_to(actor).annotate(item_names=item_names(ConsignmentLine))
    goods = _goods(request)
    may_report = actor.may("customer.consignment.report") and any(row["free"] for row in goods)
    context = {"goods": goods, "documents": list(found[:MOST]), "may_report": may_report}
    return page(request, "customer/consignment_list.html", "orders", context)


@require_safe
@customer_view("customer.consignment.view")
def consignment_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One document: what went to the agent, came back, or was sold, and where it stands."""
    found = found_or_404(reads.consignment_for(request.actor, number))  # type: ignore[attr-defined]
    context = {"document": found, "lines": list(found.lines.all())}
    return page(request, "customer/consignment_detail.html", "orders", context)


@require_http_methods(["GET", "HEAD", "POST"])
@customer_view("customer.consignment.report")
def consignment_new(request: HttpRequest) -> HttpResponse:
    """Report what was sold: we check it, and the invoice follows."""
    goods = [row for row in _goods(request) if row["free"]]
    if request.method != "POST":
        return _draw(request, goods)
    try:
        number = sent_once(request, "consignment", lambda: _report(request, goods))
    except Refusal as refusal:
        return _draw(request, goods, refusal)
    messages.success(request, _("%(number)s is with us: the invoice follows.") % {"number": number})
    return redirect("customer:consignment_detail", number=number)


def _report(request: HttpRequest, goods: Sequence[dict[str, Any]]) -> str:
    note = typed.words(request.POST, "note", 200)
    return str(report_sold(lines=_read(request, goods), remark=note, **who_and_when(request)).number)


def _goods(request: HttpRequest) -> list[dict[str, Any]]:
    """Goods with the agent as the pages draw them; his price where he may see prices."""
    party = request.member.party  # type: ignore[attr-defined]
    rows = reads.consigned_with(party.pk)
    prices = agent_prices(party, rows) if request.actor.may("customer.price.view") else {}  # type: ignore[attr-defined]
    return [
        {
            "key": f"{row.item.pk}-{row.lot.pk}" if row.lot else str(row.item.pk),
            "item": row.item,
            "lot": row.lot,
            "unsold": row.unsold,
            "reported": row.reported,
            "free": row.free,
            "price": prices.get(row.item.pk),
        }
        for row in rows
    ]


def _read(request: HttpRequest, goods: Sequence[dict[str, Any]]) -> list[ConsignmentLineInput]:
    wanted = []
    for number, row in enumerate(goods, 1):
        qty = typed.number(request.POST, f"qty-{row['key']}", line=number)
        if qty:
            wanted.append(ConsignmentLineInput(row["item"].pk, qty, lot_id=row["lot"].pk if row["lot"] else None))
    if not wanted:
        raise ValidationRefused(_("Say how many of which goods you sold."), field="lines")
    return wanted


def _draw(request: HttpRequest, goods: Sequence[dict[str, Any]], refusal: Refusal | None = None) -> HttpResponse:
    for row in goods:
        row["typed"] = request.POST.get(f"qty-{row['key']}", "") if refusal else ""
    context = {"goods": goods, "key": form_key(request.POST)}
    return page(request, "customer/consignment_new.html", "orders", context, refusal)
