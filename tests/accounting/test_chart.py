"""Keeping the chart of accounts."""

import pytest

from backend.accounting.models import Account, AccountRole
from backend.accounting.services import accounts
from backend.accounting.services.accounts import CannotChangeAccount
from backend.invoicing.models import FundAccount
from backend.kernel.actor import Actor
from backend.kernel.errors import PermissionRefused, ValidationRefused
from tests.factories.accounting import AT, account, post

CHIEF = Actor(kind="staff", name="Chief", permissions=frozenset({"accounting.account.edit"}))


def add(parent: Account, part: str = "01", **more):
    values = {"name": "ICBC", "name_en": "ICBC main", "actor": CHIEF, "at": AT}
    return accounts.add_account(parent_id=parent.pk, part=part, **{**values, **more})


def test_the_first_sub_account_takes_over_the_roles(tenant):
    bank = account("bank")
    child = add(bank)
    assert (child.code, child.kind, child.direction) == ("1002.01", "asset", "debit")
    assert account("bank") == child
    assert FundAccount.objects.get(code="BANK").account == child
    assert not Account.objects.get(pk=bank.pk).is_leaf
    assert post(("bank", 5, 0), ("revenue", 0, 5)).lines.first().account == child
    add(bank, "02")
    with pytest.raises(CannotChangeAccount):
        add(bank, "02")
    with pytest.raises(ValidationRefused):
        add(bank, "a.b")


def test_an_account_with_postings_is_not_divided(tenant):
    post(("bank", 5, 0), ("revenue", 0, 5))
    with pytest.raises(CannotChangeAccount):
        add(account("bank"))


def test_names_and_use(tenant):
    fees = account("bank_charge")
    renamed = accounts.rename_account(account_id=fees.pk, name="银行手续费", actor=CHIEF, at=AT)
    assert renamed.name == "银行手续费"
    with pytest.raises(CannotChangeAccount):
        accounts.set_account_in_use(account_id=fees.pk, active=False, actor=CHIEF, at=AT)
    unused = Account.objects.get(code="1501")
    assert not accounts.set_account_in_use(account_id=unused.pk, active=False, actor=CHIEF, at=AT).active


def test_roles_move_between_accounts_of_the_same_sort(tenant):
    other = add(Account.objects.get(code="5602"), "10", name="Other")
    accounts.assign_role(role="admin_expense", account_id=other.pk, actor=CHIEF, at=AT)
    assert AccountRole.objects.get(role="admin_expense").account == other
    for wrong in ("1001", "5602", "1122"):
        with pytest.raises(CannotChangeAccount):
            accounts.assign_role(
                role="admin_expense", account_id=Account.objects.get(code=wrong).pk, actor=CHIEF, at=AT
            )


def test_the_right_is_needed(tenant):
    with pytest.raises(PermissionRefused):
        add(account("bank"), actor=Actor(kind="staff", name="x"))
