"""Statements of account (对账单): prepared by us, checked line by line by the partner, signed by both, locked.

Invariants: opening + goods − returns + adjustments − payments = closing (the database checks it); a movement
stands in one statement only; what both signed is never changed: its digest tells.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing import events as facts
from backend.invoicing.agreement import digest_of, withdrawn_lines
from backend.invoicing.models import SETTLED, DifferenceState, MovementKind, Statement, StatementLine, StatementState
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, load_locked, require_seen
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.files import attach_file
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import total

FROM_DIFFERENCE = "invoicing.statement_difference"


class CannotChangeStatement(Conflict):
    """The statement is in a state from which this does not go."""

    code = "cannot_change_statement"


class CannotAgreeStatement(Conflict):
    """Lines are disputed, or there is nothing to agree on."""

    code = "cannot_agree_statement"


# --- ours: propose, throw away ------------------------------------------------------------


def propose_statement(*, statement_id: UUID, actor: Actor, at: datetime) -> Statement:
    """Ask the partner to check it."""
    with transaction.atomic():
        statement = in_state(statement_id, actor, StatementState.OPEN)
        statement.state, statement.proposed_at = StatementState.PROPOSED, at
        store(statement, "propose", actor, at)
        publish(facts.StatementProposed, statement, actor)
    return statement


def void_statement(*, statement_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Statement:
    """Throw away a statement that is not agreed; its movements are free for another."""
    with transaction.atomic():
        statement = _for_actor(statement_id, actor)
        if statement.state in {StatementState.AGREED, StatementState.INVOICED}:
            raise CannotChangeStatement(
                _("%(number)s is agreed by both and stays.") % {"number": statement.number}, document=statement.number
            )
        before = APPROVAL.advance(statement, "void")
        statement.lines.update(active=False)
        statement.updated_at = at
        statement.version += 1
        statement.save()
        audit.record(
            statement, "void", actor=actor, at=at, axis="approval", before=before, after="voided", reason=reason
        )
    return statement


# --- theirs: accept, dispute -------------------------------------------------------------------
def accept_lines(
    *, statement_id: UUID, line_ids: Sequence[UUID] | None = None, actor: Actor, at: datetime
) -> Statement:
    """Accept lines (None: all that are open); a dispute that is accepted ends."""
    with transaction.atomic():
        statement = in_state(statement_id, actor, StatementState.PROPOSED, StatementState.DISPUTED)
        lines = statement.lines.filter(verdict="open") if line_ids is None else statement.lines.filter(pk__in=line_ids)
        accepted = lines.update(verdict="accepted")
        refresh_state(statement)
        store(statement, "accept", actor, at, {"lines": ["", str(accepted)]})
    return statement


def accept_line(*, statement_id: UUID, line_id: UUID, actor: Actor, at: datetime) -> Statement:
    """Accept one line."""
    return accept_lines(statement_id=statement_id, line_ids=[line_id], actor=actor, at=at)


def dispute_line(
    *,
    statement_id: UUID,
    line_id: UUID,
    reason: str,
    their_qty: Decimal | None = None,
    their_amount: Decimal | None = None,
    evidence: Any = None,
    actor: Actor,
    at: datetime,
) -> Statement:
    """Say that a line is wrong, with the partner's own figures and a file that shows it."""
    if not reason.strip():
        raise ValidationRefused(_("Say what is wrong with the line."), field="reason", value="")
    with transaction.atomic():
        statement = in_state(statement_id, actor, StatementState.PROPOSED, StatementState.DISPUTED)
        line = line_of(statement, line_id)
        line.verdict, line.dispute_reason = "disputed", reason.strip()[:300]
        line.their_qty, line.their_amount = their_qty, their_amount
        line.evidence_id = keep_evidence(statement, evidence, actor, at) or line.evidence_id
        line.save(update_fields=["verdict", "dispute_reason", "their_qty", "their_amount", "evidence_id"])
        statement.state = StatementState.DISPUTED
        forget_signatures(statement)
        store(statement, "dispute", actor, at, {f"line {line.line_no}": ["", reason]})
        publish(facts.StatementDisputed, statement, actor, line_no=line.line_no, reason=reason)
    return statement


