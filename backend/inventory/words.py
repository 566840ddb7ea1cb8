"""How quantities are written in sentences."""

from decimal import Decimal


def plain(value: Decimal) -> str:
    """A quantity as people write it: without trailing zeros, never in powers of ten."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
