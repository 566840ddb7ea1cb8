"""Statements and the documents whose movements they list: what is taken back stands on no statement.

A document that is taken back leaves the statements that wait for an answer, and both sides look again; one that both
sides agreed on holds it. What was written of a document while it was taken back is found when somebody signs.
Locks: the document's own services hold the document, then the statement; an agreed one is refused without its lock.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.events import StatementChanged
from backend.invoicing.models import MovementKind, Statement, StatementLine, StatementState
from backend.invoicing.services import differences, statements
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, WayOut

FIXED = (StatementState.AGREED, StatementState.INVOICED)


class StandsOnAgreedStatement(Conflict):
    """Both sides signed for it: it is put right by a movement of its own."""

    code = "on_agreed_statement"


def take_off_statements(
    *, source_id: UUID, actor: Actor, at: datetime, explain: differences.Explain | None = None
) -> list[Statement]:
    """Take a document that is taken back off the statements that are not agreed; raises StandsOnAgreedStatement.

    Signatures given before are void; the partner's own list is compared with what is left.
    """
    lines = lines_of(source_id)
    if not lines:
        return []
    refuse_agreed(lines)
    held = Statement.objects.select_for_update().filter(pk__in={line.document_id for line in lines}).order_by("pk")
    changed = list(held)
    by_id = {statement.pk: statement for statement in changed}
    for line in lines:  # somebody may have signed while this waited for the statement
        line.document = by_id[line.document_id]
    refuse_agreed(lines)
    for statement in changed:
        _take_off(statement, [line for line in lines if line.document_id == statement.pk], explain, actor, at)
    return changed


def lines_of(source_id: UUID) -> list[StatementLine]:
    """Where a document stands."""
    found = StatementLine.objects.select_related("document").filter(source_id=source_id, active=True)
    return list(found.order_by("document_id", "line_no"))


def refuse_agreed(lines: Iterable[StatementLine]) -> None:
    """Raise naming the statement on which both sides agreed to one of these lines."""
    for line in lines:
        statement = line.document
        if statement.state in FIXED:
            raise StandsOnAgreedStatement(
                _("%(source)s is on statement %(statement)s, which both sides agreed.")
                % {"source": line.source_number, "statement": statement},
                document=line.source_number,
                field="approval",
                value=statement.number,
                way_out=_way_out(line, statement),
                links=[WayOut(statement.number, doc_type=statement.DOC_TYPE, number=statement.number)],
            )


def _way_out(line: StatementLine, statement: Statement) -> str:
    theirs = statement.kind == "supplier"
    return {
        MovementKind.RECEIPT: _("Send the goods back with a purchase return.")
        if theirs
        else _("Take the goods back with a sales return."),
        MovementKind.RETURN: _("Receive the goods again.") if theirs else _("Deliver the goods again."),
        MovementKind.ADJUSTMENT: _("Put it right with another invoice."),
        MovementKind.PAYMENT: _("Enter the money that came back as a refund.")
        if theirs
        else _("Enter the money that went back as a refund."),
    }[MovementKind(line.kind)]


def _take_off(
    statement: Statement,
    lines: Sequence[StatementLine],
    explain: differences.Explain | None,
    actor: Actor,
    at: datetime,
) -> None:
    number = lines[0].source_number
    differences.strike_lines(statement, [line.pk for line in lines], explain=explain, at=at)
    if statement.state != StatementState.OPEN:
        statements.refresh_state(statement)
    statements.forget_signatures(statement)
    statements.store(statement, "take_off", actor, at, {"lines": [number, ""]})
    statements.publish(StatementChanged, statement, actor, source_number=number)
