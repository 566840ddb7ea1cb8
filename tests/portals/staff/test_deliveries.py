"""Deliveries, sales invoices and receipts in the staff face: the way from the order to the money."""

from decimal import Decimal

import pytest
from django.utils import timezone

from backend.invoicing.models import Receipt, SalesInvoice
from backend.sales.models import SalesDelivery
from backend.sales.services import deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped(world, order_of):
    """A shipped delivery of the first customer."""
    order = order_of({"PA4": 10, "ST100": 4}, approved=True)
    return deliveries.ship_order(order_id=order.pk, actor=world.actor, at=timezone.now())


@pytest.fixture
def invoice(world, shipped, browser):
    """An approved invoice over it."""
    client = browser()
    client.post(f"/sales/deliveries/{shipped.number}/invoice/")
    made = SalesInvoice.objects.get()
    assert client.post(f"/sales/invoices/{made.number}/approval/").status_code == 302
    made.refresh_from_db()
    return made


# --- deliveries ------------------------------------------------------------------------------------------
def test_a_delivery_with_chosen_quantities(world, browser, order_of):
    order = order_of({"PA4": 10, "ST100": 4}, approved=True)
    first, second = order.lines.order_by("line_no")
    client = browser()
    page = client.get(f"/sales/deliveries/new/?order={order.number}")
    assert page.status_code == 200
    data = {
        "doc_date": world.today.isoformat(),
        "carrier_id": str(world.carrier.pk),
        "tracking_no": "SD1",
        "lines-0-id": str(first.pk),
        "lines-0-qty": "6",
        "lines-1-id": str(second.pk),
        "lines-1-qty": "",
    }
    answer = client.post(f"/sales/deliveries/new/?order={order.number}", data)
    delivery = SalesDelivery.objects.get()
    assert answer["Location"] == f"/sales/deliveries/{delivery.number}/"
    assert [line.qty for line in delivery.lines.all()] == [Decimal(6)]
    edited = client.post(
        f"/sales/deliveries/{delivery.number}/edit/", data | {"lines-0-qty": "5", "version": delivery.version}
    )
    assert edited.status_code == 302
    assert delivery.lines.get().qty == 5


