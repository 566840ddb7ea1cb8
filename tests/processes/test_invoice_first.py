"""先票后货 as people meet it: entered by staff from the order, sent by the supplier where the company allows it, over the API."""

import pytest

from backend.invoicing.models import PurchaseInvoice
from backend.invoicing.services import purchase_invoices
from backend.workflow import parameters
from tests.api.caller import Caller
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, make_purchase_order, receive
from tests.people import make_member
from tests.scenarios.world import D, World

NEW = "/purchasing/invoices/new/"


@pytest.fixture
def world(tenant):
    return World()


@pytest.fixture
def order(world):
    """Ten at 11.30 with tax of an item."""
    return make_purchase_order((world.item("PEN", "Pen"), 10), supplier=world.supplier)


def allow() -> None:
    parameters.set_parameter(key="purchasing.invoice_before_goods", value=True, actor=BUYER, at=AT)


def test_the_order_leads_to_its_invoice_and_says_what_is_invoiced_and_not_here(world, order, client_for):
    ours = client_for(make_member("owner", email="o@example.com"))
    address = f"{NEW}?supplier={world.supplier.pk}&amp;order={order.number}"
    assert address in ours.get(f"/purchasing/orders/{order.number}/").content.decode()
    page = ours.get(address.replace("&amp;", "&")).content.decode()
    assert f'name="order" value="{order.pk}" aria-label="{order.number}" checked' in page
    assert "113.00" in page
    assert ours.post(NEW, {"supplier": world.supplier.pk}).status_code == 400
    made = ours.post(NEW, {"supplier": world.supplier.pk, "order": order.pk, "external_no": "FP-1"})
    invoice = PurchaseInvoice.objects.get()
    assert made["Location"] == f"/purchasing/invoices/{invoice.number}/"
    assert ours.post(f"{made['Location']}approval/", {"version": invoice.version}).status_code == 302
    shown = ours.get(made["Location"]).content.decode()
    assert "货物尚未到齐" in shown
    assert "先票后货，未到 10" in shown
    assert "已开票未到 10" in ours.get(f"/purchasing/orders/{order.number}/").content.decode()
    other = make_purchase_order((world.item("INK", "Ink"), 10), supplier=world.supplier)
    found = ours.get("/purchasing/orders/?view=all&ahead=1").content.decode()
    assert (order.number in found, other.number in found) == (True, False)
    assert invoice.number in ours.get("/purchasing/invoices/?view=all&coming=1").content.decode()
    receipt = receive(order, 10)
    assert invoice.number not in ours.get("/purchasing/invoices/?view=all&coming=1").content.decode()
    assert "货物尚未到齐" not in ours.get(made["Location"]).content.decode()
    taken_back = ours.post(f"{made['Location']}approval/undo/", {"reason": "x"})
    assert receipt.number in taken_back.content.decode()


def test_goods_that_came_and_goods_that_did_not_on_one_paper(world, order, client_for):
    receipt = receive(order, 4)
    ours = client_for(make_member("accountant", email="a@example.com"))
    assert str(world.supplier.name) in ours.get(NEW).content.decode()
    ours.post(NEW, {"supplier": world.supplier.pk, "order": order.pk, "receipt": receipt.pk})
    invoice = PurchaseInvoice.objects.get()
    assert [(line.source_number, line.qty) for line in invoice.lines.order_by("line_no")] == [
        (receipt.number, 4),
        (order.number, 6),
    ]
    purchase_invoices.approve_invoice(invoice_id=invoice.pk, actor=world.accountant, at=world.at)
    assert invoice.gross_amount == D("113.00")


def test_a_supplier_invoices_first_where_the_company_allows_it(world, order, client_for):
    theirs = client_for(make_member("supplier_finance", party=world.supplier, email="s@example.com"))
    form = {"order": str(order.pk), "external_no": "26400009"}
    page = "/supplier/invoices/new/"
    assert order.number not in theirs.get(page).content.decode()
    assert theirs.post(page, form).status_code == 400
    allow()
    assert "先开票后交货" in theirs.get("/supplier/settlement/").content.decode()
    assert order.number in theirs.get(page).content.decode()
    stranger = client_for(make_member("supplier_finance", party=make_supplier(), email="x@example.com"))
    assert order.number not in stranger.get(page).content.decode()
    assert stranger.post(page, form).status_code == 400
    assert theirs.post(page, form).status_code == 302
    invoice = PurchaseInvoice.objects.get()
    assert (invoice.approval, invoice.match_state, invoice.submitted_by_supplier) == ("approved", "matched", True)
    again = theirs.post(page, {**form, "external_no": "26400010"})
    assert (again.status_code, PurchaseInvoice.objects.count()) == (400, 1)


def test_a_supplier_that_invoices_too_much_reads_by_how_much(world, order, client_for):
    allow()
    theirs = client_for(make_member("supplier_finance", party=world.supplier, email="s@example.com"))
    form = {"order": str(order.pk), "external_no": "26400009", f"qty-{order.lines.get().pk}": "12"}
    assert theirs.post("/supplier/invoices/new/", form).status_code == 302
    invoice = PurchaseInvoice.objects.get()
    (found,) = invoice.lines.get().difference
    assert (found["kind"], D(found["gap"])) == ("order_over", 2)
    assert "超过订单中未到货且未开票的数量" in theirs.get(f"/supplier/invoices/{invoice.number}/").content.decode()


def test_over_the_api_by_staff_and_by_the_supplier_if_allowed(world, order):
    ours, theirs = Caller.of(make_member("owner")), Caller.of(make_member("supplier_finance", party=world.supplier))
    path, body = "invoicing/purchase-invoices/from-orders/", {"order_ids": [order.pk], "external_no": "A1"}
    refused = theirs.call("POST", path, body)
    assert (refused.status_code, refused.json()["code"]) == (409, "goods_first")
    stranger = Caller.of(make_member("supplier_finance", party=make_supplier(), email="x@example.com"))
    assert stranger.call("POST", path, body).status_code == 404
    asked = {"key": "purchasing.invoice_before_goods", "value": "true"}
    assert ours.post("workflow/parameters/", asked)["value"] == "true"
    made = theirs.post(path, body)
    assert (made["lines"][0]["source_number"], made["gross_amount"]) == (order.number, "113.00")
    ours.post(f"invoicing/purchase-invoices/{made['number']}/approval/")
    [line] = ours.get(f"purchasing/orders/{order.number}/")["lines"]
    assert (line["ahead_qty"], line["invoiced_qty"]) == ("10.0000", "10.0000")


def test_how_late_invoices_are_booked_is_set_over_the_api_and_on_the_page(world, client_for):
    ours, path = Caller.of(make_member("owner")), "workflow/parameters/"
    known = {row["key"]: row for row in ours.get(path)}
    assert known["accounting.late_invoice"]["value"] == "difference"
    assert known["accounting.late_invoice"]["choices"] == ["difference", "reverse"]
    ours.post(path, {"key": "accounting.late_invoice", "value": "reverse"})
    assert parameters.get("accounting.late_invoice") == "reverse"
    for wrong in ({"key": "accounting.late_invoice", "value": "never"}, {"key": "purchasing.auto_send", "value": "x"}):
        assert ours.call("POST", path, wrong).status_code == 400
    assert ours.call("POST", path, {"key": "no.such", "value": "1"}).status_code == 400
    assert Caller.of(make_member("buyer", email="b@example.com")).call("GET", path).status_code == 403
    page = client_for(make_member("owner", email="o@example.com")).get("/settings/parameters/").content.decode()
    assert "单到冲回" in page
    assert "差额调整" in page
