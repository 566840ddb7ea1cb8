"""SRM-14: a supplier sees our stock of its own shared items only. PUR-02: sales sees what was bought for an order."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import pytest

from backend.catalog.models import Item
from backend.workflow.parameters import set_parameter
from tests.people import client_of, make_member
from tests.scenarios import story
from tests.scenarios.world import SYSTEM, World

pytestmark = pytest.mark.usefixtures("committed_tenant")


@pytest.fixture
def chain() -> Any:
    """100 sold, 80 in stock: the rest is bought."""
    world = World()
    item = world.item("PAPER-A4", "A4 paper", stock=80, pack_qty=D(50))
    sold = story.shortage(world, item)
    return world, item, sold, story.buy(world, item, sold)


def test_only_shared_items_of_this_supplier(chain):
    world, item, _sold, bought = chain
    client = client_of(make_member("supplier_admin", party=bought.supplier))
    page = f"/supplier/stock/{item.pk}/"
    assert client.get(page).status_code == 404, "not shared"
    assert item.name not in client.get("/supplier/stock/").content.decode()
    Item.objects.filter(pk=item.pk).update(share_with_supplier=True)
    listed = client.get("/supplier/stock/").content.decode()
    assert item.name in listed
    detail = client.get(page).content.decode()
    assert "80" in detail
    assert "100" in detail
    customers = {row.name for row in type(bought.supplier).objects.filter(is_customer=True)}
    assert not [name for name in customers if name in detail], "nothing of who wants it"
    other = world.item("OTHER", "Somebody else's", stock=7)
    Item.objects.filter(pk=other.pk).update(share_with_supplier=True, supplier=None)
    assert client.get(f"/supplier/stock/{other.pk}/").status_code == 404
    assert client.get(f"/supplier/stock/{uuid4()}/").status_code == 404
    from tests.factories.parties import make_supplier

    stranger = client_of(make_member("supplier_admin", party=make_supplier(), email="stranger@example.com"))
    assert stranger.get(page).status_code == 404


def test_sales_sees_what_comes_for_an_order(chain):
    world, _item, sold, bought = chain
    from backend.purchasing.services import confirmations
    from backend.purchasing.services.inputs import AnswerLine, PartInput
    from tests.factories.purchasing import supplier_actor

    [line] = bought.lines.all()
    late = world.day(20)
    confirmations.answer_order(
        order_id=bought.pk,
        lines=[AnswerLine(line.pk, [PartInput(line.qty, late)])],
        actor=supplier_actor(bought.supplier),
        at=world.at + timedelta(minutes=1),
    )
    owner = client_of(make_member("sales_manager", email="boss@example.com"), headers={"accept-language": "en"})
    page = f"/sales/orders/{sold.number}/"
    text = owner.get(page).content.decode()
    assert bought.number in text
    assert bought.supplier.name in text or bought.supplier.label in text
    set_parameter(key="sales.show_suppliers", value=False, actor=SYSTEM, at=world.at)
    hidden = owner.get(page).content.decode()
    assert bought.number in hidden
    may_see = bought.supplier.label in hidden

    place = hidden.find(bought.supplier.label)
    assert not may_see, hidden[max(place - 300, 0) : place + 100]
