"""A small company with stock, customers and people, for the pages of the staff face."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

D = Decimal


@pytest.fixture
def world(tenant: Any, actor: Any) -> SimpleNamespace:
    """Two customers (one with a small credit limit), three items with stock, a supplier and a carrier."""
    from backend.catalog.inputs import ItemData
    from backend.catalog.services import save_item
    from backend.inventory.models import Warehouse
    from backend.inventory.services import opening
    from backend.inventory.services.inputs import OpeningLineInput
    from backend.kernel import clock
    from backend.parties.inputs import AddressData, CarrierData, CustomerData, PartyData, SupplierData
    from backend.parties.services import save_party

    at = timezone.now()
    who = {"actor": actor, "at": at}
    supplier = save_party(data=PartyData(name="恒信纸业", supplier=SupplierData()), **who)
    carrier = save_party(data=PartyData(name="顺达物流", carrier=CarrierData()), **who)
    wenlan = save_party(
        data=PartyData(
            name="杭州文澜办公用品有限公司",
            short_name="文澜办公",
            customer=CustomerData(credit_limit=D(100000)),
            addresses=(AddressData("祥园路 88 号", "浙江", "杭州", "拱墅区"),),
        ),
        **who,
    )
    linan = save_party(data=PartyData(name="临安建材", customer=CustomerData(credit_limit=D(1000))), **who)
    paper = save_item(
        data=ItemData(name="复印纸 A4", code="PA4", sale_price=D(132), purchase_price=D(100), supplier_id=supplier.pk),
        **who,
    )
    stapler = save_item(data=ItemData(name="重型订书机", code="ST100", sale_price=D("38.5")), **who)
    service = save_item(data=ItemData(name="上楼费", code="FW", item_type="service", sale_price=D(300)), **who)
    warehouse = Warehouse.objects.filter(is_default=True).first() or Warehouse.objects.first()
    stock = opening.save_opening_stock(
        doc_date=clock.today(),
        warehouse_id=warehouse.pk,
        lines=[OpeningLineInput(paper.pk, D(80), D(95)), OpeningLineInput(stapler.pk, D(60), D(20))],
        **who,
    )
    opening.approve_opening_stock(document_id=stock.pk, **who)
    return SimpleNamespace(
        actor=actor,
        today=clock.today(),
        wenlan=wenlan,
        linan=linan,
        supplier=supplier,
        carrier=carrier,
        paper=paper,
        stapler=stapler,
        service=service,
        warehouse=warehouse,
    )


@pytest.fixture
def browser(client_for: Callable[..., Any], member_for: Callable[..., Any]) -> Callable[..., Any]:
    """``browser("sales_rep")``: a signed-in browser of a new member with that role; without a role the owner's."""

    def make(*roles: str) -> Any:
        from backend.access.models import Member

        if roles:
            return client_for(member_for(*roles))
        return client_for(Member.objects.filter(roles__code="owner").order_by("created_at").first())

    return make


@pytest.fixture
def order_of(world: SimpleNamespace) -> Callable[..., Any]:
    """``order_of({"PA4": 100}, approved=True)``: a saved (and approved) order of the first customer."""
    from backend.catalog.models import Item
    from backend.sales.services import orders
    from backend.sales.services.inputs import LineInput, OrderData

    def make(lines: dict[str, Any], *, customer: Any = None, approved: bool = False, actor: Any = None) -> Any:
        items = {item.code: item for item in Item.objects.filter(code__in=lines)}
        data = OrderData(
            customer_id=(customer or world.wenlan).pk,
            requested_date=world.today + timedelta(days=3),
            lines=tuple(LineInput(items[code].pk, D(str(qty))) for code, qty in lines.items()),
        )
        by = actor or world.actor
        order = orders.save_order(data=data, actor=by, at=timezone.now())
        if approved:
            order = orders.approve_order(order_id=order.pk, actor=world.actor, at=timezone.now())
        return order

    return make


@pytest.fixture
def statements(django_assert_max_num_queries: Any) -> Any:
    """At most so many statements of the page itself: the three that say who asks are not counted."""

    def at_most(count: int) -> Any:
        return django_assert_max_num_queries(count + 3)

    return at_most
