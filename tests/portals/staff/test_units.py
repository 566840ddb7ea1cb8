"""INV-14 on the pages: units are kept with the item, and quantities are typed in them."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from tests.portals.staff.test_purchasing import _order_fields

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(world, browser):
    from backend.catalog.models import Unit

    found = Unit.objects.get(code="box")
    page = f"/items/{world.paper.pk}/units/"
    assert browser().get(page).status_code == 200
    answer = browser().post(page, {"unit_0": str(found.pk), "factor_0": "12", "barcode_0": "6900000000012"})
    assert answer.status_code == 302
    return found


def test_inv_14_a_quantity_is_typed_in_boxes(world, browser, box):
    from backend.purchasing.models import PurchaseOrder

    client = browser("buyer")
    typed = _order_fields(world, **{"lines-0-qty": f"2 {box.name}"})
    answer = client.post("/purchasing/entry/recalculate/", typed).json()
    assert answer["totals"]["qty"] == "24"
    assert answer["lines"]["0"]["price"] == "1200"
    client.post("/purchasing/orders/new/", typed)
    order = PurchaseOrder.objects.latest("id")
    line = order.lines.get()
    assert (line.qty, line.line_qty, line.gross_amount) == (24, 2, D(2400))
    assert f"2 {box.name}" in client.get(f"/purchasing/orders/{order.number}/").content.decode()
    edit = client.get(f"/purchasing/orders/{order.number}/edit/").content.decode()
    assert f"2 {box.name}=24" in edit
    wrong = client.post("/purchasing/entry/recalculate/", typed | {"lines-0-qty": "2 furlong"}).json()
    assert "furlong" in wrong["lines"]["0"]["_errors"]["qty"]


def test_units_are_kept_by_who_may_edit_items(world, browser):
    assert browser("sales_rep").get(f"/items/{world.paper.pk}/units/").status_code == 403
    assert browser().get("/items/01a200de-d123-7000-af9f-1f6de7515209/units/").status_code == 404
    answer = browser().post(f"/items/{world.paper.pk}/units/", {"unit_0": str(world.paper.unit_id), "factor_0": "2"})
    assert answer.status_code == 400


def test_inv_14_what_is_sold_in_boxes_says_so_everywhere(world, browser, box, member_for, client_for):
    """INV-14: entry, order, delivery, paper and the customer's own page speak of boxes and of pieces."""
    from backend.sales.models import SalesDelivery, SalesOrder
    from tests.portals.staff.test_orders import entry as sales_fields

    client = browser()
    typed = sales_fields(world, **{"lines-0-qty": f"2 {box.name}"})
    typed = {name: value for name, value in typed.items() if not name.startswith("lines-1-")}
    answer = client.post("/sales/entry/recalculate/", typed).json()
    assert (answer["totals"]["qty"], answer["lines"]["0"]["price"]) == ("24", "1584")
    assert f"{box.name}=12" in answer["lines"]["0"]["unit"]
    assert client.post("/sales/orders/new/", typed).status_code == 302
    order = SalesOrder.objects.latest("id")
    here = f"/sales/orders/{order.number}/"
    assert (order.lines.get().qty, order.lines.get().line_qty, order.gross_amount) == (24, 2, D(3168))
    page = client.get(here).content.decode()
    assert f"2 {box.name}" in page
    assert f"1,584.00 / {box.name}" in page
    assert f"2 {box.name}=24" in client.get(f"{here}edit/").content.decode()
    assert client.get(f"{here}print/").status_code == 200
    client.post(f"{here}approval/")
    new = client.get(f"/sales/deliveries/new/?order={order.number}").content.decode()
    assert f"2 {box.name}=24" in new
    line = order.lines.get()
    posted = {"doc_date": world.today.isoformat(), "lines-0-id": str(line.pk), "lines-0-qty": f"1 {box.name}"}
    answer = client.post(f"/sales/deliveries/new/?order={order.number}", posted)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    delivery = SalesDelivery.objects.latest("id")
    assert (delivery.lines.get().qty, delivery.lines.get().line_qty) == (12, 1)
    assert f"1 {box.name}" in client.get(f"/sales/deliveries/{delivery.number}/").content.decode()
    buyer = client_for(member_for("customer_buyer", party=world.wenlan))
    theirs = buyer.get(f"/customer/orders/{order.number}/").content.decode()
    assert f"2 {box.name} (24" in theirs
    assert "1,584.00" in theirs


def test_inv_14_a_notice_is_counted_in_boxes_and_weighed(world, browser, box):
    """INV-14: two boxes that weigh 23 instead of 24 complete the order's line, and its page says why."""
    from backend.catalog.models import ItemUnit
    from backend.purchasing.models import Asn, PurchaseOrder
    from tests.factories.purchasing import confirm, ship

    ItemUnit.objects.filter(item=world.paper).update(floating=True)
    client = browser()
    client.post("/purchasing/orders/new/", _order_fields(world, **{"lines-0-qty": f"2 {box.name}"}))
    order = PurchaseOrder.objects.latest("id")
    page = f"/purchasing/orders/{order.number}/"
    client.post(f"{page}approval/")
    confirm(order)
    ship(order, expected=world.today + timedelta(days=3))
    notice = Asn.objects.latest("id")
    here = f"/purchasing/asns/{notice.number}/"
    assert f"2 {box.name}=24" in client.get(here).content.decode()
    posted = {f"counted-{notice.lines.get().pk}": f"2 {box.name}=23"}
    assert client.post(f"{here}receiving/", posted).status_code == 302
    line = order.lines.get()
    assert (line.received_qty, line.light_qty, line.open_qty) == (23, 1, 0)
    assert "件数已齐，轻 1" in client.get(page).content.decode()
