"""Scores of suppliers by month: on time, quantity, quality, price, response, weighed as the company wants (SRM-18).

Everything is computed from facts of events, in a fixed number of statements for any number of suppliers. A month
without deliveries is left out, not scored 100; a dimension without facts is left out of the weighing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import connection, transaction

from backend.kernel import clock
from backend.parties.models import SupplierRole, SupplierState
from backend.srm.models import ClaimState, QualityClaim, SupplierScore
from backend.srm.services.messages import todo
from backend.workflow import parameters
from backend.workflow.models import Task
from backend.workflow.services import TaskInput, create_tasks

HUNDRED, ZERO = Decimal(100), Decimal(0)
DIMENSIONS = ("on_time", "quantity", "quality", "price", "response")
POINTS_PER_PERCENT = 5  # a price that rose by one per cent costs five of a hundred points
PROPOSAL = "srm.watch_proposed"

_FACTS = """
WITH deliveries AS (
    SELECT party_id, count(*) AS n, count(*) FILTER (WHERE received_date <= promised_date) AS on_time,
           avg(greatest(1 - abs(qty - expected_qty) / nullif(expected_qty, 0), 0)) * 100 AS quantity
    FROM srm_delivery_fact WHERE received_date >= %(start)s AND received_date < %(end)s
      AND (%(party)s::uuid IS NULL OR party_id = %(party)s::uuid)
    GROUP BY party_id
), quality AS (
    SELECT party_id, sum(accepted_qty) * 100 / nullif(sum(accepted_qty + rejected_qty), 0) AS passed
    FROM srm_quality_fact WHERE decided_date >= %(start)s AND decided_date < %(end)s GROUP BY party_id
), bought AS (
    SELECT o.supplier_id AS party_id, o.approved_at, l.unit_price,
           lag(l.unit_price) OVER (PARTITION BY o.supplier_id, l.item_id, o.currency ORDER BY o.approved_at, l.id)
           AS former
    FROM purchasing_order_line l JOIN purchasing_order o ON o.id = l.document_id
    WHERE o.approval = 'approved' AND o.approved_at < %(until)s
      AND (%(party)s::uuid IS NULL OR o.supplier_id = %(party)s::uuid)
), price AS (
    SELECT party_id, avg((unit_price - former) / former) * 100 AS change
    FROM bought WHERE approved_at >= %(since)s AND former > 0 GROUP BY party_id
), asked AS (
    SELECT o.id, o.supplier_id AS party_id, min(a.at) AS sent_at
    FROM purchasing_order o JOIN kernel_audit_entry a ON a.subject_id = o.id AND a.verb = 'send'
    WHERE o.approval = 'approved' AND (%(party)s::uuid IS NULL OR o.supplier_id = %(party)s::uuid)
      AND a.at >= %(since)s AND a.at < %(until)s
    GROUP BY o.id, o.supplier_id
), response AS (
    SELECT asked.party_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest(
        extract(epoch FROM coalesce((SELECT min(c.at) FROM purchasing_confirmation c WHERE c.order_id = asked.id),
            least(%(now)s, %(until)s)) - asked.sent_at), 0)) / 3600 AS hours
    FROM asked GROUP BY asked.party_id
)
SELECT d.party_id, d.n, d.on_time, d.quantity, quality.passed, price.change, response.hours
FROM deliveries d
LEFT JOIN quality ON quality.party_id = d.party_id LEFT JOIN price ON price.party_id = d.party_id
LEFT JOIN response ON response.party_id = d.party_id
"""


@dataclass(frozen=True)
class Measured:
    """What the facts of one supplier's month say; None where nothing was measured."""

    party_id: UUID
    deliveries: int
    on_time: int
    quantity_pct: Decimal
    quality_pct: Decimal | None
    price_change_pct: Decimal | None
    response_hours: Decimal | None
    late_claims: int = 0

    @property
    def on_time_pct(self) -> Decimal:
        return HUNDRED * self.on_time / self.deliveries


def weights() -> dict[str, int]:
    """The weight of each dimension, as the company set it."""
    return {name: int(parameters.get(f"srm.weight_{name}")) for name in DIMENSIONS}


def points(measured: Measured) -> dict[str, Decimal]:
    """Points from 0 to 100 for each dimension that was measured."""
    found = {"on_time": measured.on_time_pct, "quantity": measured.quantity_pct}
    if measured.quality_pct is not None:
        found["quality"] = measured.quality_pct
    if measured.price_change_pct is not None:
        found["price"] = _bounded(HUNDRED - POINTS_PER_PERCENT * max(measured.price_change_pct, ZERO))
    if measured.response_hours is not None:
        found["response"] = _response(measured.response_hours)
    return found


def _response(hours: Decimal) -> Decimal:
    """Full points within the hours asked for, none at five times as many."""
    wanted = Decimal(parameters.get("srm.response_hours"))
    return _bounded(HUNDRED - HUNDRED * max(hours - wanted, ZERO) / (4 * wanted))


def _bounded(value: Decimal) -> Decimal:
    return min(max(value, ZERO), HUNDRED)


def total(measured: Measured, weighed: dict[str, int]) -> Decimal:
    """The weighted mean of what was measured, less the points for claims that were not answered in time."""
    found = points(measured)
    weight = sum(weighed[name] for name in found)
    mean = sum((found[name] * weighed[name] for name in found), ZERO) / weight if weight else measured.on_time_pct
    return _bounded(mean - measured.late_claims * Decimal(parameters.get("srm.claim_points")))


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def bounds(month: str) -> tuple[date, date]:
    """The first day of a month and of the next."""
    start = date(int(month[:4]), int(month[5:7]), 1)
    return start, (start + timedelta(days=32)).replace(day=1)


