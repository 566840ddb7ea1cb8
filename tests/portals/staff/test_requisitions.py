"""PUR-01 on the pages: a requisition is written, climbs its levels with a substitute, and is ordered by supplier."""

import re
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from backend.access.models import Member, Role
from backend.parties.models import Party
from backend.purchasing.models import PurchaseOrder, PurchaseRequisition, Rfq
from backend.purchasing.services import orders
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.workflow.approvals import setup
from backend.workflow.models import ApprovalDelegation, ApprovalRule
from tests.people import make_member, owner_actor

pytestmark = pytest.mark.django_db
LIST = "/purchasing/requisitions/"


def keyed(world: Any, **more: str) -> dict[str, str]:
    return {
        "need_date": (world.today + timedelta(days=9)).isoformat(),
        "doc_date": world.today.isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "requester_id": "",
        "reason": "New printer room",
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "100",
        "lines-0-price": "120",
        "lines-0-touched": "price",
        "lines-0-supplier_id": str(world.supplier.pk),
        **more,
    }


def test_written_handed_in_agreed_by_a_substitute_and_ordered(world: Any, client_for: Any) -> None:
    """PUR-01: 12 000 needs the buyer, then the owner; the owner is away, a picker without any other right stands in."""
    clerk, buyer, picker = (client_for(make_member(role, name=role)) for role in ("accountant", "buyer", "picker"))
    wrong = clerk.post(f"{LIST}new/", keyed(world, need_date="", **{"lines-0-description": "kept words"}))
    assert wrong.status_code == 400
    assert "kept words" in wrong.content.decode()
    live = clerk.post(f"{LIST}entry/recalculate/", keyed(world)).json()
    assert live["lines"]["0"]["gross"] == "12,000.00"
    assert clerk.get(f"{LIST}entry/items/?q=PA4").json()["results"][0]["price"]
    made = clerk.post(f"{LIST}new/", keyed(world, submit="1"))
    assert made.status_code == 302, made.content.decode()[:3000]
    document = PurchaseRequisition.objects.get()
    page = f"{LIST}{document.number}/"
    assert document.approval == "submitted"
    assert clerk.post(f"{page}approval/", {"level": "1"}).status_code == 403
    shown = buyer.get(page).content.decode()
    assert 'name="level" value="1"' in shown
    assert document.number in buyer.get("/approvals/").content.decode()
    assert document.number in buyer.get("/").content.decode()
    assert buyer.post(f"{page}approval/", {"level": "1"}).status_code == 302
    assert buyer.post(f"{page}approval/", {"level": "1"}).status_code == 409
    assert picker.get(page).status_code == 403
    _owner_leaves(world, client_for, picker_name="picker")
    assert document.number in picker.get("/approvals/").content.decode()
    assert picker.get(page).status_code == 200
    assert picker.post(f"{page}rejection/", {"level": "2", "reason": ""}).status_code == 400
    agreed = picker.post(f"{page}approval/", {"level": "2"})
    assert agreed.headers["Location"] == "/approvals/"
    document.refresh_from_db()
    assert document.approval == "approved"
    assert picker.get(page).status_code == 403
    assert "picker" in clerk.get(page).content.decode()
    assert clerk.get(f"{page}print/?lang=en").content[:4] == b"%PDF"
    _ordered(world, buyer, document, page)


def _owner_leaves(world: Any, client_for: Any, *, picker_name: str) -> None:
    owner = client_for(Member.objects.get(pk=owner_actor().member_id))
    stand_in = str(Member.objects.get(name=picker_name).pk)
    days = {"date_from": world.today.isoformat(), "date_to": (world.today + timedelta(days=5)).isoformat()}
    form = {"person_id": str(owner_actor().member_id), "substitute_id": stand_in, "reason": "trade fair", **days}
    assert owner.post("/approvals/substitutes/", form | {"date_to": "2001-01-01"}).status_code == 400
    assert owner.post("/approvals/substitutes/", form).status_code == 302
    assert "trade fair" in owner.get("/approvals/").content.decode()


