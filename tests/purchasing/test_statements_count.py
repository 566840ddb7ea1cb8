"""A step costs a fixed number of statements, however many lines and orders it has."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.purchasing.models import Asn, PurchaseOrder
from backend.purchasing.selectors.orders import order_for, orders_visible_to
from backend.purchasing.services import asns, orders, receipts
from backend.purchasing.services.inputs import AsnData, AsnLineInput
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")


def statements(act: Callable[[], Any]) -> int:
    """How many a step takes, savepoints apart."""
    with CaptureQueriesContext(connection) as taken:
        act()
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in taken.captured_queries)


def notice_over(placed: list[PurchaseOrder]) -> AsnData:
    rows = [row for order in placed for row in lines_of(order)]
    lines = [AsnLineInput(row.pk, row.qty, lot_no=f"L{number}") for number, row in enumerate(rows)]
    return AsnData(lines=lines, expected_date=day(3))


def costs(count: int, of_orders: int) -> dict[str, int]:
    supplier = make_supplier()
    placed = []
    for _number in range(of_orders):
        items = [make_item(lot_tracked=True) for _line in range(count // of_orders)]
        placed.append(make_purchase_order(*[(item, 10) for item in items], supplier=supplier, approve=False))
    taken = {"approve": statements(lambda: orders.approve_order(order_id=placed[0].pk, actor=BUYER, at=AT))}
    for order in placed[1:]:
        orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    taken["confirm"] = statements(lambda: confirm(placed[0]))
    for order in placed[1:]:
        confirm(order)
    data, actor = notice_over(placed), supplier_actor(supplier)
    taken["ship"] = statements(lambda: asns.submit_asn(data=data, actor=actor, at=AT))
    notice = Asn.objects.latest("id")
    taken["receive"] = statements(lambda: receipts.receive_asn(asn_id=notice.pk, actor=BUYER, at=AT))
    [receipt] = notice.receipts.all()
    taken["take back"] = statements(lambda: receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT))
    taken["read"] = statements(lambda: order_for(BUYER, placed[0].number))
    taken["list"] = statements(lambda: [(row.supplier.name, row.warehouse.name) for row in orders_visible_to(BUYER)])
    return taken


def test_fifty_lines_of_five_orders_cost_what_two_lines_cost():
    few, many = costs(2, 1), costs(50, 5)
    assert {step: (few[step], many[step]) for step in many if many[step] > few[step]} == {}
    assert many["receive"] <= 21, "receipt, stock with lots, promises, voucher and shipment together"
    assert many["approve"] <= 14
    assert many["confirm"] <= 23
    assert many["read"] <= 8
    assert many["list"] == 1
