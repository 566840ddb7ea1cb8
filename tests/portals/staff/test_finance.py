"""Finance pages: payments, vouchers by hand, reports with their way to the document, periods."""

import pytest
from django.urls import reverse
from django.utils import timezone

pytestmark = pytest.mark.django_db

REPORTS = [
    "trial-balance",
    "ledger",
    "balance-sheet",
    "income-statement",
    "ageing",
    "ageing/?kind=payable",
    "periods",
    "vouchers",
]


def _address(name: str) -> str:
    return f"/finance/{name}" if "?" in name else f"/finance/{name}/"


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_drawn_and_exported(world, browser, statements, name):
    client, address = browser(), _address(name)
    client.get(address)
    with statements(18):
        answer = client.get(address)
    assert answer.status_code == 200
    if name != "periods":
        joined = f"{address}{'&' if '?' in address else '?'}export=xlsx"
        assert "spreadsheet" in client.get(joined)["Content-Type"]


def test_the_ledger_leads_to_voucher_and_document(world, browser):
    from backend.accounting.models import Voucher
    from backend.inventory.models import OpeningStock

    client = browser()
    voucher = Voucher.objects.get()
    stock = OpeningStock.objects.get()
    code = voucher.lines.order_by("line_no").first().account.code
    text = client.get(f"/finance/ledger/?account={code}").content.decode()
    assert reverse("staff:voucher_detail", kwargs={"number": voucher.number}) in text or voucher.number in text
    assert stock.number in text
    page = client.get(f"/finance/vouchers/{voucher.number}/")
    assert page.status_code == 200
    assert client.get(f"/finance/vouchers/{voucher.number}/print/")["Content-Type"] == "application/pdf"
    assert client.get("/finance/vouchers/记-202001-0001/").status_code == 404
    assert client.get("/finance/ledger/?account=9999").status_code == 404


def test_a_voucher_is_keyed_and_reversed(world, browser):
    from backend.accounting.models import Voucher
    from backend.accounting.selectors import accounts

    one, other = [row for row in accounts(by_hand=True) if not row.by_party][:2]
    client = browser()
    fields = {
        "date": world.today.isoformat(),
        "summary": "办公费",
        "attachments": "2",
        "lines-0-account_code": one.code,
        "lines-0-debit": "100.50",
        "lines-1-account_code": other.code,
        "lines-1-credit": "100.50",
    }
    unbalanced = client.post("/finance/vouchers/new/", fields | {"lines-1-credit": "90", "summary": "差额"})
    assert unbalanced.status_code in {400, 409}
    assert "差额" in unbalanced.content.decode()
    live = client.post("/finance/vouchers/recalculate/", fields).json()
    assert live["totals"]["debit"] == "100.50"
    made = client.post("/finance/vouchers/new/", fields)
    assert made.status_code == 302, made.content.decode()[:3000]
    voucher = Voucher.objects.get(summary="办公费", reverses=None)
    undone = client.post(f"/finance/vouchers/{voucher.number}/reversal/", {"reason": "twice"})
    assert undone.status_code == 302
    assert Voucher.objects.filter(reverses=voucher).exists()


def test_the_partner_of_a_voucher_line_is_picked_or_typed(world, browser):
    """FIN-03: by code or by a name that one partner alone has; what is wrong stays in its cell with the reason."""
    from backend.accounting.models import Voucher
    from backend.accounting.selectors import accounts
    from backend.parties.inputs import CustomerData, PartyData
    from backend.parties.services import save_party

    one, other = [row for row in accounts(by_hand=True) if not row.by_party][:2]
    client = browser()
    [found] = client.get("/finance/vouchers/partners/?q=文澜").json()["results"]
    assert (found["id"], found["code"]) == (str(world.wenlan.pk), world.wenlan.code)
    assert browser("sales_rep").get("/finance/vouchers/partners/?q=").status_code == 403
    fields = {
        "date": world.today.isoformat(),
        "summary": "往来",
        "attachments": "0",
        "lines-0-account_code": one.code,
        "lines-0-party_code": "文蓝",
        "lines-0-debit": "8",
        "lines-1-account_code": other.code,
        "lines-1-credit": "8",
    }
    wrong = client.post("/finance/vouchers/new/", fields).content.decode()
    assert 'value="文蓝"' in wrong
    assert "“文蓝”" in wrong[wrong.index('data-key="party"') :].split("</td>")[0]
    live = client.post("/finance/vouchers/recalculate/", fields).json()["lines"]["0"]
    assert "文蓝" in live["_errors"]["party"]
    twin = PartyData(name="同名", short_name="文澜办公", customer=CustomerData())
    save_party(data=twin, actor=world.actor, at=timezone.now())
    several = client.post("/finance/vouchers/new/", fields | {"lines-0-party_code": "文澜办公"})
    assert several.status_code == 400
    live = client.post("/finance/vouchers/recalculate/", fields | {"lines-0-party_code": world.wenlan.code}).json()
    assert live["lines"]["0"]["party"] == str(world.wenlan.pk)
    assert live["lines"]["0"]["party_name"] == "文澜办公"
    picked = {"lines-0-party": str(world.wenlan.pk), "lines-0-party_code": world.wenlan.code}
    assert client.post("/finance/vouchers/new/", fields | picked).status_code == 302
    assert Voucher.objects.get(summary="往来").lines.filter(party=world.wenlan).count() == 1


def test_a_payment_is_kept_and_approved(world, browser, statements):
    from backend.invoicing.models import FundAccount, Payment

    client = browser()
    fields = {
        "supplier": str(world.supplier.pk),
        "doc_date": world.today.isoformat(),
        "amount": "500",
        "fund_account": str(FundAccount.objects.first().pk),
        "method": "transfer",
        "how": "oldest",
    }
    bad = client.post("/finance/payments/new/", fields | {"amount": "much", "reference": "TT-9"})
    assert bad.status_code == 400
    assert "TT-9" in bad.content.decode()
    assert client.post("/finance/payments/new/", fields).status_code == 302
    payment = Payment.objects.get()
    page = f"/finance/payments/{payment.number}/"
    assert client.post(f"{page}approval/").status_code == 302
    client.get(page)
    with statements(14):
        assert client.get(page).status_code == 200


def test_a_month_is_not_closed_while_something_blocks_and_rights_hold(world, browser):
    client = browser()
    code = world.today.strftime("%Y-%m")
    assert client.get(f"/finance/periods/{code}/").status_code == 200
    assert client.get("/finance/periods/1999-01/").status_code == 404
    assert client.post(f"/finance/periods/{code}/closing/").status_code in {302, 409}
    seller = browser("sales_rep")
    assert seller.get("/finance/trial-balance/").status_code == 403
    assert seller.get("/finance/vouchers/").status_code == 403
