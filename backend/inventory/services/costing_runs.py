"""The costing run: issues of a month at the average of the whole month, for items that are costed so.

While the month runs, issues leave at the average of the moment. The run adds up what lay there on the first day and what
came in the month, item by item and warehouse by warehouse, and writes one correction for each use of the goods (``uses``):
what the issues of the month come to at that average less what they were booked at. It may be run again: what an earlier run
corrected counts as booked, so a second run changes nothing. One statement for all items.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from backend.catalog.models import CostMethod
from backend.inventory.errors import CannotRunCosting
from backend.inventory.models import CostingRun, StockBalance
from backend.inventory.services import calendar
from backend.inventory.services.backdating import AT_AVERAGE, as_written
from backend.inventory.services.balances import LockedBalance, Pair, lock_balances
from backend.inventory.services.corrections import Correction, tell
from backend.inventory.services.uses import use_of
from backend.kernel import audit, clock, tenancy
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal
from backend.kernel.locking import hold_lock
from backend.kernel.money import ZERO
from backend.kernel.numbering import next_number

MONTH = """
WITH moves AS (
    SELECT m.id, m.item_id, m.warehouse_id, m.qty_in, m.qty_out, m.value_in, m.value_out, m.doc_type, m.doc_id,
           m.doc_line_id, CASE WHEN r.kind = 'correction' THEN r.origin_id ELSE m.origin_id END AS origin_id,
           m.move_date >= %(first)s AND m.kind = ANY(%(average)s) AND m.qty_out > 0
               AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id) AS issue,
           m.move_date >= %(first)s AND (m.kind = 'correction'
               OR coalesce(r.kind = 'correction' AND r.move_date >= %(first)s, false)) AS corrected
    FROM inventory_stock_move m JOIN catalog_item i ON i.id = m.item_id
    JOIN catalog_item_category c ON c.id = i.category_id AND c.cost_method = 'month_avg'
    LEFT JOIN inventory_stock_move r ON r.id = m.reverses_id
    WHERE m.move_date <= %(last)s
), sums AS (
    SELECT item_id, warehouse_id,
           coalesce(sum(qty_in - qty_out) FILTER (WHERE NOT issue), 0) AS base_qty,
           coalesce(sum(value_in - value_out) FILTER (WHERE NOT issue AND NOT corrected), 0) AS base_value,
           coalesce(sum(qty_out) FILTER (WHERE issue), 0) AS issued_qty,
           coalesce(sum(value_out - value_in) FILTER (WHERE issue OR corrected), 0) AS issued_value,
           count(*) FILTER (WHERE issue) AS issues
    FROM moves GROUP BY item_id, warehouse_id
), told AS (
    SELECT m.item_id, m.warehouse_id, m.qty_out, m.value_out - m.value_in AS cost, m.issue,
           CASE WHEN m.issue THEN m.id ELSE m.origin_id END AS first,
           CASE WHEN m.issue THEN {use} ELSE {use_of_origin} END AS use
    FROM moves m LEFT JOIN inventory_stock_move o ON m.corrected AND o.id = m.origin_id WHERE m.issue OR m.corrected
), by_use AS (
    SELECT item_id, warehouse_id, use, min(first) AS first, coalesce(sum(qty_out) FILTER (WHERE issue), 0) AS qty,
           sum(cost) AS cost, count(*) FILTER (WHERE issue) AS issues
    FROM told GROUP BY item_id, warehouse_id, use
), wanted AS (
    SELECT s.*, b.on_hand, b.value, s.base_qty > 0 AND s.issued_qty <= s.base_qty AND b.on_hand >= 0 AS known,
           CASE WHEN s.base_qty <= 0 OR s.issued_qty > s.base_qty THEN s.issued_value
                WHEN s.issued_qty = s.base_qty THEN s.base_value
                ELSE round(s.issued_qty * s.base_value / s.base_qty, 2) END AS right_value
    FROM sums s JOIN inventory_stock_balance b ON b.item_id = s.item_id AND b.warehouse_id = s.warehouse_id
    WHERE s.issues > 0 OR s.issued_value <> 0
), due AS (
    SELECT w.*, w.issued_value + CASE WHEN on_hand <= 0 THEN 0 ELSE least(right_value - issued_value, value) END AS target
    FROM wanted w
), shared AS (
    SELECT u.*, d.issued_qty, d.issued_value, d.target, d.known,
           sum(u.qty) OVER w AS reached, row_number() OVER w AS place
    FROM by_use u JOIN due d ON d.item_id = u.item_id AND d.warehouse_id = u.warehouse_id
    WINDOW w AS (PARTITION BY u.item_id, u.warehouse_id ORDER BY u.first, u.use)
)
SELECT item_id, warehouse_id, use, first, issues, cost,
       CASE WHEN issued_qty > 0 AND known
            THEN round(target * reached / issued_qty, 2) - round(target * (reached - qty) / issued_qty, 2) - cost
            WHEN target = issued_value THEN 0
            WHEN place = 1 THEN target - cost ELSE -cost END AS gap
