"""Until which day stock is closed: nothing moves on or before it (the database refuses it)."""

from datetime import date

from backend.inventory.models import StockCalendar


def close_through(day: date | None) -> None:
    """Close stock until the end of that day; None opens everything."""
    StockCalendar.objects.update_or_create(pk=1, defaults={"closed_through": day})


def closed_through() -> date | None:
    """The last day that is closed."""
    return StockCalendar.objects.values_list("closed_through", flat=True).first()
