"""Comparing offers by what the goods cost once they lie here. Pure arithmetic, without tax, in the company's currency.

For a supplier's offer of a line and a quantity q:

* price   = price at q (quantity steps) × exchange rate, without VAT
* freight = price × quoted freight ÷ value of all lines quoted (freight is shared by value)
* duty    = (price + freight) × duty %
* risk    = price × share of late deliveries × average days late × ‰ a day (``purchasing.late_cost_permille``);
            nothing where the supplier has no history
* landed  = price + freight + duty + risk
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.kernel.money import HUNDRED, ZERO, round_price, total

THOUSAND = Decimal(1000)


@dataclass(frozen=True)
class History:
    """How a supplier delivered: order lines received, how many of them late, by how many days on average."""

    lines: int = 0
    late: int = 0
    days_late: Decimal = ZERO

    @property
    def late_share(self) -> Decimal:
        return Decimal(self.late) / self.lines if self.lines else ZERO

    @property
    def on_time_pct(self) -> Decimal | None:
        return 100 * (1 - self.late_share) if self.lines else None


@dataclass(frozen=True)
class Offer:
    """What one supplier offers for one line at one quantity."""

    supplier_id: UUID
    line: Any
    quote_line: Any
    qty: Decimal
    price: Decimal
    net: Decimal
    freight: Decimal
    duty: Decimal
    risk: Decimal
    lead_days: int
    arrival: date
    expired: bool

    @property
    def landed(self) -> Decimal:
        return round_price(self.net + self.freight + self.duty + self.risk)


@dataclass(frozen=True)
class Terms:
    """What the buyer knows about a supplier beside the quote."""

    rate: Decimal
    duty_pct: Decimal
    transport_days: int
    history: History


@dataclass(frozen=True)
class Ranked:
    """An offer with its places: 1 is best."""

    offer: Offer
    by_cost: int
    by_lead: int


def without_tax(price: Decimal, quote: Any, tax_rate: Decimal) -> Decimal:
    """The net price of a quoted one."""
    return price / (1 + tax_rate / HUNDRED) if quote.includes_tax else price


def freight_share(quote: Any, lines: Mapping[UUID, Any]) -> Decimal:
    """Freight per unit of value, over all lines quoted."""
    value = total(
        without_tax(row.price_for(lines[row.rfq_line_id].qty), quote, row.tax_rate) * lines[row.rfq_line_id].qty
        for row in quote.lines.all()
    )
    return quote.freight / value if value else ZERO


def offer_of(
    quote: Any, row: Any, line: Any, qty: Decimal, *, share: Decimal, terms: Terms, permille: int, today: date
) -> Offer:
    """One offer at a quantity."""
    price = row.price_for(qty)
    net = without_tax(price, quote, row.tax_rate) * terms.rate
    freight = net * share
    risk = net * terms.history.late_share * terms.history.days_late * permille / THOUSAND
    return Offer(
        quote.supplier_id,
        line,
        row,
        qty,
        price,
        round_price(net),
        round_price(freight),
        round_price((net + freight) * terms.duty_pct / HUNDRED),
        round_price(risk),
        row.lead_days,
        today + timedelta(days=row.lead_days + terms.transport_days),
        quote.valid_until < today,
    )


def ranked(offers: Sequence[Offer]) -> list[Ranked]:
    """Offers of one line with their places by cost and by lead time; equal ones share a place. Cheapest first."""
    costs = sorted(offer.landed for offer in offers if not offer.expired)
    leads = sorted(offer.lead_days for offer in offers if not offer.expired)
    found = [
        Ranked(offer, 0, 0)
        if offer.expired
        else Ranked(offer, costs.index(offer.landed) + 1, leads.index(offer.lead_days) + 1)
        for offer in offers
    ]
    return sorted(found, key=lambda one: (one.by_cost == 0, one.offer.landed))
