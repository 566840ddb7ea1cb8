"""The comparison of offers as it is drawn: rows and suppliers, best and worst, the chart, the quantities to award."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.kernel.money import ZERO, total
from backend.purchasing.comparison import Offer, Ranked
from backend.purchasing.models import RfqAward
from backend.purchasing.selectors.rfqs import Comparison
from portals.ui import formats


@dataclass(frozen=True)
class CompareCell:
    """A value with its standing: best, worst or neither."""

    text: str
    look: str = ""


@dataclass(frozen=True)
class CompareRow:
    label: Any
    cells: Sequence[CompareCell]
    css: str = ""


@dataclass(frozen=True)
class Bid:
    """A supplier's column."""

    supplier: Any
    rank: str
    qty: Any
    award: Any
    field: str
    min_qty: Decimal
    expired: bool


@dataclass(frozen=True)
class LineTable:
    """All that is drawn about one line of the request."""

    line: Any
    bids: Sequence[Bid]
    rows: Sequence[CompareRow]
    chart: Mapping[str, Any]
    words: str
    reason_field: str
    reason: str


_DEAR = Decimal(10)
Draw = Callable[[Offer], tuple[Decimal | None, str]]


def tables_of(comparison: Comparison, awards: Sequence[RfqAward], typed: Mapping[str, str]) -> list[LineTable]:
    """One table for each line that somebody offered."""
    names = {row.supplier_id: row.supplier for row in comparison.rfq.invitations.all()}
    given = {(one.rfq_line_id, one.supplier_id): one for one in awards}
    return [
        _table(comparison, line, names, given, typed)
        for line in comparison.lines.values()
        if comparison.by_line[line.pk]
    ]


def _table(
    comparison: Comparison,
    line: Any,
    names: Mapping[UUID, Any],
    given: Mapping[tuple[UUID, UUID], RfqAward],
    typed: Mapping[str, str],
) -> LineTable:
    ranked = comparison.by_line[line.pk]
    offers = [one.offer for one in ranked]
    bids = [_bid(one, names, given, typed) for one in ranked]
    reason = f"reason-{line.pk}"
    return LineTable(
        line,
        bids,
        _rows(comparison, offers),
        _chart(offers, names),
        _words(ranked, names),
        reason,
        typed.get(reason, ""),
    )


def _bid(
    one: Ranked,
    names: Mapping[UUID, Any],
    given: Mapping[tuple[UUID, UUID], RfqAward],
    typed: Mapping[str, str],
) -> Bid:
    offer = one.offer
    field = f"qty-{offer.line.pk}-{offer.supplier_id}"
    proposed = formats.plain(offer.line.qty) if one.by_cost == 1 and not typed else ""
    rank = _("expired") if offer.expired else _("cost %(cost)s · time %(lead)s") % {
        "cost": one.by_cost, "lead": one.by_lead,
    }  # fmt: skip
    return Bid(
        names[offer.supplier_id],
        rank,
        typed.get(field, proposed),
        given.get((offer.line.pk, offer.supplier_id)),
        field,
        offer.quote_line.min_qty,
        offer.expired,
    )


def _rows(comparison: Comparison, offers: Sequence[Offer]) -> list[CompareRow]:
    cost = _cost_in(offers)
    on_time = [comparison.terms[offer.supplier_id].history.on_time_pct for offer in offers]
    duty = [_row(_("Duty"), [offer.duty for offer in offers], cost)] if any(offer.duty for offer in offers) else []
    return [
        _row(_("Quoted price"), [offer.price for offer in offers], formats.price, plain=True),
        _row(_("Net price, CNY"), [offer.net for offer in offers], cost),
        _row(_("Freight share"), [offer.freight for offer in offers], cost),
        *duty,
        _row(_("Risk of lateness"), [offer.risk for offer in offers], cost),
        _row(_("Landed cost each"), [offer.landed for offer in offers], cost, css="land"),
        _row(_("Lead time, days"), [Decimal(offer.lead_days) for offer in offers], formats.plain),
        CompareRow(_("Could be here"), [_arrival(offer) for offer in offers]),
        _row(_("Minimum order"), [offer.quote_line.min_qty or None for offer in offers], formats.qty, plain=True),
        _row(_("On time so far"), on_time, _percent, more_is_better=True),
        CompareRow(_("Offered instead"), [CompareCell(offer.quote_line.alternate or "–") for offer in offers]),
    ]


def _arrival(offer: Offer) -> CompareCell:
    late = offer.arrival > offer.line.need_date
    return CompareCell(formats.short_day(offer.arrival), "worst" if late else "")


def _cost_in(offers: Sequence[Offer]) -> Callable[[Any], str]:
    """How computed costs are written: in cents; what costs little has four decimals."""
    if min(offer.landed for offer in offers) >= _DEAR:
        return formats.money
    return lambda value: formats.price(round(value, 4))


def _percent(value: Decimal) -> str:
    return f"{value:.0f}%"


def _row(
    label: Any,
    values: Sequence[Decimal | None],
    write: Callable[[Any], str],
    *,
    css: str = "",
    plain: bool = False,
    more_is_better: bool = False,
) -> CompareRow:
    known = [value for value in values if value is not None]
    low, high = (min(known), max(known)) if known else (ZERO, ZERO)
    best, worst = (high, low) if more_is_better else (low, high)
    cells = []
    for value in values:
        look = ""
        if value is not None and not plain and low != high:
            look = "best" if value == best else "worst" if value == worst else ""
        cells.append(CompareCell("–" if value is None else write(value), look))
    return CompareRow(label, cells, css)


def _chart(offers: Sequence[Offer], names: Mapping[UUID, Any]) -> dict[str, Any]:
    """How much more than the lowest price each offer costs, by cause."""
    lowest = min(offer.net for offer in offers)
    causes = (
        (_("Price above the lowest"), [offer.net - lowest for offer in offers]),
        (_("Freight"), [offer.freight for offer in offers]),
        (_("Duty"), [offer.duty for offer in offers]),
        (_("Risk of lateness"), [offer.risk for offer in offers]),
    )
    series = [
        {"name": name, "values": [float(round(value, 2)) for value in values], "kind": "bar", "stack": "landed"}
        for name, values in causes
        if any(values) or name == causes[0][0]
    ]
    return {"labels": [names[offer.supplier_id].label for offer in offers], "series": series}


def _words(ranked: Sequence[Ranked], names: Mapping[UUID, Any]) -> str:
    """What the numbers say: the cheapest, and whether the lowest price is another's."""
    valid = [one.offer for one in ranked if one.by_cost]
    if not valid:
        return _("Every offer has expired.")
    best, lowest = valid[0], min(valid, key=lambda offer: offer.net)
    cost = _cost_in(valid)
    words = {"best": names[best.supplier_id].label, "cost": cost(best.landed)}
    if lowest.supplier_id != best.supplier_id:
        words |= {"low": names[lowest.supplier_id].label, "more": cost(lowest.landed - best.landed)}
        return _("%(low)s quotes the lowest price, but costs %(more)s more than %(best)s once it lies here.") % words
    return _("%(best)s costs least once it lies here: %(cost)s.") % words


def awarded_amount(awards: Sequence[RfqAward]) -> Decimal:
    """What was awarded, at quoted prices."""
    return total(one.price * one.qty for one in awards)
