"""What goods are worth when they leave: one interface, one class per costing method.

A method sees a ``Holding`` (what lies there and what it is worth, kept up to date by the caller) and says the value of an
issue. Invariants of every method: an issue of everything takes all the value, so quantity 0 means value 0; the value of a
part never exceeds what there is.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from django.utils.translation import gettext as _

from backend.catalog.models import CostMethod
from backend.kernel.errors import Conflict
from backend.kernel.money import ZERO, cents


@dataclass
class Holding:
    """Quantity and value of an item in a warehouse while moves are being valued."""

    on_hand: Decimal
    value: Decimal

    def take_in(self, qty: Decimal, value: Decimal) -> None:
        self.on_hand += qty
        self.value += value

    def take_out(self, qty: Decimal, value: Decimal) -> None:
        self.on_hand -= qty
        self.value -= value


class Valuation(Protocol):
    """A costing method."""

    def issue_value(self, holding: Holding, qty: Decimal) -> Decimal:
        """The value of ``qty`` leaving ``holding``, to the cent; the holding is not changed."""


class MovingAverage:
    """Every piece is worth the average of what lies there; the last piece takes the rest of the value."""

    def issue_value(self, holding: Holding, qty: Decimal) -> Decimal:
        if qty >= holding.on_hand:
            return holding.value
        return cents(qty * holding.value / holding.on_hand) if holding.on_hand else ZERO


METHODS: dict[str, Valuation] = {CostMethod.MOVING_AVG: MovingAverage()}


def method_of(cost_method: str) -> Valuation:
    """The costing method of that name; raises Conflict for one that is not calculated."""
    found = METHODS.get(cost_method)
    if found is None:
        raise Conflict(
            _("Stock is not valued by %(method)s.") % {"method": CostMethod(cost_method).label},
            code="cost_method",
            field="cost_method",
            value=cost_method,
            way_out=_("Choose the moving average in the item's category."),
        )
    return found
