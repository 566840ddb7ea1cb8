"""G-01 by programs alone: every step of the loop is a call with the token of whoever does it."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.caller import Caller
from tests.scenarios.world import D, World, settle


@dataclass
class Cast:
    """The world's people, as callers."""

    world: World

    def __post_init__(self) -> None:
        self.rep = Caller.of(self.world.rep)
        self.buyer = Caller.of(self.world.buyer)
        self.keeper = Caller.of(self.world.keeper)
        self.accountant = Caller.of(self.world.accountant)
        self.supplier = Caller.of(self.world.supplier_person)
        self.customer = Caller.of(self.world.customer_person)
        self.customer_finance = Caller.of(self.world.person("customer_finance", party=self.world.customer))


@pytest.mark.usefixtures("committed_tenant")
def test_from_shortage_to_ticket_by_tokens():
    world = World()
    item = world.item("PAPER-A4", "A4 paper", stock=80, lot_tracked=True, pack_qty=D(50))
    cast = Cast(world)
    order = sell(cast, item)
    purchase = buy(cast, order)
    first = ship(cast, order, "80.0000")
    answer_later(cast, order, purchase)
    receive(cast, order, purchase)
    second = ship(cast, order, "20.0000")
    collect(cast, order, [first, second])
    pay(cast, purchase)
    books(cast)
    complain(cast, second)


def promised(who: Caller, order: str) -> list[tuple[str, str]]:
    [line] = who.get(f"sales/orders/{order}/promises/")
    return [(part["qty"], part["date"]) for part in line["parts"]]


def sell(cast: Cast, item: Any) -> str:
    world = cast.world
    lines = [{"item_id": item.pk, "qty": "100"}]
    body = {"customer_id": world.customer.pk, "requested_date": world.day(3), "lines": lines}
    made = cast.rep.post("sales/orders/", body)
    assert (made["approval"], made["gross_amount"]) == ("draft", "16950.00")
    approved = cast.rep.post(f"sales/orders/{made['number']}/approval/")
    assert approved["approval"] == "approved"
    settle()
    assert promised(cast.rep, made["number"]) == [("80.0000", str(world.today)), ("20.0000", str(world.day(7)))]
    [stock] = cast.keeper.all("inventory/stock/")
    assert (stock["on_hand"], stock["reserved"], stock["available"]) == ("80.0000", "80.0000", "0.0000")
    return str(made["number"])


def buy(cast: Cast, order: str) -> str:
    [suggestion] = cast.buyer.all("purchasing/suggestions/")
    assert (suggestion["need_qty"], suggestion["qty"]) == ("20.0000", "50.0000")
    assert any(task["kind"] == "purchasing.shortage" for task in cast.buyer.all("workflow/tasks/"))
    [made] = cast.buyer.post("purchasing/suggestions/acceptance/", {"suggestion_ids": [suggestion["id"]]})
    assert cast.supplier.all("purchasing/orders/") == []
    cast.buyer.post(f"purchasing/orders/{made['number']}/approval/")
    settle()
    related = cast.buyer.get(f"purchasing/orders/{made['number']}/related/")
    assert order in {node["number"] for node in related}
    [seen] = cast.supplier.all("purchasing/orders/")
    assert (seen["number"], seen["sending"]) == (made["number"], "sent")
    return str(made["number"])


def answer_later(cast: Cast, order: str, purchase: str) -> None:
    day = str(cast.world.day(11))
    [line] = cast.supplier.get(f"purchasing/orders/{purchase}/")["lines"]
    answer = {"order_line_id": line["id"], "parts": [{"qty": "50", "date": day}], "reason": "pulp is late"}
    cast.supplier.post(f"purchasing/orders/{purchase}/answer/", {"lines": [answer]})
    settle()
    assert promised(cast.rep, order) == [("20.0000", day)]
    cast.buyer.post(f"purchasing/orders/{purchase}/decision/", {"accept": True})
    settle()


def receive(cast: Cast, order: str, purchase: str) -> None:
    world = cast.world
    [line] = cast.supplier.get(f"purchasing/orders/{purchase}/")["lines"]
    report = {"order_line_id": line["id"], "node": "in_production", "percent": 60}
    seen = cast.supplier.post(f"purchasing/orders/{purchase}/progress/", report)
    assert seen["lines"][0]["progress_pct"] == 60
    sent = [{"order_line_id": line["id"], "qty": "50", "lot_no": "MILL-77"}]
    notice = cast.supplier.post("purchasing/asns/", {"lines": sent, "expected_date": world.day(10)})
    settle()
    made = cast.keeper.post(f"purchasing/asns/{notice['number']}/receipt/", {"supplier_note_no": "DN-9"})
    settle()
    assert promised(cast.rep, order) == [("20.0000", str(world.today))]
    assert cast.supplier.get(f"purchasing/receipts/{made['number']}/")["supplier_note_no"] == "DN-9"
    assert cast.buyer.get(f"purchasing/orders/{purchase}/")["closing"] == "auto_closed"


