"""What every page of the portal shares: its navigation, its error block, who acts and when."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.kernel import clock
from backend.kernel.errors import Refusal
from backend.purchasing.selectors import orders as order_reads
from portals.ui.errors import block_of

TABS = (
    ("home", "supplier:home", "inbox", "supplier.order.view"),
    ("orders", "supplier:order_list", "file-text", "supplier.order.view"),
    ("rfqs", "supplier:rfq_list", "scale", "supplier.rfq.view"),
    ("shipments", "supplier:asn_list", "truck", "supplier.order.view"),
    ("settlement", "supplier:settlement", "coin-yuan", "supplier.statement.view"),
    ("company", "supplier:profile", "building", "supplier.profile.view"),
    ("team", "supplier:team", "users", "supplier.member.manage"),
)


def _label(key: str) -> str:
    return {
        "home": _("To do"),
        "orders": _("Orders"),
        "rfqs": _("Requests"),
        "shipments": _("Shipping"),
        "settlement": _("Settlement"),
        "company": _("Our firm"),
        "team": _("Colleagues"),
    }[key]


def page(
    request: HttpRequest, template: str, tab: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Draw a page of the portal with its navigation."""
    actor = request.actor  # type: ignore[attr-defined]
    waiting = order_reads.lines_to_confirm(actor).values("document").distinct().count()
    links = [
        {
            "label": _label(key),
            "url": reverse(name),
            "icon": icon,
            "current": key == tab,
            "count": waiting if key == "orders" and waiting else None,
        }
        for key, name, icon, right in TABS
        if actor.may(right)
    ]
    member = request.member  # type: ignore[attr-defined]
    shown = {
        "portal_nav": links,
        "party_name": member.party.label,
        "sees_prices": actor.may("supplier.price.view"),
        **(context or {}),
    }
    return render(request, template, shown, status=status)


def refused(refusal: Refusal) -> dict[str, Any]:
    """The context of a page that shows why something was not done."""
    return {"error": block_of(refusal)}


def who_and_when(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and now, as services take them."""
    return {"actor": request.actor, "at": clock.now()}  # type: ignore[attr-defined]
