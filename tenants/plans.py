"""The plan table: what is sold, for how much. The payment service gets its prices from here, found again by ``lookup_key``."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

INTERVALS = ("month", "year")
CURRENCY = "cny"


@dataclass(frozen=True)
class Plan:
    """A plan: one product, a price for each interval, and how many people of the company may work in it."""

    code: str
    name: Any
    monthly: Decimal
    yearly: Decimal
    staff_seats: int
    recommended: bool = False

    def amount(self, interval: str) -> Decimal:
        return self.yearly if interval == "year" else self.monthly


@dataclass(frozen=True)
class Offer:
    """A plan at one interval: what a customer can buy."""

    plan: Plan
    interval: str

    @property
    def lookup_key(self) -> str:
        return f"troika_{self.plan.code}_{self.interval}"

    @property
    def amount(self) -> Decimal:
        return self.plan.amount(self.interval)

    @property
    def minor_units(self) -> int:
        """The amount in fen."""
        return int(self.amount * 100)


PLANS: tuple[Plan, ...] = (
    Plan("standard", _("Standard"), Decimal("299.00"), Decimal("2990.00"), staff_seats=5),
    Plan("professional", _("Professional"), Decimal("799.00"), Decimal("7990.00"), staff_seats=25, recommended=True),
)


def offers() -> tuple[Plan, ...]:
    """The plans, cheapest first."""
    return PLANS


def plan_called(code: str) -> Plan | None:
    return next((plan for plan in PLANS if plan.code == code), None)


def offer_called(lookup_key: str) -> Offer | None:
    """The offer of a lookup key such as ``troika_standard_month``."""
    return next(
        (
            offer
            for plan in PLANS
            for interval in INTERVALS
            if (offer := Offer(plan, interval)).lookup_key == lookup_key
        ),
        None,
    )


def staff_seats(tenant: Any) -> int | None:
    """How many staff may work in the company; None without limit (during the trial)."""
    plan = plan_called(tenant.plan_code)
    return plan.staff_seats if plan else None
