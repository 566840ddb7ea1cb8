"""Bank accounts of suppliers: asked for in the portal or by staff, in effect after a second person in finance (SRM-03).

The trail of the supplier shows the last four digits; the whole numbers, old and new, are in the rows themselves,
for those who pay.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.lifecycle import LifeCycle
from backend.parties.models import Party
from backend.srm.events import BankAccountChanged
from backend.srm.models import BankState, SupplierBankAccount
from backend.srm.selectors.qualification import supplier_for
from backend.srm.services.life import lock_role
from backend.srm.services.messages import ask_staff, tell_supplier, todo
from backend.workflow.services import complete_tasks

APPROVE = "srm.bank_account.approve"
BANK = LifeCycle(
    {
        "approve": ({BankState.WAITING}, BankState.EFFECTIVE),
        "reject": ({BankState.WAITING}, BankState.REJECTED),
        "withdraw": ({BankState.WAITING}, BankState.WITHDRAWN),
    },
    axis="state",
)


class CannotApproveBankAccount(Conflict):
    code = "second_person_needed"


@dataclass(frozen=True)
class BankData:
    holder: str
    bank_name: str
    account_no: str
    bank_code: str = ""
    reason: str = ""


def effective_account(party_id: UUID) -> SupplierBankAccount | None:
    """The account that is paid to."""
    return SupplierBankAccount.objects.filter(party=party_id, state=BankState.EFFECTIVE).first()


def request_bank_account(*, party_id: UUID, data: BankData, actor: Actor, at: datetime) -> SupplierBankAccount:
    """Ask for another account. Nothing changes before finance agrees; a change that waited gives way to this one."""
    party = supplier_for(actor, party_id)
    number = re.sub(r"[\s-]", "", data.account_no).upper()
    _check(data, number)
    with transaction.atomic():
        lock_role(party.pk)
        before = effective_account(party.pk)
        waiting = SupplierBankAccount.objects.filter(party=party, state=BankState.WAITING)
        waiting.update(state=BankState.WITHDRAWN, decided_at=at, decided_by_name=actor.name)
        made = SupplierBankAccount.objects.create(
            party=party,
            holder=data.holder.strip()[:120],
            bank_name=data.bank_name.strip()[:120],
            account_no=number,
            bank_code=data.bank_code.strip()[:20],
            reason=data.reason.strip()[:300],
            replaces=before,
            requested_by_id=actor.member_id,
            requested_by_name=actor.name,
            requested_by_kind=actor.kind,
            requested_at=at,
        )
        _trail(made, "request_bank_account", actor, at, reason=made.reason)
        task = todo(
            "srm.bank_to_approve",
            {"supplier": party.label, "by": actor.name, "account": str(made)},
            key=f"bank:{party.pk}",
            page="srm.bank",
            pk=party.pk,
            permission=APPROVE,
        )
        ask_staff(task, at)
    return made


def _check(data: BankData, number: str) -> None:
    problems: list[Refusal] = []
    if not data.holder.strip():
        problems.append(ValidationRefused(_("In whose name is the account?"), field="holder"))
    if not data.bank_name.strip():
        problems.append(ValidationRefused(_("Which bank, and which branch?"), field="bank_name"))
    if not re.fullmatch(r"[A-Z0-9]{8,34}", number):
        problems.append(
            ValidationRefused(
                _("This is not an account number."),
                field="account_no",
                way_out=_("8 to 34 digits or letters; spaces do not matter."),
            )
        )
    if problems:
        raise Refusal.many(problems)


def approve_bank_account(*, account_id: UUID, actor: Actor, at: datetime) -> SupplierBankAccount:
    """Finance agrees: the account is paid to from now on. Whoever asked for it may not be the one who agrees."""
    with transaction.atomic():
        row = _locked(account_id)
        before = BANK.advance(row, "approve")
        if actor.member_id is not None and actor.member_id == row.requested_by_id:
            raise CannotApproveBankAccount(
                _("You asked for this change: a second person in finance has to agree."),
                field="requested_by",
                value=row.requested_by_name,
                way_out=_("Ask a colleague in finance; the task is on their list."),
            )
        SupplierBankAccount.objects.filter(party=row.party_id, state=BankState.EFFECTIVE).update(
            state=BankState.REPLACED
        )
        _decide(row, before, actor, at, "")
        events.publish(BankAccountChanged(row.party_id, account_id=str(row.pk)), actor=actor)
        _tell(row, "supplier.bank_changed", actor, at)
    return row


def reject_bank_account(*, account_id: UUID, reason: str, actor: Actor, at: datetime) -> SupplierBankAccount:
    """The account stays what it was; the supplier reads why."""
    if not reason.strip():
        raise ValidationRefused(_("Say why: whoever asked for it reads the reason."), field="reason")
    with transaction.atomic():
        row = _locked(account_id)
        before = BANK.advance(row, "reject")
        _decide(row, before, actor, at, reason.strip()[:300])
        _tell(row, "supplier.bank_rejected", actor, at)
    return row


def _locked(account_id: UUID) -> SupplierBankAccount:
    found = SupplierBankAccount.objects.select_for_update(of=("self",)).select_related("party", "replaces")
    row = found.filter(pk=account_id).first()
    if row is None:
        raise NotFoundRefused(_("There is no such account."), value=account_id)
    return row


def _decide(row: SupplierBankAccount, before: str, actor: Actor, at: datetime, reason: str) -> None:
    row.decided_by_id, row.decided_by_name, row.decided_at = actor.member_id, actor.name, at
    row.decision_reason = reason
    row.save()
    _trail(row, f"bank_account_{row.state}", actor, at, reason=reason, before=before)
    complete_tasks(actor=actor, at=at, dedupe_key=f"bank:{row.party_id}")


def _trail(
    row: SupplierBankAccount, verb: str, actor: Actor, at: datetime, *, reason: str = "", before: str = ""
) -> None:
    """Old and new: masked with the supplier, whole with the account."""
    old = row.replaces
    masked = {"bank_account": [str(old) if old else "", str(row)]}
    whole = {
        name: [str(getattr(old, name)) if old else "", str(getattr(row, name))]
        for name in ("holder", "bank_name", "account_no", "bank_code")
    }
    state = {"axis": "bank_account", "before": before, "after": str(row.state)}
    audit.record(row.party, verb, actor=actor, at=at, reason=reason, changes=masked, **state)
    audit.record(row, verb, actor=actor, at=at, reason=reason, changes=whole, **state)


def _tell(row: SupplierBankAccount, kind: str, actor: Actor, at: datetime) -> None:
    tell_supplier(
        Party.objects.get(pk=row.party_id),
        kind,
        {"account": str(row), "reason": row.decision_reason},
        key=f"bank:{row.pk}:{row.state}",
        actor=actor,
        at=at,
        url="/supplier/bank/",
        permission="supplier.bank.view",
    )
