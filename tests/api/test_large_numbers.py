"""Numbers that each fit their column while what comes of them fits none: refused by line and field, nothing is written."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, transaction

from backend.kernel.document import DOC_TYPES
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import AmountTooLarge, cents, line_amounts, overflow_of, total_amount
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import confirmations, orders
from backend.purchasing.services.inputs import AnswerLine, LineInput, OrderData, PartInput
from tests.api.caller import Caller
from tests.factories.purchasing import make_purchase_order
from tests.people import make_member
from tests.scenarios.world import D, World

DEAR, MANY = "99999999.999999", "9999999999"


@pytest.fixture
def world(tenant: Any) -> World:
    return World()


@pytest.fixture
def owner(world: World) -> Caller:
    return Caller.of(make_member("owner"))


def _bodies(world: World, item: Any) -> dict[str, dict[str, Any]]:
    row = {"item_id": item.pk, "qty": MANY, "price": DEAR}
    soon = {"requested_date": world.day(5)}
    stock = {"doc_date": world.today, "warehouse_id": world.warehouse.pk}
    return {
        "sales/orders/": {"customer_id": world.customer.pk, **soon, "lines": [row]},
        "sales/quotes/": {"customer_id": world.customer.pk, **soon, "lines": [row]},
        "purchasing/orders/": {"supplier_id": world.supplier.pk, **soon, "lines": [row]},
        "purchasing/requisitions/": {"need_date": world.day(5), "lines": [row]},
        "purchasing/blankets/": {
            "supplier_id": world.supplier.pk,
            "valid_from": world.today,
            "valid_to": world.day(30),
            "lines": [row],
        },
        "invoicing/sales-invoices/": {"party_id": world.customer.pk, "doc_date": world.today, "lines": [row]},
        "invoicing/purchase-invoices/": {
            "party_id": world.supplier.pk,
            "doc_date": world.today,
            "external_no": "1",
            "lines": [row],
        },
        "inventory/opening-stocks/": {**stock, "lines": [{"item_id": item.pk, "qty": MANY, "unit_cost": DEAR}]},
        "inventory/other-receipts/": {
            **stock,
            "reason": "gift",
            "lines": [{"item_id": item.pk, "qty": MANY, "unit_cost": DEAR}],
        },
    }


def test_what_no_column_holds_is_refused_by_line_and_field(owner: Caller, world: World) -> None:
    bodies = _bodies(world, world.item("PEN", "Pen"))
    before = {name: model._default_manager.count() for name, model in DOC_TYPES.items()}
    for path, body in bodies.items():
        status, told = owner.refused("POST", path, body)
        [problem] = told["problems"]
        assert status == 400, (path, told)
        assert told["code"] in {"amount_too_large", "opening_stock_invalid"}, (path, told)
        assert (problem["line"], problem["field"] in {"price", "unit_cost", "value"}) == (1, True), (path, problem)
    assert before == {name: model._default_manager.count() for name, model in DOC_TYPES.items()}


def test_a_dearer_price_that_overflows_is_refused_when_it_is_named(world: World) -> None:
    item = world.item("PEN", "Pen")
    order = make_purchase_order((item, 9_000_000_000, "0.01"), supplier=world.supplier)
    parts = (PartInput(D(9_000_000_000), order.requested_date, price=D(9_999_999)),)
    answer = AnswerLine(order_line_id=order.lines.get().pk, parts=parts)
    with pytest.raises(ValidationRefused) as refused:
        confirmations.answer_order(order_id=order.pk, lines=(answer,), actor=world.supplier_person, at=world.at)
    [problem] = refused.value.problems
    assert (problem.code, problem.line, problem.field) == ("amount_too_large", 1, "price")


def test_a_rate_that_overflows_at_home_is_refused(world: World) -> None:
    item = world.item("PEN", "Pen")
    type(world.supplier).objects.filter(pk=world.supplier.pk).update(currency="USD")
    lines = (LineInput(item.pk, D(90_000), price=D(9_999_999)),)
    data = OrderData(
        supplier_id=world.supplier.pk, requested_date=world.day(5), lines=lines, exchange_rate=D("999999.999999")
    )
    with pytest.raises(AmountTooLarge) as refused:
        orders.save_order(data=data, actor=world.buyer, at=world.at)
    assert refused.value.field == "exchange_rate"
    assert not PurchaseOrder.objects.exists()


@pytest.mark.parametrize(
    ("qty", "price", "tax", "field"),
    [
        ("99999999.9999", "9999999999.999999", "13", "price"),
        ("0.0001", "99999999999999.999999", "13", "price"),
        ("99999999999999.9999", "0.000001", "13", "qty"),
        ("99999999999999", "99999999999999", "99999", "qty"),
        ("1", "9999999999999", "99999", "price"),
    ],
)
@pytest.mark.parametrize("includes_tax", [True, False])
def test_the_field_that_is_too_large(qty: str, price: str, tax: str, field: str, includes_tax: bool) -> None:
    with pytest.raises(AmountTooLarge) as refused:
        line_amounts(
            qty=D(qty),
            price=D(price),
            price_includes_tax=includes_tax,
            tax_rate=D(tax),
            discount_pct=Decimal(0),
            line=7,
        )
    assert (refused.value.line, refused.value.field) == (7, field)


def test_the_most_there_can_be_passes() -> None:
    assert cents(Decimal(10) ** 15 - Decimal("0.01")) == Decimal("999999999999999.99")
    with pytest.raises(AmountTooLarge):
        total_amount([Decimal(9) * 10**14] * 2)


def test_what_only_the_database_finds_too_large_is_a_refusal_too(world: World) -> None:
    item = world.item("PEN", "Pen")
    with pytest.raises(DataError) as broken, transaction.atomic():
        type(item).objects.filter(pk=item.pk).update(sale_price=Decimal(10) ** 18)
    assert isinstance(overflow_of(broken.value), AmountTooLarge)
    assert overflow_of(ValueError()) is None
