"""What the supplier answers: every answer is a new revision, dates take effect at once, prices need a yes.

A date the supplier names is the truth from that moment, whoever likes it: the schedule is replaced
and all promises that hang on it are computed again. A higher price, a date beyond the supplier's
tolerance and a rejected quantity wait for the buyer. Undo = answer again.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import load_locked
from backend.kernel.errors import Conflict, NotFoundRefused
from backend.kernel.language import books_language, in_books
from backend.kernel.money import ZERO
from backend.purchasing import schedule
from backend.purchasing.events import ConfirmationDecided, PurchaseOrderAnswered
from backend.purchasing.models import (
    ConfirmationLine,
    ConfirmationState,
    LineState,
    OrderConfirmation,
    PurchaseOrder,
    PurchaseOrderLine,
)
from backend.purchasing.schedule import Plan
from backend.purchasing.services import prices, supplies
from backend.purchasing.services.ahead_floor import refuse_below
from backend.purchasing.services.answers import Answer, carry_over, read_answers, refuse_unseen
from backend.purchasing.services.axes import derive_axes, derive_closing
from backend.purchasing.services.checks import CannotAnswerOrder, require_own, require_running, supplier_of
from backend.purchasing.services.inputs import AnswerLine, PartInput, Seen
from backend.purchasing.services.lines import price_line, sum_up
from backend.purchasing.services.nodes import move_nodes
from backend.purchasing.services.plans import load_plans, save_plans
from backend.purchasing.states import CONFIRMATION

__all__ = ["AnswerLine", "PartInput", "answer_order", "confirm_order_all", "decide_confirmation"]
_LINE_FIELDS = (
    "state",
    "confirmed_qty",
    "cancelled_qty",
    "unit_price",
    "tax_incl_price",
    "net_amount",
    "tax_amount",
    "gross_amount",
    "price_reason",
)


def confirm_order_all(
    *, order_id: UUID, actor: Actor, at: datetime, note: str = "", seen: Seen | None = None
) -> OrderConfirmation:
    """Say yes to everything as it was asked; raises CannotAnswerOrder when nothing waits for an answer.

    A supplier says so of the lines nobody has answered: what a colleague proposed stays with the buyer.
    """
    with transaction.atomic():
        order = _open_order(order_id, actor)
        lines = order_lines(order)
        answered = set(LineState) - {LineState.OPEN} if actor.kind == "supplier" else {LineState.CONFIRMED}
        waiting = [line for line in lines if line.unshipped_qty and line.state not in answered]
        refuse_unseen(order, waiting, seen or Seen())
        if not waiting:
            raise CannotAnswerOrder(
                _("%(order)s is confirmed already.") % {"order": order},
                code="nothing_to_confirm",
                document=order.number,
                field="confirmed",
                value=order.confirmed,
                way_out=_("Answer line by line to change what was confirmed."),
            )
        answers = [AnswerLine(line.pk, [PartInput(line.unshipped_qty, line.requested_date)]) for line in waiting]
        return _answer(order, lines, answers, note, actor, at)


def answer_order(
    *,
    order_id: UUID,
    lines: Sequence[AnswerLine],
    actor: Actor,
    at: datetime,
    note: str = "",
    seen: Seen | None = None,
) -> OrderConfirmation:
    """Answer some or all lines: split into dates, another price, or rejected with a reason.

    Quantities answer for what is not shipped yet. Raises ValidationRefused for every line that does
    not add up, CannotAnswerOrder when the order is not running or something invoiced ahead is rejected, StaleVersion when a
    line was answered, or the order amended, after it was ``seen``.
    """
    with transaction.atomic():
        order = _open_order(order_id, actor)
        known = order_lines(order)
        named = {given.order_line_id for given in lines}
        refuse_unseen(order, [line for line in known if line.pk in named], seen or Seen())
        return _answer(order, known, lines, note, actor, at)


def _open_order(order_id: UUID, actor: Actor) -> PurchaseOrder:
    order = load_locked(PurchaseOrder, order_id)
    require_own(order, actor)
    require_running(order, CannotAnswerOrder)
    order.supplier = supplier_of(order.supplier_id)
    return order


def order_lines(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    """All lines of an order with what answers need."""
    found = PurchaseOrderLine.objects.select_related("item__unit").filter(document=order)
    return list(found.order_by("line_no"))


def _answer(
    order: PurchaseOrder,
    lines: Sequence[PurchaseOrderLine],
    given: Sequence[AnswerLine],
    note: str,
    actor: Actor,
    at: datetime,
) -> OrderConfirmation:
    answers = read_answers(order, lines, given, note, clock.day_of(at))
    lowered = [(answer.line, answer.line.wanted_qty - answer.rejected) for answer in answers]
    refuse_below(order, lowered, CannotAnswerOrder, theirs=actor.kind == "supplier")
    number = (order.confirmations.order_by("-revision").values_list("revision", flat=True).first() or 0) + 1
    kept = carry_over(order, {answer.line.pk for answer in answers})
    waits = bool(kept) or any(answer.waits for answer in answers)
    made = OrderConfirmation(
        order=order,
        revision=number,
        state=ConfirmationState.PROPOSED if waits else ConfirmationState.ACCEPTED,
        note=note[:300],
        by_name=actor.name,
        at=at,
    )
    made.save(force_insert=True)
    ConfirmationLine.objects.bulk_create(part for answer in answers for part in answer.rows(made))
    ConfirmationLine.objects.bulk_create(_copied(kept, made))
    plans = _replan(answers, number)
    _store(order, lines, answers, at)
    _record(order, made, answers, actor, at)
    supplies.replace(
        [order], [answer.line for answer in answers], plans, cause=_cause(order, answers, note), actor=actor, at=at
    )
    late = max((answer.late_days for answer in answers), default=0)
    events.publish(
        PurchaseOrderAnswered(order.pk, order.number, order.supplier_id, number, made.state, late), actor=actor
    )
    return made


def _copied(rows: Sequence[ConfirmationLine], made: OrderConfirmation) -> list[ConfirmationLine]:
    """What waited in the former revision waits in this one."""
    return [
        ConfirmationLine(
            confirmation=made,
            order_line_id=row.order_line_id,
            part_no=row.part_no,
            qty=row.qty,
            date=row.date,
            price=row.price,
            rejected=row.rejected,
            reason=row.reason,
        )
        for row in rows
    ]


def _replan(answers: Sequence[Answer], revision: int) -> dict[UUID, Plan]:
    before = load_plans([answer.line.pk for answer in answers])
    after = {
        answer.line.pk: schedule.answer(
            before[answer.line.pk],
            [(part.qty, part.date) for part in answer.parts],
            confirmed=True,
            revision=revision,
            reason=answer.reason,
        )
        for answer in answers
    }
    save_plans(before, after)
    move_nodes({line_id: _moved(before[line_id], after[line_id]) for line_id in after})
    return after


def _moved(before: Plan, after: Plan) -> int:
    """By how many days the last part that is to come moved."""
    old, new = schedule.last_due(before), schedule.last_due(after)
    return (new - old).days if old and new else 0


def _store(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], answers: Sequence[Answer], at: datetime) -> None:
    for answer in answers:
        line = answer.line
        line.state = answer.line_state
        line.confirmed_qty = line.wanted_qty - line.unshipped_qty + answer.promised
        if answer.price is not None and not answer.price_waits:
            price_line(line, answer.price, includes_tax=order.price_includes_tax)
    update_rows([answer.line for answer in answers], _LINE_FIELDS)
    _store_order(order, lines, at)


def _store_order(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], at: datetime) -> None:
    sum_up(order, lines)
    derive_axes(order, lines)
    derive_closing(order, lines)
    order.version += 1
    order.updated_at = at
    order.save()


def _record(
    order: PurchaseOrder, made: OrderConfirmation, answers: Sequence[Answer], actor: Actor, at: datetime
) -> None:
    with books_language():
        changes = {f"{answer.line.line_no}": [answer.before, answer.in_words()] for answer in answers}
    audit.record(
        order,
        "counter" if any(answer.waits for answer in answers) else "confirm",
        actor=actor,
        at=at,
        axis="confirmation",
        after=made.state,
        changes=changes,
        reason=made.note,
    )


def _cause(order: PurchaseOrder, answers: Sequence[Answer], note: str) -> supplies.Cause:
    """Order, line, supplier, dates and reason in words, no price: sales read them. What the customer reads names none."""
    reason = next((answer.reason for answer in answers if answer.reason), "") or note
    with books_language():
        words = _("; ").join(
            _("line %(line)s: %(answer)s") % {"line": answer.line.line_no, "answer": answer.days_in_words()}
            for answer in answers[:3]
        )
        text = _("%(supplier)s answered %(order)s, %(words)s") % {
            "supplier": order.supplier.label,
            "order": order,
            "words": words,
        }
        return supplies.cause_of(
            order,
            "purchase_order_answered",
            f"{text} ({reason})" if reason else text,
            customer_reason=_("Goods on their way to us arrive on another day than planned."),
        )


def decide_confirmation(
    *, confirmation_id: UUID, accept: bool, actor: Actor, at: datetime, reason: str = ""
) -> OrderConfirmation:
    """The buyer takes or declines what waits. Declined lines wait for another answer; dates stay what is known.

    Raises PriceReasonNeeded when a price is taken without a ``reason`` that rises too far above the last one.
    """
    order_id = OrderConfirmation.objects.filter(pk=confirmation_id).values_list("order_id", flat=True).first()
    if order_id is None:
        raise NotFoundRefused(_("There is no such document."), value=confirmation_id)
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_running(order, CannotAnswerOrder)
        made = OrderConfirmation.objects.get(pk=confirmation_id)
        _require_waiting(order, made)
        before = CONFIRMATION.advance(made, "accept" if accept else "decline")
        made.decided_by_name, made.decided_at, made.decided_reason = actor.name, at, reason[:300]
        made.save(update_fields=["state", "decided_by_name", "decided_at", "decided_reason"])
        lines = order_lines(order)
        waiting = [line for line in lines if line.state in {LineState.COUNTERED, LineState.REJECTED}]
        _take(order, made, waiting, reason) if accept else _decline(waiting, order, actor, at)
        update_rows(waiting, _LINE_FIELDS)
        _store_order(order, lines, at)
        audit.record(
            order, "decide", actor=actor, at=at, axis="confirmation", before=before, after=made.state, reason=reason
        )
        events.publish(
            ConfirmationDecided(order.pk, order.number, order.supplier_id, made.revision, accept, reason), actor=actor
        )
    return made


def _require_waiting(order: PurchaseOrder, made: OrderConfirmation) -> None:
    if made.state != ConfirmationState.PROPOSED:
        raise Conflict(
            _("Revision %(revision)s of %(order)s does not wait for a decision: %(state)s.")
            % {"revision": made.revision, "order": order, "state": made.get_state_display()},
            code="confirmation_decided",
            document=order.number,
            field="state",
            value=made.state,
            way_out=_("Open the newest revision."),
        )


def _take(order: PurchaseOrder, made: OrderConfirmation, waiting: Sequence[PurchaseOrderLine], reason: str) -> None:
    rows: dict[UUID, list[ConfirmationLine]] = {}
    for row in made.lines.all():
        rows.setdefault(row.order_line_id, []).append(row)
    dearer = []
    for line in waiting:
        found = rows.get(line.pk, [])
        refused = sum((row.qty for row in found if row.rejected), ZERO)
        line.cancelled_qty += min(refused, line.unshipped_qty)  # some of it may have come all the same
        if line.state == LineState.COUNTERED:
            line.state = LineState.CONFIRMED
        price = next((row.price for row in found if row.price is not None), None)
        if price is None:
            price = line.tax_incl_price if order.price_includes_tax else line.unit_price
        else:
            line.price_reason = ""
            dearer.append(line)
        price_line(line, price, includes_tax=order.price_includes_tax)
    refuse_below(order, [(line, line.wanted_qty) for line in waiting], CannotAnswerOrder, field="accept")
    prices.settle_rises(order, dearer, reason=reason)


def _decline(waiting: Sequence[PurchaseOrderLine], order: PurchaseOrder, actor: Actor, at: datetime) -> None:
    """The named dates stay what is known, but nobody has agreed to them."""
    before = load_plans([line.pk for line in waiting])
    after = {line_id: schedule.unconfirm(plan) for line_id, plan in before.items()}
    save_plans(before, after)
    for line in waiting:
        line.state = LineState.OPEN
        line.confirmed_qty = line.wanted_qty - line.unshipped_qty
    text = in_books(lambda: _("The proposal for %(order)s was declined.") % {"order": order})
    cause = supplies.cause_of(order, "confirmation_declined", text)
    supplies.replace([order], waiting, after, cause=cause, actor=actor, at=at)
