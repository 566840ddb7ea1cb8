"""The KPI tiles of the home page: the figures of reporting with their change, their basis and a line of the last months."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backend.kernel import clock
from backend.reporting import kpis
from portals.ui import formats, navigation
from portals.ui.components import Kpi

RANGES: dict[str, Any] = {
    "today": gettext_lazy("Today"),
    "month": gettext_lazy("This month"),
    "quarter": gettext_lazy("This quarter"),
}
_BASIS = {
    "today": gettext_lazy("against yesterday"),
    "month": gettext_lazy("against as many days before"),
    "quarter": gettext_lazy("against as many days before"),
}
_TARGET = Decimal(95)


def _url(name: str, query: str = "") -> str:
    try:
        url = reverse(f"staff:{name}")
    except NoReverseMatch:
        return ""
    return f"{url}?{query}" if query else url


def _change(found: kpis.Kpi) -> tuple[str, bool]:
    """The change against the range before: per cent of amounts, points of percentages."""
    now, before = found.value, found.former
    if now is None or before in (None, Decimal(0)):
        return "", True
    if found.unit == "percent":
        points = now - before
        words = _("%(points)s points") % {"points": _signed(points)}
    else:
        points = (now - before) * 100 / abs(before)
        words = f"{_signed(points)}%"
    return words, (points >= 0) == (found.better == "up")


def _signed(value: Decimal) -> str:
    number = value.quantize(Decimal("0.1"))
    return f"+{formats.qty(number)}" if number > 0 else formats.qty(number)


def _tile(found: kpis.Kpi, chosen: str, **extra: Any) -> Kpi:
    money = found.unit == "money"
    delta, good = _change(found)
    value = formats.whole_money(found.value) if money else formats.qty(found.value)
    return Kpi(
        label=found.label,
        value=value,
        unit=(_("CNY") if money else "%") if found.value is not None else "",
        delta=delta,
        delta_good=good,
        basis=_BASIS[chosen] if delta else "",
        **extra,
    )


def _sales(within: kpis.Range, chosen: str, months: Sequence[kpis.Month], cost: bool) -> list[Kpi]:
    net, margin = kpis.sales(within)
    revenue = [month.revenue for month in months]
    query = {"today": "date=today", "month": "date=month", "quarter": "date=quarter"}[chosen]
    count = ngettext("%(count)s invoice", "%(count)s invoices", net.n) % {"count": net.n}
    found = [
        _tile(
            net,
            chosen,
            url=_url("sales_invoice_list", f"{query}&approval=approved"),
            series=revenue,
            lines=[count] if not net.former else (),
        )
    ]
    if cost:
        shares = [100 * (month.revenue - month.cost) / month.revenue for month in months if month.revenue]
        found.append(_tile(margin, chosen, url=_url("income_statement"), series=shares))
    return found


def _on_time(within: kpis.Range, chosen: str) -> Kpi:
    found = kpis.on_time_delivery(within, clock.today())
    below = found.value is not None and found.value < _TARGET
    lines = [
        _("target %(target)s%%") % {"target": _TARGET},
        _("%(done)s / %(due)s lines") % {"done": found.numerator, "due": found.denominator or 0},
    ]
    tile = _tile(found, chosen, url=_url("sales_order_list", "late=1"), signal=below)
    return Kpi(label=tile.label, value=tile.value, unit=tile.unit, url=tile.url, lines=lines, signal=below)


def _receivable(chosen: str) -> Kpi:
    open_amount, overdue = kpis.open_balances(clock.today())[:2]
    late = (
        _("overdue %(amount)s") % {"amount": formats.whole_money(overdue.numerator)}
        if overdue.numerator
        else _("nothing overdue")
    )
    share = f"{formats.qty(overdue.value)}%" if overdue.numerator and overdue.value is not None else ""
    url = _url("sales_invoice_list", "approval=approved&settled=none,partial")
    return _plain(open_amount, chosen, url, [late, share], signal=bool(overdue.numerator))


def _plain(found: kpis.Kpi, chosen: str, url: str, lines: Sequence[Any], *, signal: bool = False) -> Kpi:
    tile = _tile(found, chosen)
    return Kpi(
        label=tile.label,
        value=tile.value,
        unit=tile.unit,
        url=url,
        lines=[line for line in lines if line],
        signal=signal,
    )


def kpis_for(request: HttpRequest, chosen: str) -> list[Kpi]:
    """The tiles this member may see; margin is for those who may see cost, money for those who may see the books."""
    may = partial(navigation.may, request)
    if not may("reporting.kpi.view"):
        return []
    within = kpis.RANGES[chosen](clock.today())
    months = kpis.revenue_by_month(clock.today(), months=12)
    tiles = _sales(within, chosen, months, may("catalog.cost.view"))
    tiles.append(_on_time(within, chosen))
    if may("accounting.open_item.view"):
        tiles.append(_receivable(chosen))
    if may("accounting.report.view"):
        tiles.append(_plain(kpis.money(), chosen, _url("general_ledger"), [_("balance of the books today")]))
    return tiles
