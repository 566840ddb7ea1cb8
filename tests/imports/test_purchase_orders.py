"""SRM-04, SAAS-11: purchase orders come in from a spreadsheet, a row a line, whole orders or none, each once."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.access.services.actors import actor_for
from backend.catalog.models import ItemUnit, Unit
from backend.imports.kinds import kinds_for
from backend.imports.services import ask_to_save, runs
from backend.inventory.models import Warehouse
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import PermissionRefused
from backend.parties.models import Party
from backend.parties.services.suppliers import set_supplier_state
from backend.purchasing.models import PurchaseOrder, Rfq
from backend.purchasing.services import orders
from backend.purchasing.services.inputs import LineInput, OrderData
from backend.purchasing.services.saving import OrderExists
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.inventory import refuses
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, day
from tests.imports.sheet import faults, send, upload
from tests.people import client_of, make_member, owner_actor

pytestmark = pytest.mark.usefixtures("tenant")
HEADS = ("External order number", "供应商编码", "Wanted on", "Item code", "Quantity", "Unit", "单价", "Line note")
WANTED = day(9).isoformat()


@pytest.fixture
def owner():
    return owner_actor()


def save(*rows: Any, actor: Actor, **options: Any) -> Any:
    return ask_to_save(run_id=send("purchase_orders", HEADS, *rows, actor=actor).pk, actor=actor, at=AT, **options)


def test_srm_04_rows_become_drafts_once(owner):
    """Rows of a number are one order; empty prices are the agreed ones; the same list again makes no second order."""
    pen, box = make_item("Pen", purchase_price=D("3.5")), Unit.objects.get(code="box")
    ItemUnit.objects.create(item=pen, unit=box, factor=12)
    mill, maker = make_supplier("Mill"), make_supplier("Maker")
    rows = (
        ("EXT-1", mill.code, WANTED, pen.code, 5, "", "", "red"),
        ("EXT-2", maker.name, WANTED, pen.code, 1, "", 2, ""),
        ("EXT-1", "", day(20).isoformat(), pen.code, 2, box.name, 36, ""),
    )
    run = save(*rows, actor=owner)
    assert (run.state, run.new_count, len(run.made)) == ("saved", 3, 2), run.note
    first, second = (PurchaseOrder.objects.get(external_ref=ref) for ref in ("EXT-1", "EXT-2"))
    assert (first.supplier, second.supplier, first.approval, first.requested_date) == (mill, maker, "draft", day(9))
    lines = first.lines.order_by("line_no").values_list("qty", "tax_incl_price", "line_qty", "requested_date")
    assert list(lines) == [(5, D("3.5"), None, day(9)), (24, 3, 2, day(20))]
    assert first.lines.get(line_no=1).description == "red"
    assert [each["number"] for each in run.made] == [first.number, second.number]
    again = send("purchase_orders", HEADS, *rows, actor=owner)
    assert faults(again) == [(2, "reference"), (3, "reference"), (4, "reference")]
    assert first.number in again.rows.get(number=2).faults[0]["message"]
    orders.void_order(order_id=second.pk, actor=BUYER, at=AT)
    assert save(rows[1], actor=owner).state == "saved"


def test_srm_04_what_the_page_refuses_is_refused_in_its_row(owner, monkeypatch):
    """Each fault has its column; rows that go with a faulty one fall with it, whatever portion they were read in."""
    monkeypatch.setattr(runs, "PORTION", 2)
    pen, gone, mill, other = make_item("Pen"), make_item("Gone", active=False), make_supplier(), make_supplier()
    box = Unit.objects.get(code="box")
    rows = (
        ("A", mill.code, WANTED, pen.code, 5, "", "", ""),
        ("B", mill.code, WANTED, pen.code, 5, "", "", ""),
        ("A", other.code, "", pen.code, 1, "", "", ""),
        ("C", "nobody", "", gone.code, 0, "", "", ""),
        ("D", mill.code, WANTED, pen.code, "1.5", box.name, "", ""),
        ("", mill.code, WANTED, "??", "", "", "", ""),
    )
    run = send("purchase_orders", HEADS, *rows, actor=owner)
    assert faults(run) == [
        (2, ""), (4, "supplier"), (5, "supplier"), (5, "requested_date"), (5, "item"), (6, "unit"),
        (7, "reference"), (7, "qty"), (7, "item"),
    ]  # fmt: skip
    assert (run.good_count, run.new_count, run.faulty_count) == (1, 1, 5)
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    assert (run.state, run.good_count) == ("saved", 1)
    assert list(PurchaseOrder.objects.values_list("external_ref", flat=True)) == ["B"]


def test_srm_04_a_supplier_of_another_currency_keeps_it(owner):
    pen, abroad = make_item("Pen"), make_supplier()
    Party.objects.filter(pk=abroad.pk).update(currency="USD")
    heads = (*HEADS[:5], "Currency", "Prices include tax", "Unit price")
    wrong = send("purchase_orders", heads, ("A", abroad.code, WANTED, pen.code, 5, "EUR", "", ""), actor=owner)
    assert faults(wrong) == [(2, "currency")]
    run = send("purchase_orders", heads, ("A", abroad.code, WANTED, pen.code, 5, "usd", "no", 10), actor=owner)
    ask_to_save(run_id=run.pk, actor=owner, at=AT)
    made = PurchaseOrder.objects.get()
    assert (made.currency, made.price_includes_tax, made.net_amount) == ("USD", False, 50)


def test_checking_takes_a_fixed_number_of_statements(owner):
    """However many orders a portion of rows holds."""
    items, suppliers = [make_item() for _ in range(12)], [make_supplier() for _ in range(12)]
    rows = [
        (f"R{no}", party.code, WANTED, item.code, 1, "", "", "")
        for no, (item, party) in enumerate(zip(items, suppliers, strict=True))
    ]

    def taken(some):
        with CaptureQueriesContext(connection) as found:
            assert send("purchase_orders", HEADS, *some, actor=owner).faulty_count == 0
        return len(found)

    assert taken(rows[:1]) == taken(rows)


def test_an_external_number_is_taken_once(owner):
    """Also where two write at the same time: the database has the last word, and the refusal names the other order."""
    data = OrderData(make_supplier().pk, day(7), [LineInput(make_item().pk, D(1))], external_ref=" X-1 ")
    first = orders.save_order(data=data, actor=owner, at=AT)
    with pytest.raises(OrderExists) as refused:
        orders.save_order(data=data, actor=owner, at=AT)
    assert (refused.value.field, refused.value.links[0].number) == ("external_ref", first.number)
    kept = OrderData(data.supplier_id, day(8), data.lines)
    assert orders.save_order(data=kept, order_id=first.pk, actor=owner, at=AT).external_ref == "X-1"


def test_who_may_import_orders(tenant):
    """The right to import and the right to write orders, both."""
    for role in ("sales_manager", "warehouse_lead"):
        actor = actor_for(make_member(role), "web")
        assert "purchase_orders" not in {kind.key for kind in kinds_for(actor)}
        with pytest.raises(PermissionRefused):
            send("purchase_orders", HEADS, ("A", "x", WANTED, "y", 1, "", "", ""), actor=actor)
    writer = Actor(kind="staff", name="x", permissions=frozenset({"purchasing.order.edit"}))
    with refuses(PermissionRefused):
        send("purchase_orders", HEADS, ("A", "x", WANTED, "y", 1, "", "", ""), actor=writer)
    client = client_of(make_member("buyer"))
    assert client.get("/imports/template/?kind=purchase_orders").status_code == 200
    assert "/imports/new/?kind=purchase_orders" in client.get("/purchasing/orders/").content.decode()


def test_srm_04_a_blocked_supplier_gets_no_order_and_no_request_whatever_the_way_in(tenant):
    """SRM-04: page, API and import alike: 0 new purchase orders, and no request for quotation goes out."""
    member, pen, party = make_member("buyer"), make_item("Pen"), make_supplier()
    buyer, page, api = actor_for(member, "web"), client_of(member), Caller.of(member)
    set_supplier_state(party_id=party.pk, state="blocked", actor=BUYER, at=AT, reason="fraud")
    until = str(clock.today() + timedelta(days=9))
    line = {"lines-0-item_id": str(pen.pk), "lines-0-item_id_code": pen.code, "lines-0-qty": "5"}
    place = {"warehouse_id": str(Warehouse.objects.get().pk)}
    head = {
        "supplier": str(party.pk),
        "doc_date": str(clock.today()),
        "requested_date": until,
        "price_includes_tax": "1",
    }
    asked = {"title": "Pens", "deadline": f"{until}T17:00", "suppliers": [str(party.pk)], "lines-0-need_date": until}
    keyed = page.post("/purchasing/orders/new/", {**head, **place, **line})
    assert (keyed.status_code, "fraud" in keyed.content.decode()) == (409, True)
    assert page.post("/purchasing/rfqs/new/", {**asked, **place, **line}).status_code == 302, "a draft asks nobody"
    drafted = Rfq.objects.get().number
    wanted = {"item_id": str(pen.pk), "qty": "4"}
    body = {"supplier_id": str(party.pk), "requested_date": until, "lines": [wanted]}
    row = {"reference": "E-1", "supplier": party.code, "requested_date": until, "item": pen.code, "qty": "4"}
    run = api.post("imports/", {"kind": "purchase_orders", "rows": [row]})
    for refused in (
        page.post(f"/purchasing/rfqs/{drafted}/publication/"),
        api.call("POST", "purchasing/orders/", body),
        api.call("POST", f"purchasing/rfqs/{drafted}/publication/", {}),
        api.call("POST", f"imports/{run['id']}/saving/", {"only_good": True}),
    ):
        assert refused.status_code == 409
    [said] = api.get(f"imports/{run['id']}/rows/")
    assert (said["faults"][0]["column"], "fraud" in said["faults"][0]["message"]) == ("supplier", True)
    sent = upload(HEADS, ("E-1", party.code, until, pen.code, 4, "", "", ""))
    shown = page.get(page.post("/imports/new/", {"kind": "purchase_orders", "list": sent})["Location"]).content.decode()
    assert "fraud" in shown
    assert faults(send("purchase_orders", HEADS, ("E-1", party.code, until, pen.code, 4, "", "", ""), actor=buyer))
    assert not PurchaseOrder.objects.exists()
    assert not Rfq.objects.filter(published_at__isnull=False).exists()


def test_srm_04_who_is_blocked_after_the_check_gets_nothing_when_it_is_saved(owner):
    pen, party = make_item("Pen"), make_supplier()
    run = send("purchase_orders", HEADS, ("A", party.code, WANTED, pen.code, 1, "", "", ""), actor=owner)
    assert run.good_count == 1
    set_supplier_state(party_id=party.pk, state="blocked", actor=BUYER, at=AT, reason="fraud")
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT)
    assert (run.state, faults(run)) == ("checked", [(2, "supplier")])
    assert not PurchaseOrder.objects.exists()
