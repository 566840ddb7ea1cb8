"""Scanning on the phone: receive a shipping notice in one scan, pick a delivery, look at a lot or an item."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backend.inventory.selectors.counts import running_counts
from backend.kernel import clock
from backend.kernel.errors import Refusal
from backend.processes import scanning
from portals.staff.shared.acting import who_and_when
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

_MOST_COUNTS = 5
RECEIVE, PICK, LOOK, SHIP, TICK, PACK = "receive", "pick", "look", "ship", "tick", "pack"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_view("inventory.stock.view")
def scan(request: HttpRequest) -> HttpResponse:
    """The page, and its answer to a scan: a part of the page for its script, the whole page without one."""
    result, status = None, 200
    if request.method == "POST":
        result, status = _answer(request)
        if request.headers.get("X-Requested-With") == "scan":
            return render(request, "staff/inventory/scan_result.html", {"result": result}, status=status)
    elif asked := request.GET.get("pick", "").strip()[:80]:
        result, status = _answered(request, PICK, asked, "")
    actor = request.actor  # type: ignore[attr-defined]
    modes = [(LOOK, _("Look up"), "search")]
    if actor.may("sales.delivery.view"):
        modes.insert(0, (PICK, _("Pick"), "package-export"))
    if actor.may("purchasing.receipt.approve"):
        modes.insert(0, (RECEIVE, _("Receive"), "package-import"))
    context = {
        "result": result,
        "counts": _counts(request),
        "modes": modes,
        "mode": _mode(request, [mode for mode, _label, _icon in modes]),
        "key": uuid4(),
        "crumbs": [Crumb(_("Inventory"))],
    }
    return render(request, "staff/inventory/scan.html", context, status=status)


def _mode(request: HttpRequest, modes: list[str]) -> str:
    """What scanning goes on with: picking stays picking."""
    asked = PICK if request.POST.get("mode") in {TICK, PACK} or "pick" in request.GET else request.POST.get("mode")
    return asked if asked in modes else modes[0]


def _answer(request: HttpRequest) -> tuple[dict[str, Any], int]:
    """What the scan did or found, and the status."""
    mode, code, key = (request.POST.get(name, "").strip()[:200] for name in ("mode", "code", "key"))
    return _answered(request, mode, code, key)


def _answered(request: HttpRequest, mode: str, code: str, key: str) -> tuple[dict[str, Any], int]:
    base: dict[str, Any] = {"code": code, "key": uuid4()}
    who = who_and_when(request)
    try:
        if mode == SHIP:
            number = scanning.ship_by_scan(text=code, key=key, **who)
            words = _("%(number)s is booked out.") % {"number": number}
            return base | {"done": words, "number": number, "url": document_address("sales.delivery", number)}, 200
        if mode == PACK:
            number = scanning.pack_by_scan(text=code, key=key, **who).number
            words = _("%(number)s is packed.") % {"number": number}
            return base | {"done": words, "number": number, "url": document_address("sales.delivery", number)}, 200
        if mode == TICK:
            number = _delivery_of(request)
            return base | _picking(scanning.pick_by_scan(text=code, number=number, key=key, **who), who["actor"]), 200
        found = scanning.read_scan(code, actor=who["actor"], at=clock.now())
        if mode == RECEIVE and found.kind == scanning.ASN:
            number = scanning.receive_by_scan(text=code, key=key, **who)
            words = _("%(notice)s is received with %(number)s.") % {"notice": found.number, "number": number}
            url = document_address("purchasing.receipt", number)
            return base | {"done": words, "number": number, "url": url, "found": found}, 200
        if found.kind == scanning.SERIAL and mode == PICK and (number := _delivery_of(request)):
            return base | _picking(scanning.pick_by_scan(text=code, number=number, key=key, **who), who["actor"]), 200
    except Refusal as refusal:
        return base | {"error": block_of(refusal)}, refusal.status
    if found.kind == scanning.DELIVERY and mode == PICK:
        return base | _picking(found, who["actor"]), 200
    return base | {"found": found, "url": _page_of(found), "may_ship": _may(found, who["actor"], "approve")}, 200


def _delivery_of(request: HttpRequest) -> str:
    """The delivery that is being picked."""
    return request.POST.get("delivery", "").strip()[:80]


def _may(found: scanning.Scanned, actor: Any, verb: str) -> bool:
    is_open = found.kind == scanning.DELIVERY and found.open
    return is_open and bool(actor.may(f"sales.delivery.{verb}"))


def _picking(found: scanning.Scanned, actor: Any) -> dict[str, Any]:
    """A delivery that is being picked, line by line."""
    return {
        "found": found,
        "url": _page_of(found),
        "may_ship": _may(found, actor, "approve"),
        "pick": _may(found, actor, "edit"),
    }


def _counts(request: HttpRequest) -> list[dict[str, Any]]:
    """Counts under way: who scans may go on with one there and then."""
    if not request.actor.may("inventory.count.enter"):  # type: ignore[attr-defined]
        return []
    rows = running_counts()[:_MOST_COUNTS]
    return [{"row": row, "url": reverse("staff:count_counting", kwargs={"number": row.number})} for row in rows]


def _page_of(found: scanning.Scanned) -> str:
    if found.kind == scanning.LOT:
        return reverse("staff:lot_detail", kwargs={"pk": found.pk})
    if found.kind == scanning.BIN:
        return reverse("staff:bin_detail", kwargs={"pk": found.pk})
    if found.kind == scanning.SERIAL:
        return reverse("staff:serial_detail", kwargs={"pk": found.pk})
    if found.kind == scanning.ITEM:
        return reverse("staff:item_detail", kwargs={"pk": found.pk})
    return document_address({"asn": "purchasing.asn", "delivery": "sales.delivery"}[found.kind], found.number)
