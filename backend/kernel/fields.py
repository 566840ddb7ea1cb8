"""Column types for money, prices, quantities and rates: Decimal only, one precision each."""

from decimal import Decimal
from typing import Any

from django.db import models

ZERO = Decimal(0)


def money(**options: Any) -> models.DecimalField:
    """An amount of money, 2 decimals."""
    return models.DecimalField(max_digits=18, decimal_places=2, **{"default": ZERO, **options})


def price(**options: Any) -> models.DecimalField:
    """A price or cost per unit, 6 decimals."""
    return models.DecimalField(max_digits=20, decimal_places=6, **{"default": ZERO, **options})


def qty(**options: Any) -> models.DecimalField:
    """A quantity in the unit of its line, 4 decimals."""
    return models.DecimalField(max_digits=18, decimal_places=4, **{"default": ZERO, **options})


def exchange_rate(**options: Any) -> models.DecimalField:
    """What one of a document's currency is worth in the company's own, 6 decimals; null in the company's own."""
    return models.DecimalField(max_digits=12, decimal_places=6, **{"null": True, "default": None, **options})


def rate(**options: Any) -> models.DecimalField:
    """A percentage such as 13 for 13 %, 4 decimals."""
    return models.DecimalField(max_digits=9, decimal_places=4, **{"default": ZERO, **options})