def keep_evidence(statement: Statement, upload: Any, actor: Actor, at: datetime) -> UUID | None:
    """Keep what shows that the partner is right where both sides find it."""
    if upload is None:
        return None
    kept = attach_file(
        subject=statement, upload=upload, visibility=statement.kind, party_id=statement.party_id, actor=actor, at=at
    )
    return kept.pk


# --- both: sign --------------------------------------------------------------------------------
def agree(*, statement_id: UUID, side: str, actor: Actor, at: datetime, version: int | None = None) -> Statement:
    """Sign for one side (``us`` or ``them``); with the second signature the statement is locked.

    Raises StaleVersion when the statement is not the ``version`` any more that whoever signs has read.
    """
    with transaction.atomic():
        statement = in_state(statement_id, actor, StatementState.PROPOSED, StatementState.DISPUTED)
        require_seen(statement, version)
        if (actor.kind in {"supplier", "customer"}) != (side == "them") and actor.kind != "system":
            raise CannotAgreeStatement(
                _("You sign for your own side."), document=statement.number, field="side", value=side
            )
        lines = list(statement.lines.order_by("line_no"))
        _refuse_disputed(statement, lines)
        _refuse_withdrawn(statement, lines)
        _refuse_unsettled(statement)
        name = f"{actor.name} <{actor.email}>" if actor.email else actor.name
        if side == "them":
            statement.lines.filter(verdict="open").update(verdict="accepted")
            statement.their_signature, statement.their_signed_at = name[:120], at
        else:
            statement.our_signature, statement.our_signed_at = name[:120], at
        if statement.our_signature and statement.their_signature:
            _lock(statement, lines, actor, at)
        store(statement, "sign", actor, at, {side: ["", name]})
        if statement.state == StatementState.AGREED:
            publish(facts.StatementAgreed, statement, actor, digest=statement.digest)
    return statement


def _lock(statement: Statement, lines: Sequence[StatementLine], actor: Actor, at: datetime) -> None:
    statement.state, statement.approval = StatementState.AGREED, Approval.APPROVED
    statement.stamp_approved(actor, at)
    statement.digest = digest_of(statement, lines)


def _refuse_disputed(statement: Statement, lines: Sequence[StatementLine]) -> None:
    if not lines:
        raise CannotAgreeStatement(
            _("%(number)s has no lines.") % {"number": statement.number}, document=statement.number
        )
    disputed = [line for line in lines if line.verdict == "disputed"]
    if disputed:
        raise CannotAgreeStatement.many(
            CannotAgreeStatement(
                _("Line %(line)s (%(source)s) is disputed: %(reason)s")
                % {"line": line.line_no, "source": line.source_number, "reason": line.dispute_reason},
                document=statement.number,
                line=line.line_no,
                way_out=_("Answer the dispute first."),
            )
            for line in disputed
        )


def _refuse_unsettled(statement: Statement) -> None:
    waiting = list(statement.differences.exclude(state__in=SETTLED).order_by("no")[:20])
    if waiting:
        raise CannotAgreeStatement.many(
            CannotAgreeStatement(
                _("Difference %(no)s (%(number)s): %(kind)s, %(gap)s.")
                % {
                    "no": row.no,
                    "number": row.our_number or row.their_number,
                    "kind": row.get_kind_display(),
                    "gap": row.gap,
                },
                document=statement.number,
                line=row.no,
                way_out=_("Settle the difference first."),
            )
            for row in waiting
        )


def _refuse_withdrawn(statement: Statement, lines: Sequence[StatementLine]) -> None:
    """A document that was taken back while the statement was written is on none."""
    gone = withdrawn_lines(lines)
    if gone:
        raise CannotAgreeStatement.many(
            CannotAgreeStatement(
                _("Line %(line)s: %(source)s is not booked any more.")
                % {"line": line.line_no, "source": line.source_number},
                document=statement.number,
                line=line.line_no,
                field="source_number",
                value=line.source_number,
                way_out=_("Dispute the line and take it out, or book the document again."),
            )
            for line in gone
        )


