"""What an amendment would do, before it is done (SAL-14): reservations, suggestions, promises, credit.

The amendment is made inside a transaction that is always rolled back, so what is shown is what would
happen, by the same code; nothing stays and nobody is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from backend.availability import selectors as availability
from backend.availability.models import Suggestion, SuggestionState
from backend.availability.selectors import PromiseView
from backend.kernel.actor import Actor
from backend.kernel.money import ZERO
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services.amendments import amend_order
from backend.sales.services.credit import Exposure, exposure_of
from backend.sales.services.demands import open_amount
from backend.sales.services.inputs import AmendmentData


@dataclass(frozen=True)
class LineImpact:
    """A line that changes: what is open, set aside and promised, before and after."""

    line_no: int
    item: str
    open_before: Decimal
    open_after: Decimal
    reserved_before: Decimal
    reserved_after: Decimal
    promise_before: date | None
    promise_after: date | None


@dataclass(frozen=True)
class SuggestionImpact:
    """What is suggested to buy of an item, before and after; ``qty_after`` 0: the suggestion goes."""

    item: str
    qty_before: Decimal
    qty_after: Decimal


@dataclass(frozen=True)
class AmendmentImpact:
    """All that changes with an amendment."""

    lines: tuple[LineImpact, ...]
    suggestions: tuple[SuggestionImpact, ...]
    gross_before: Decimal
    gross_after: Decimal
    promise_before: date | None
    promise_after: date | None
    exposure: Exposure


@dataclass(frozen=True)
class _Picture:
    order: SalesOrder
    lines: Mapping[UUID, SalesOrderLine]
    promises: Mapping[UUID, PromiseView]
    suggested: Mapping[UUID, Decimal]


class _Undone(Exception):
    """Ends the trial."""


def preview_amendment(*, order_id: UUID, data: AmendmentData, actor: Actor, at: datetime) -> AmendmentImpact:
    """Try an amendment and forget it. Raises what the amendment itself would raise."""
    made: list[AmendmentImpact] = []
    try:
        with transaction.atomic():
            before = _look(order_id)
            order = amend_order(order_id=order_id, data=data, reason="…", actor=actor, at=at)
            made.append(_compare(before, _look(order.pk)))
            raise _Undone
    except _Undone:
        return made[0]


def _look(order_id: UUID) -> _Picture:
    order = SalesOrder.objects.get(pk=order_id)
    lines = {line.pk: line for line in order.lines.select_related("item").order_by("line_no")}
    undecided = Suggestion.objects.exclude(state=SuggestionState.ACCEPTED).filter(warehouse_id=order.warehouse_id)
    suggested = undecided.filter(item__in={line.item_id for line in lines.values()})
    return _Picture(
        order, lines, availability.promises_of_document(order_id), dict(suggested.values_list("item_id", "qty"))
    )


def _compare(before: _Picture, after: _Picture) -> AmendmentImpact:
    lines = [_line(pk, before, after) for pk in after.lines]
    names = {line.item_id: str(line.item) for line in after.lines.values()}
    amounts = {
        item_id: (before.suggested.get(item_id, ZERO), after.suggested.get(item_id, ZERO))
        for item_id in before.suggested.keys() | after.suggested.keys()
    }
    changed = sorted((names[item_id], *pair) for item_id, pair in amounts.items() if pair[0] != pair[1])
    return AmendmentImpact(
        lines=tuple(line for line in lines if _differs(line)),
        suggestions=tuple(SuggestionImpact(*row) for row in changed),
        gross_before=before.order.gross_amount,
        gross_after=after.order.gross_amount,
        promise_before=before.order.promise_date,
        promise_after=after.order.promise_date,
        exposure=exposure_of(
            after.order.customer_id, order=after.order, amount=open_amount(after.order, after.lines.values())
        ),
    )


def _line(pk: UUID, before: _Picture, after: _Picture) -> LineImpact:
    now, then = after.lines[pk], before.lines.get(pk)
    seen, former = after.promises.get(pk), before.promises.get(pk)
    return LineImpact(
        line_no=now.line_no,
        item=str(now.item),
        open_before=then.open_qty if then else ZERO,
        open_after=now.open_qty,
        reserved_before=former.reserved_qty if former else ZERO,
        reserved_after=seen.reserved_qty if seen else ZERO,
        promise_before=former.promise_date if former else None,
        promise_after=seen.promise_date if seen else None,
    )


def _differs(line: LineImpact) -> bool:
    return (line.open_before, line.reserved_before, line.promise_before) != (
        line.open_after,
        line.reserved_after,
        line.promise_after,
    )
