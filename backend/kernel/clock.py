"""What time it is for the company. Services take ``at``; only faces and jobs ask the clock."""

from datetime import date, datetime

from django.utils import timezone

from backend.kernel.tenancy import time_zone


def now() -> datetime:
    """The current moment, aware."""
    return timezone.now()


def today() -> date:
    """The company's current date."""
    return day_of(now())


def day_of(at: datetime) -> date:
    """The company's date at a moment."""
    return at.astimezone(time_zone()).date()
