"""The company's rules: which level of which kind of document is decided by whom, from which amount on.

A kind of document offers itself with ``offer`` when its area is loaded; without rules of its kind nothing is asked of a
document, for the price of one look-up in the cache.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.kernel.currency import gross_at_home
from backend.workflow.kept import Kept
from backend.workflow.models import ApprovalRule

_OFFERED: dict[str, str] = {}


@dataclass(frozen=True)
class Level:
    """What a rule asks for."""

    level: int
    amount_from: Decimal
    role_id: UUID | None
    member_id: UUID | None


def offer(doc_type: str, permission: str) -> None:
    """Let companies make rules for this kind; ``permission`` is the right to approve it where no rule applies."""
    _OFFERED[doc_type] = permission


def offered() -> Mapping[str, str]:
    """Kinds of documents with the right to approve them."""
    return _OFFERED


def rules_of(doc_type: str) -> tuple[Level, ...]:
    """Every rule of a kind, by level and amount."""
    return RULES.get().get(doc_type, ())


def levels_for(document: Any) -> list[Level]:
    """The levels a document needs, in order: of each level the rule with the highest amount that it reaches at home.

    A document whose rate is not known may reach all of them.
    """
    rules = rules_of(document.DOC_TYPE)
    amount = gross_at_home(document) if rules else None
    reached = {rule.level: rule for rule in rules if amount is None or rule.amount_from <= amount}
    return [reached[level] for level in sorted(reached)]


def _read() -> dict[str, tuple[Level, ...]]:
    found: dict[str, tuple[Level, ...]] = {}
    for row in ApprovalRule.objects.order_by("doc_type", "level", "amount_from"):
        level = Level(row.level, row.amount_from, row.role_id, row.member_id)
        found[row.doc_type] = (*found.get(row.doc_type, ()), level)
    return found


RULES = Kept("workflow.approval_rules", _read)