# --- parts -------------------------------------------------------------------------------------


def reckon(statement: Statement, lines: Sequence[StatementLine]) -> None:
    def sum_of(kind: str) -> Decimal:
        return total(line.amount for line in lines if line.kind == kind)

    statement.received_amount = sum_of(MovementKind.RECEIPT)
    statement.returned_amount = -sum_of(MovementKind.RETURN)
    statement.adjusted_amount = sum_of(MovementKind.ADJUSTMENT)
    statement.paid_amount = -sum_of(MovementKind.PAYMENT)
    statement.closing_amount = statement.opening_amount + total(line.amount for line in lines)


def _for_actor(statement_id: UUID, actor: Actor) -> Statement:
    statement = load_locked(Statement, statement_id)
    theirs = actor.kind in {"supplier", "customer"}
    if theirs and (actor.party_id != statement.party_id or statement.state == StatementState.OPEN):
        raise NotFoundRefused(_("There is no such document."), value=statement_id)
    return statement


def in_state(statement_id: UUID, actor: Actor, *states: str) -> Statement:
    statement = _for_actor(statement_id, actor)
    if statement.state not in states or statement.approval == Approval.VOIDED:
        raise CannotChangeStatement(
            _("%(number)s is %(state)s: this step is not possible from there.")
            % {"number": statement.number, "state": statement.state_label("state")},
            document=statement.number,
            field="state",
            value=statement.state,
            way_out=_("Reload the document to see its current state."),
        )
    return statement


def line_of(statement: Statement, line_id: UUID) -> StatementLine:
    line = statement.lines.filter(pk=line_id).first()
    if line is None:
        raise NotFoundRefused(_("There is no such line."), value=line_id)
    return line


def refresh_state(statement: Statement) -> None:
    """Disputed while a line or a difference is (not saved)."""
    lines = statement.lines.filter(verdict="disputed").exists()
    disputed = lines or statement.differences.filter(state=DifferenceState.DISPUTED).exists()
    statement.state = StatementState.DISPUTED if disputed else StatementState.PROPOSED


def add_adjustment(statement: Statement, number: str, difference_id: UUID, amount: Decimal, reason: str) -> None:
    """A line for what the partner's figures differ by, and the sums that follow (statement not saved)."""
    last = max(statement.lines.values_list("line_no", flat=True), default=0)
    StatementLine(
        document=statement,
        line_no=last + 1,
        kind=MovementKind.ADJUSTMENT,
        line_date=statement.period_to,
        source_type=FROM_DIFFERENCE,
        source_id=statement.pk,
        source_number=number[:40],
        source_line_id=difference_id,
        amount=amount,
        net_amount=amount,
        verdict="accepted",
        answer=reason[:300],
    ).save(force_insert=True)
    reckon(statement, list(statement.lines.all()))


def forget_adjustments(statement: Statement) -> None:
    """Without the lines that differences added (statement not saved)."""
    statement.lines.filter(source_type=FROM_DIFFERENCE).delete()
    reckon(statement, list(statement.lines.all()))


def forget_signatures(statement: Statement) -> None:
    statement.our_signature = statement.their_signature = ""
    statement.our_signed_at = statement.their_signed_at = None


def store(statement: Statement, verb: str, actor: Actor, at: datetime, changes: dict[str, Any] | None = None) -> None:
    statement.updated_at = at
    statement.version += 1
    statement.save()
    audit.record(statement, verb, actor=actor, at=at, axis="state", after=statement.state, changes=changes)


def publish(fact: type[facts.StatementEvent], statement: Statement, actor: Actor, **more: Any) -> None:
    event = fact(
        aggregate_id=statement.pk, number=statement.number, kind=statement.kind, party_id=statement.party_id, **more
    )
    events.publish(event, actor=actor)
