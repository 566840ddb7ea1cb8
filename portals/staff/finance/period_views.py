"""Periods: the months of the books, the checklist before closing, closing, the profit transfer, reopening."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.accounting import checks
from backend.accounting.models import Period
from backend.accounting.selectors import period_of, periods
from backend.accounting.services import closing
from backend.accounting.services import periods as services
from backend.kernel import clock
from backend.kernel.errors import NotFoundRefused, Refusal
from portals.staff.shared.acting import who_and_when
from portals.ui.chips import Chip, chip
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address

CLOSE = "accounting.period.close"
_LEVELS = {
    "green": ("ok", lambda: _("In order")),
    "amber": ("need", lambda: _("Look at it")),
    "red": ("bad", lambda: _("Blocks")),
}


def _chosen(code: str) -> Period:
    found = periods().filter(code=code).first() if code else _next_to_close()
    if found is None:
        raise NotFoundRefused(_("The books have no period %(code)s.") % {"code": code[:20]}, value=code[:20])
    return found


def _next_to_close() -> Period | None:
    """The oldest open month that has begun, else the running one."""
    today = clock.today()
    return Period.objects.filter(state="open", start_date__lte=today).order_by("start_date").first() or period_of(today)


def _page(request: HttpRequest, code: str = "", refusal: Refusal | None = None) -> HttpResponse:
    period = _chosen(code)
    may = request.actor.may(CLOSE)  # type: ignore[attr-defined]
    results: list[dict[str, Any]] = []
    if period.is_open:
        for result in checks.run(period):
            look, words = _LEVELS[result.level]
            links = [(number, document_address(kind, number)) for kind, number in result.links[:8]]
            results.append({"it": result, "chip": Chip(look, words()), "links": links})
    context = {
        "period": period,
        "chips": [chip("period", period.state)],
        "rows": list(periods().filter(start_date__lte=clock.today())[:36]),
        "results": results,
        "blocked": any(row["it"].level == "red" for row in results),
        "may": may,
        "reason": request.POST.get("reason", ""),
        "crumbs": [Crumb(_("Finance")), Crumb(_("Periods"), reverse("staff:period_list"))],
        "error": block_of(refusal) if refusal else None,
    }
    return render(request, "staff/finance/periods.html", context, status=refusal.status if refusal else 200)


@staff_view("accounting.period.view")
def period_list(request: HttpRequest) -> HttpResponse:
    return _page(request)


@staff_view("accounting.period.view")
def period_detail(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, code)


def _step(request: HttpRequest, code: str, service: Any, done: Any, **more: Any) -> HttpResponse:
    period = _chosen(code)
    try:
        service(period_id=period.pk, **more, **who_and_when(request))
    except Refusal as refusal:
        return _page(request, code, refusal)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("staff:period_detail", kwargs={"code": code}))


@require_POST
@staff_view(CLOSE)
def period_close(request: HttpRequest, code: str) -> HttpResponse:
    return _step(request, code, services.close_period, _("%(code)s is closed.") % {"code": code})


@require_POST
@staff_view(CLOSE)
def period_transfer(request: HttpRequest, code: str) -> HttpResponse:
    return _step(request, code, closing.transfer_profit, _("Profit is transferred."))


@require_POST
@staff_view(CLOSE)
def period_reopen(request: HttpRequest, code: str) -> HttpResponse:
    reason = request.POST.get("reason", "").strip()[:300]
    return _step(request, code, services.reopen_period, _("%(code)s is open again.") % {"code": code}, reason=reason)
