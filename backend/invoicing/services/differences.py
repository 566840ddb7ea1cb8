"""The partner's own list beside our statement (M-07): compared, every difference typed, settled one by one by both sides.

Invariants: a list replaces the one before it; a statement is agreed only when every difference is settled; when theirs
holds an adjustment of the gap is a line of the statement, so that what both sign is what both owe. A fixed number
of statements whatever the rows.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.invoicing import events as facts
from backend.invoicing.claim_sheets import ClaimInput
from backend.invoicing.comparing import Comparison, Found, Row, compare
from backend.invoicing.models import (
    DifferenceKind,
    DifferenceState,
    MovementKind,
    Statement,
    StatementClaim,
    StatementDifference,
    StatementLine,
    StatementState,
)
from backend.invoicing.services import statements
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.language import in_books

GOODS = {MovementKind.RECEIPT, MovementKind.RETURN}
CHANGING = (StatementState.PROPOSED, StatementState.DISPUTED)
Explain = Callable[[Sequence[StatementDifference]], Mapping[UUID, str]]


class CannotSettleDifference(Conflict):
    """The difference is settled already, or this side cannot say that."""

    code = "cannot_settle_difference"


# --- their list --------------------------------------------------------------------------------
def submit_list(
    *, statement_id: UUID, claims: Sequence[ClaimInput], actor: Actor, at: datetime, explain: Explain | None = None
) -> Statement:
    """Take the partner's list in the place of the one before, and name what differs. Rounding settles itself."""
    with transaction.atomic():
        statement = statements.in_state(statement_id, actor, *CHANGING)
        found = _compare(statement, claims, explain, at)
        statements.refresh_state(statement)
        statements.forget_signatures(statement)
        statements.store(statement, "submit_list", actor, at, {"rows": ["", str(len(claims))]})
        if StatementDifference.objects.filter(document=statement, state=DifferenceState.OPEN).exists():
            statements.publish(facts.StatementCompared, statement, actor, differences=len(found.differences))
    return statement


def compare_again(statement: Statement, *, explain: Explain | None, at: datetime) -> None:
    """The partner's list beside the lines that are left (statement not saved): what was settled is settled anew."""
    kept = [
        ClaimInput(row.number, row.qty, row.price, row.line_date, row.item_text, row.amount)
        for row in statement.claims.order_by("row_no")
    ]
    if kept:
        _compare(statement, kept, explain, at)


def strike_lines(statement: Statement, line_ids: Collection[UUID], *, explain: Explain | None, at: datetime) -> None:
    """Without these lines and the adjustments that answered them; their list beside what is left (statement not saved)."""
    answers = Q(source_type=Statement.DOC_TYPE, source_id=statement.pk, source_line_id__in=line_ids)
    statement.lines.filter(Q(pk__in=line_ids) | answers).delete()
    compare_again(statement, explain=explain, at=at)
    statements.reckon(statement, list(statement.lines.all()))


def _compare(statement: Statement, claims: Sequence[ClaimInput], explain: Explain | None, at: datetime) -> Comparison:
    lines = [line for line in statement.lines.select_related("item").order_by("line_no") if line.kind in GOODS]
    _forget(statement)
    rows = _claim_rows(statement, claims, lines)
    ours = {line.pk: _our_row(line) for line in lines}
    found = compare(list(ours.values()), [_their_row(row) for row in rows])
    _write(statement, rows, {line.pk: line for line in lines}, found, explain, at)
    return found


def _forget(statement: Statement) -> None:
    statements.forget_adjustments(statement)
    StatementDifference.objects.filter(document=statement).delete()
    StatementClaim.objects.filter(document=statement).delete()


def _claim_rows(
    statement: Statement, claims: Sequence[ClaimInput], lines: Sequence[StatementLine]
) -> list[StatementClaim]:
    items = _items_named({claim.item_text for claim in claims if claim.item_text}, lines)
    return [
        StatementClaim(
            id=uuid7(),
            document=statement,
            row_no=number,
            number=claim.number,
            line_date=claim.line_date,
            item_text=claim.item_text,
            item_id=items.get(claim.item_text.lower()),
            qty=claim.qty,
            price=claim.price,
            amount=claim.worth(number),
        )
        for number, claim in enumerate(claims, 1)
    ]