FROM shared ORDER BY item_id, warehouse_id, first
"""

_WRITE = f"""
WITH gaps AS MATERIALIZED ({MONTH}), written AS (
    INSERT INTO inventory_stock_move (item_id, warehouse_id, kind, qty_in, qty_out, value_in, value_out, move_date,
                                      moved_at, doc_type, doc_id, doc_number, origin_id)
    SELECT item_id, warehouse_id, 'correction', 0, 0, greatest(-gap, 0), greatest(gap, 0), %(day)s, %(at)s,
           %(doc_type)s, %(doc_id)s, %(doc_number)s, first
    FROM gaps WHERE gap <> 0
    RETURNING item_id, warehouse_id, move_date, value_in, value_out, origin_id
)
SELECT w.*, g.use FROM written w JOIN gaps g ON g.item_id = w.item_id AND g.warehouse_id = w.warehouse_id
       AND g.first IS NOT DISTINCT FROM w.origin_id
"""

_SUM = f"""
SELECT count(DISTINCT (item_id, warehouse_id)), coalesce(sum(issues), 0), coalesce(sum(cost), 0) FROM ({MONTH}) m
"""
_UNCOSTED = f"SELECT count(DISTINCT (item_id, warehouse_id)) FROM ({MONTH}) m WHERE gap <> 0"


def run_costing(*, month: date, actor: Actor, at: datetime) -> CostingRun:
    """Cost a month at once; raises CannotRunCosting for one that is closed or has not begun."""
    with transaction.atomic():
        hold_lock("inventory.costing")
        first, last = _stretch(month, clock.day_of(at))
        balances = lock_balances(_pairs())
        run = _new(first, last, actor, at)
        _cost(run, first, last, balances, actor, at)
    return run


def ask_for_costing(*, month: date, actor: Actor, at: datetime) -> CostingRun:
    """Have a worker cost a month: a draft says so until it is done. Asked twice it is the same draft.

    Raises CannotRunCosting for a month that is closed or has not begun. Without a worker to ask it is done at once.
    """
    with transaction.atomic():
        hold_lock("inventory.costing.asked")
        first, last = _stretch(month, clock.day_of(at))
        run = CostingRun.objects.filter(month=first, approval=Approval.DRAFT).first()
        if run is None:
            run = _new(first, last, actor, at)
            run.save(force_insert=True)
        tenancy.on_commit(_ask_worker)
    return run


def _ask_worker() -> None:
    from backend.inventory.tasks import cost_what_was_asked

    try:
        cost_what_was_asked.apply_async(retry=False)
    except (OperationalError, OSError):
        carry_out_asked(at=clock.now())


def carry_out_asked(*, at: datetime) -> int:
    """Do every run that waits, each in a transaction of its own; returns how many were done."""
    waiting = CostingRun.objects.filter(approval=Approval.DRAFT).order_by("month").values_list("pk", flat=True)
    return sum(carry_out(run_id=run_id, at=at) for run_id in list(waiting))


def carry_out(*, run_id: UUID, at: datetime) -> bool:
    """Do a run that was asked for, once; what is refused is written on it. False when there is nothing to do."""
    with transaction.atomic():
        hold_lock("inventory.costing")
        run = CostingRun.objects.select_for_update().filter(pk=run_id, approval=Approval.DRAFT).first()
        if run is None:
            return False
        actor = Actor(kind="system", name=run.created_by_name, member_id=run.created_by_id, channel="job")
        try:
            with transaction.atomic():
                first, last = _stretch(run.month, clock.day_of(at))
                run.doc_date = last
                _cost(run, first, last, lock_balances(_pairs()), actor, at)
        except Refusal as refusal:
            CostingRun.objects.filter(pk=run_id).update(approval=Approval.VOIDED, remark=refusal.message, updated_at=at)
            audit.record(run, "void", actor=actor, at=at, reason=refusal.message)
    return True


def _new(first: date, last: date, actor: Actor, at: datetime) -> CostingRun:
    run = CostingRun(month=first, doc_date=last, number=next_number(CostingRun.DOC_TYPE, last))
    run.stamp_created(actor, at)
    return run


def _cost(
    run: CostingRun, first: date, last: date, balances: dict[Pair, LockedBalance], actor: Actor, at: datetime
) -> None:
    """Write the corrections of a month and the run over them."""
    values = {"first": first, "last": last, "average": [str(kind) for kind in AT_AVERAGE]}
    written = _corrections(run, values, at)
    run.item_count, run.issue_count, run.issued_value = _one(_SUM, values)
    run.difference = sum((each.move.value_out - each.move.value_in for each in written), ZERO)
    run.stamp_approved(actor, at)
    run.approval = Approval.APPROVED
    run.save()
    audit.record(run, "run", actor=actor, at=at)
    tell(written, balances, run, actor)


def uncosted(first: date, last: date) -> int:
    """How many items and warehouses of a stretch are not at the average of the month."""
    values: dict[str, Any] = {"first": first, "last": last, "average": [str(kind) for kind in AT_AVERAGE]}
    with connection.cursor() as cursor:
        cursor.execute(_with_uses(_UNCOSTED), values)
        return int(cursor.fetchone()[0])


def _stretch(month: date, today: date) -> tuple[date, date]:
    first = month.replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    closed = calendar.closed_through()
    if first > today:
        raise CannotRunCosting(_("%(month)s has not begun.") % {"month": f"{first:%Y-%m}"}, field="month", value=first)
    if closed and last <= closed:
        raise CannotRunCosting(
            _("%(month)s is closed.") % {"month": f"{first:%Y-%m}"},
            field="month",
            value=first,
            way_out=_("Have the month reopened first."),
        )
    return first, min(last, today)


def _pairs() -> list[Any]:
    found = StockBalance.objects.filter(item__category__cost_method=CostMethod.MONTH_AVG)
    return list(found.values_list("item_id", "warehouse_id"))


def _corrections(run: CostingRun, values: dict[str, Any], at: datetime) -> list[Correction]:
    origin = {"doc_type": run.DOC_TYPE, "doc_id": run.pk, "doc_number": run.number, "day": run.doc_date, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_with_uses(_WRITE), values | origin)
        return [as_written(row) for row in cursor.fetchall()]


def _with_uses(sql: str) -> str:
    return sql.format(use=use_of("m"), use_of_origin=use_of("o"))


def _one(sql: str, values: dict[str, Any]) -> tuple[int, int, Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(_with_uses(sql), values)
        row: tuple[int, int, Decimal] = cursor.fetchone()
        return row


def months_to_run(today: date, count: int = 12) -> list[date]:
    """The first days of the last months, the newest first."""
    months, day = [], today.replace(day=1)
    for _number in range(count):
        months.append(day)
        day = (day - timedelta(days=1)).replace(day=1)
    return months
