"""A company in which every list has rows and every step of every document has something to work on."""

from typing import Any

from backend.catalog.models import PriceList
from backend.invoicing.models import FundAccount
from backend.purchasing.models import PurchaseReceiptLine
from tests.api.caller import Caller
from tests.scenarios import story
from tests.scenarios.world import D, World, settle


def fill(owner: Caller) -> World:
    """G-01's story, and after it one document of each kind at each early step."""
    world = World()
    chain = story.run(world)
    item = world.item("PEN", "Pen", stock=500)
    _sales(owner, world, item)
    _purchasing(owner, world, item)
    _sourcing(owner, world, item)
    _money(owner, world, item)
    _others(owner, world, item, chain)
    settle()
    return world


def _sales(owner: Caller, world: World, item: Any) -> None:
    for _number in range(3):
        world.order(item, 5, approve=False)
        made = world.order(item, 3)
        owner.post(f"sales/orders/{made.number}/shipment/")
        world.order(item, 2)
    lines = [{"item_id": item.pk, "qty": "1"}]
    quote = {"customer_id": world.customer.pk, "requested_date": world.day(5), "lines": lines}
    for _number in range(3):
        made = owner.post("sales/quotes/", quote)
    owner.post(f"sales/quotes/{made['number']}/sending/")


def _purchasing(owner: Caller, world: World, item: Any) -> None:
    lines = [{"item_id": item.pk, "qty": "10", "price": "5"}]
    body = {"supplier_id": world.supplier.pk, "requested_date": world.day(5), "lines": lines}
    for step in range(6):
        order = owner.post("purchasing/orders/", body)
        address = f"purchasing/orders/{order['number']}/"
        if step:
            owner.post(f"{address}approval/")
        if step > 2:
            owner.post(f"{address}confirmation/")
            sent = [{"order_line_id": order["lines"][0]["id"], "qty": "10"}]
            notice = owner.post("purchasing/asns/", {"lines": sent, "expected_date": world.day(4)})
        if step > 3:
            owner.post(f"purchasing/asns/{notice['number']}/receipt/")
    world.order(world.item("INK", "Ink", stock=0), 7)
    _inspections(owner, world)
    settle()


def _sourcing(owner: Caller, world: World, item: Any) -> None:
    lines = [{"item_id": item.pk, "qty": "10", "need_date": world.day(9)}]
    body = {
        "title": "Pens",
        "deadline": f"{world.day(5)}T10:00:00Z",
        "lines": lines,
        "supplier_ids": [world.supplier.pk],
    }
    for step in range(4):
        asked = owner.post("purchasing/rfqs/", body)
        if step:
            owner.post(f"purchasing/rfqs/{asked['number']}/publication/")
    agreed = {"supplier_id": world.supplier.pk, "valid_from": world.today, "valid_to": world.day(30)}
    for step in range(3):
        row = {"item_id": item.pk, "qty": "100", "price": "2"}
        blanket = owner.post("purchasing/blankets/", {**agreed, "lines": [row]})
        if step:
            owner.post(f"purchasing/blankets/{blanket['number']}/approval/")
    for price in ("10", "12"):
        owner.post("purchasing/material-prices/", {"item_id": item.pk, "price": price})
    place = owner.all("inventory/warehouses/")[0]["id"]
    owner.post("inventory/replenishment/", {"warehouse_id": place, "days": 30, "factor": "1"})


def _inspections(owner: Caller, world: World) -> None:
    checked = owner.post("catalog/items/", {"name": "Seal", "lot_tracked": True, "inspection": "sample"})
    lines = [{"item_id": checked["id"], "qty": "30", "price": "5"}]
    for step in range(4):
        body = {"supplier_id": world.supplier.pk, "requested_date": world.day(5), "lines": lines}
        order = owner.post("purchasing/orders/", body)
        owner.post(f"purchasing/orders/{order['number']}/approval/")
        came = [{"order_line_id": order["lines"][0]["id"], "qty": "30", "lot_no": f"S{step}"}]
        receipt = owner.post("purchasing/receipts/", {"lines": came})
        owner.post(f"purchasing/receipts/{receipt['number']}/approval/")
    [*_others, first] = owner.all("purchasing/inspections/")
    line = owner.get(f"purchasing/inspections/{first['number']}/")["lines"][0]
    found = [{"line_id": line["id"], "rejected_qty": "2", "reason": "Cracked"}]
    decided = owner.post(f"purchasing/inspections/{first['number']}/decision/", {"results": found})
    assert (decided["state"], decided["lines"][0]["accepted_qty"]) == ("partial", "28.0000")


def _money(owner: Caller, world: World, item: Any) -> None:
    bank = FundAccount.objects.get(code="BANK").pk
    for area, party in (("sales", world.customer), ("purchase", world.supplier)):
        lines = [{"item_id": item.pk, "qty": "1", "price": "10"}]
        body = {"party_id": party.pk, "doc_date": world.today, "lines": lines}
        for number in range(2):
            owner.post(f"invoicing/{area}-invoices/", {**body, "external_no": f"{area}-{number}"})
    for noun, party in (("receipts", world.customer), ("payments", world.supplier)):
        body = {"party_id": party.pk, "fund_account_id": bank, "doc_date": world.today, "amount": "7"}
        for _number in range(2):
            owner.post(f"invoicing/{noun}/", {**body, "allocations": []})
    period = {"period_from": world.today.replace(day=1), "period_to": world.today}
    owner.post("invoicing/statements/proposal/", {"kind": "supplier", "party_id": world.supplier.pk, **period})
    owner.post("invoicing/statements/proposal/", {"kind": "customer", "party_id": world.customer.pk, **period})


def _others(owner: Caller, world: World, item: Any, chain: story.Chain) -> None:
    opening = {"doc_date": world.today, "warehouse_id": world.warehouse.pk}
    owner.post("inventory/opening-stocks/", {**opening, "lines": [{"item_id": item.pk, "qty": "2", "unit_cost": "3"}]})
    costs = {**opening, "lines": [{"item_id": item.pk, "amount": "3"}]}
    row = PurchaseReceiptLine.objects.filter(document__approval="approved").first()
    assert row is not None
    fee = {"supplier_id": world.supplier.pk, "doc_date": world.today, "fee_name": "Freight", "amount": "20"}
    for _number in range(2):
        owner.post("inventory/cost-adjustments/", costs)
        owner.post("inventory/landed-costs/", {**fee, "lines": [{"receipt_line_id": row.pk}]})
        owner.post("inventory/costing-runs/", {"month": world.today})
    owner.post("catalog/price-lists/", {"name": "Standard", "lines": [{"item_id": item.pk, "price": str(D("9.9"))}]})
    assert PriceList.objects.exists()
    owner.post("service/tickets/", {"category": "quality", "order_id": chain.order.pk, "subject": "Torn"})
    words = {"containment": "sorted", "cause": "worn tool", "corrective": "new tool"}
    for step in range(4):
        claim = owner.post("srm/claims/", {"supplier_id": world.supplier.pk, "description": "Scratches"})
        if step > 1:
            owner.post(f"srm/claims/{claim['number']}/answer/", words)
