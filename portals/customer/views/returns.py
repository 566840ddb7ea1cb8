"""Sending goods back: asked for within the company's rules, followed until it is settled (SAL-03)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from backend.kernel.document import item_names
from backend.kernel.errors import Refusal, ValidationRefused
from backend.sales.models import ReturnOutcome, ReturnReason, SalesDeliveryLine, SalesReturnLine
from backend.sales.selectors import returns as reads
from backend.sales.services import returns
from backend.sales.services.inputs import ReturnData, ReturnLineInput
from backend.workflow import parameters
from portals.customer.frame import found_or_404, page, who_and_when
from portals.ui import typed
from portals.ui.guards import customer_view
from portals.ui.sent_once import form_key, sent_once

MOST = 60


@require_safe
@customer_view("customer.order.view")
def return_list(request: HttpRequest) -> HttpResponse:
    """Everything that was or is to be sent back, newest first."""
    found = reads.returns_visible_to(request.actor).annotate(item_names=item_names(SalesReturnLine))  # type: ignore[attr-defined]
    context = {"returns": list(found[:MOST]), "may_return": request.actor.may("customer.order.return")}  # type: ignore[attr-defined]
    return page(request, "customer/return_list.html", "orders", context)


@require_safe
@customer_view("customer.order.view")
def return_detail(request: HttpRequest, number: str) -> HttpResponse:
    """One return: where it stands, and what becomes of each line."""
    found = found_or_404(reads.return_for(request.actor, number))  # type: ignore[attr-defined]
    return page(request, "customer/return_detail.html", "orders", {"return": found, "lines": list(found.lines.all())})


@require_http_methods(["GET", "HEAD", "POST"])
@customer_view("customer.order.return")
def return_new(request: HttpRequest) -> HttpResponse:
    """Ask to send goods back."""
    lines = list(reads.returnable_by(request.actor)[:MOST])  # type: ignore[attr-defined]
    if request.method != "POST":
        return _draw(request, lines)
    try:
        number = sent_once(request, "return", lambda: _ask(request, lines))
    except Refusal as refusal:
        return _draw(request, lines, refusal)
    messages.success(request, _("%(number)s is with us: you hear soon.") % {"number": number})
    return redirect("customer:return_detail", number=number)


def _ask(request: HttpRequest, lines: list[SalesDeliveryLine]) -> str:
    made = returns.save_return(data=_read(request, lines), **who_and_when(request))
    return str(made.number)


def _read(request: HttpRequest, lines: list[SalesDeliveryLine]) -> ReturnData:
    reason, outcome = request.POST.get("reason", ""), request.POST.get("outcome", "")
    note = typed.words(request.POST, "note", 200)
    wanted = []
    for number, line in enumerate(lines, 1):
        qty = typed.number(request.POST, f"qty-{line.pk}", line=number)
        if qty:
            wanted.append(ReturnLineInput(line.pk, qty, reason, note))
    if not wanted:
        raise ValidationRefused(_("Say how many of which goods come back."), field="lines")
    return ReturnData(lines=tuple(wanted), outcome=outcome if outcome in ReturnOutcome.values else "credit")


def _draw(request: HttpRequest, lines: list[SalesDeliveryLine], refusal: Refusal | None = None) -> HttpResponse:
    for line in lines:
        line.typed = request.POST.get(f"qty-{line.pk}", "") if refusal else ""  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "lines": lines,
        "reasons": ReturnReason.choices,
        "outcomes": ReturnOutcome.choices,
        "days": parameters.get("sales.return_days"),
        "key": form_key(request.POST),
    }
    return page(request, "customer/return_new.html", "orders", context, refusal)
