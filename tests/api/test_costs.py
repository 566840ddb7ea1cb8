"""Costs over the API (INV-10, PUR-06): landed costs, adjustments, the costing of a month, what stock is worth."""

from typing import Any

import pytest

from backend.inventory.models import StockBalance
from backend.invoicing.models import PurchaseInvoice
from tests.api.caller import Caller
from tests.factories.availability import Paper
from tests.factories.costing import come, item_costed_by, leave
from tests.factories.invoicing import receive
from tests.people import owner_actor
from tests.scenarios.world import World


@pytest.fixture
def world(tenant: Any) -> World:
    return World()


@pytest.fixture
def owner(world: World) -> Caller:
    return Caller.of(owner_actor())


def test_a_landed_cost_goes_into_stock_and_out_again(world, owner):
    item = world.item("PEN", "Pen")
    receipt = receive(world.supplier, [(item, 10, 10)], day=world.today)
    lines = [{"receipt_line_id": receipt.lines.get().pk}]
    body = {"supplier_id": world.supplier.pk, "doc_date": world.today, "fee_name": "Freight", "amount": "20"}
    made = owner.post("inventory/landed-costs/", {**body, "lines": lines})
    here = f"inventory/landed-costs/{made['number']}/"
    assert (made["net_amount"], made["lines"][0]["amount"], made["invoice_number"]) == ("20.00", "20.00", None)
    booked = owner.post(f"{here}approval/")
    assert (booked["stock_amount"], booked["sold_amount"]) == ("20.00", "0.00")
    assert owner.get(f"invoicing/purchase-invoices/{booked['invoice_number']}/")["gross_amount"] == "20.00"
    worth = owner.get(f"inventory/stock-value/?item={item.pk}")
    assert (worth["value"], worth["rows"][0]["code"], worth["rows"][0]["unit_cost"]) == ("120.00", "PEN", "12.000000")
    assert owner.get("inventory/stock-value/?by=category&day=2020-01-01")["rows"] == []
    owner.delete(f"{here}approval/")
    assert StockBalance.objects.get(item=item).value == 100


def test_rows_29_and_30_what_stock_documents_owe_is_a_debt(world, owner):
    """A pen worth 5.00 more, and 4.00 for making a set of one: both owed to the supplier that is named."""
    pen, kit = world.item("PEN", "Pen"), world.item("SET", "Set")
    receive(world.supplier, [(pen, 10, 10)], day=world.today)
    head = {"doc_date": world.today, "warehouse_id": world.warehouse.pk}
    more = {"reason": "ap_trade", "supplier_id": world.supplier.pk, "lines": [{"item_id": pen.pk, "amount": "5"}]}
    work = {"fee": "4", "fee_supplier_id": world.supplier.pk, "lines": [{"item_id": pen.pk, "qty": "1"}]}
    for path, body, worth in (
        ("cost-adjustments", more, "5.00"),
        ("assemblies", {"item_id": kit.pk, "qty": "1", **work}, "14.50"),
    ):
        made = owner.post(f"inventory/{path}/", {**head, **body})
        booked = owner.post(f"inventory/{path}/{made['number']}/approval/")
        assert worth in (booked.get("total_amount"), booked.get("total_value"))
        assert world.supplier.code in str(booked.get("supplier") or booked["fee_supplier"])
    debts = PurchaseInvoice.objects.exclude(cause_number="").order_by("number")
    assert [debt.gross_amount for debt in debts] == [5, 4]


def test_a_month_is_costed(world, owner):
    item = item_costed_by("month_avg")
    for do, values in ((come, (10, 100)), (leave, (5,)), (come, (10, 200))):
        do(item, *values, paper=Paper(doc_date=world.today))
    made = owner.post("inventory/costing-runs/", {"month": world.today})
    assert (made["difference"], made["item_count"]) == ("25.00", 1)
    assert owner.get(f"inventory/costing-runs/{made['number']}/")["number"] == made["number"]


def test_a_warehouse_keeper_sees_no_cost(world):
    keeper = Caller.of(world.keeper)
    for path in ("landed-costs", "cost-adjustments", "costing-runs", "stock-value"):
        assert keeper.call("GET", f"inventory/{path}/").status_code == 403
