"""What both portals do with a statement: read its lines, accept or dispute them, hand in one's own list, settle what differs."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from backend.invoicing.claim_sheets import ClaimInput, read_text, read_upload
from backend.invoicing.models import DifferenceKind, Statement, StatementDifference
from backend.invoicing.services import differences, statements
from backend.kernel.errors import ValidationRefused
from backend.processes.statements import submit_statement_list
from portals.ui import typed


def claims_of(request: HttpRequest) -> list[ClaimInput]:
    """The rows that were uploaded or pasted."""
    upload = typed.upload(request.FILES, "list")
    if upload is not None:
        return read_upload(upload)
    text = request.POST.get("rows", "")[:500_000]
    if not text.strip():
        raise ValidationRefused(_("Choose a file, or paste the rows of your list."), field="list")
    return read_text(text)


def hand_in(request: HttpRequest, statement: Statement, **who: Any) -> Statement:
    """Compare the list with the statement."""
    return submit_statement_list(statement_id=statement.pk, claims=claims_of(request), **who)


def judge(request: HttpRequest, statement: Statement, difference_id: UUID, **who: Any) -> Statement:
    """Accept our figures, or dispute with a word and a file."""
    where: dict[str, Any] = {"statement_id": statement.pk, "difference_id": difference_id}
    comment = typed.words(request.POST, "comment")
    if request.POST.get("verdict") == "accept":
        return differences.settle_difference(**where, holds="ours", comment=comment, **who)
    evidence = typed.upload(request.FILES, "evidence")
    return differences.dispute_difference(**where, comment=comment, evidence=evidence, **who)


def answer_line(request: HttpRequest, statement: Statement, line_id: UUID, **who: Any) -> Statement:
    """Accept a line, or dispute it with a word, one's own figures and a file."""
    where: dict[str, Any] = {"statement_id": statement.pk, "line_id": line_id}
    if request.POST.get("verdict") == "accept":
        return statements.accept_line(**where, **who)
    return statements.dispute_line(
        **where,
        reason=typed.words(request.POST, "reason"),
        their_qty=typed.number(request.POST, "their_qty"),
        their_amount=typed.number(request.POST, "their_amount"),
        evidence=typed.upload(request.FILES, "evidence"),
        **who,
    )


def page_of(request: HttpRequest, statement: Statement, face: str, *, failed: bool = False) -> dict[str, Any]:
    """The context of a statement's page in a portal; what was typed into a line that was refused stays there."""
    lines = list(statement.lines.select_related("item__unit").order_by("line_no"))
    match = request.resolver_match
    refused_line = match.kwargs.get("line_id") if failed and match else None
    for line in lines:
        line.typed = request.POST if line.pk == refused_line else None  # type: ignore[attr-defined]
    return {
        "statement": statement,
        "lines": lines,
        "disputed": sum(1 for line in lines if line.verdict == "disputed"),
        "line_page": f"{face}:statement_line",
        "file_page": f"{face}:file",
        "list_url": reverse(f"{face}:statement_list", kwargs={"number": statement.number}),
        "difference_base": reverse(f"{face}:statement_rest", kwargs={"number": statement.number}),
        "list_error": failed and match is not None and match.url_name == "statement_list",
        **shown(statement),
    }


def _kind_label(kind: str, ours: bool) -> str:
    """A kind of difference; the partner is addressed on his own page."""
    if kind == DifferenceKind.MISSING_AT_THEIRS and not ours:
        return _("Missing in your list")
    return str(DifferenceKind(kind).label)


def shown(statement: Statement, *, ours: bool = False) -> dict[str, Any]:
    """The context of the differences' part of a page, ``ours`` or the partner's: rows and how many of each kind."""
    rows = list(StatementDifference.objects.filter(document=statement).select_related("line", "claim").order_by("no"))
    kinds: dict[str, int] = {}
    for row in rows:
        row.kind_words = _kind_label(row.kind, ours)  # type: ignore[attr-defined]
        kinds[row.kind] = kinds.get(row.kind, 0) + 1
    return {
        "differences": rows,
        "kinds": [(_kind_label(kind, ours), count) for kind, count in sorted(kinds.items())],
        "unsettled": sum(1 for row in rows if not row.settled),
        "listed": statement.claims.count(),
    }
