"""Bank accounts and cash boxes."""

import pytest

from backend.invoicing import selectors
from backend.invoicing.services import money
from backend.invoicing.services.funds import CannotSaveFundAccount, FundAccountData, save_fund_account
from backend.kernel.actor import Actor
from backend.kernel.errors import ValidationRefused
from tests.factories.accounting import AT, account, make_party
from tests.factories.invoicing import ROBOT, fund, money_data

CHIEF = Actor(kind="staff", name="Chief", permissions=frozenset({"invoicing.fund_account.edit"}))


def save(fund_account_id=None, **values):
    data = FundAccountData(**{"code": "ICBC", "name": "ICBC", **values})
    return save_fund_account(data=data, fund_account_id=fund_account_id, actor=CHIEF, at=AT)


def test_a_new_company_has_a_bank_account_and_a_cash_box(tenant):
    assert [found.code for found in selectors.fund_accounts()] == ["BANK", "CASH"]


def test_it_stands_on_a_money_account(tenant):
    assert save().account == account("bank")
    assert save(code="BOX", kind="cash").account == account("cash")
    with pytest.raises(CannotSaveFundAccount):
        save()
    with pytest.raises(ValidationRefused):
        save(code="X", account_id=account("revenue").pk)
    with pytest.raises(ValidationRefused):
        save(code=" ")


def test_its_ledger_account_stays_once_money_went_through(tenant):
    money.save_receipt(data=money_data(make_party(), 5), actor=ROBOT, at=AT)
    assert save(fund().pk, code="BANK", name="Renamed").name == "Renamed"
    with pytest.raises(CannotSaveFundAccount):
        save(fund().pk, code="BANK", account_id=account("other_cash").pk)
