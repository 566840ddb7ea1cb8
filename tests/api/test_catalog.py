"""Items over the API (INV-14): other units, attributes, styles and their variants."""

from typing import Any

import pytest

from backend.catalog.models import Unit
from tests.api.caller import Caller
from tests.people import owner_actor
from tests.scenarios.world import World


@pytest.fixture
def world(tenant: Any) -> World:
    return World()


@pytest.fixture
def owner(world: World) -> Caller:
    return Caller.of(owner_actor())


def test_inv_14_units_of_an_item(world, owner):
    """INV-14: units are listed, added and changed; a rate in use changes only when it is said to hold from now on."""
    item, box = world.item("EGG", "Eggs", stock=100), str(Unit.objects.get(code="box").pk)
    here = f"catalog/items/{item.pk}/units/"
    assert owner.get(here) == []
    [made] = owner.post(here, {"unit_id": box, "factor": "12", "barcode": "EGG-12"})
    assert (made["unit"]["code"], made["factor"], made["floating"]) == ("box", "12.0000", False)
    assert owner.call("POST", here, {"unit_id": box, "factor": "12"}).status_code == 409
    body = {"customer_id": world.customer.pk, "requested_date": world.day(3)}
    order = owner.post("sales/orders/", body | {"lines": [{"item_id": item.pk, "qty": "2", "unit_id": box}]})
    assert (order["lines"][0]["qty"], order["lines"][0]["line_qty"]) == ("24.0000", "2.0000")
    refused = owner.call("PUT", here, {"unit_id": box, "factor": "24"})
    assert (refused.status_code, refused.json()["code"]) == (409, "unit_in_use")
    [changed] = owner.put(here, {"unit_id": box, "factor": "24", "from_now_on": True})
    assert changed["factor"] == "24.0000"
    assert owner.get(f"sales/orders/{order['number']}/")["lines"][0]["qty"] == "24.0000"
    assert owner.call("DELETE", f"{here}?unit_id={box}").status_code == 409
    assert owner.call("DELETE", here).status_code == 400
    gone = owner.call("DELETE", f"{here}?unit_id={box}&from_now_on=true")
    assert (gone.status_code, gone.json()) == (200, [])
    assert owner.call("DELETE", f"{here}?unit_id={box}").status_code == 404


def test_inv_14_attributes_styles_and_variants(world, owner):
    """INV-14: 2 colours × 2 sizes make four items; asked for again they are the same; their stock is told."""
    values = [{"code": "RED", "name": "Red"}, {"code": "BLUE", "name": "Blue"}]
    colour = owner.post("catalog/attributes/", {"name": "Colour", "code": "colour", "values": values})
    sizes = [{"code": code, "name": code} for code in ("S", "M")]
    size = owner.post("catalog/attributes/", {"name": "Size", "code": "size", "position": 1, "values": sizes})
    ids = [row["id"] for attribute in (colour, size) for row in attribute["values"]]
    body = {"name": "Shirt", "code": "SHIRT", "value_ids": ids, "sale_price": "113"}
    style = owner.post("catalog/styles/", body)
    here = f"catalog/styles/{style['id']}/"
    [one] = owner.post(f"{here}variants/", {"combinations": [{"value_ids": [ids[0], ids[3]]}]})
    assert (one["code"], one["spec"], one["on_hand"]) == ("SHIRT-RED-M", "Red / M", "0.0000")
    made = owner.post(f"{here}variants/", {})
    assert [row["code"] for row in made] == ["SHIRT-RED-S", "SHIRT-RED-M", "SHIRT-BLUE-S", "SHIRT-BLUE-M"]
    assert {row["style"]["code"] for row in owner.all(f"catalog/items/?style={style['id']}")} == {"SHIRT"}
    changed = owner.put(f"{here}?version=1", body | {"sale_price": "120"})
    assert (changed["version"], owner.get(f"{here}variants/")[0]["sale_price"]) == (2, "120.000000")
    status, answer = owner.refused("PUT", f"catalog/attributes/{size['id']}/", {"name": "Size", "code": "size"})
    assert (status, answer["code"]) == (409, "value_in_use")
