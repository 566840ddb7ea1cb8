"""Lines ordered by the piece and weighed at the ramp: how many pieces came, and what is light but complete.

Two cartons of about 12 kg are ordered as 24 kg. When both are here and weigh 23 kg, no third one follows: the kilo is
given up, the line is complete and its order closes. Lighter than the company tolerates, or with the missing kilo
invoiced before it came, it stays open and the order's trail says why.

Invariant: ``light_qty`` is the part of a line's ``cancelled_qty`` that was given up here; taking a receipt of the line
back, or amending the line, takes it back. Nothing here costs a statement unless a counted line is short.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.audit import AuditEntry
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.document import Approval
from backend.kernel.language import in_books
from backend.kernel.money import HUNDRED, ZERO
from backend.purchasing import schedule
from backend.purchasing.models import PurchaseOrderLine, PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.services import supplies
from backend.purchasing.services.locking import GIVEN_UP, Locked
from backend.workflow import parameters

_NOTHING = Decimal("0.001")  # what rounding makes of a share of a count


def pieces_left(lines: Iterable[PurchaseOrderLine], *, without: UUID | None = None) -> dict[UUID, Decimal]:
    """How many of its unit each counted line still waits for; what goes back to be replaced counts as not here.

    One statement, none without lines. ``without`` is a receipt that does not count.
    """
    left = {line.pk: line for line in lines if line.is_counted}
    if not left:
        return {}
    found = PurchaseReceiptLine.objects.filter(order_line__in=left, document__approval=Approval.APPROVED)
    sums = found.exclude(document=without).order_by().values_list("order_line").annotate(Sum("line_qty"), Sum("qty"))
    here = {pk: (counted or ZERO) * min(left[pk].received_qty / qty, Decimal(1)) for pk, counted, qty in sums}
    return {pk: (line.line_qty or ZERO) - here.get(pk, ZERO) for pk, line in left.items()}


def give_up_light(
    locked: Locked,
    receipt: PurchaseReceipt,
    lines: Sequence[PurchaseReceiptLine],
    batch: Batch,
    actor: Actor,
    at: datetime,
) -> None:
    """Expect nothing more on lines whose pieces are all here once ``lines`` are counted (their plans know already).

    What is given up is stored with the progress of the lines.
    """
    short = [line for line in {line.order_line_id: line for line in lines} if _is_short(locked, line)]
    left = pieces_left((locked.lines[pk] for pk in short), without=receipt.pk)
    now: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        now[line.order_line_id] += line.line_qty or ZERO
    whole = [locked.lines[pk] for pk in short if left[pk] - now[pk] <= _NOTHING]
    if not whole:
        return
    most = Decimal(parameters.get("purchasing.light_receipt_pct"))
    rests = {line.pk: schedule.to_come(locked.plans[line.pk]) for line in whole}
    done = [line for line in whole if rests[line.pk] <= line.wanted_qty * most / HUNDRED and not line.ahead_qty]
    for row in done:
        row.light_qty = rests[row.pk]
        row.cancelled_qty += row.light_qty
        locked.plans[row.pk] = schedule.finish(locked.plans[row.pk])
    batch.insert([_said(locked, line, rests[line.pk], line in done, most, actor, at) for line in whole])


def _is_short(locked: Locked, line_id: UUID) -> bool:
    """Whether a counted line misses some of its quantity, and nothing of it is on its way."""
    line, plan = locked.lines[line_id], locked.plans[line_id]
    missing = schedule.to_come(plan)
    return line.is_counted and missing > 0 and missing == schedule.to_ship(plan)


def _said(
    locked: Locked, line: PurchaseOrderLine, rest: Decimal, done: bool, most: Decimal, actor: Actor, at: datetime
) -> AuditEntry:
    """The order's trail says why its line closed, or why it did not."""
    names = {"line": line.line_no, "rest": supplies.quantity(rest), "unit": line.item.unit, "pct": most}

    def said() -> str:
        if done:
            return _(
                "Line %(line)s: all pieces are here and weigh %(rest)s %(unit)s less, within %(pct)s %%: complete."
            )
        if line.ahead_qty:
            return _("Line %(line)s: all pieces are here but weigh %(rest)s %(unit)s less, which is invoiced: open.")
        return _("Line %(line)s: all pieces are here but weigh %(rest)s %(unit)s less, beyond %(pct)s %%: open.")

    words = in_books(lambda: said() % names)
    return audit.entry(
        locked.order_of(line), "weigh_complete" if done else "weigh_short", actor=actor, at=at, reason=words
    )


def expect_light_again(locked: Locked, line_ids: Iterable[UUID]) -> None:
    """A receipt of these lines is taken back: what was given up may come again. Their plans are changed, not stored."""
    rows = [row for pk in sorted(set(line_ids)) if (row := locked.lines[pk]).light_qty]
    for row in rows:
        locked.plans[row.pk] = schedule.expect_more(locked.plans[row.pk], row.light_qty, row.requested_date)
        row.cancelled_qty -= row.light_qty
        row.light_qty = ZERO
    update_rows(rows, GIVEN_UP)


def fits_pieces(locked: Locked, sums: Mapping[UUID, Decimal], factor: Decimal) -> set[UUID]:
    """Of the counts by order line, those that are not more pieces than are still to come (with the tolerance)."""
    lines = [locked.lines[pk] for pk, counted in sums.items() if counted]
    left = pieces_left(lines)
    return {pk for pk, rest in left.items() if sums[pk] <= rest + (locked.lines[pk].line_qty or ZERO) * (factor - 1)}