def ship(cast: Cast, order: str, qty: str) -> str:
    carrier = {"carrier_id": cast.world.carrier.pk, "tracking_no": "OUT-1"}
    made = cast.keeper.post(f"sales/orders/{order}/shipment/", {"details": carrier}, idempotency_key=f"ship-{qty}")
    again = cast.keeper.post(f"sales/orders/{order}/shipment/", {"details": carrier}, idempotency_key=f"ship-{qty}")
    assert again == made
    settle()
    delivery = cast.customer.get(f"sales/deliveries/{made['number']}/")
    assert [line["qty"] for line in delivery["lines"]] == [qty]
    assert any(row["source_number"] == made["number"] for row in cast.customer.all("logistics/shipments/"))
    signed = cast.customer.post(f"sales/deliveries/{made['number']}/signature/", {"signed_by": "Front desk"})
    assert signed["signed_by"] == "Front desk"
    return str(made["number"])


def bank(cast: Cast) -> str:
    return next(a["id"] for a in cast.accountant.all("invoicing/fund-accounts/") if a["code"] == "BANK")


def money(cast: Cast, party: Any, amount: str, invoice: dict[str, Any]) -> dict[str, Any]:
    return {
        "party_id": party.pk,
        "fund_account_id": bank(cast),
        "doc_date": cast.world.today,
        "amount": amount,
        "allocations": [{"invoice_id": invoice["id"], "amount": amount}],
    }


def collect(cast: Cast, order: str, numbers: list[str]) -> None:
    ids = [cast.accountant.get(f"sales/deliveries/{number}/")["id"] for number in numbers]
    draft = cast.accountant.post("invoicing/sales-invoices/from-deliveries/", {"delivery_ids": ids})
    assert cast.customer_finance.all("invoicing/sales-invoices/") == []
    invoice = cast.accountant.post(f"invoicing/sales-invoices/{draft['number']}/approval/")
    assert invoice["gross_amount"] == "16950.00"
    receipt = cast.accountant.post("invoicing/receipts/", money(cast, cast.world.customer, "16950.00", invoice))
    cast.accountant.post(f"invoicing/receipts/{receipt['number']}/approval/")
    settle()
    [seen] = cast.customer_finance.all("invoicing/sales-invoices/")
    assert (seen["number"], seen["settled"]) == (invoice["number"], "full")
    done = cast.customer.get(f"sales/orders/{order}/")
    assert (done["shipped"], done["invoiced"], done["settled"]) == ("full", "full", "full")


def pay(cast: Cast, purchase: str) -> None:
    world = cast.world
    period = {"period_from": world.today.replace(day=1), "period_to": world.today}
    body = {"kind": "supplier", "party_id": world.supplier.pk, **period}
    statement = cast.accountant.post("invoicing/statements/proposal/", body)
    settle()
    assert statement["closing_amount"] == "5650.00"
    address = f"invoicing/statements/{statement['number']}/"
    cast.supplier.post(f"{address}acceptance/")
    cast.supplier.post(f"{address}signature/")
    assert cast.accountant.post(f"{address}signature/")["state"] == "agreed"
    draft = cast.supplier.post(f"{address}invoice/", {"external_no": "FP-1001"})
    invoice = cast.accountant.post(f"invoicing/purchase-invoices/{draft['number']}/approval/")
    assert (invoice["match_state"], invoice["gross_amount"]) == ("matched", "5650.00")
    payment = cast.accountant.post("invoicing/payments/", money(cast, world.supplier, "5650.00", invoice))
    cast.accountant.post(f"invoicing/payments/{payment['number']}/approval/")
    settle()
    assert [row["number"] for row in cast.supplier.all("invoicing/payments/")] == [payment["number"]]
    assert cast.buyer.get(f"purchasing/orders/{purchase}/")["invoiced"] == "full"


def books(cast: Cast) -> None:
    period = f"{cast.world.today:%Y-%m}"
    found = cast.accountant.get(f"accounting/trial-balance/?from={period}")
    assert found["balanced"]
    assert sum(D(row["debit"]) for row in found["rows"] if row["depth"] == 0) > 0
    for voucher in cast.accountant.all("accounting/vouchers/"):
        assert sum(D(line["debit"]) - D(line["credit"]) for line in voucher["lines"]) == 0


def complain(cast: Cast, delivery: str) -> None:
    [line] = cast.customer.get(f"sales/deliveries/{delivery}/")["lines"]
    body = {"category": "quality", "delivery_line_id": line["id"], "affected_qty": "2"}
    ticket = cast.customer.post("service/tickets/", body)
    settle()
    assert ticket["lot"]["lot_no"] == "MILL-77"
    assert not {"supplier", "carrier"} & set(ticket)
    agent = Caller.of(cast.world.person("service_agent"))
    seen = agent.get(f"service/tickets/{ticket['number']}/")
    assert seen["supplier"]["id"] == str(cast.world.supplier.pk)
    agent.post(f"service/tickets/{ticket['number']}/messages/", {"text": "Ask the mill", "internal": True})
    messages = agent.post(f"service/tickets/{ticket['number']}/messages/", {"text": "We look into it"})
    assert len(messages) == 2
    told = cast.customer.post(f"service/tickets/{ticket['number']}/messages/", {"text": "Thank you"})
    assert [message["text"] for message in told] == ["We look into it", "Thank you"]
