"""Reading a supplier's answer: does it add up, what changes, and must the buyer decide."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backend.kernel.errors import Refusal, StaleVersion, ValidationRefused
from backend.kernel.money import HUNDRED, ZERO, beyond
from backend.purchasing.models import (
    ConfirmationLine,
    ConfirmationState,
    LineState,
    OrderConfirmation,
    PurchaseOrder,
    PurchaseOrderLine,
)
from backend.purchasing.services.inputs import AnswerLine, PartInput, Seen
from backend.purchasing.services.lines import fits_unit, price_of, wrong_quantity
from backend.purchasing.services.supplies import quantity
from backend.workflow import parameters


@dataclass
class Answer:
    """One line's answer, checked. ``price`` is in the order's own way and None when it stays."""

    line: PurchaseOrderLine
    parts: Sequence[PartInput]
    price: Decimal | None = None
    price_waits: bool = False
    late_days: int = 0
    date_waits: bool = False
    reject_reason: str = ""
    reason: str = ""
    before: str = field(default="")

    @property
    def promised(self) -> Decimal:
        return sum((part.qty for part in self.parts), ZERO)

    @property
    def rejected(self) -> Decimal:
        return self.line.unshipped_qty - self.promised

    @property
    def waits(self) -> bool:
        """Whether the buyer must decide."""
        return self.price_waits or self.date_waits or self.rejected > 0

    @property
    def line_state(self) -> str:
        if not self.parts:
            return LineState.REJECTED
        return LineState.COUNTERED if self.waits else LineState.CONFIRMED

    def rows(self, made: OrderConfirmation) -> list[ConfirmationLine]:
        """The answer as rows of a revision."""
        found = [
            ConfirmationLine(
                confirmation=made,
                order_line=self.line,
                part_no=number,
                qty=part.qty,
                date=part.date,
                price=self.price,
                reason=self.reason[:300],
            )
            for number, part in enumerate(self.parts, 1)
        ]
        if self.rejected:
            found.append(
                ConfirmationLine(
                    confirmation=made,
                    order_line=self.line,
                    part_no=len(found) + 1,
                    qty=self.rejected,
                    rejected=True,
                    reason=self.reject_reason[:300],
                )
            )
        return found

    def in_words(self) -> str:
        """``60 on 2026-12-10, 40 on 2026-12-17``, what is rejected, and a price when it differs."""
        if self.price is None:
            return self.days_in_words()
        return _between().join([self.days_in_words(), _("price %(price)s") % {"price": quantity(self.price)}])

    def days_in_words(self) -> str:
        """The same without the price, for whoever waits for the goods."""
        words = [
            _("%(qty)s on %(date)s") % {"qty": quantity(part.qty), "date": part.date.isoformat()} for part in self.parts
        ]
        if self.rejected:
            words.append(
                _("%(qty)s rejected: %(reason)s") % {"qty": quantity(self.rejected), "reason": self.reject_reason}
            )
        return _between().join(words)


def _between() -> str:
    """What stands between the parts of an answer told in words."""
    return pgettext("answer", ", ")


def read_answers(
    order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], given: Sequence[AnswerLine], note: str, today: date
) -> list[Answer]:
    """The answers, or one refusal naming every line that does not add up."""
    known = {line.pk: line for line in lines}
    tolerance = 1 + Decimal(parameters.get("purchasing.price_tolerance_pct")) / HUNDRED
    problems: list[Refusal] = []
    answers = []
    seen: set[UUID] = set()
    for answered in given:
        line = known.get(answered.order_line_id)
        if line is None or line.pk in seen:
            words = _("There is no such line.") if line is None else _("A line is named twice.")
            problems.append(ValidationRefused(words, document=order.number, field="order_line_id"))
            continue
        seen.add(line.pk)
        found = _problems(order, line, answered, today)
        problems += found
        if not found:
            answers.append(_read(order, line, answered, note, tolerance))
    if problems:
        raise ValidationRefused.many(problems)
    if not answers:
        raise ValidationRefused(_("Answer at least one line."), document=order.number, field="lines")
    return answers


def _problems(order: PurchaseOrder, line: PurchaseOrderLine, given: AnswerLine, today: date) -> list[Refusal]:
    where: dict[str, Any] = {"document": order.number, "line": line.line_no}
    earliest = min(today, line.requested_date)  # "as asked" stays possible once the day has passed
    problems: list[Refusal] = [
        wrong_quantity(line.line_no, part.qty, line.item)
        for part in given.parts
        if part.qty <= 0 or not fits_unit(part.qty, line.item)
    ]
    problems += [
        ValidationRefused(_("Goods cannot arrive in the past."), field="date", value=part.date.isoformat(), **where)
        for part in given.parts
        if part.date < earliest
    ]
    promised = sum((part.qty for part in given.parts), ZERO)
    if not line.unshipped_qty or promised > line.unshipped_qty:
        problems.append(
            ValidationRefused(
                _("Line %(line)s: %(open)s are open, the answer speaks of %(qty)s.")
                % {"line": line.line_no, "open": quantity(line.unshipped_qty), "qty": quantity(promised)},
                code="answer_exceeds_open",
                field="qty",
                value=promised,
                way_out=_("Answer for %(open)s.") % {"open": quantity(line.unshipped_qty)},
                **where,
            )
        )
    elif promised < line.unshipped_qty and not given.reject_reason.strip():
        rest = quantity(line.unshipped_qty - promised)
        problems.append(
            ValidationRefused(
                _("Line %(line)s: nothing is said about the other %(rest)s.") % {"line": line.line_no, "rest": rest},
                code="answer_incomplete",
                field="reject_reason",
                way_out=_("Give a date for them, or reject them with a reason."),
                **where,
            )
        )
    prices = {part.price for part in given.parts if part.price is not None}
    if len(prices) > 1 or any(price < 0 for price in prices):
        problems.append(
            ValidationRefused(
                _("Line %(line)s has one price, for all its parts.") % {"line": line.line_no},
                field="price",
                value=max(prices),
                **where,
            )
        )
    dearest = beyond(line.wanted_qty * max(prices, default=ZERO), line=line.line_no, field="price")
    return [*problems, dearest] if dearest else problems


def _read(order: PurchaseOrder, line: PurchaseOrderLine, given: AnswerLine, note: str, tolerance: Decimal) -> Answer:
    asked = price_of(line, order)
    named = next((part.price for part in given.parts if part.price is not None), None)
    price = None if named is None or named == asked else named
    late = max(((part.date - line.requested_date).days for part in given.parts), default=0)
    return Answer(
        line=line,
        parts=sorted(given.parts, key=lambda part: part.date),
        price=price,
        price_waits=price is not None and price > asked * tolerance,
        late_days=max(late, 0),
        date_waits=late > order.supplier.supplier.date_tolerance_days,
        reject_reason=given.reject_reason.strip(),
        reason=(given.reason or note).strip(),
        before=_asked(line),
    )


def _asked(line: PurchaseOrderLine) -> str:
    day: date = line.requested_date
    return _("%(qty)s on %(date)s") % {"qty": quantity(line.unshipped_qty), "date": day.isoformat()}


def refuse_unseen(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], seen: Seen) -> None:
    """Raise StaleVersion when the order was amended, or one of these lines answered, after it was looked at."""
    if seen.revision is not None and order.revision != seen.revision:
        raise _stale(order, _("%(order)s was amended in the meantime.") % {"order": order}, "revision", order.revision)
    if seen.answer is None:
        return
    newer = order.confirmations.filter(revision__gt=seen.answer).order_by("revision")
    by_revision = {made.revision: made for made in newer}
    for line in lines if by_revision else ():
        revision = _answered_by(line, seen.answer)
        if revision in by_revision:
            made = by_revision[revision]
            words = _("Line %(line)s was answered by %(who)s in the meantime: answer %(number)s.")
            text = words % {"line": line.line_no, "who": made.by_name, "number": revision}
            raise _stale(order, text, "answer", revision, line.line_no)


def _answered_by(line: PurchaseOrderLine, known: int) -> int | None:
    """The newest answer that speaks of the line itself; what waits is copied into later ones and does not count."""
    dated = line.schedule.filter(revision__gt=known).order_by("-revision").values_list("revision", flat=True).first()
    if dated or line.state != LineState.REJECTED:
        return dated
    refused = ConfirmationLine.objects.filter(order_line=line, rejected=True).order_by("confirmation__revision")
    first: int | None = refused.values_list("confirmation__revision", flat=True).first()
    return first


def _stale(order: PurchaseOrder, text: str, field: str, value: int, line: int | None = None) -> StaleVersion:
    return StaleVersion(
        text,
        document=order.number,
        line=line,
        field=field,
        value=value,
        way_out=_("Look at what stands there now, then send yours again if it still holds."),
    )


def carry_over(order: PurchaseOrder, answered: Collection[UUID]) -> list[ConfirmationLine]:
    """Rows of the revision that waits for the buyer whose lines this answer does not speak of.

    That revision is superseded either way; when all of it is answered anew nothing is carried over.
    """
    waiting = order.confirmations.filter(state=ConfirmationState.PROPOSED).order_by("-revision").first()
    if waiting is None:
        return []
    rows = list(waiting.lines.select_related("order_line"))
    order.confirmations.filter(state=ConfirmationState.PROPOSED).update(state=ConfirmationState.SUPERSEDED)
    undecided = {LineState.COUNTERED, LineState.REJECTED}
    return [row for row in rows if row.order_line_id not in answered and row.order_line.state in undecided]
