"""Calendar arithmetic of billing periods, in UTC."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

DAY = 86_400


def add_interval(start: int, interval: str, count: int) -> int:
    """A number of days, weeks, months or years after a moment; the last day of a month where the day is missing."""
    moment = datetime.fromtimestamp(start, UTC)
    if interval in ("day", "week"):
        return int((moment + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = moment.year * 12 + moment.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return int(moment.replace(year=year, month=month + 1, day=day).timestamp())


def next_boundary(anchor: int, interval: str, count: int, after: int) -> int:
    """The first period boundary counted from the anchor that lies after a moment (31 Jan, 28 Feb, 31 Mar …)."""
    steps = 1
    while (boundary := add_interval(anchor, interval, steps * count)) <= after:
        steps += 1
    return boundary