def _items_named(texts: set[str], lines: Sequence[StatementLine]) -> dict[str, UUID]:
    """Our items by what the partner calls them: code or name; one statement."""
    known = Item.objects.filter(Q(code__in=texts) | Q(name__in=texts) | Q(pk__in=[line.item_id for line in lines]))
    named: dict[str, UUID] = {}
    for pk, code, name, spec in known.values_list("pk", "code", "name", "spec"):
        for text in (f"{name} {spec}".strip(), name, code):
            named[text.lower()] = pk
    return named


def _our_row(line: StatementLine) -> Row:
    sign = -1 if line.kind == MovementKind.RETURN else 1
    return Row(
        id=line.pk,
        numbers=(line.their_number, line.source_number, line.order_number),
        day=line.line_date,
        item=line.item_id,
        qty=sign * line.qty,
        price=line.price,
        amount=line.amount,
        theirs_known=bool(line.their_number),
    )


def _their_row(claim: StatementClaim) -> Row:
    return Row(
        id=claim.pk,
        numbers=(claim.number,),
        day=claim.line_date,
        item=claim.item_id or claim.item_text.lower(),
        qty=claim.qty,
        price=claim.price,
        amount=claim.amount,
        theirs_known=False,
    )


def _write(
    statement: Statement,
    claims: Sequence[StatementClaim],
    lines: Mapping[UUID, StatementLine],
    found: Comparison,
    explain: Explain | None,
    at: datetime,
) -> None:
    by_id = {claim.pk: claim for claim in claims}
    for our_id, their_id in found.pairs:
        by_id[their_id].line_id = our_id
    StatementClaim.objects.bulk_create(claims)
    rows = [_difference(statement, number, each, lines, by_id) for number, each in enumerate(found.differences, 1)]
    reasons = explain(rows) if explain and rows else {}
    for row in rows:
        row.why = reasons.get(row.pk, "")[:200]
        if row.kind == DifferenceKind.ROUNDING:
            row.state, row.decided_at = DifferenceState.OURS, at
    StatementDifference.objects.bulk_create(rows)


def _difference(
    statement: Statement,
    number: int,
    found: Found,
    lines: Mapping[UUID, StatementLine],
    claims: Mapping[UUID, StatementClaim],
) -> StatementDifference:
    line = lines[found.ours.id] if found.ours else None
    claim = claims[found.theirs.id] if found.theirs else None
    item = line.item if line else None
    words = f"{item.code} {item.name}" if item else claim.item_text if claim else ""
    return StatementDifference(
        id=uuid7(),
        document=statement,
        no=number,
        kind=found.kind,
        line=line,
        claim=claim,
        our_number=line.source_number if line else "",
        their_number=claim.number if claim else line.their_number if line else "",
        item_text=words[:160],
        our_qty=found.ours.qty if found.ours else None,
        their_qty=found.theirs.qty if found.theirs else None,
        our_price=found.ours.price if found.ours else None,
        their_price=found.theirs.price if found.theirs else None,
        our_amount=found.ours.amount if found.ours else 0,
        their_amount=found.theirs.amount if found.theirs else 0,
        gap=found.gap,
    )


# --- settling ----------------------------------------------------------------------------------
def settle_difference(
    *, statement_id: UUID, difference_id: UUID, holds: str, comment: str = "", actor: Actor, at: datetime
) -> Statement:
    """Say whose figures hold. The partner may give in (``ours``); we may say either, theirs becomes an adjustment."""
    if holds not in {DifferenceState.OURS, DifferenceState.THEIRS}:
        raise ValidationRefused(_("Say whose figures hold."), field="holds", value=holds)
    with transaction.atomic():
        statement, row = _load(statement_id, difference_id, actor)
        if holds == DifferenceState.THEIRS and actor.kind in {"supplier", "customer"}:
            raise CannotSettleDifference(
                _("The other side says whether your figures hold."),
                document=statement.number,
                line=row.no,
                way_out=_("Dispute it, with a word and a file that shows it."),
            )
        before = row.state
        row.state, row.decided_by_name, row.decided_at = holds, actor.name[:120], at
        if comment.strip():
            _say(row, comment, actor)
        row.save()
        if holds == DifferenceState.THEIRS and row.gap:
            statements.add_adjustment(statement, row.our_number or row.their_number, row.pk, row.gap, _reason(row))
        _finish(statement, row, actor, at, before)
    return statement


