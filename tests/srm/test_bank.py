"""SRM-03: a supplier's bank account changes when a second person in finance agrees; the trail has old and new."""

from typing import Any

import pytest

from backend.access import services as access
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import IllegalTransition, NotFoundRefused, Refusal
from backend.srm.models import SupplierBankAccount
from backend.srm.services import bank
from backend.workflow.models import Notification, Task
from tests.factories.parties import AT, make_supplier
from tests.people import client_of, make_member

pytestmark = pytest.mark.usefixtures("tenant")
FIRST = bank.BankData("恒信纸业", "工商银行杭州支行", "6222 0000 1111 2222")
SECOND = bank.BankData("恒信纸业", "建设银行杭州支行", "6227-0000-3333-4444", reason="换开户行")


def person(*roles: str, party: Any = None) -> Actor:
    return access.actor_for(make_member(*roles, party=party), channel="web")


def settled(party: Any) -> SupplierBankAccount:
    row = bank.request_bank_account(party_id=party.pk, data=FIRST, actor=person("accountant"), at=AT)
    return bank.approve_bank_account(account_id=row.pk, actor=person("finance_manager"), at=AT)


def test_srm_03_a_change_from_the_portal_waits_for_finance_and_the_trail_shows_old_and_new():
    party = make_supplier("恒信纸业")
    settled(party)
    member = make_member("supplier_finance", party=party)
    theirs = access.actor_for(member, channel="portal")
    row = bank.request_bank_account(party_id=party.pk, data=SECOND, actor=theirs, at=AT)
    assert bank.effective_account(party.pk).account_no == "6222000011112222"
    assert Task.objects.get(kind="srm.bank_to_approve", done_at=None).permission == "srm.bank_account.approve"
    bank.approve_bank_account(account_id=row.pk, actor=person("accountant"), at=AT)
    assert bank.effective_account(party.pk).account_no == "6227000033334444"
    shown = audit.timeline(party.pk).filter(verb="bank_account_effective").first()
    assert shown.changes["bank_account"] == ["工商银行杭州支行 **** 2222", "建设银行杭州支行 **** 4444"]
    whole = audit.timeline(row.pk).filter(verb="bank_account_effective").get()
    assert whole.changes["account_no"] == ["6222000011112222", "6227000033334444"]
    assert Notification.objects.get(kind="supplier.bank_changed").member_id == member.pk
    assert not Task.objects.filter(kind="srm.bank_to_approve", done_at=None).exists()
    with pytest.raises(IllegalTransition):
        bank.approve_bank_account(account_id=row.pk, actor=person("accountant"), at=AT)


def test_srm_03_nobody_agrees_to_his_own_request():
    party, clerk = make_supplier(), person("accountant")
    row = bank.request_bank_account(party_id=party.pk, data=FIRST, actor=clerk, at=AT)
    with pytest.raises(bank.CannotApproveBankAccount):
        bank.approve_bank_account(account_id=row.pk, actor=clerk, at=AT)
    assert bank.effective_account(party.pk) is None
    bank.reject_bank_account(account_id=row.pk, reason="户名不符", actor=clerk, at=AT)
    assert bank.effective_account(party.pk) is None


def test_a_second_wish_replaces_the_one_that_waits_and_bad_numbers_are_refused():
    party = make_supplier()
    first = bank.request_bank_account(party_id=party.pk, data=FIRST, actor=person("accountant"), at=AT)
    bank.request_bank_account(party_id=party.pk, data=SECOND, actor=person("accountant"), at=AT)
    first.refresh_from_db()
    assert first.state == "withdrawn"
    with pytest.raises(Refusal) as refused:
        bank.request_bank_account(
            party_id=party.pk, data=bank.BankData("", "", "12"), actor=person("accountant"), at=AT
        )
    assert {problem.field for problem in refused.value.problems} == {"holder", "bank_name", "account_no"}


def test_a_supplier_asks_for_itself_alone():
    party, other = make_supplier(), make_supplier()
    with pytest.raises(NotFoundRefused):
        bank.request_bank_account(party_id=other.pk, data=FIRST, actor=person("supplier_finance", party=party), at=AT)


def test_srm_03_pages_mask_the_number_except_for_finance(tenant):
    party = make_supplier("恒信纸业")
    settled(party)
    url = f"/suppliers/{party.pk}/bank/"
    finance, buyer = client_of(make_member("finance_manager")), client_of(make_member("buyer"))
    theirs = client_of(make_member("supplier_finance", party=party))
    assert "6222000011112222" in finance.get(url).content.decode()
    seen = buyer.get(url).content.decode()
    assert "6222000011112222" not in seen
    assert "2222" in seen
    assert "6222000011112222" in theirs.get("/supplier/bank/").content.decode()
    for role in ("supplier_logistics", "supplier_sales"):
        assert client_of(make_member(role, party=party)).get("/supplier/bank/").status_code == 403
    assert client_of(make_member("sales_rep")).get(url).status_code == 403
    typed = {"holder": "恒信纸业", "bank_name": "农行", "account_no": "1"}
    assert theirs.post("/supplier/bank/", typed).status_code == 400
    assert theirs.post("/supplier/bank/", {**typed, "account_no": "62281234567890"}).status_code == 302
    row = SupplierBankAccount.objects.get(state="waiting")
    assert buyer.post(f"/suppliers/{party.pk}/bank-accounts/{row.pk}/acceptance/").status_code == 403
    other = make_supplier()
    assert finance.post(f"/suppliers/{other.pk}/bank-accounts/{row.pk}/acceptance/").status_code == 404
    assert finance.post(f"/suppliers/{party.pk}/bank-accounts/{row.pk}/acceptance/").status_code == 302
    assert bank.effective_account(party.pk).account_no == "62281234567890"
    typed = {"holder": "恒信纸业", "bank_name": "中行", "account_no": "62170000999988"}
    assert finance.post(f"/suppliers/{party.pk}/bank-accounts/", typed).status_code == 302
    mine = SupplierBankAccount.objects.get(state="waiting")
    assert finance.post(f"/suppliers/{party.pk}/bank-accounts/{mine.pk}/acceptance/").status_code == 409
    reject = f"/suppliers/{party.pk}/bank-accounts/{mine.pk}/refusal/"
    assert finance.post(reject, {"reason": "wrong"}).status_code == 302
