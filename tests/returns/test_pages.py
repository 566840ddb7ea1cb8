"""Returns through the pages: PUR-05, SCM-14 and SAL-03 for staff, customers and suppliers; rights and foreign numbers."""

from decimal import Decimal

import pytest

from backend.invoicing.models import SalesInvoice
from backend.purchasing.models import PurchaseReturn
from backend.sales.models import SalesReturn
from tests.api.caller import Caller
from tests.factories.parties import make_customer, make_supplier
from tests.factories.returns import send_back, take_back
from tests.people import make_member
from tests.returns.test_purchase_returns import bought
from tests.returns.test_purchase_returns import invoiced as billed
from tests.returns.test_sales_returns import invoiced, sold

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal


def test_pur_05_written_booked_printed_and_taken_back(client_for, member_for):
    _order, receipt = bought()
    billed(receipt)
    client = client_for(member_for("owner"))
    line = receipt.lines.get()
    assert receipt.number in client.get("/purchasing/returns/new/").content.decode()
    page = f"/purchasing/returns/new/?receipt={receipt.number}"
    assert line.item.name in client.get(page).content.decode()
    form = {"doc_date": "2026-11-22", "outcome": "credit", "reason": "damaged", "lines-0-id": str(line.pk)}
    wrong = client.post(page, {**form, "lines-0-qty": "11", "lines-0-note": "kept"})
    assert wrong.status_code == 409
    assert "kept" in wrong.content.decode()
    assert client.post(page, {**form, "lines-0-qty": "3"}).status_code == 302
    made = PurchaseReturn.objects.get()
    url = f"/purchasing/returns/{made.number}/"
    assert client.post(f"{url}edit/", {**form, "lines-0-qty": "2", "version": made.version}).status_code == 302
    assert client.post(f"{url}approval/").status_code == 302
    made.refresh_from_db()
    assert made.is_approved
    assert made.gross_amount == D("22.60")
    assert client.get(f"{url}print/?lang=en")["Content-Type"] == "application/pdf"
    for address in (url, "/purchasing/returns/", "/purchasing/returns/?view=all&by=lines", f"{url}edit/"):
        assert client.get(address, follow=True).status_code == 200, address
    assert "xlsx" in client.get("/purchasing/returns/?view=all&export=xlsx").get("Content-Disposition", "xlsx")
    assert client.post(f"{url}approval/undo/", {"reason": "typo"}).status_code == 302
    assert client.post(f"{url}void/").status_code == 302
    made.refresh_from_db()
    assert made.approval == "voided"


def test_pur_05_rights_and_foreign_numbers(client_for, member_for):
    _order, receipt = bought()
    document = send_back(receipt, 1)
    url = f"/purchasing/returns/{document.number}/"
    assert client_for(member_for("picker")).get(url).status_code == 403
    lead = client_for(member_for("warehouse_lead"))
    text = lead.get(url).content.decode()
    assert "11.30" not in text  # who keeps the stock sees no prices
    assert lead.get("/purchasing/returns/PRT-404/").status_code == 404
    supplier = client_for(member_for("supplier_admin", party=receipt.supplier))
    assert document.number in supplier.get("/supplier/returns/").content.decode()
    assert "11.30" in supplier.get(f"/supplier/returns/{document.number}/").content.decode()
    stranger = client_for(make_member("supplier_admin", party=make_supplier(), email="x@example.com"))
    assert stranger.get(f"/supplier/returns/{document.number}/").status_code == 404


