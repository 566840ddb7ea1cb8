"""What customers complain about: the share of each cause, beside the same time before (G-11, CRM figures). Read only.

A complaint is a ticket that is not a mere question, by the day it was opened in the company's time.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q

from backend.kernel import clock
from backend.service.models import Ticket

DAYS, QUESTION = 90, "question"
CAUSES = {key: label for key, label in Ticket._meta.get_field("category").choices or () if key != QUESTION}


@dataclass(frozen=True)
class ComplaintShare:
    """So many complaints had this cause from a day to another, and so many in the same time before."""

    cause: str
    since: date
    until: date
    complaints: int
    of: int
    before: int
    of_before: int

    @property
    def label(self) -> str:
        return str(CAUSES[self.cause])

    @property
    def percent(self) -> Decimal | None:
        return _share(self.complaints, self.of)

    @property
    def percent_before(self) -> Decimal | None:
        return _share(self.before, self.of_before)


def complaint_shares(today: date, *, days: int = DAYS) -> list[ComplaintShare]:
    """Every cause with its share of the last days' complaints, the most frequent first; one statement."""
    end = clock.start_of(today + timedelta(days=1))
    since, earlier = end - timedelta(days=days), end - timedelta(days=2 * days)
    rows = (
        Ticket.objects.filter(category__in=CAUSES, created_at__gte=earlier, created_at__lt=end)
        .order_by()
        .values_list("category")
        .annotate(now=Count("pk", filter=Q(created_at__gte=since)), before=Count("pk", filter=Q(created_at__lt=since)))
    )
    counts = {cause: (now, before) for cause, now, before in rows}
    now, before = (sum(pair[place] for pair in counts.values()) for place in (0, 1))
    span = today - timedelta(days=days - 1), today
    found = [ComplaintShare(cause, *span, *_of(counts.get(cause, (0, 0)), now, before)) for cause in CAUSES]
    return sorted(found, key=lambda row: -row.complaints)


def _of(pair: tuple[int, int], now: int, before: int) -> tuple[int, int, int, int]:
    return pair[0], now, pair[1], before


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(100) * part / whole).quantize(Decimal("0.1")) if whole else None
