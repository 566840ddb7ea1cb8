"""Pages of cost (INV-10, INV-12, PUR-06): entry, steps, refusals that lose nothing, rights, export, unknown numbers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from backend.availability.selectors.consistency import violations
from backend.catalog.models import ItemCategory
from backend.inventory.models import CostAdjustment, CostingRun, StockBalance, Warehouse
from backend.inventory.services import costing_runs
from backend.invoicing.models import PurchaseInvoice
from backend.posting import reconciliation
from backend.purchasing.models import LandedCost
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryLineInput
from tests.factories.availability import Paper
from tests.factories.costing import below_zero, come, item_costed_by, leave
from tests.factories.invoicing import receive

pytestmark = pytest.mark.django_db
LISTS = ["landed-costs", "cost-adjustments"]


def value_of(item: Any) -> Any:
    return StockBalance.objects.get(item=item).value


@pytest.fixture
def receipt(world: Any) -> Any:
    return receive(world.supplier, [(world.paper, 10, 50), (world.stapler, 5, 60)], day=world.today)


def fee(world: Any, receipt: Any, **values: Any) -> dict[str, Any]:
    first = receipt.lines.order_by("line_no").first()
    return {
        "supplier_id": str(world.supplier.pk),
        "fee_name": "运费",
        "amount": "109",
        "tax_rate": "9",
        "basis": "value",
        "invoice_kind": "vat_special",
        "doc_date": world.today.isoformat(),
        "line": [str(first.pk)],
    } | values


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_drawn_and_exported(world, browser, name, statements):
    client = browser()
    client.get(f"/inventory/{name}/")
    with statements(12):
        assert client.get(f"/inventory/{name}/?view=all").status_code == 200
    assert client.get(f"/inventory/{name}/?view=all&by=lines").status_code == 200
    assert client.get(f"/inventory/{name}/?view=all&export=xlsx").status_code == 200


def test_a_landed_cost_is_written_booked_and_taken_back(world, browser, receipt):
    client = browser()
    page = client.get(f"/inventory/landed-costs/new/?receipt={receipt.number}")
    assert page.content.decode().count("checked") == 2
    refused = client.post("/inventory/landed-costs/new/", fee(world, receipt, line=[]))
    assert refused.status_code == 400
    assert "运费" in refused.content.decode()
    bad = fee(world, receipt, basis="weight")
    bad[f"measure-{bad['line'][0]}"] = "viel"
    refused = client.post("/inventory/landed-costs/new/", bad)
    assert (refused.status_code, "viel" in refused.content.decode()) == (400, True)
    found = client.post("/inventory/landed-costs/new/", fee(world, receipt, find="1", q=receipt.number))
    assert (found.status_code, "运费" in found.content.decode()) == (200, True)
    before = value_of(world.paper)
    answer = client.post("/inventory/landed-costs/new/", fee(world, receipt))
    document = LandedCost.objects.get()
    here = f"/inventory/landed-costs/{document.number}/"
    assert answer.url == here
    assert client.get(f"{here}edit/").status_code == 200
    assert client.post(f"{here}approval/", {"version": document.version}).status_code == 302
    document.refresh_from_db()
    assert (value_of(world.paper) - before, document.stock_amount) == (100, 100)
    assert document.invoice.number in client.get(here).content.decode()
    assert client.get(f"{here}print/").status_code == 200
    assert client.get(f"/purchasing/invoices/{document.invoice.number}/").status_code == 200
    assert client.post(f"{here}approval/undo/", {"reason": "x", "version": document.version}).status_code == 302
    assert value_of(world.paper) == before
    assert client.post(f"{here}void/", {"reason": "x"}).status_code == 302
    assert "landed-costs/new/?receipt=" in client.get(f"/purchasing/receipts/{receipt.number}/").content.decode()


def test_a_cost_adjustment_is_written_booked_and_taken_back(world, browser):
    client = browser()
    line = {"lines-0-item_id": str(world.paper.pk), "lines-0-item_id_code": "PA4"}
    head = {"reason": "cogs", "warehouse_id": str(world.warehouse.pk), "doc_date": world.today.isoformat()}
    refused = client.post("/inventory/cost-adjustments/new/", {**head, **line, "lines-0-note": "behalten"})
    assert (refused.status_code, "behalten" in refused.content.decode()) == (400, True)
    answer = client.post("/inventory/cost-adjustments/new/", {**head, **line, "lines-0-unit_cost": "100"})
    document = CostAdjustment.objects.get()
    here = f"/inventory/cost-adjustments/{document.number}/"
    assert answer.url == here
    assert client.get(f"{here}edit/").status_code == 200
    assert client.post(f"{here}approval/", {"version": document.version}).status_code == 302
    assert value_of(world.paper) == 8000
    assert client.get(here).status_code == 200
    assert client.post(f"{here}approval/undo/", {"reason": "x"}).status_code == 302
    assert value_of(world.paper) == 7600


def test_row_29_a_difference_is_owed_to_the_supplier_who_is_named(world, browser):
    client = browser()
    values = {
        "reason": "ap_trade",
        "warehouse_id": str(world.warehouse.pk),
        "doc_date": world.today.isoformat(),
        "lines-0-item_id": str(world.paper.pk),
        "lines-0-item_id_code": "PA4",
        "lines-0-amount": "50",
    }
    refused = client.post("/inventory/cost-adjustments/new/", values)
    assert (refused.status_code, 'name="supplier_id"' in refused.content.decode()) == (400, True)
    answer = client.post("/inventory/cost-adjustments/new/", {**values, "supplier_id": str(world.supplier.pk)})
    here = answer.url
    assert world.supplier.name in client.get(f"{here}edit/").content.decode()
    assert client.post(f"{here}approval/", {}).status_code == 302
    debt = PurchaseInvoice.objects.get(cause_id=CostAdjustment.objects.get().pk)
    assert (debt.gross_amount, debt.supplier) == (50, world.supplier)
    for page in (
        here,
        f"{here}print/",
        f"/purchasing/invoices/{debt.number}/",
        f"/purchasing/invoices/{debt.number}/print/",
    ):
        assert client.get(page).status_code == 200
    shown = client.get(f"/purchasing/invoices/{debt.number}/").content.decode()
    assert here in shown
    assert "/unapproval/" not in shown
    assert debt.number in client.get(f"/finance/payments/new/?supplier={world.supplier.pk}").content.decode()


def test_stock_value_of_a_day_by_item_warehouse_and_category(world, browser, statements):
    client = browser()
    client.get("/inventory/value/")
    for by in ("item", "warehouse", "category"):
        with statements(12):
            page = client.get(f"/inventory/value/?by={by}")
        assert "8,800.00" in page.content.decode()
    assert "8,800.00" not in client.get("/inventory/value/?day=2020-01-01").content.decode()
    assert client.get("/inventory/value/?export=xlsx").status_code == 200
    assert client.get("/inventory/value/?day=x&by=y&warehouse=z&page=w").status_code == 200
    assert client.get(f"/inventory/stock/{world.paper.pk}/").status_code == 200


def test_a_month_is_costed_from_its_page(world, browser):
    client = browser()
    assert client.get("/inventory/costing/").status_code == 200
    item = item_costed_by("month_avg")
    for do, values in ((come, (10, 100)), (leave, (5,)), (come, (10, 200))):
        do(item, *values, paper=Paper(doc_date=world.today))
    for _twice in range(2):
        answer = client.post("/inventory/costing/run/", {"month": f"{world.today:%Y-%m}"})
        assert answer.url == "/inventory/costing/"
    run = CostingRun.objects.get()
    assert run.is_draft
    assert 'id="tk-costing"' in client.get(answer.url).content.decode()
    assert "HX-Refresh" not in client.get("/inventory/costing/state/").headers
    assert costing_runs.carry_out(run_id=run.pk, at=timezone.now())
    assert not costing_runs.carry_out(run_id=run.pk, at=timezone.now())
    assert client.get("/inventory/costing/state/").headers["HX-Refresh"] == "true"
    run.refresh_from_db()
    assert (run.approval, run.difference, run.created_by_name != "") == ("approved", 25, True)
    page = f"/inventory/costing/{run.number}/"
    assert "25.00" in client.get(page).content.decode()
    assert run.number in client.get("/inventory/costing/").content.decode()
    assert client.get(f"{page}?export=xlsx").status_code == 200
    assert client.post("/inventory/costing/run/", {"month": "2027-01"}).status_code == 409
    assert client.post("/inventory/costing/run/", {"month": "x"}).status_code == 404
    assert client.get("/inventory/costing/X-1/").status_code == 404


def test_a_run_that_cannot_be_done_any_more_says_why(world, browser, monkeypatch):
    client = browser()
    asked = costing_runs.ask_for_costing(month=world.today, actor=world.actor, at=timezone.now())
    monkeypatch.setattr(costing_runs.calendar, "closed_through", lambda: world.today + timedelta(days=40))
    assert costing_runs.carry_out(run_id=asked.pk, at=timezone.now())
    asked.refresh_from_db()
    assert asked.approval == "voided"
    assert asked.remark
    assert asked.remark in client.get("/inventory/costing/").content.decode()
    assert reconciliation.all_differences() == []


def test_the_method_of_a_category_is_chosen_while_it_is_empty(world, browser):
    client = browser()
    empty = ItemCategory.objects.create(code="new", name="New")
    assert client.get("/settings/costing/").status_code == 200
    assert client.post(f"/settings/costing/{empty.pk}/", {"cost_method": "fifo"}).status_code == 302
    empty.refresh_from_db()
    assert empty.cost_method == "fifo"
    refused = client.post(f"/settings/costing/{world.paper.category_id}/", {"cost_method": "fifo"})
    assert (refused.status_code, "PA4" in refused.content.decode()) == (409, True)
    assert client.post(f"/settings/costing/{empty.pk}/", {"cost_method": "x"}).status_code == 409
    assert client.post(f"/settings/costing/{world.paper.pk}/", {"cost_method": "fifo"}).status_code == 404


def test_a_warehouse_says_whether_goods_may_leave_before_they_come(world, browser):
    client = browser()
    place = Warehouse.objects.get(is_default=True)
    values = {"code": place.code, "name": place.name, "is_default": "on", "active": "on", "allow_negative": "on"}
    assert client.post(f"/inventory/warehouses/{place.pk}/edit/", values).status_code == 302
    place.refresh_from_db()
    assert place.allow_negative
    assert StockBalance.objects.get(item=world.paper).allow_negative


@pytest.mark.parametrize("role", ["warehouse_lead", "picker", "sales_rep", "service_agent"])
@pytest.mark.parametrize(
    "address",
    ["landed-costs/", "landed-costs/new/", "cost-adjustments/", "value/", "costing/", "cost-adjustments/new/"],
)
def test_costs_are_hidden_from_those_who_may_not_see_them(world, browser, role, address):
    assert browser(role).get(f"/inventory/{address}").status_code == 403


def test_who_may_write_and_who_may_book(world, browser, receipt):
    buyer, accountant = browser("buyer"), browser("accountant")
    assert buyer.post("/inventory/landed-costs/new/", fee(world, receipt)).status_code == 302
    document = LandedCost.objects.get()
    here = f"/inventory/landed-costs/{document.number}/approval/"
    assert buyer.post(here, {"version": document.version}).status_code == 403
    assert accountant.post(here, {"version": document.version}).status_code == 302
    assert buyer.post("/inventory/costing/run/", {"month": "2026-11"}).status_code == 403
    assert buyer.get("/settings/costing/").status_code == 403


@pytest.mark.parametrize("name", LISTS)
def test_an_unknown_number_is_404(world, browser, name):
    client = browser()
    for end in ("", "edit/", "print/"):
        assert client.get(f"/inventory/{name}/X-1/{end}").status_code == 404
    for end in ("approval/", "approval/undo/", "void/"):
        assert client.post(f"/inventory/{name}/X-1/{end}", {"reason": "x"}).status_code == 404


def test_an_order_ships_what_is_not_there_yet_where_the_warehouse_allows_it(world, browser, order_of):
    """INV-12: 100 of which 80 lie there at 95; the 20 that come at 100 true the delivery up."""
    place = Warehouse.objects.get(is_default=True)
    below_zero(place)
    order = order_of({"PA4": 100}, approved=True)
    lines = [DeliveryLineInput(order.lines.get().pk, Decimal(100))]
    deliveries.ship_order(order_id=order.pk, lines=lines, actor=world.actor, at=timezone.now())
    balance = StockBalance.objects.get(item=world.paper)
    assert (balance.on_hand, balance.value, balance.reserved) == (-20, -1900, 0)
    assert violations() == []
    assert reconciliation.all_differences() == []
    receive(world.supplier, [(world.paper, 30, 100)], day=world.today, at=timezone.now())
    balance.refresh_from_db()
    assert (balance.on_hand, balance.value) == (10, 1000)
    assert reconciliation.all_differences() == []
    client = browser()
    for page in ("stock/?view=all", "value/", f"stock/{world.paper.pk}/"):
        assert client.get(f"/inventory/{page}").status_code == 200