def _ordered(world: Any, buyer: Any, document: PurchaseRequisition, page: str) -> None:
    line = document.lines.get()
    assert document.number in buyer.get(f"{LIST}?buy=1").content.decode()
    assert document.number in buyer.get(f"{LIST}?view=all&by=lines").content.decode()
    choose = {f"qty-{line.pk}": "60", f"supplier-{line.pk}": str(world.supplier.pk)}
    assert buyer.get(f"{page}order/").status_code == 200
    refused = buyer.post(f"{page}order/", choose | {f"qty-{line.pk}": "101"})
    assert refused.status_code == 409
    assert 'value="101"' in refused.content.decode()
    assert buyer.post(f"{page}order/", choose).status_code == 302
    order = PurchaseOrder.objects.get(lines__requisition_line_id=line.pk)
    assert order.number in buyer.get(page).content.decode()
    assert document.number in buyer.get(f"/purchasing/orders/{order.number}/").content.decode()
    asked = buyer.post(f"{page}rfq/")
    assert asked.headers["Location"] == f"/purchasing/rfqs/{Rfq.objects.get().number}/edit/"
    for step, status in (("approval/undo/", 409), ("closing/", 302), ("closing/undo/", 302), ("void/", 409)):
        assert buyer.post(f"{page}{step}", {"reason": "x"}).status_code == status, step


def test_rules_are_set_up_and_an_order_climbs_them(world: Any, client_for: Any) -> None:
    """The settings page makes rules for orders; the order's page hands in, sends back, and shows who decides."""
    owner, cashier = client_for(make_member("owner")), client_for(make_member("cashier", name="Cash Ier"))
    role = Role.objects.get(code="cashier")
    rule = {"doc_type": "purchasing.order", "level": "1", "amount_from": "0", "approver": f"role:{role.pk}"}
    assert owner.post("/settings/approvals/new/", rule | {"level": "0"}).status_code == 400
    assert owner.post("/settings/approvals/new/", rule).status_code == 302
    assert owner.post("/settings/approvals/new/", rule).status_code == 400
    made = ApprovalRule.objects.get(doc_type="purchasing.order")
    assert owner.post(f"/settings/approvals/{made.pk}/", rule | {"amount_from": "100"}).status_code == 302
    assert cashier.get("/settings/approvals/").status_code == 403
    assert "10,000.00" in owner.get("/settings/approvals/").content.decode()
    data = OrderData(world.supplier.pk, world.today, [LineInput(world.paper.pk, D(9), price=D(113))])
    order = orders.save_order(data=data, actor=world.actor, at=timezone.now())
    page = f"/purchasing/orders/{order.number}/"
    assert f"{page}submission/" in owner.get(page).content.decode()
    refused = owner.post(f"{page}approval/")
    assert refused.status_code == 403
    assert "Cash Ier" in refused.content.decode()
    assert owner.post(f"{page}submission/").status_code == 302
    assert cashier.get(page).status_code == 200
    assert cashier.post(f"{page}rejection/", {"reason": "too many", "level": "1"}).status_code == 302
    assert "Cash Ier" in owner.get(page).content.decode()
    assert owner.post(f"{page}submission/").status_code == 302
    assert owner.post(f"{page}withdrawal/").status_code == 302
    assert owner.post(f"{page}submission/").status_code == 302
    assert cashier.post(f"{page}approval/", {"level": "1"}).status_code == 302
    order.refresh_from_db()
    assert (order.approval, order.approved_by_name) == ("approved", "Cash Ier")
    assert owner.post(f"/settings/approvals/{made.pk}/removal/").status_code == 302
    assert not ApprovalRule.objects.filter(doc_type="purchasing.order").exists()


def test_rights_and_unknown_numbers(world: Any, client_for: Any) -> None:
    """Without the right 403, an unknown or foreign number 404, prices only for who may see them."""
    keeper, rep, owner = (client_for(make_member(role)) for role in ("warehouse_lead", "sales_rep", "owner"))
    assert rep.get(LIST).status_code == 403
    form = keyed(world)
    assert keeper.post(f"{LIST}new/", form).status_code == 302
    document = PurchaseRequisition.objects.get()
    page = keeper.get(f"{LIST}{document.number}/").content.decode()
    assert document.gross_amount == 100 * (document.lines.get().item.purchase_price or 0), "no price was taken from him"
    assert "10,000" not in page
    assert keeper.get(f"{LIST}entry/items/?q=PA4").json()["results"][0]["price"] == ""
    assert keeper.post(f"{LIST}{document.number}/order/").status_code == 403
    for path in ("", "edit/", "order/", "print/"):
        assert owner.get(f"{LIST}NO-1/{path}").status_code == 404, path
    for step in (
        "submission/",
        "withdrawal/",
        "approval/",
        "rejection/",
        "approval/undo/",
        "rfq/",
        "closing/",
        "void/",
    ):
        assert owner.post(f"{LIST}NO-1/{step}").status_code == 404, step
        assert rep.post(f"{LIST}{document.number}/{step}").status_code == 403, step
    unknown = "00000000-0000-7000-8000-000000000000"
    assert owner.post(f"/approvals/substitutes/{unknown}/end/").status_code == 404
    assert owner.get(f"/settings/approvals/{unknown}/").status_code == 404


