"""What every page of the portal shares."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.kernel import clock
from backend.kernel.errors import Refusal
from portals.ui.errors import block_of

TABS = (
    ("home", "customer:home", "home", "customer.order.view"),
    ("orders", "customer:order_list", "file-text", "customer.order.view"),
    ("tickets", "customer:ticket_list", "headset", "customer.ticket.edit"),
    ("invoices", "customer:invoice_list", "file-invoice", "customer.invoice.view"),
    ("team", "customer:team", "users", "customer.member.manage"),
)


def _label(key: str) -> str:
    return {
        "home": _("Overview"),
        "orders": _("Orders"),
        "tickets": _("Support"),
        "invoices": _("Invoices"),
        "team": _("Colleagues"),
    }[key]


def page(
    request: HttpRequest,
    template: str,
    tab: str,
    context: dict[str, Any] | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    """Draw a page with its navigation; a refusal adds its block and its status, and gives back what was typed."""
    actor = request.actor  # type: ignore[attr-defined]
    links = [
        {"label": _label(key), "url": reverse(name), "icon": icon, "current": key == tab}
        for key, name, icon, right in TABS
        if actor.may(right)
    ]
    shown = {
        "portal_nav": links,
        "party_name": request.member.party.label,  # type: ignore[attr-defined]
        "sees_prices": actor.may("customer.price.view"),
        "may_ticket": actor.may("customer.ticket.edit"),
        "typed": request.POST if refusal else {},
        **(context or {}),
    }
    if refusal:
        shown["error"] = block_of(refusal)
    return render(request, template, shown, status=refusal.status if refusal else 200)


def who_and_when(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and now, as services take them."""
    return {"actor": request.actor, "at": clock.now()}  # type: ignore[attr-defined]


def found_or_404(row: Any) -> Any:
    """The row, or 404: a foreign one is as unknown as one that never was."""
    if row is None:
        raise Http404
    return row
