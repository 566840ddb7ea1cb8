"""Answering what a partner disputes: the line is kept, taken out, or put right by an adjustment.

A line that is taken out takes the adjustments along that answered it before; the partner's own list is compared with
what is left.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing import events as facts
from backend.invoicing.models import MovementKind, Statement, StatementLine, StatementState
from backend.invoicing.services import differences, statements
from backend.kernel.actor import Actor
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import ZERO


def answer_dispute(
    *,
    statement_id: UUID,
    line_id: UUID,
    answer: str,
    take_out: bool = False,
    adjustment: Decimal = ZERO,
    actor: Actor,
    at: datetime,
    explain: differences.Explain | None = None,
) -> Statement:
    """Answer a disputed line: keep it, take it out (it may come on a later statement) or add an adjustment.

    The partner looks again at what changed; signatures given before are void.
    """
    _check(answer, take_out, adjustment)
    with transaction.atomic():
        statement = statements.in_state(statement_id, actor, StatementState.DISPUTED)
        line = statements.line_of(statement, line_id)
        if take_out:
            differences.strike_lines(statement, [line.pk], explain=explain, at=at)
        else:
            line.verdict, line.answer = "open", answer[:300]
            line.save(update_fields=["verdict", "answer"])
        if adjustment:
            _adjustment(statement, line, adjustment, answer).save(force_insert=True)
        statements.reckon(statement, list(statement.lines.all()))
        statements.refresh_state(statement)
        statements.forget_signatures(statement)
        statements.store(statement, "answer", actor, at, {f"line {line.line_no}": ["", answer]})
        statements.publish(facts.StatementAnswered, statement, actor, line_no=line.line_no, answer=answer)
    return statement


def _check(answer: str, take_out: bool, adjustment: Decimal) -> None:
    if not answer.strip():
        raise ValidationRefused(_("Write an answer."), field="answer", value="")
    if take_out and adjustment:
        raise ValidationRefused(
            _("A line that is taken out needs no adjustment."), field="adjustment", value=adjustment
        )


def _adjustment(statement: Statement, line: StatementLine, amount: Decimal, reason: str) -> StatementLine:
    last = max(statement.lines.values_list("line_no", flat=True), default=0)
    return StatementLine(
        document=statement,
        line_no=last + 1,
        kind=MovementKind.ADJUSTMENT,
        line_date=statement.period_to,
        source_type=Statement.DOC_TYPE,
        source_id=statement.pk,
        source_number=line.source_number,
        source_line_id=line.pk,
        order_number=line.order_number,
        item_id=line.item_id,
        amount=amount,
        net_amount=amount,
        answer=reason[:300],
    )
