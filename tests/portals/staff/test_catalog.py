"""Items, price lists, suppliers and stock: pages, entry, refusals, rights, query bounds."""

from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from backend.catalog.inputs import ItemData
from backend.catalog.models import Item
from backend.catalog.services import save_item
from backend.inventory.services.transit import customer_location, supplier_location, transit_warehouse
from backend.purchasing.services.confirmations import answer_order
from backend.purchasing.services.inputs import AnswerLine, PartInput
from tests.factories.purchasing import make_purchase_order, supplier_actor

pytestmark = pytest.mark.django_db

LISTS = [
    "/items/",
    "/items/prices/",
    "/suppliers/",
    "/inventory/stock/",
    "/inventory/opening/",
    "/inventory/lots/",
    "/inventory/warehouses/",
    "/finance/payments/",
]


@pytest.mark.parametrize("address", LISTS)
def test_lists_are_drawn_within_bounds(world, browser, order_of, statements, address):
    client = browser()
    client.get(address)
    with statements(12):
        answer = client.get(f"{address}?view=all")
    assert answer.status_code == 200
    assert client.get(f"{address}?export=xlsx").status_code == 200


def test_an_item_is_made_and_its_page_tells_everything(world, browser, order_of, statements):
    from backend.catalog.models import Item

    client = browser()
    item = Item.objects.get(code="PA4")
    fields = {name: str(getattr(item, name)) for name in ("item_type", "category_id", "unit_id", "tax_code_id")}
    fields |= {
        "name": "订书钉",
        "pack_qty": "10",
        "min_order_qty": "0",
        "safety_stock": "5",
        "sellable": "on",
        "purchasable": "on",
        "active": "on",
    }
    made = client.post("/items/new/", fields)
    assert made.status_code == 302, made.content.decode()[:3000]
    assert Item.objects.filter(name="订书钉", pack_qty=10).exists()
    twin = client.post("/items/new/", fields | {"code": "PA4", "spec": "24/6"})
    assert twin.status_code in {400, 409}
    assert "24/6" in twin.content.decode()
    order = order_of({"PA4": 100}, approved=True)
    page = f"/items/{item.pk}/"
    client.get(page)
    with statements(16):
        text = client.get(page).content.decode()
    assert order.number in text
    assert client.get(f"/inventory/stock/{item.pk}/").status_code == 200
    assert client.get(f"/items/{uuid4()}/").status_code == 404


def test_cost_stays_with_those_who_may_see_it(world, browser):
    text = browser("sales_rep").get(f"/items/{world.paper.pk}/").content.decode()
    assert "7,600.00" not in text  # 80 × 95
    assert "7,600.00" in browser().get(f"/items/{world.paper.pk}/").content.decode()
    assert browser("sales_rep").get(f"/items/{world.paper.pk}/edit/").status_code == 403


def test_what_changed_of_a_cost_or_price_is_told_to_those_who_may_see_it(world, browser):
    """The trail of an item and of an order: who and when for everybody, 61.37 and 62.49 for whom prices are."""
    at = timezone.now()
    for price in (D("61.37"), D("62.49")):
        data = ItemData(name="Toner", code="TN1", purchase_price=price, sale_price=price + 20)
        known = Item.objects.filter(code="TN1").values_list("pk", flat=True).first()
        item = save_item(data=data, item_id=known, actor=world.actor, at=at)
    order = make_purchase_order((item, 10, "61.37"), supplier=world.supplier)
    line = order.lines.get()
    dearer = AnswerLine(line.pk, [PartInput(D(10), line.requested_date, price=D("62.49"))], reason="resin")
    answer_order(order_id=order.pk, lines=[dearer], actor=supplier_actor(world.supplier), at=at)
    pages = {"item": f"/items/{item.pk}/", "order": f"/purchasing/orders/{order.number}/"}

    def told(role: str) -> dict[str, list[bool]]:
        texts = {name: browser(role).get(path).content.decode() for name, path in pages.items()}
        return {name: [figure in text for figure in ("61.37", "62.49", "82.49")] for name, text in texts.items()}

    assert told("owner") == {"item": [True, True, True], "order": [True, True, False]}
    assert told("warehouse_lead") == {"item": [False, False, False], "order": [False, False, False]}
    assert told("sales_rep")["item"] == [False, False, True]


