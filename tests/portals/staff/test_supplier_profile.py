"""SRM-03: a supplier's currency and price lists, what its people look after, and the payment with its account."""

from decimal import Decimal as D
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from backend.catalog.models import PriceList, PriceListLine
from backend.parties.models import Contact, Party
from backend.processes.telling import address_of
from backend.srm.services import bank
from portals.staff.finance.payment_prints import account_facts

pytestmark = pytest.mark.django_db


def _fields(party: Party, **more: Any) -> dict[str, Any]:
    rows = {f"{name}-TOTAL_FORMS": "2" for name in ("contacts", "addresses")}
    rows |= {f"{name}-INITIAL_FORMS": "0" for name in ("contacts", "addresses")}
    return rows | {
        "name": party.name, "code": party.code, "language": "zh-hans", "active": "on", "lead_days": "5",
        "transport_days": "2", "payment_days": "30", "over_receipt_pct": "0", "date_tolerance_days": "0",
        "version": party.version, **more,
    }  # fmt: skip


def test_srm_03_currency_price_lists_and_what_contacts_look_after(world: Any, browser: Any, statements: Any) -> None:
    client, party = browser("buyer"), world.supplier
    contacts = {
        "contacts-0-name": "王经理", "contacts-0-email": "wang@paper.example", "contacts-1-name": "李会计",
        "contacts-1-email": "li@paper.example", "contacts-1-role": "finance",
    }  # fmt: skip
    page = f"/suppliers/{party.pk}/"
    wrong = client.post(f"{page}edit/", _fields(party, currency="XXX", **contacts))
    assert wrong.status_code == 400
    saved = client.post(f"{page}edit/", _fields(party, currency="USD", email="info@paper.example", **contacts))
    assert saved.status_code == 302, saved.content.decode()[:3000]
    party = Party.objects.get(pk=party.pk)
    assert party.currency == "USD"
    assert Contact.objects.get(party=party, role="finance").name == "李会计"
    assert address_of(party) == "info@paper.example"
    assert address_of(party, "finance") == "li@paper.example"
    now = timezone.now()
    listed = PriceList.objects.create(
        code="L1", name="年度协议价", kind="purchase", party=party, currency="USD", created_at=now, updated_at=now
    )
    PriceListLine.objects.create(price_list=listed, item=world.paper, price=D(9))
    with statements(40):
        shown = client.get(page).content.decode()
    assert "年度协议价" in shown
    assert "USD" in shown
    assert "年度协议价" not in browser("warehouse_lead").get(page).content.decode()


def test_srm_03_a_payment_is_printed_with_the_account_two_people_agreed_to(
    world: Any, browser: Any, actor: Any
) -> None:
    from backend.invoicing.models import FundAccount
    from backend.invoicing.services import money
    from backend.invoicing.services.money import MoneyData
    from backend.kernel.actor import Actor
    from backend.kernel.ids import uuid7

    now = timezone.now()
    data = bank.BankData("恒信纸业", "工商银行杭州分行", "6222000011112222", "ICBKCNBJ", "")
    asked = bank.request_bank_account(party_id=world.supplier.pk, data=data, actor=actor, at=now)
    fund = FundAccount.objects.get(code="BANK")
    given = MoneyData(world.supplier.pk, fund.pk, world.today, D(50))
    payment = money.save_payment(data=given, actor=actor, at=now)
    everything = SimpleNamespace(may=lambda code: True)
    assert [value for _label, value in account_facts(payment, everything)] != ["6222000011112222"]
    second = Actor(kind="staff", name="Second", member_id=uuid7(), permissions=frozenset({"*"}))
    bank.approve_bank_account(account_id=asked.pk, actor=second, at=now)
    assert "6222000011112222" in [value for _label, value in account_facts(payment, everything)]
    masked = SimpleNamespace(may=lambda code: code == "srm.bank_account.view")
    assert "**** 2222" in [value for _label, value in account_facts(payment, masked)]
    assert account_facts(payment, SimpleNamespace(may=lambda code: False)) == []
    address = f"/finance/payments/{payment.number}/print/"
    paper = browser("finance_manager").get(address)
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert browser("picker").get(address).status_code == 403