def _reason(row: StatementDifference) -> str:
    return " · ".join(part for part in (str(row.get_kind_display()), row.comment or row.answer) if part)


def settle_rest(*, statement_id: UUID, actor: Actor, at: datetime) -> Statement:
    """Give in to everything that is open: ours holds."""
    with transaction.atomic():
        statement = statements.in_state(statement_id, actor, *CHANGING)
        waiting = StatementDifference.objects.filter(document=statement).exclude(
            state__in=[DifferenceState.OURS, DifferenceState.THEIRS]
        )
        count = waiting.update(state=DifferenceState.OURS, decided_by_name=actor.name[:120], decided_at=at)
        statements.refresh_state(statement)
        statements.store(statement, "settle", actor, at, {"differences": ["", str(count)]})
    return statement


def dispute_difference(
    *,
    statement_id: UUID,
    difference_id: UUID,
    comment: str,
    actor: Actor,
    at: datetime,
    evidence: Any = None,
) -> Statement:
    """Insist on one's figures, with a word and a file that shows it."""
    if not comment.strip():
        raise ValidationRefused(_("Say why your figures are right."), field="comment")
    with transaction.atomic():
        statement, row = _load(statement_id, difference_id, actor)
        before = row.state
        row.state = DifferenceState.DISPUTED
        _say(row, comment, actor)
        row.evidence_id = statements.keep_evidence(statement, evidence, actor, at) or row.evidence_id
        row.save()
        _finish(statement, row, actor, at, before)
        statements.publish(facts.StatementDisputed, statement, actor, line_no=row.no, reason=row.comment)
    return statement


def answer_difference(*, statement_id: UUID, difference_id: UUID, answer: str, actor: Actor, at: datetime) -> Statement:
    """Keep to our figures, with a word; the partner looks again."""
    if not answer.strip():
        raise ValidationRefused(_("Write an answer."), field="answer")
    with transaction.atomic():
        statement, row = _load(statement_id, difference_id, actor)
        before = row.state
        row.state = DifferenceState.ANSWERED
        _say(row, answer, actor)
        row.save()
        _finish(statement, row, actor, at, before)
        statements.publish(facts.StatementAnswered, statement, actor, line_no=row.no, answer=row.answer)
    return statement


def _say(row: StatementDifference, text: str, actor: Actor) -> None:
    """The partner comments, we answer."""
    words = text.strip()[:300]
    if actor.kind in {"supplier", "customer"}:
        row.comment = words
    else:
        row.answer = words


def _load(statement_id: UUID, difference_id: UUID, actor: Actor) -> tuple[Statement, StatementDifference]:
    statement = statements.in_state(statement_id, actor, *CHANGING)
    row = StatementDifference.objects.filter(document=statement, pk=difference_id).first()
    if row is None:
        raise NotFoundRefused(_("There is no such difference."), value=difference_id)
    if row.settled:
        raise CannotSettleDifference(
            _("Difference %(no)s is settled.") % {"no": row.no}, document=statement.number, line=row.no
        )
    return statement, row


def _finish(statement: Statement, row: StatementDifference, actor: Actor, at: datetime, before: str) -> None:
    statements.refresh_state(statement)
    statements.forget_signatures(statement)
    words = [in_books(lambda state=state: str(DifferenceState(state).label)) for state in (before, row.state)]  # type: ignore[misc]
    statements.store(statement, "settle", actor, at, {f"difference {row.no}": words})
