"""Bank accounts and cash boxes. Each stands on a money account of the chart; several may share one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.accounting.models import Account
from backend.accounting.selectors import account_ids
from backend.invoicing.models import FundAccount
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused

MONEY_ROLES = ("cash", "bank", "other_cash")


class CannotSaveFundAccount(Conflict):
    """The account cannot be kept like that."""

    code = "cannot_save_fund_account"


@dataclass(frozen=True)
class FundAccountData:
    """What is keyed. ``account_id`` None takes the chart's account for bank or cash."""

    code: str
    name: str
    kind: str = "bank"
    account_id: UUID | None = None
    bank_name: str = ""
    bank_account_no: str = ""
    active: bool = True


def save_fund_account(
    *, data: FundAccountData, actor: Actor, at: datetime, fund_account_id: UUID | None = None
) -> FundAccount:
    """Write a bank account or cash box; its ledger account stays once money went through it."""
    actor.require("invoicing.fund_account.edit")
    with transaction.atomic():
        fund = _row(fund_account_id)
        before = {} if fund_account_id is None else _values(fund)
        _refuse_wrong(data, fund)
        fund.code, fund.name, fund.kind = data.code.strip(), data.name.strip(), data.kind
        fund.bank_name, fund.bank_account_no = data.bank_name.strip(), data.bank_account_no.strip()
        fund.account, fund.active = _ledger_account(data, fund), data.active
        fund.save()
        changes = audit.changed_fields(before, _values(fund)) if before else {}
        audit.record(fund, "change" if before else "create", actor=actor, at=at, changes=changes)
    return fund


def _row(fund_account_id: UUID | None) -> FundAccount:
    if fund_account_id is None:
        return FundAccount()
    found = FundAccount.objects.select_for_update(of=("self",)).filter(pk=fund_account_id).first()
    if found is None:
        raise NotFoundRefused(_("There is no such account."), value=fund_account_id)
    return found


def _values(fund: FundAccount) -> dict[str, str]:
    names = ("code", "name", "kind", "bank_name", "bank_account_no", "active", "account_id")
    return {name: str(getattr(fund, name)) for name in names}


def _refuse_wrong(data: FundAccountData, fund: FundAccount) -> None:
    if not data.code.strip() or not data.name.strip():
        raise ValidationRefused(_("Give the account a code and a name."), field="code", value=data.code)
    if data.kind not in {"bank", "cash"}:
        raise ValidationRefused(_("Choose bank or cash."), field="kind", value=data.kind)
    same = FundAccount.objects.filter(code=data.code.strip()).exclude(pk=fund.pk).first()
    if same:
        raise CannotSaveFundAccount(
            _("%(name)s has the code %(code)s already.") % {"name": same.name, "code": same.code},
            field="code",
            value=same.code,
        )


def _ledger_account(data: FundAccountData, fund: FundAccount) -> Account:
    money = account_ids(MONEY_ROLES)
    wanted = data.account_id or money.get(data.kind)
    if fund.account_id and fund.account_id == wanted:
        return fund.account
    tops = Account.objects.filter(pk__in=money.values()).values_list("code", flat=True)
    account = Account.objects.filter(pk=wanted, is_leaf=True, active=True).first() if wanted else None
    if account is None or not any(account.code.split(".")[0] == top.split(".")[0] for top in tops):
        raise ValidationRefused(_("Choose a money account of the chart."), field="account", value=str(wanted))
    used = fund.account_id and (fund.receipt_set.exists() or fund.payment_set.exists())
    if used:
        raise CannotSaveFundAccount(
            _("Money went through %(name)s: its ledger account stays.") % {"name": fund.name},
            field="account",
            way_out=_("Make another account instead."),
        )
    return account
