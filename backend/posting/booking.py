"""Turning a rule and its amounts into a voucher."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from backend.accounting.models import Voucher
from backend.accounting.services.vouchers import SourceRef, VoucherLineInput, post_voucher, reverse_source
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.language import books_language
from backend.kernel.money import ZERO, total
from backend.kernel.prepared import Prepared
from backend.parties.models import Party
from backend.posting.rules import COST_CORRECTION, FUND, RULES, USES, VALUES

Values = Mapping[str, Decimal]


@dataclass(frozen=True)
class Facts:
    """What a document says to its rule: amounts by name, inventory values by role, uses by role and party.

    ``party_name`` where the document told it; it is read otherwise.
    """

    source: SourceRef
    day: date
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    party_id: UUID | None = None
    party_name: str = ""
    fund_account: UUID | None = None
    other_party_id: UUID | None = None
    uses: Mapping[tuple[str, UUID | None], Decimal] = field(default_factory=dict)


def book(rule: str, facts: Facts, *, words: Any, actor: Actor, rule_code: str = "") -> Voucher | None:
    """Post by a rule; nothing to post makes no voucher. ``words`` is the summary, lazily translated."""
    lines = list(_lines(rule, facts))
    if not any(line.debit or line.credit for line in lines):
        return None
    with books_language():
        summary = f"{words} {facts.source.number} {facts.party_name or _party_name(facts.party_id)}".strip()
    return post_voucher(
        date=facts.day,
        summary=summary,
        lines=lines,
        source=facts.source,
        rule=rule_code or rule,
        actor=actor,
        at=clock.now(),
    )


def unbook(source_id: UUID, *, actor: Actor) -> list[Voucher]:
    """Reverse every voucher of a document that was taken back; corrections of cost are told back by themselves."""
    return reverse_source(source_id=source_id, actor=actor, at=clock.now(), but_rules=f"{COST_CORRECTION}.")


_standing = Prepared(lambda sources: _stand(source_id__in=sources).only("source_id", "rule"))


def _stand(**which: Any) -> QuerySet[Voucher]:
    """Vouchers that nobody took back, but for corrections of cost."""
    found = Voucher.objects.filter(reverses=None, reversed_by=None, **which)
    return found.exclude(rule__startswith=f"{COST_CORRECTION}.")


def stands_by(rule: str, source_id: OuterRef) -> Exists:
    """Whether a goods document stands in the books by this rule, as a part of another query."""
    return Exists(_stand(rule=rule, source_id=source_id))


def booked_rules(source_ids: set[UUID]) -> dict[UUID, str]:
    """By which rule each goods document stands in the books, in one statement."""
    return {voucher.source_id: voucher.rule for voucher in _standing(source_ids) if voucher.source_id}


def moment() -> datetime:
    """Now: events are handled inside the transaction of what they tell."""
    return clock.now()


def _lines(rule: str, facts: Facts) -> Iterator[VoucherLineInput]:
    amounts = {**facts.amounts, "total": total(facts.values.values())}
    for line in RULES[rule]:
        party_id = facts.other_party_id if line.other else facts.party_id if line.party else None
        if line.account == VALUES:
            for role, value in sorted(facts.values.items()):
                yield _line(line.side, value, role=role)
        elif line.account == USES:
            for (role, user), value in sorted(facts.uses.items(), key=lambda use: (use[0][0], str(use[0][1]))):
                yield _line(line.side, value, role=role, party_id=user)
        elif line.account == FUND:
            yield _line(line.side, amounts[line.amount], account_id=facts.fund_account)
        else:
            yield _line(line.side, amounts.get(line.amount, ZERO), role=line.account, party_id=party_id)


def _line(side: str, amount: Decimal, **where: Any) -> VoucherLineInput:
    debit, credit = (amount, ZERO) if side == "debit" else (ZERO, amount)
    return VoucherLineInput(debit=debit, credit=credit, **where)


_named = Prepared(lambda id: Party.objects.filter(pk=id).only("name", "short_name"))


def _party_name(party_id: UUID | None) -> str:
    if party_id is None:
        return ""
    party = _named.first(UUID(str(party_id)))
    return party.label if party else ""