def measure(month: str, *, at: datetime, party_id: UUID | None = None) -> list[Measured]:
    """What the facts say of a month, for one supplier or for all, in two statements."""
    start, end = bounds(month)
    values = {
        "start": start,
        "end": end,
        "since": clock.start_of(start),
        "until": clock.start_of(end),
        "now": at,
        "party": str(party_id) if party_id else None,
    }
    late = late_claims(start, end, at)
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, values)
        rows = cursor.fetchall()
    return [
        Measured(
            party_id=row[0],
            deliveries=row[1],
            on_time=row[2],
            quantity_pct=Decimal(row[3] if row[3] is not None else 100),
            quality_pct=_decimal(row[4]),
            price_change_pct=_decimal(row[5]),
            response_hours=_decimal(row[6]),
            late_claims=late.get(row[0], 0),
        )
        for row in rows
    ]


def late_claims(start: date, end: date, at: datetime) -> dict[UUID, int]:
    """Claims that fell due in a month and were not answered by then, by supplier."""
    due = QualityClaim.objects.filter(due_date__gte=start, due_date__lt=min(end, clock.day_of(at)))
    found: dict[UUID, int] = {}
    rows = due.exclude(state=ClaimState.CANCELLED).values_list("supplier", "due_date", "first_answered_at")
    for party_id, day, answered_at in rows:
        if answered_at is None or clock.day_of(answered_at) > day:
            found[party_id] = found.get(party_id, 0) + 1
    return found


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def compute_month(month: str, *, at: datetime, party_id: UUID | None = None) -> int:
    """Write the scores of a month anew; a supplier that delivered nothing in it has none. Returns how many."""
    weighed = weights()
    rows = [_row(found, month, weighed, at) for found in measure(month, at=at, party_id=party_id)]
    with transaction.atomic():
        stale = SupplierScore.objects.filter(month=month).exclude(party__in=[row.party_id for row in rows])
        (stale.filter(party=party_id) if party_id else stale).delete()
        SupplierScore.objects.bulk_create(
            sorted(rows, key=lambda row: row.party_id),
            update_conflicts=True,
            unique_fields=["party", "month"],
            update_fields=[
                "deliveries", "on_time", "on_time_pct", "quantity_pct", "quality_pct", "price_change_pct",
                "response_hours", "late_claims", "score", "computed_at",
            ],
        )  # fmt: skip
    return len(rows)


def _row(found: Measured, month: str, weighed: dict[str, int], at: datetime) -> SupplierScore:
    return SupplierScore(
        party_id=found.party_id,
        month=month,
        deliveries=found.deliveries,
        on_time=found.on_time,
        on_time_pct=round(found.on_time_pct, 4),
        quantity_pct=round(found.quantity_pct, 4),
        quality_pct=_rounded(found.quality_pct),
        price_change_pct=_rounded(found.price_change_pct),
        response_hours=_rounded(found.response_hours),
        late_claims=found.late_claims,
        score=round(total(found, weighed), 4),
        computed_at=at,
    )


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(min(max(value, Decimal(-99999)), Decimal(99999)), 4)


def compute_recent(*, at: datetime) -> int:
    """The running month and the two before, for everybody."""
    today = clock.day_of(at)
    months = [month_of(today)]
    for _step in range(2):
        months.append(month_of(bounds(months[-1])[0] - timedelta(days=1)))
    return sum(compute_month(month, at=at) for month in months)


# --- who should be watched ---------------------------------------------------------------------
def propose_watching(*, at: datetime) -> int:
    """A to-do for each supplier whose last two scored months are over and stayed below the limit (SRM-19)."""
    running, limit = month_of(clock.day_of(at)), Decimal(parameters.get("srm.watch_below"))
    candidates = SupplierRole.objects.filter(state__in=(SupplierState.APPROVED, SupplierState.PREFERRED))
    roles = {role.pk: role for role in candidates.select_related("party")}
    weak = [
        (roles[party_id], months)
        for party_id, months in _last_two(roles, running).items()
        if len(months) == 2 and all(row.score < limit for row in months)
    ]
    tasks = [_proposal(role, months) for role, months in weak]
    known = set(
        Task.objects.filter(dedupe_key__in=[task.dedupe_key for task in tasks]).values_list("dedupe_key", flat=True)
    )
    fresh = [task for task in tasks if task.dedupe_key not in known]
    create_tasks(fresh, at=at)
    return len(fresh)


def _last_two(party_ids: Iterable[UUID], running: str) -> dict[UUID, Sequence[SupplierScore]]:
    found: dict[UUID, list[SupplierScore]] = {}
    rows = SupplierScore.objects.filter(party__in=list(party_ids), month__lt=running).order_by("party", "-month")
    for row in rows:
        found.setdefault(row.party_id, []).append(row)
    return {party_id: months[:2] for party_id, months in found.items()}


def _proposal(role: SupplierRole, months: Sequence[SupplierScore]) -> TaskInput:
    newest, former = months
    return todo(
        PROPOSAL,
        {
            "supplier": role.party.label,
            "score": f"{newest.score:.0f}",
            "former": f"{former.score:.0f}",
            "month": newest.month,
        },
        key=f"watch:{role.pk}:{newest.month}",
        page="srm.score",
        pk=role.pk,
        permission="srm.supplier.grade",
        assignee_id=role.buyer_id,
    )