def test_more_than_is_open_is_refused_in_its_cell(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    line = order.lines.get()
    data = {"doc_date": world.today.isoformat(), "tracking_no": "kept", "lines-0-id": str(line.pk), "lines-0-qty": "11"}
    answer = browser().post(f"/sales/deliveries/new/?order={order.number}", data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert 'value="11"' in page
    assert "kept" in page
    assert "cellerr" in page


def test_choosing_an_order_to_deliver(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    assert order.number in browser().get("/sales/deliveries/new/").content.decode()


def test_ship_milestones_signature_and_back(world, browser, order_of, statements):
    order = order_of({"PA4": 10}, approved=True)
    client = browser()
    client.post(f"/sales/orders/{order.number}/delivery/")
    delivery = SalesDelivery.objects.get()
    base = f"/sales/deliveries/{delivery.number}"
    assert client.post(f"{base}/milestones/", {"kind": "in_transit"}).status_code == 409  # it has not left
    assert client.post(f"{base}/approval/").status_code == 302
    assert client.post(f"{base}/milestones/", {"kind": "in_transit", "place": "绍兴"}).status_code == 302
    with statements(12):
        page = client.get(f"{base}/").content.decode()
    assert "绍兴" in page
    refused = client.post(f"{base}/signature/", {"signed_by": "", "note": "left at the gate"})
    assert refused.status_code == 400
    assert "left at the gate" in refused.content.decode()
    assert (
        client.post(f"{base}/signature/", {"signed_by": "刘老师", "signed_on": world.today.isoformat()}).status_code
        == 302
    )
    delivery.refresh_from_db()
    assert delivery.signed_by == "刘老师"
    assert client.get(f"{base}/print/").content.startswith(b"%PDF")


def test_scm_12_picked_and_packed_before_it_leaves(world, browser, order_of):
    """SCM-12: each with its time and by whom; the customer sees them; what is changed is picked again."""
    from backend.logistics.models import Milestone, Shipment
    from tests.people import client_of, make_member

    order = order_of({"PA4": 10, "ST100": 4}, approved=True)
    client = browser("picker")
    delivery = deliveries.create_delivery_from_order(order_id=order.pk, actor=world.actor, at=timezone.now())
    base = f"/sales/deliveries/{delivery.number}"
    customer = client_of(make_member("customer_buyer", party=order.customer))
    before = customer.get(f"/customer/orders/{order.number}/").content
    assert f"{base}/picking/" in client.get(f"{base}/").content.decode()
    assert client.post(f"{base}/packing/").status_code == 409
    assert client.post(f"{base}/picking/").status_code == 302
    assert client.post(f"{base}/picking/").status_code == 302
    assert f"{base}/packing/" in client.get(f"{base}/").content.decode()
    assert client.post(f"{base}/packing/").status_code == 302
    first, second = Milestone.objects.order_by("at", "id")
    assert (first.kind, second.kind, second.source) == ("picked", "packed", "web")
    assert first.actor_name
    after = customer.get(f"/customer/orders/{order.number}/")
    assert len(after.context["preparing"]) == 1
    assert after.content != before
    assert customer.get("/customer/").status_code == 200
    assert Shipment.objects.get().dispatched_at is None
    line = delivery.lines.order_by("line_no").first()
    data = {"doc_date": world.today.isoformat(), "lines-0-id": str(line.order_line_id), "lines-0-qty": "10"}
    assert client.post(f"{base}/edit/", data).status_code == 302
    assert delivery.lines.get().picked_at  # as it was
    assert client.post(f"{base}/edit/", {**data, "lines-0-qty": "9"}).status_code == 302
    assert not Shipment.objects.exists()
    assert client.post(f"{base}/picking/").status_code == 302
    assert client.post(f"{base}/picking/undo/").status_code == 302
    assert not Shipment.objects.exists()
    assert client.post(f"{base}/picking/").status_code == 302
    assert browser("warehouse_lead").post(f"{base}/approval/").status_code == 302
    rows = list(Milestone.objects.order_by("id").values_list("kind", flat=True))
    assert sorted(rows) == ["dispatched", "packed", "picked"]
    assert Milestone.objects.get(kind="picked").at < Milestone.objects.get(kind="dispatched").at
    assert client.post(f"{base}/picking/").status_code == 409
    assert browser("accountant").post(f"{base}/picking/").status_code == 403


def test_a_keeper_ships_without_seeing_prices(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    client = browser("warehouse_lead")
    client.post(f"/sales/orders/{order.number}/delivery/")
    delivery = SalesDelivery.objects.get()
    page = client.get(f"/sales/deliveries/{delivery.number}/").content.decode()
    assert "1,320.00" not in page
    assert client.post(f"/sales/deliveries/{delivery.number}/approval/").status_code == 302
    assert client.post(f"/sales/deliveries/{delivery.number}/invoice/").status_code == 403


def test_lists_are_bounded(world, browser, shipped, invoice, statements):
    client = browser()
    for path in (
        "/sales/deliveries/?view=all",
        "/sales/invoices/?view=all",
        "/sales/deliveries/?by=lines",
        "/sales/invoices/?by=lines",
    ):
        client.get(path)
        with statements(8):
            answer = client.get(path)
        assert answer.context["page"].count >= 1


# --- invoices ----------------------------------------------------------------------------------------------
def test_an_invoice_over_chosen_deliveries(world, browser, shipped):
    client = browser()
    assert world.wenlan.name in client.get("/sales/invoices/new/").content.decode()
    url = f"/sales/invoices/new/?customer={world.wenlan.pk}"
    assert shipped.number in client.get(url).content.decode()
    refused = client.post(url, {"doc_date": world.today.isoformat()})
    assert refused.status_code == 400
    answer = client.post(
        url, {"delivery": str(shipped.pk), "doc_date": world.today.isoformat(), "invoice_kind": "vat_ordinary"}
    )
    made = SalesInvoice.objects.get()
    assert answer["Location"] == f"/sales/invoices/{made.number}/"
    assert made.invoice_kind == "vat_ordinary"


def test_a_draft_invoice_is_corrected_and_too_much_is_refused(world, browser, shipped):
    client = browser()
    client.post(f"/sales/deliveries/{shipped.number}/invoice/")
    made = SalesInvoice.objects.get()

    def form(qty):
        made.refresh_from_db()
        ids = {f"lines-{at}-id": str(line.pk) for at, line in enumerate(made.lines.order_by("line_no"))}
        prices = {"lines-0-price": "132", "lines-1-qty": "4", "lines-1-price": "38.5"}
        head = {"doc_date": world.today.isoformat(), "invoice_kind": "vat_special", "external_no": "FP-7"}
        return {"version": made.version, "lines-0-qty": qty} | ids | prices | head

    bad = client.post(f"/sales/invoices/{made.number}/edit/", form("six"))
    assert bad.status_code == 400
    assert 'value="six"' in bad.content.decode()
    assert client.post(f"/sales/invoices/{made.number}/edit/", form("600")).status_code == 302
    too_much = client.post(f"/sales/invoices/{made.number}/approval/")
    assert too_much.status_code == 409
    assert shipped.number in too_much.content.decode()
    assert client.post(f"/sales/invoices/{made.number}/edit/", form("6")).status_code == 302
    made.refresh_from_db()
    assert made.external_no == "FP-7"
    assert made.lines.order_by("line_no").first().qty == 6


def test_the_page_of_an_invoice(world, browser, invoice, statements):
    client = browser()
    client.get(f"/sales/invoices/{invoice.number}/")
    with statements(12):
        answer = client.get(f"/sales/invoices/{invoice.number}/")
    sheet = answer.context["sheet"]
    assert sheet.vouchers
    assert sheet.primary.url.startswith("/finance/receipts/new/")
    assert client.get(f"/sales/invoices/{invoice.number}/print/?lang=en").content.startswith(b"%PDF")


# --- receipts ----------------------------------------------------------------------------------------------
def receipt_form(client, world, **changes):
    page = client.get(f"/finance/receipts/new/?customer={world.wenlan.pk}")
    account = page.context["form"].fields["fund_account"].choices[0][0]
    data = {
        "customer": str(world.wenlan.pk),
        "doc_date": world.today.isoformat(),
        "amount": "500",
        "fund_account": account,
        "method": "transfer",
        "how": "typed",
    }
    return data | changes


def test_money_settles_the_invoice_and_back(world, browser, invoice):
    client = browser()
    data = receipt_form(client, world, **{f"settle-{invoice.pk}": "400"})
    assert client.post("/finance/receipts/new/", data).status_code == 302
    receipt = Receipt.objects.get()
    assert client.post(f"/finance/receipts/{receipt.number}/approval/").status_code == 302
    invoice.refresh_from_db()
    assert invoice.settled_amount == 400
    page = client.get(f"/finance/receipts/{receipt.number}/")
    assert "100.00" in page.content.decode()  # the advance
    assert client.post(f"/finance/receipts/{receipt.number}/matching/", {"how": "oldest"}).status_code == 302
    invoice.refresh_from_db()
    assert invoice.settled_amount == 500
    refused = client.post(f"/sales/invoices/{invoice.number}/approval/undo/", {"reason": "wrong"})
    assert refused.status_code == 409
    assert receipt.number in refused.content.decode()
    assert client.post(f"/finance/receipts/{receipt.number}/approval/undo/", {"reason": "wrong"}).status_code == 302


def test_more_than_was_paid_is_refused_and_kept(world, browser, invoice):
    client = browser()
    data = receipt_form(client, world, **{f"settle-{invoice.pk}": "900", "reference": "ICBC 77"})
    answer = client.post("/finance/receipts/new/", data)
    page = answer.content.decode()
    assert answer.status_code in {400, 409}
    assert 'value="900"' in page
    assert "ICBC 77" in page
    assert not Receipt.objects.exists()


def test_receipts_are_for_those_with_the_right(world, browser, invoice):
    assert browser("sales_rep").get("/finance/receipts/").status_code == 403
    assert browser("cashier").get("/finance/receipts/").status_code == 200
    assert browser().get("/finance/receipts/NO-1/").status_code == 404
