"""What carriers break, by region: rates, and how they were before and after a lane was suspended (SCM-13). Read only."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from backend.kernel import clock
from backend.logistics.models import Lane

ALERT_PCT, LEAST, DAYS = Decimal(5), 20, 90

_RATES = """
SELECT s.carrier_id, p.name, s.to_region, count(*),
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM logistics_milestone m WHERE m.shipment_id = s.id AND m.kind = 'damaged'))
FROM logistics_shipment s JOIN party p ON p.id = s.carrier_id
WHERE s.direction = 'out' AND s.dispatched_at >= %(since)s AND s.to_region <> '' {}
GROUP BY 1, 2, 3 ORDER BY 5 DESC, 4 DESC, 2, 3
"""

_MONTHS = """
SELECT date_trunc('month', s.dispatched_at AT TIME ZONE %(zone)s)::date, count(*),
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM logistics_milestone m WHERE m.shipment_id = s.id AND m.kind = 'damaged'))
FROM logistics_shipment s WHERE s.direction = 'out' AND s.to_region = %(region)s AND s.dispatched_at IS NOT NULL
GROUP BY 1 ORDER BY 1 DESC LIMIT 12
"""

_AROUND = """
SELECT s.dispatched_at >= %(day)s, count(*),
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM logistics_milestone m WHERE m.shipment_id = s.id AND m.kind = 'damaged'))
FROM logistics_shipment s WHERE s.direction = 'out' AND s.to_region = %(region)s AND s.dispatched_at IS NOT NULL
  AND (s.dispatched_at >= %(day)s OR s.carrier_id = %(carrier)s) GROUP BY 1
"""


@dataclass(frozen=True)
class DamageRate:
    """So many of so many shipments of a carrier into a region came damaged."""

    carrier_id: UUID
    carrier: str
    region: str
    shipments: int
    damaged: int

    @property
    def percent(self) -> Decimal:
        return rate(self.damaged, self.shipments) or Decimal(0)

    @property
    def alarming(self) -> bool:
        return self.shipments >= LEAST and self.percent > ALERT_PCT


def rate(damaged: int, shipments: int) -> Decimal | None:
    """Per cent to one decimal, or nothing without shipments."""
    return (Decimal(100) * damaged / shipments).quantize(Decimal("0.1")) if shipments else None


def damage_rates(today: date, *, carrier_id: UUID | None = None, region: str = "") -> list[DamageRate]:
    """By carrier and region over the last ninety days, the worst first; one statement."""
    values: dict[str, Any] = {
        "since": clock.start_of(today - timedelta(days=DAYS)),
        "carrier": carrier_id,
        "region": region,
    }
    only = "AND s.carrier_id = %(carrier)s AND s.to_region = %(region)s" if carrier_id else ""
    return [DamageRate(*row) for row in _read(_RATES.format(only), values)]


def months_of(region: str, zone: str) -> list[tuple[date, int, int, Decimal | None]]:
    """Month, shipments, damaged, per cent of a region, oldest first; one statement."""
    rows = _read(_MONTHS, {"region": region, "zone": zone})
    return [(month, count, damaged, rate(damaged, count)) for month, count, damaged in reversed(rows)]


class Side(NamedTuple):
    """Shipments, how many of them came damaged, per cent."""

    shipments: int = 0
    damaged: int = 0
    percent: Decimal | None = None


def before_and_after(carrier_id: UUID, region: str, day: date) -> dict[str, Side]:
    """What the suspended carrier broke before that day, and all others since; one statement."""
    found = {"before": Side(), "after": Side()}
    for since, count, damaged in _read(_AROUND, {"region": region, "carrier": carrier_id, "day": clock.start_of(day)}):
        found["after" if since else "before"] = Side(count, damaged, rate(damaged, count))
    return found


@dataclass(frozen=True)
class Suspension:
    """A lane whose carrier was stopped: what it broke before that day, and what all others have broken there since."""

    lane: Lane
    before: Side
    after: Side


def suspensions(*, most: int = 40) -> list[Suspension]:
    """The lanes that are suspended, the latest first, with what came of it; a statement more for each."""
    lanes = Lane.objects.exclude(suspended_on=None).select_related("carrier").order_by("-suspended_on", "id")[:most]
    return [
        Suspension(lane, **before_and_after(lane.carrier_id, lane.to_region, lane.suspended_on))
        for lane in lanes
        if lane.suspended_on
    ]


def _read(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
