"""What time it is for the company. Services take ``at``; only faces and jobs ask the clock."""

from datetime import date, datetime, time

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


def start_of(day: date) -> datetime:
    """The moment at which a day begins for the company: what moments are compared with, never the bare date."""
    return datetime.combine(day, time.min, tzinfo=time_zone())