def test_sal_03_the_customer_asks_and_we_decide(client_for, member_for):
    _item, _order, delivery = sold()
    invoiced(delivery)
    line = delivery.lines.get()
    customer = client_for(member_for("customer_buyer", party=delivery.customer))
    assert line.item.name in customer.get("/customer/returns/new/").content.decode()
    wrong = customer.post("/customer/returns/new/", {f"qty-{line.pk}": "11", "reason": "damaged", "note": "torn"})
    assert wrong.status_code == 409
    assert "torn" in wrong.content.decode()
    typed = {f"qty-{line.pk}": "3", "reason": "damaged", "outcome": "credit", "key": "0" * 32}
    asked, again = (customer.post("/customer/returns/new/", typed) for _time in range(2))  # a phone lost the answer
    made = SalesReturn.objects.get()
    assert again["Location"] == asked["Location"]
    assert asked["Location"].endswith(f"/customer/returns/{made.number}/")
    client, url = client_for(member_for("owner", email="o@example.com")), f"/sales/returns/{made.number}/"
    assert client.post(f"{url}authorisation/").status_code == 302
    assert made.number in customer.get(f"/customer/returns/{made.number}/").content.decode()
    row = made.lines.get()
    assert client.post(f"{url}receiving/", {f"counted-{row.pk}": "3"}).status_code == 302
    wrong = client.post(f"{url}decision/", {f"restock-{row.pk}": "1", f"scrap-{row.pk}": "1"})
    assert wrong.status_code == 409
    done = client.post(f"{url}decision/", {f"restock-{row.pk}": "2", f"scrap-{row.pk}": "1", "note": "one broken"})
    assert done.status_code == 302
    made.refresh_from_db()
    assert made.state == "done"
    assert made.scrap_amount == D("10.00")
    note = SalesInvoice.objects.get(gross_amount__lt=0)
    assert "67.80" in client.get(f"/sales/invoices/{note.number}/").content.decode()
    assert client.get(f"{url}print/?lang=zh-hans")["Content-Type"] == "application/pdf"
    for address in (url, "/sales/returns/?view=all", "/sales/returns/?view=all&by=lines", "/sales/returns/new/"):
        assert client.get(address).status_code == 200, address
    assert client.post(f"{url}approval/undo/", {"reason": "again"}).status_code == 302


def test_sal_03_rights_and_foreign_numbers(client_for, member_for):
    _item, _order, delivery = sold()
    document = take_back(delivery, 2, upto="request")
    url = f"/sales/returns/{document.number}/"
    assert client_for(member_for("buyer")).get(url).status_code == 403
    rep = client_for(member_for("sales_rep"))
    assert rep.get(url).status_code == 200
    assert rep.post(f"{url}decision/").status_code == 403
    stranger = client_for(make_member("customer_buyer", party=make_customer(), email="x@example.com"))
    assert stranger.get(f"/customer/returns/{document.number}/").status_code == 404
    receiver = client_for(make_member("customer_receiver", party=delivery.customer, email="r@example.com"))
    assert receiver.get("/customer/returns/new/").status_code == 403
    assert rep.post(f"{url}refusal/", {"reason": ""}).status_code == 400
    assert rep.post(f"{url}refusal/", {"reason": "worn"}).status_code == 302


def test_exchange_through_the_page(client_for, member_for):
    """SAL-03: one press ships the replacement; nothing is left to pay."""
    _item, _order, delivery = sold()
    invoiced(delivery)
    document = take_back(delivery, 3, outcome="exchange")
    client = client_for(member_for("owner"))
    answer = client.post(f"/sales/returns/{document.number}/exchange/")
    document.refresh_from_db()
    assert answer.status_code == 302
    assert document.replaced_by_id


def test_returns_over_the_api(member_for):
    """PUR-05, SCM-14: the same nouns over the API; a partner's token sees its own."""
    _order, receipt = bought()
    staff = Caller.of(member_for("owner"))
    body = {"lines": [{"receipt_line_id": str(receipt.lines.get().pk), "qty": "2", "reason": "quality"}]}
    number = staff.post("purchasing/returns/", body)["number"]
    assert staff.post(f"purchasing/returns/{number}/approval/", {})["approval"] == "approved"
    assert staff.call("DELETE", f"purchasing/returns/{number}/approval/").json()["approval"] == "draft"
    _item, _sales_order, delivery = sold()
    asked = {"lines": [{"delivery_line_id": str(delivery.lines.get().pk), "qty": "3"}]}
    person = Caller.of(make_member("customer_buyer", party=delivery.customer, email="c@example.com"))
    number = person.post("sales/returns/", asked)["number"]
    assert person.call("POST", f"sales/returns/{number}/authorisation/", {}).status_code == 403
    assert staff.post(f"sales/returns/{number}/authorisation/", {})["state"] == "authorised"
    assert staff.post(f"sales/returns/{number}/receiving/", {})["state"] == "received"
    line = staff.get(f"sales/returns/{number}/")["lines"][0]["id"]
    decided = {"decisions": [{"line_id": line, "restock_qty": "2", "scrap_qty": "1"}]}
    assert staff.post(f"sales/returns/{number}/decision/", decided)["state"] == "done"
    assert staff.call("DELETE", f"sales/returns/{number}/decision/").json()["state"] == "received"
