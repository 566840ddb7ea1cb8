"""What both sides sign: the digest of a statement, and whether every document on it is still booked."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend.invoicing.models import Statement, StatementLine
from backend.kernel.document import DOC_TYPES, Approval


def digest_of(statement: Statement, lines: Sequence[StatementLine]) -> str:
    """SHA-256 of what both signed: header, lines in order, and both signatures with their times."""
    told = {
        "number": statement.number,
        "party": str(statement.party_id),
        "period": [str(statement.period_from), str(statement.period_to)],
        "opening": f"{statement.opening_amount:.2f}",
        "closing": f"{statement.closing_amount:.2f}",
        "lines": [
            [line.line_no, line.kind, str(line.line_date), line.source_number, f"{line.qty:.4f}", f"{line.amount:.2f}"]
            for line in sorted(lines, key=lambda line: line.line_no)
        ],
        "signatures": [
            [statement.our_signature, _moment(statement.our_signed_at)],
            [statement.their_signature, _moment(statement.their_signed_at)],
        ],
    }
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _moment(at: datetime | None) -> str:
    return str(int(at.timestamp() * 1_000_000)) if at else ""


def withdrawn_lines(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """The lines whose document is not booked any more; one statement for each kind of document."""
    by_type: dict[str, set[UUID]] = defaultdict(set)
    for line in lines:
        if line.source_type in DOC_TYPES and line.source_type != Statement.DOC_TYPE:
            by_type[line.source_type].add(line.source_id)
    gone: set[UUID] = set()
    for kind, ids in by_type.items():
        found = DOC_TYPES[kind]._default_manager.filter(pk__in=ids).exclude(approval=Approval.APPROVED)
        gone.update(found.values_list("pk", flat=True))
    return [line for line in lines if line.source_id in gone]
