"""Refunds and receivables against payables through their pages."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backend.invoicing.models import FundAccount, Netting, Refund
from backend.invoicing.services import money
from tests.api.caller import Caller

pytestmark = pytest.mark.django_db


def test_an_advance_is_paid_back_page_by_page(world: Any, browser: Any, member_for: Any) -> None:
    who = {"actor": world.actor, "at": timezone.now()}
    fund = FundAccount.objects.first()
    assert fund
    data = money.MoneyData(world.wenlan.pk, fund.pk, world.today, Decimal(300))
    money.approve_receipt(receipt_id=money.save_receipt(data=data, **who).pk, **who)
    client = browser()
    form = {
        "side": "customer",
        "customer": str(world.wenlan.pk),
        "amount": "120.50",
        "fund_account": str(fund.pk),
        "doc_date": world.today.isoformat(),
        "reference": "kept words",
    }
    new = "/finance/refunds/new/"
    for wrong in ({"customer": ""}, {"amount": "300.01"}):
        refused = client.post(new, form | wrong)
        assert refused.status_code in {400, 409}, wrong
        assert "kept words" in refused.content.decode()
    assert client.post(new, form).status_code == 302
    made = Refund.objects.get()
    page = f"/finance/refunds/{made.number}/"
    assert client.post(f"{page}edit/", form | {"amount": "100", "version": made.version}).status_code == 302
    assert client.get(f"{page}edit/").status_code == 200
    for step in ("approval/", "approval/undo/", "approval/"):
        assert client.post(f"{page}{step}", {"reason": "x"}).status_code == 302, step
    assert "100.00" in client.get(page).content.decode()
    assert "文澜办公" in client.get("/finance/refunds/?view=all").content.decode()
    caller = Caller.of(member_for("owner"))
    body = {
        "side": "customer",
        "party_id": str(world.wenlan.pk),
        "fund_account_id": str(fund.pk),
        "doc_date": world.today.isoformat(),
        "amount": "50.00",
    }
    over = caller.call("POST", "invoicing/refunds/", body | {"amount": "200.01"})
    assert over.status_code == 409
    saved = caller.call("POST", "invoicing/refunds/", body)
    assert saved.status_code == 201, saved.content
    booked = caller.call("POST", f"invoicing/refunds/{saved.json()['number']}/approval/", {})
    assert booked.json()["approval"] == "approved", booked.content


def test_nothing_to_set_off_is_said_and_rights_hold(world: Any, browser: Any) -> None:
    client = browser()
    form = {"customer": str(world.wenlan.pk), "supplier": str(world.supplier.pk), "doc_date": world.today.isoformat()}
    refused = client.post("/finance/nettings/new/", form)
    assert refused.status_code == 409
    assert not Netting.objects.exists()
    assert client.get("/finance/nettings/?view=all").status_code == 200
    for path in ("nettings", "refunds"):
        assert browser("sales_rep").get(f"/finance/{path}/").status_code == 403
        for step in ("", "edit/"):
            assert client.get(f"/finance/{path}/NO-0/{step}").status_code == 404