def test_a_substitute_opens_and_decides_what_is_put_before_him_and_nothing_else(
    world: Any, client_for: Any, order_of: Any
) -> None:
    """PUR-01: a picker stands in for the owner; orders of both sides open with amounts, paper and thread while they wait."""
    owner_member = Member.objects.get(pk=owner_actor().member_id)
    owner, picker = client_for(owner_member), client_for(make_member("picker", name="picker"))
    rep = client_for(make_member("sales_rep", name="rep"))
    who = {"actor": world.actor, "at": timezone.now()}
    for kind in ("purchasing.order", "sales.order"):
        setup.save_rule(data=setup.RuleData(kind, 1, D(0), member_id=owner_member.pk), **who)
    data = OrderData(world.supplier.pk, world.today, [LineInput(world.paper.pk, D(9), price=D(113))])
    bought, other = (orders.save_order(data=data, **who) for _each in range(2))
    sold = order_of({"PA4": 5})
    _owner_leaves(world, client_for, picker_name="picker")
    assert picker.get("/sales/orders/").status_code == picker.get("/purchasing/orders/").status_code == 403
    for document, address, amount in (
        (bought, f"/purchasing/orders/{bought.number}/", "1,017.00"),
        (sold, f"/sales/orders/{sold.number}/", "660.00"),
    ):
        assert picker.get(address).status_code == 403
        assert owner.post(f"{address}submission/").status_code == 302
        shown = picker.get(address).content.decode()
        assert amount in shown
        assert f"{address}approval/" in shown
        assert f"{address}edit/" not in shown
        assert picker.get(f"{address}print/?lang=en").content[:4] == b"%PDF"
        message = _thread_of(shown)
        assert picker.post(message, {"text": "why so many?"}).status_code == 302
        for step in ("withdrawal/", "submission/undo/", "void/", "approval/undo/", "copy/"):
            assert picker.post(f"{address}{step}").status_code in {403, 404}, step
        assert picker.get(f"{address}edit/").status_code == 403
        assert picker.post(f"{address}approval/", {"level": "1"}).headers["Location"] == "/approvals/"
        document.refresh_from_db()
        assert document.approval == "approved"
        assert picker.get(address).status_code == picker.get(f"{address}print/").status_code == 403
        assert picker.post(message, {"text": "late"}).status_code == 404
    assert picker.get(f"/purchasing/orders/{other.number}/").status_code == 403
    assert rep.get(f"/purchasing/orders/{other.number}/").status_code == 403
    mine = ApprovalDelegation.objects.get()
    change = f"/approvals/substitutes/{mine.pk}/"
    assert rep.get(change).status_code == 404
    form = {name: str(getattr(mine, name)) for name in ("person_id", "substitute_id", "date_from", "date_to")}
    assert owner.post(change, form | {"date_to": "2001-01-01"}).status_code == 400
    assert owner.post(change, form | {"reason": "longer fair"}).status_code == 302
    assert "longer fair" in owner.get("/approvals/").content.decode()


def _thread_of(page: str) -> str:
    """Where the page of a document sends a message."""
    found = re.search(r'action="([^"]*/messages/[^"]*|[^"]*message[^"]*)"', page)
    assert found, page
    return found[1]


def test_the_rate_of_an_order_in_another_currency(world: Any, client_for: Any) -> None:
    """The field stands where a supplier deals in another currency; the page says rate and worth."""
    owner, form = client_for(make_member("owner")), "/purchasing/orders/new/"
    assert "exchange_rate" not in owner.get(form).content.decode()
    setup.save_rule(
        data=setup.RuleData("purchasing.order", 1, D(5000), role_id=Role.objects.get(code="cashier").pk),
        actor=world.actor,
        at=timezone.now(),
    )
    Party.objects.filter(pk=world.supplier.pk).update(currency="USD")
    assert "exchange_rate" in owner.get(form).content.decode()
    keyed_order = keyed(world) | {
        "supplier": str(world.supplier.pk),
        "requested_date": world.today.isoformat(),
        "price_includes_tax": "1",
        "exchange_rate": "7.1",
        "lines-0-qty": "10",
        "lines-0-price": "100",
    }
    assert owner.post(form, keyed_order).status_code == 302
    order = PurchaseOrder.objects.get()
    page = f"/purchasing/orders/{order.number}/"
    assert "1 USD = 7.1 CNY" in owner.get(page).content.decode()
    make_member("cashier")
    assert owner.post(f"{page}submission/").status_code == 302
    assert "7,100.00 CNY" in owner.get(page).content.decode()
    assert "CNY" in owner.get("/settings/approvals/").content.decode()
