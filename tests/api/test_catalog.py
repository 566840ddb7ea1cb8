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
    refused = owner.call("PUT", f"{here}{box}/", {"factor": "24"})
    assert (refused.status_code, refused.json()["code"]) == (409, "unit_in_use")
    assert owner.call("DELETE", f"{here}{box}/").status_code == 409
    [changed] = owner.put(f"{here}{box}/", {"factor": "24", "from_now_on": True})
    assert changed["factor"] == "24.0000"
    assert owner.get(f"sales/orders/{order['number']}/")["lines"][0]["qty"] == "24.0000"