def test_a_price_list_is_kept_by_lines(world, browser):
    from backend.catalog.models import PriceList

    client = browser()
    fields: dict[str, Any] = {
        "name": "协议",
        "kind": "sales",
        "includes_tax": "on",
        "active": "on",
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-price": "120",
    }
    assert client.post("/items/prices/new/", fields).status_code == 302
    made = PriceList.objects.get(name="协议")
    assert client.get(f"/items/prices/{made.pk}/").status_code == 200
    assert client.get(f"/items/prices/{made.pk}/edit/").status_code == 200
    bad = client.post("/items/prices/new/", fields | {"name": "另一", "lines-0-price": "dear"})
    assert bad.status_code == 400
    assert "另一" in bad.content.decode()


def test_a_supplier_is_written_and_invited(world, browser, statements):
    client = browser()
    page = f"/suppliers/{world.supplier.pk}/"
    client.get(page)
    with statements(14):
        assert client.get(page).status_code == 200
    assert client.get(f"{page}edit/").status_code == 200
    sent = client.post(f"{page}invitations/", {"email": "lan@example.com", "name": "兰", "roles": ["supplier_sales"]})
    assert sent.status_code == 302
    assert "lan@example.com" in client.get(page).content.decode()
    assert client.get(f"/suppliers/{world.wenlan.pk}/").status_code == 404


def test_opening_stock_is_keyed_and_booked(world, browser):
    from backend.inventory.models import OpeningStock

    client = browser()
    fields = {
        "warehouse_id": str(world.warehouse.pk),
        "doc_date": world.today.isoformat(),
        "lines-0-item_id": str(world.stapler.pk),
        "lines-0-qty": "5",
        "lines-0-unit_cost": "20",
    }
    assert client.post("/inventory/opening/new/", fields).status_code == 302
    document = OpeningStock.objects.order_by("-created_at").first()
    page = f"/inventory/opening/{document.number}/"
    assert client.get(page).status_code == 200
    assert client.post(f"{page}approval/").status_code == 302
    bad = client.post("/inventory/opening/new/", fields | {"lines-0-qty": "few", "remark": "shelf 4"})
    assert bad.status_code == 400
    assert "shelf 4" in bad.content.decode()


def test_warehouses(world, browser):
    client = browser()
    assert client.post("/inventory/warehouses/new/", {"code": "W9", "name": "九号", "active": "on"}).status_code == 302
    twin = client.post("/inventory/warehouses/new/", {"code": "W9", "name": "again", "active": "on"})
    assert twin.status_code in {400, 409}
    assert "again" in twin.content.decode()


def test_places_that_follow_documents_are_nobodys_to_edit(world, browser):
    """What is under way, or lies at a partner, has no form: neither shown nor saved."""
    client, values = browser(), {"code": "X", "name": "X", "active": "on", "is_default": "on"}
    for place in (transit_warehouse(), supplier_location(world.supplier), customer_location(world.wenlan)):
        here = f"/inventory/warehouses/{place.pk}/edit/"
        assert client.get(here).status_code == 404
        assert client.post(here, values).status_code == 404
        assert place.name not in client.get("/inventory/warehouses/").content.decode()


def test_pasted_codes_get_their_names(world, browser):
    """Grids of stock documents: names and units stand beside codes that were pasted, and wrong codes are told."""
    client = browser()
    typed = {"lines-0-item_id_code": "PA4", "lines-1-item_id_code": "NONE"}
    lines = client.post("/items/names/", typed).json()["lines"]
    assert (lines["0"]["item_id_code"], lines["0"]["unit"]) == ("PA4", str(world.paper.unit))
    assert world.paper.name in lines["0"]["name"]
    assert "NONE" in lines["1"]["_errors"]["item_id"]
    assert client.get("/items/names/").status_code == 405
