"""Sales orders in the staff face: list, entry, page, steps, refusals in place."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from backend.availability.models import DemandLine, Promise
from backend.parties.models import Party
from backend.sales.models import SalesDelivery, SalesOrder

pytestmark = pytest.mark.django_db


def entry(world, **changes):
    """A filled entry form."""
    data = {
        "customer": str(world.wenlan.pk),
        "doc_date": world.today.isoformat(),
        "requested_date": world.today.isoformat(),
        "warehouse_id": str(world.warehouse.pk),
        "price_includes_tax": "1",
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "100",
        "lines-1-item_id_code": "ST100",
        "lines-1-qty": "24",
        "lines-1-price": "40",
        "lines-1-touched": "price",
    }
    return data | changes


# --- list ------------------------------------------------------------------------------------------------
def test_list_shows_states_and_totals(world, browser, order_of, statements):
    for _ in range(3):
        order_of({"PA4": 10, "ST100": 2})
    order_of({"PA4": 60}, approved=True)
    client = browser()
    client.get("/sales/orders/?view=all")
    with statements(8):
        answer = client.get("/sales/orders/?view=all")
    assert answer.status_code == 200
    assert answer.context["page"].count == 4


def test_list_by_lines_and_export(world, browser, order_of):
    order_of({"PA4": 10, "ST100": 2})
    client = browser()
    assert client.get("/sales/orders/?by=lines").context["page"].count == 2
    answer = client.get("/sales/orders/?view=all&export=xlsx")
    assert answer["Content-Type"].startswith("application/vnd")


def test_batch_approval_names_what_was_refused(world, browser, order_of):
    good, bad = order_of({"PA4": 1}), order_of({"ST100": 1})
    from backend.catalog.models import Item

    Item.objects.filter(pk=world.stapler.pk).update(sellable=False)
    answer = browser().post("/sales/orders/", {"action": "approve", "id": [str(good.pk), str(bad.pk)]})
    good.refresh_from_db()
    assert good.is_approved
    assert bad.number in answer.content.decode()


def test_a_salesperson_sees_own_orders_only(world, browser, order_of):
    order = order_of({"PA4": 1})
    client = browser("sales_rep")
    assert client.get("/sales/orders/?view=all").context["page"].count == 0
    assert client.get(f"/sales/orders/{order.number}/").status_code == 404
    assert client.post(f"/sales/orders/{order.number}/approval/").status_code == 404


def test_a_list_that_was_asked_before_shows_what_is_there_now(world, browser, order_of):
    """Statements are kept by their question: another reader, filter, order or row is never answered with an old one."""
    first = order_of({"PA4": 10})
    everything = "/sales/orders/?view=all"

    def seen(client, address=everything):
        page = client.get(address).context["page"]
        assert page.count == len(page.page_rows)
        return [row.number for row in page.page_rows]

    owner, seller = browser(), browser("sales_rep")
    assert seen(owner) == [first.number]
    SalesOrder.objects.filter(pk=first.pk).update(salesperson_id=uuid4(), customer_ref="THEIRS")
    second = order_of({"ST100": 2})
    assert seen(seller) == []
    SalesOrder.objects.filter(pk=second.pk).update(salesperson_id=None)
    assert seen(owner) == [second.number, first.number]
    assert seen(seller) == [second.number]
    assert seen(owner, everything + "&sort=number") == [first.number, second.number]
    assert seen(owner, everything + "&q=THEIRS") == [first.number]
    assert seen(owner, everything + f"&q={second.number}") == [second.number]
    assert "THEIRS" in owner.get(everything + "&cols=number,customer_ref,warehouse").content.decode()


def test_a_line_of_the_list_is_drawn_anew_when_anything_it_shows_changes(world, browser, order_of):
    """Lines are kept by their rows: the state, the customer's name, the promise and the reader's language are in them."""
    order = order_of({"PA4": 60}, approved=True)
    client = browser()

    def line():
        page = client.get("/sales/orders/?view=all").content.decode()
        return page[page.index("<tbody") : page.index("</tbody>")]

    seen = [line()]
    assert line() == seen[0]
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    seen.append(line())
    day = world.today + timedelta(days=3)
    demand = DemandLine.objects.get(ref_id=order.pk)
    for change in (
        lambda: SalesOrder.objects.filter(pk=order.pk).update(shipped="partial"),
        lambda: Party.objects.filter(pk=order.customer_id).update(name="Renamed & Co"),
        lambda: DemandLine.objects.filter(pk=demand.pk).update(required_date=day - timedelta(days=9)),
        lambda: Promise.objects.filter(demand=demand).update(promise_date=day),
    ):
        change()
        seen.append(line())
    assert len(set(seen)) == len(seen)
    assert "Renamed &amp; Co" in seen[-1]


def test_a_buyer_has_no_sales_pages(world, browser, order_of):
    order = order_of({"PA4": 1})
    client = browser("buyer")
    assert client.get("/sales/orders/").status_code == 403
    assert client.get(f"/sales/orders/{order.number}/").status_code == 403


# --- entry -----------------------------------------------------------------------------------------------
def test_new_order_is_saved_with_looked_up_and_keyed_prices(world, browser):
    client = browser()
    assert client.get(f"/sales/orders/new/?customer={world.wenlan.pk}").status_code == 200
    answer = client.post("/sales/orders/new/", entry(world))
    order = SalesOrder.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/sales/orders/{order.number}/"
    lines = list(order.lines.order_by("line_no"))
    assert [line.tax_incl_price for line in lines] == [Decimal(132), Decimal(40)]
    assert lines[1].price_source == "manual"
    assert "祥园路" in order.ship_to


def test_a_refused_entry_keeps_every_character(world, browser):
    answer = browser().post(
        "/sales/orders/new/",
        entry(world, **{"lines-0-qty": "abc", "lines-1-item_id_code": "no such", "remark": "送货前电话"}),
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert SalesOrder.objects.count() == 0
    for typed in ('value="abc"', 'value="no such"', "送货前电话", "文澜"):
        assert typed in page
    assert "cellerr" in page


def test_an_entry_without_a_customer_says_so_at_the_field(world, browser):
    answer = browser().post("/sales/orders/new/", entry(world, customer=""))
    assert answer.status_code == 400
    assert answer.context["form"].errors["customer"]
    assert 'value="100"' in answer.content.decode()


def test_saving_over_somebody_elses_change_is_told(world, browser, order_of):
    order = order_of({"PA4": 10})
    stale = entry(world, version=str(order.version))
    client = browser()
    assert client.post(f"/sales/orders/{order.number}/edit/", stale).status_code == 302
    answer = client.post(f"/sales/orders/{order.number}/edit/", stale)
    assert answer.status_code == 409
    assert 'value="24"' in answer.content.decode()


def test_live_prices_stock_and_promise(world, browser):
    client = browser()
    answer = client.post("/sales/entry/recalculate/", entry(world))
    data = answer.json()
    assert data["lines"]["0"]["price"] == "132"
    assert data["lines"]["0"]["available"] == "80"
    assert "_short" in data["lines"]["0"]
    assert data["lines"]["1"]["gross"] == "960.00"
    assert data["totals"]["gross"] == "14,160.00"


def test_inv_05_who_types_sees_what_is_free_and_when_more_comes(world, browser, order_of):
    """INV-05: 80 lie there, 60 are reserved, 60 come in 8 days: of 100 now wanted 20 are free, 60 come then."""
    from backend.purchasing.services import orders as purchases
    from backend.purchasing.services.inputs import LineInput, OrderData

    who = {"actor": world.actor, "at": timezone.now()}
    order_of({"PA4": 60}, approved=True)
    day = world.today + timedelta(days=8)
    data = OrderData(
        supplier_id=world.supplier.pk, requested_date=day, lines=(LineInput(world.paper.pk, Decimal(60), Decimal(90)),)
    )
    purchases.approve_order(order_id=purchases.save_order(data=data, **who).pk, **who)
    line = browser().post("/sales/entry/recalculate/", entry(world)).json()["lines"]["0"]
    assert line["available"] == "20"
    assert "20 今天" in line["promise"]
    assert re.search(rf"60 于 [\d-]*{day:%m-%d}", line["promise"])


def test_type_ahead_by_pinyin_with_price(world, browser):
    found = browser().get("/sales/entry/items/", {"q": "dsj", "customer": str(world.wenlan.pk)}).json()["results"]
    assert [row["code"] for row in found] == ["ST100"]
    assert found[0]["price"] == "38.50"
    assert found[0]["available"] == "60"


# --- page and steps ----------------------------------------------------------------------------------------
def test_page_of_an_approved_order(world, browser, order_of, statements):
    order = order_of({"PA4": 100, "ST100": 4, "FW": 1}, approved=True)
    client = browser()
    client.get(f"/sales/orders/{order.number}/")
    with statements(12):
        answer = client.get(f"/sales/orders/{order.number}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    sheet = answer.context["sheet"]
    assert sheet.primary.url == f"/sales/orders/{order.number}/delivery/"
    assert "80" in str(sheet.primary.label) or "84" in str(sheet.primary.label)
    assert "tk-promise" in page


def test_a_page_of_many_lines_takes_no_more_statements(world, browser, order_of, statements):
    from backend.catalog.inputs import ItemData
    from backend.catalog.services import save_item

    for number in range(30):
        save_item(
            data=ItemData(name=f"货 {number}", code=f"X{number}", sale_price=Decimal(1)),
            actor=world.actor,
            at=timezone.now(),
        )
    order = order_of({f"X{number}": 2 for number in range(30)}, approved=True)
    client = browser()
    client.get(f"/sales/orders/{order.number}/")
    with statements(12):
        assert client.get(f"/sales/orders/{order.number}/").status_code == 200


def test_why_this_date(world, browser, order_of):
    order = order_of({"PA4": 100}, approved=True)
    client = browser()
    fragment = client.get(f"/sales/orders/{order.number}/lines/1/promise/", headers={"X-Requested-With": "why"})
    assert fragment.status_code == 200
    assert "tk-ladder" in fragment.content.decode()
    assert client.get(f"/sales/orders/{order.number}/lines/9/promise/").status_code == 404
    assert client.get(f"/sales/orders/{order.number}/lines/1/promise/").status_code == 200


def test_approval_and_back(world, browser, order_of):
    order = order_of({"PA4": 10})
    client = browser()
    assert client.post(f"/sales/orders/{order.number}/approval/").status_code == 302
    order.refresh_from_db()
    assert order.is_approved
    assert client.post(f"/sales/orders/{order.number}/approval/undo/", {"reason": "Wrong customer"}).status_code == 302
    order.refresh_from_db()
    assert order.is_draft


def test_credit_hold_is_shown_and_released_by_somebody_else(world, browser, order_of, member_for, client_for):
    order = order_of({"PA4": 10}, customer=world.linan)
    owner = browser()
    owner.post(f"/sales/orders/{order.number}/approval/")
    order.refresh_from_db()
    assert order.credit_state == "credit_hold"
    page = owner.get(f"/sales/orders/{order.number}/")
    assert page.context["sheet"].primary is None  # who wrote the order does not release it
    refused = owner.post(f"/sales/orders/{order.number}/release/", {"reason": "good customer"})
    assert refused.status_code == 409
    assert "good customer" in refused.content.decode()
    controller = client_for(member_for("finance_manager"))
    assert controller.get(f"/sales/orders/{order.number}/").context["sheet"].primary.dialog == "release"
    assert controller.post(f"/sales/orders/{order.number}/release/", {"reason": "paid today"}).status_code == 302
    order.refresh_from_db()
    assert order.is_approved


def test_deliver_ship_and_what_stands_in_the_way(world, browser, order_of):
    order = order_of({"PA4": 100}, approved=True)
    client = browser()
    answer = client.post(f"/sales/orders/{order.number}/delivery/")
    delivery = SalesDelivery.objects.get()
    assert answer["Location"] == f"/sales/deliveries/{delivery.number}/"
    assert delivery.lines.get().qty == 80
    refused = client.post(f"/sales/orders/{order.number}/approval/undo/", {"reason": "x"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "tk-err" in page
    assert delivery.number in page
    client.post(f"/sales/deliveries/{delivery.number}/approval/")
    order.refresh_from_db()
    assert order.shipped == "partial"


def test_amend_keeps_what_was_typed_without_a_reason(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    line = order.lines.get()
    data = {
        "version": order.version,
        "requested_date": world.today.isoformat(),
        "lines-0-id": str(line.pk),
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-qty": "12",
        "reason": "",
    }
    client = browser()
    refused = client.post(f"/sales/orders/{order.number}/amend/", data)
    assert refused.status_code == 400
    assert 'value="12"' in refused.content.decode()
    assert (
        client.post(f"/sales/orders/{order.number}/amend/", data | {"reason": "They need two more"}).status_code == 302
    )
    line.refresh_from_db()
    assert line.qty == 12


def test_copy_close_reopen_void(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    client = browser()
    client.post(f"/sales/orders/{order.number}/copy/")
    copy = SalesOrder.objects.exclude(pk=order.pk).get()
    assert client.post(f"/sales/orders/{copy.number}/void/").status_code == 302
    assert client.post(f"/sales/orders/{order.number}/closing/", {"reason": "no more"}).status_code == 302
    order.refresh_from_db()
    assert order.closing == "manual_closed"
    assert client.post(f"/sales/orders/{order.number}/closing/undo/").status_code == 302


def test_a_promise_is_overridden_with_a_reason(world, browser, order_of):
    order = order_of({"PA4": 100}, approved=True)
    line = order.lines.get()
    url = f"/sales/orders/{order.number}/override/"
    client = browser()
    refused = client.post(url, {"line": str(line.pk), "day": world.today.isoformat(), "reason": ""})
    assert refused.status_code == 400
    assert (
        client.post(url, {"line": str(line.pk), "day": world.today.isoformat(), "reason": "Fetched by car"}).status_code
        == 302
    )
    line.refresh_from_db()
    assert line.override_date == world.today


def test_prints_in_both_languages(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    client = browser()
    for language in ("zh-hans", "en"):
        answer = client.get(f"/sales/orders/{order.number}/print/?lang={language}")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    assert client.get(f"/sales/orders/{order.number}/sheet/")["Content-Type"].startswith("application/vnd")


def test_amounts_are_hidden_from_those_without_prices(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    client = browser("service_agent")
    page = client.get(f"/sales/orders/{order.number}/").content.decode()
    assert "1,320.00" not in page
    assert "132.00" not in page
    listed = client.get("/sales/orders/?view=all").content.decode()
    assert order.number in listed
    assert "1,320.00" not in listed


def test_unknown_numbers_are_not_found(world, browser):
    client = browser()
    for path in ("orders", "quotes", "deliveries", "invoices"):
        assert client.get(f"/sales/{path}/NO-1/").status_code == 404


def test_a_draft_shows_what_approval_would_promise(world, browser, order_of, statements):
    order = order_of({"PA4": 100})
    client = browser()
    client.get(f"/sales/orders/{order.number}/")
    with statements(14):
        sheet = client.get(f"/sales/orders/{order.number}/").context["sheet"]
    parts = sheet.lines[0].cells["promise"].parts
    assert [part.value for part in parts] == [Decimal(80), Decimal(20)]


def test_the_whole_flow(world, browser, order_of):
    order = order_of({"PA4": 10}, approved=True)
    client = browser()
    client.post(f"/sales/orders/{order.number}/delivery/")
    delivery = SalesDelivery.objects.get()
    page = client.get(f"/discussion/sales.order/{order.pk}/flow/").content.decode()
    assert delivery.number in page
    assert browser("sales_rep").get(f"/discussion/sales.order/{order.pk}/flow/").status_code == 404
