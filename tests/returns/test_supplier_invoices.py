"""SRM-16, SRM-17: a supplier's invoice with its file, matched three ways: booked at once, or waiting with its exact differences."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.accounting.models import OpenItem
from backend.invoicing.models import PurchaseInvoice
from backend.invoicing.services import money, purchase_invoices
from backend.kernel.models import Attachment
from backend.processes.procure_to_pay import invoice_receipts
from backend.workflow import parameters
from tests.api.caller import Caller
from tests.factories.invoicing import money_data
from tests.factories.parties import AT, make_supplier
from tests.factories.returns import ROBOT
from tests.people import make_member
from tests.returns.test_purchase_returns import bought, invoiced

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal
PDF = b"%PDF-1.4 " + b"0" * 40


def send(client, receipt, **more):
    file = SimpleUploadedFile("fp.pdf", PDF, "application/pdf")
    form = {"receipt": str(receipt.pk), "external_no": "26400001", "file": file, **more}
    return client.post("/supplier/invoices/new/", form)


def test_srm_16_what_matches_is_a_payable_at_once(client_for):
    _order, receipt = bought()
    client = client_for(make_member("supplier_finance", party=receipt.supplier))
    assert send(client, receipt).status_code == 302
    invoice = PurchaseInvoice.objects.get()
    assert (invoice.approval, invoice.match_state, invoice.submitted_by_supplier) == ("approved", "matched", True)
    assert OpenItem.objects.get(source_id=invoice.pk, purpose="").amount == D("113.00")
    assert Attachment.objects.get(subject_id=invoice.pk).name == "fp.pdf"


def test_srm_16_what_differs_waits_in_the_queue_with_the_exact_difference(client_for):
    _order, receipt = bought()
    client = client_for(make_member("supplier_finance", party=receipt.supplier))
    line = receipt.lines.get()
    assert send(client, receipt, **{f"price-{line.pk}": "12.43"}).status_code == 302
    invoice = PurchaseInvoice.objects.get()
    assert (invoice.approval, invoice.match_state) == ("submitted", "discrepancy")
    (found,) = invoice.lines.get().difference
    assert (found["kind"], D(found["expected"]), D(found["actual"])) == ("price_over", D("100"), D("110"))
    assert "110.00" in client.get(f"/supplier/invoices/{invoice.number}/").content.decode()
    us = client_for(make_member("owner", email="o@example.com"))
    page = us.get("/purchasing/discrepancies/").content.decode()
    for word in (invoice.number, "100.00", "110.00", "+10.00"):
        assert word in page
    assert "xlsx" in us.get("/purchasing/discrepancies/?export=xlsx").get("Content-Disposition", "xlsx")
    assert client_for(make_member("picker", email="p@example.com")).get("/purchasing/discrepancies/").status_code == 403


def test_srm_16_more_than_received_and_files_that_are_none(client_for):
    _order, receipt = bought()
    client = client_for(make_member("supplier_finance", party=receipt.supplier))
    line = receipt.lines.get()
    wrong = send(client, receipt, file=SimpleUploadedFile("fp.pdf", b"MZ not a pdf", "application/pdf"))
    assert wrong.status_code == 400
    wrong = send(client, receipt, file=SimpleUploadedFile("fp.png", b"\x89PNG" + b"0" * 20, "image/png"))
    assert wrong.status_code == 400
    assert not PurchaseInvoice.objects.exists()
    kept = send(client, receipt, **{f"qty-{line.pk}": "eleven"})
    assert "eleven" in kept.content.decode()
    assert send(client, receipt, **{f"qty-{line.pk}": "11"}).status_code == 302
    (found,) = PurchaseInvoice.objects.get().lines.get().difference
    assert (found["kind"], D(found["gap"])) == ("qty_over", 1)


def test_srm_16_a_company_may_look_first(client_for):
    parameters.set_parameter(key="purchasing.auto_post_matched", value=False, actor=ROBOT, at=AT)
    _order, receipt = bought()
    client = client_for(make_member("supplier_finance", party=receipt.supplier))
    assert send(client, receipt).status_code == 302
    assert PurchaseInvoice.objects.get().approval == "draft"


def test_srm_17_due_scheduled_and_paid_of_one_s_own_invoices(client_for):
    _order, receipt = bought()
    invoice = invoiced(receipt)
    money.save_payment(data=money_data(receipt.supplier, 40, [(invoice, 40)]), actor=ROBOT, at=AT)
    paid = money.save_payment(data=money_data(receipt.supplier, 13, [(invoice, 13)]), actor=ROBOT, at=AT)
    money.approve_payment(payment_id=paid.pk, actor=ROBOT, at=AT)
    client = client_for(make_member("supplier_finance", party=receipt.supplier))
    page = client.get("/supplier/settlement/").content.decode()
    for word in ("FP1", "40.00", "13.00", "100.00"):
        assert word in page
    assert "40.00" in client.get(f"/supplier/invoices/{invoice.number}/").content.decode()
    theirs = Caller.of(make_member("supplier_finance", party=receipt.supplier, email="token@example.com"))
    [told] = theirs.all("invoicing/purchase-invoices/")
    assert (told["external_no"], told["due_date"]) == ("FP1", str(invoice.due_date))
    sums = [D(told[f"{name}_amount"]) for name in ("gross", "scheduled", "settled")]
    assert sums == [113, 40, 13]
    assert theirs.get(f"invoicing/purchase-invoices/{invoice.number}/")["scheduled_amount"] == "40.00"
    other = Caller.of(make_member("supplier_finance", party=make_supplier(), email="other@example.com"))
    assert other.all("invoicing/purchase-invoices/") == []
    stranger = client_for(make_member("supplier_finance", party=make_supplier(), email="x@example.com"))
    assert "FP1" not in stranger.get("/supplier/settlement/").content.decode()
    assert stranger.get(f"/supplier/invoices/{invoice.number}/").status_code == 404


def test_srm_17_what_we_only_wrote_down_is_not_the_suppliers_to_see(client_for):
    """Our draft over its goods, and one that was thrown away, are unknown until they are booked; its own it follows."""
    _order, receipt = bought()
    draft = invoice_receipts(receipt_ids=[receipt.pk], external_no="INNER-1", actor=ROBOT, at=AT)
    client = client_for(make_member("supplier_finance", party=receipt.supplier))
    pages = ("/supplier/settlement/", f"/supplier/invoices/{draft.number}/")
    assert "INNER-1" not in client.get(pages[0]).content.decode()
    assert client.get(pages[1]).status_code == 404
    purchase_invoices.void_invoice(invoice_id=draft.pk, actor=ROBOT, at=AT)
    assert client.get(pages[1]).status_code == 404
    parameters.set_parameter(key="purchasing.auto_post_matched", value=False, actor=ROBOT, at=AT)
    send(client, receipt)
    own = PurchaseInvoice.objects.get(submitted_by_supplier=True)
    assert own.approval == "draft"
    assert client.get(f"/supplier/invoices/{own.number}/").status_code == 200
