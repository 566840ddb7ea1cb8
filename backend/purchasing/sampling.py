"""How many pieces of a delivery are looked at: GB/T 2828.1 (ISO 2859-1), normal inspection, general level II."""

from decimal import ROUND_CEILING, Decimal

from backend.catalog.models import InspectionPlan

# (deliveries up to this many pieces, pieces of the sample)
_LEVEL_II = (
    (1, 1), (8, 2), (15, 3), (25, 5), (50, 8), (90, 13), (150, 20), (280, 32), (500, 50), (1_200, 80), (3_200, 125),
    (10_000, 200), (35_000, 315), (150_000, 500), (500_000, 800),
)  # fmt: skip
_MOST = 1_250


def sample_size(qty: Decimal, plan: str) -> Decimal:
    """The sample of a delivery; never more than the delivery itself."""
    if plan == InspectionPlan.FULL:
        return qty
    pieces = int(qty.to_integral_value(ROUND_CEILING))
    return min(qty, Decimal(next((size for most, size in _LEVEL_II if pieces <= most), _MOST)))
