"""Material goes to the workshop, goods come out of it worth what they used (voucher rows 32 and 35)."""

from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounting.models import Account, VoucherLine
from backend.availability.models import SupplyLine
from backend.availability.selectors import explain_promise, promises_of_document
from backend.availability.selectors.consistency import violations
from backend.catalog.models import CostMethod, Item, ItemCategory
from backend.inventory.errors import CannotIssueStock, CannotReverseMoves
from backend.inventory.models import Lot, Serial
from backend.inventory.selectors import valuation
from backend.inventory.selectors.pieces import state_of
from backend.inventory.selectors.recall import lots_above, lots_below
from backend.inventory.services import costing_runs, naming, other
from backend.inventory.services.inputs import OpeningLineInput, OtherIssueLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.kernel import links
from backend.kernel.errors import Refusal, ValidationRefused
from backend.posting.reconciliation import all_differences
from backend.production import selectors
from backend.production.models import ProductReceipt
from backend.production.services import materials, orders, receipts
from backend.production.services.checks import CannotMoveMaterial, CannotReceiveProduct
from backend.production.services.inputs import MaterialLineInput
from tests.factories.accounting import balance, make_party
from tests.factories.catalog import make_item
from tests.factories.inventory import TODAY, balance_of, main_warehouse, make_warehouse, refuses, stock_up
from tests.factories.invoicing import buy, over, receive
from tests.factories.production import BY, Lamps, make_production_order, move_material, receive_product
from tests.factories.sales import approved_order
from tests.factories.serials import lying, pieces, serial_item
from tests.scenarios.world import settle

pytestmark = pytest.mark.usefixtures("tenant")


def voucher_of(document):
    """(account, debit, credit) of the vouchers that stand, in their order."""
    rows = VoucherLine.objects.filter(
        voucher__source_id=document.pk, voucher__reverses=None, voucher__reversed_by=None
    ).order_by("voucher__serial", "line_no")
    return [(row.account.code, row.debit, row.credit) for row in rows.select_related("account")]


def test_issued_received_in_two_parts_and_nothing_is_left():
    lamps = Lamps()
    assert Account.objects.get(code="4001.01").control == "stock"
    issue = move_material(lamps.order, "issue")
    assert (issue.number[:5], issue.total_value) == ("SCLL-", D("430.00"))
    assert voucher_of(issue) == [("4001.01", D("430.00"), 0), ("1405", 0, D("10.00")), ("1403", 0, D("420.00"))]
    assert (lamps.there(), lamps.now().issue) == ((42, 20, D("430.00")), "full")
    # 8 lamps take 16.8 → 17 tubes and 8 cords
    first = receive_product(lamps.order, 8)
    assert (first.number[:5], first.total_value) == ("CPRK-", D("174.00"))
    assert voucher_of(first) == [("1405", D("174.00"), 0), ("4001.01", 0, D("174.00"))]
    assert [(row.item_id, row.qty, row.value) for row in first.lines.order_by("line_no")] == [
        (lamps.tube.pk, 17, D("170.00")),
        (lamps.cord.pk, 8, D("4.00")),
    ]
    assert (lamps.now().receipt, SupplyLine.objects.get(ref_id=lamps.order.pk).open_qty) == ("partial", 12)
    assert [row.item_id for row in selectors.stock_in_workshop().order_by("item__name")]
    # the other 12 take what is left: 42 − 17 = 25 tubes
    second = receive_product(lamps.order)
    assert voucher_of(second) == [("1405", D("256.00"), 0), ("4001.01", 0, D("256.00"))]
    assert lamps.there() == (0, 0, 0)
    assert (balance_of(lamps.lamp).on_hand, balance_of(lamps.lamp).value) == (20, D("430.00"))
    order = lamps.now()
    assert (order.receipt, order.closing) == ("full", "auto_closed")
    assert {node.document.pk for node in links.graph(order).nodes} >= {issue.pk, first.pk, second.pk}
    assert all_differences() == violations() == []


def test_what_is_over_goes_back_and_what_is_lost_is_a_loss():
    lamps = Lamps()
    move_material(lamps.order, "issue", (lamps.tube, 50), (lamps.cord, 20))
    lost = move_material(lamps.order, "loss", (lamps.tube, 3))
    assert [(row[1], row[2]) for row in voucher_of(lost)] == [(D("30.00"), 0), (0, D("30.00"))]
    assert balance("count_loss") == D("30.00")
    receive_product(lamps.order)
    order = lamps.now()
    assert (order.receipt, order.closing, lamps.tubes().held_qty) == ("full", "open", 5)
    with refuses(CannotMoveMaterial, "wanted"):
        move_material(order, "return", (lamps.tube, 6))
    back = move_material(order, "return")
    assert voucher_of(back) == [("4001.01", D("-50.00"), 0), ("1403", 0, D("-50.00"))]
    assert (lamps.now().closing, lamps.there()) == ("auto_closed", (0, 0, 0))
    assert (balance_of(lamps.tube).on_hand, balance_of(lamps.tube).value) == (55, D("550.00"))
    materials.unapprove_material(document_id=back.pk, **BY)
    assert (lamps.now().closing, lamps.tubes().held_qty) == ("open", 5)
    assert all_differences() == violations() == []


def test_nothing_is_made_of_nothing():
    lamps = Lamps()
    with refuses(CannotReceiveProduct) as caught:
        receive_product(lamps.order, 5)
    assert len(caught.value.problems) == 2
    assert "Issue the material" in caught.value.problems[0].way_out
    other_order = make_production_order(lamps.lamp, 20, (lamps.tube, 1))
    move_material(other_order, "issue")
    move_material(lamps.order, "issue", (lamps.tube, 5), (lamps.cord, 20))
    with refuses(CannotReceiveProduct, "of this order"):
        receive_product(lamps.order, 5)  # the tubes of the other order are not its own
    with refuses(CannotReceiveProduct, "left to make"):
        receive_product(lamps.order, 21)
    assert not ProductReceipt.objects.filter(approval="approved").exists()
    assert (lamps.now().received_qty, lamps.tubes().used_qty) == (0, 0)
    assert all_differences() == violations() == []


def test_taken_back_the_material_lies_in_the_workshop_again():
    lamps = Lamps()
    issue = move_material(lamps.order, "issue")
    receipt = receive_product(lamps.order)
    with refuses(CannotMoveMaterial, "still in the workshop"):
        materials.unapprove_material(document_id=issue.pk, **BY)
    sold = [OtherIssueLineInput(lamps.lamp.pk, D(1))]
    gone = other.save_other_issue(doc_date=TODAY, warehouse_id=receipt.warehouse_id, reason="own_use", lines=sold, **BY)
    other.approve_other_issue(document_id=gone.pk, **BY)
    with refuses(CannotReverseMoves):
        receipts.unapprove_receipt(document_id=receipt.pk, **BY)
    other.unapprove_other_issue(document_id=gone.pk, **BY)
    receipts.unapprove_receipt(document_id=receipt.pk, reason="wrong", **BY)
    assert (lamps.there(), lamps.now().closing) == ((42, 20, D("430.00")), "open")
    assert (lamps.now().received_qty, balance_of(lamps.lamp).on_hand) == (0, 0)
    assert SupplyLine.objects.get(ref_id=lamps.order.pk).open_qty == 20
    materials.unapprove_material(document_id=issue.pk, **BY)
    assert lamps.there() == (0, 0, 0)
    assert selectors.components_of_order(lamps.now())[0].reserved == 42
    assert voucher_of(issue) == voucher_of(receipt) == []
    assert all_differences() == violations() == []


def test_what_waits_for_the_goods_gets_them():
    lamps = Lamps()
    sold = approved_order((lamps.lamp, 12))
    assert [row.promise_date for row in promises_of_document(sold.pk).values()] == [lamps.order.finish_date]
    ladder = explain_promise(sold.lines.get().pk)
    assert [row.note for row in ladder if row.number == lamps.order.number] == [
        "Made by us; Troika planned it on 23 Nov."
    ]
    move_material(lamps.order, "issue")
    receive_product(lamps.order, 12)
    assert balance_of(lamps.lamp).reserved == 12
    settle()
    assert violations() == []


def test_what_does_not_lie_there_is_not_issued_and_nothing_changes():
    lamps = Lamps()
    with refuses(CannotIssueStock):
        move_material(lamps.order, "issue", (lamps.tube, 101))
    with refuses(Refusal):
        move_material(lamps.order, "issue", (lamps.lamp, 1))
    with refuses(CannotMoveMaterial):
        move_material(lamps.order, "loss", (lamps.cord, 1))
    draft = Lamps(approve=False)
    with refuses(CannotMoveMaterial, "draft"):
        move_material(draft.order, "issue")
    with refuses(CannotReceiveProduct, "draft"):
        receive_product(draft.order)
    assert (lamps.now().issue, lamps.tubes().issued_qty) == ("none", 0)
    assert balance_of(lamps.tube).reserved == 42
    assert violations() == []


def test_another_warehouse_gives_the_material_and_takes_the_goods():
    lamps, place = Lamps(), make_warehouse()
    stock_up(lamps.tube, 42, 840, warehouse=place)
    move_material(lamps.order, "issue", (lamps.tube, 42), warehouse_id=place.pk)
    assert balance_of(lamps.tube).reserved == 0
    move_material(lamps.order, "issue")
    receive_product(lamps.order, warehouse_id=place.pk)
    assert balance_of(lamps.lamp, place).value == D("850.00")
    assert all_differences() == violations() == []


# --- lots and pieces -----------------------------------------------------------------------------
def test_pro_08_two_lots_of_a_component_are_both_behind_the_lot_that_was_made():
    """PRO-08: 2 component lots consumed -> both shown. Each order uses the lots that were issued for it."""
    milk, jar = make_item(lot_tracked=True), make_item(lot_tracked=True)
    for lot_no in ("M-1", "M-2", "M-3"):
        stock_up(milk, 10, 100, lot_no=lot_no)
    lot = {row.lot_no: row for row in Lot.objects.filter(item=milk)}
    mine, other_order = (make_production_order(jar, 15, (milk, 1)) for _ in range(2))
    for order, taken in ((other_order, [("M-1", 10)]), (mine, [("M-2", 10), ("M-3", 5)])):
        lines = [MaterialLineInput(milk.pk, D(qty), lot[lot_no].pk) for lot_no, qty in taken]
        saved = materials.save_material(order_id=order.pk, kind="issue", doc_date=TODAY, lines=lines, **BY)
        materials.approve_material(document_id=saved.pk, **BY)
    with refuses(ValidationRefused):
        receive_product(mine)
    receipt = receive_product(mine, lot_no="J-1")
    made = Lot.objects.get(item=jar)
    assert [row.lot_no for row in lots_above(made.pk)] == ["J-1", "M-2", "M-3"]
    assert [row.lot_no for row in lots_below(lot["M-2"].pk)] == ["M-2", "J-1"]
    assert [row.lot_no for row in lots_below(lot["M-1"].pk)] == ["M-1"]
    with refuses(CannotMoveMaterial):
        move_material(other_order, "return", (milk, 11))
    move_material(other_order, "return", (milk, 4))
    receipts.unapprove_receipt(document_id=receipt.pk, **BY)
    assert [row.lot_no for row in lots_below(lot["M-2"].pk)] == ["M-2"]
    assert all_differences() == violations() == []


def test_pieces_are_used_as_they_were_issued_and_made_with_numbers_of_their_own():
    engine, car = serial_item(), serial_item()
    pieces(engine, "E1", "E2", "E3", "E4")
    mine, other_order = (make_production_order(car, 2, (engine, 1)) for _ in range(2))
    for order, numbers in ((other_order, ("E1", "E2")), (mine, ("E3", "E4"))):
        saved = materials.save_material(order_id=order.pk, kind="issue", doc_date=TODAY, **BY)
        naming.name_serials(document=saved, numbers={saved.lines.get().pk: numbers}, **BY)
        materials.approve_material(document_id=saved.pk, **BY)
    assert state_of(Serial.objects.get(serial_no="E3")) == "in_workshop"
    saved = receipts.save_receipt(order_id=mine.pk, doc_date=TODAY, **BY)
    naming.name_serials(document=saved, numbers={saved.pk: ("C1", "C2")}, **BY)
    receipts.approve_receipt(document_id=saved.pk, **BY)
    assert [no for no, place in lying(engine).items() if place] == ["E1", "E2"]
    assert all(lying(car).values())
    receipts.unapprove_receipt(document_id=saved.pk, **BY)
    assert [no for no, place in lying(engine).items() if place] == ["E1", "E2", "E3", "E4"]
    assert all_differences() == []


# --- what it costs -------------------------------------------------------------------------------
@pytest.mark.parametrize("method", [CostMethod.FIFO, CostMethod.MONTH_AVG])
def test_layers_and_months_keep_their_value_through_the_workshop(method):
    """The goods take over what their material cost when it was issued: the month's run leaves what was made alone."""
    ItemCategory.objects.filter(code="materials").update(cost_method=method)
    lamps = Lamps(stock=False)
    stock_up(lamps.tube, 20, 200)
    stock_up(lamps.tube, 30, 600)
    stock_up(lamps.cord, 20, 10)
    move_material(lamps.order, "issue")
    receive_product(lamps.order, 10)
    receive_product(lamps.order, 10)
    used = D("640.00") if method == CostMethod.FIFO else D("672.00")
    assert balance_of(lamps.lamp).value == used + 10
    costing_runs.run_costing(month=TODAY.replace(day=1), **BY)
    worth = {row.code: row.value for row in valuation.stock_value(day=TODAY, by="warehouse")}
    assert not worth.get(lamps.place.code)
    assert balance_of(lamps.lamp).value == used + 10
    assert all_differences() == []


def test_a_dearer_invoice_follows_the_material_into_the_workshop_and_the_goods():
    lamps, supplier = Lamps(stock=False), make_party(supplier=True)
    bought = receive(supplier, [(lamps.tube, 42, 10)])
    stock_up(lamps.cord, 20, 10)
    move_material(lamps.order, "issue")
    receive_product(lamps.order, 10)  # of 21 tubes and 10 cords: 215.00
    taken = [OtherIssueLineInput(lamps.lamp.pk, D(4))]
    place = balance_of(lamps.lamp).warehouse_id
    gone = other.save_other_issue(doc_date=TODAY, warehouse_id=place, reason="own_use", lines=taken, **BY)
    other.approve_other_issue(document_id=gone.pk, **BY)
    before = balance("admin_expense")
    buy(supplier, lines=[over(bought, price="12.43")], accept=True)  # 1.00 more for each tube
    assert balance("wip_material") == 21 * 11 + 5
    assert balance_of(lamps.lamp).value == D("129.00") + D("12.60")
    assert balance("admin_expense") - before == D("8.40")
    receive_product(lamps.order)
    assert lamps.there() == (0, 0, 0)
    assert all_differences() == []


def test_statements_do_not_grow_with_the_components():
    counts = []
    for many in (1, 30):
        items = [make_item() for _ in range(many)]
        opened = [OpeningLineInput(item.pk, D(100), value=D(100)) for item in items]
        place = main_warehouse().pk
        document = save_opening_stock(doc_date=TODAY, warehouse_id=place, lines=opened, **BY)
        approve_opening_stock(document_id=document.pk, **BY)
        counts.append(_statements(make_item(), items))
    assert counts[0] == counts[1]


def _statements(made: Item, items: list[Item]) -> list[int]:
    found = []

    def counted(step):
        with CaptureQueriesContext(
            connection,
        ) as caught:
            result = step()
        found.append(len(caught))
        return result

    draft = make_production_order(made, 10, *((item, 1) for item in items), approve=False)
    counted(lambda: orders.approve_order(order_id=draft.pk, **BY))
    issue = materials.save_material(order_id=draft.pk, kind="issue", doc_date=TODAY, **BY)
    counted(lambda: materials.approve_material(document_id=issue.pk, **BY))
    receipt = receipts.save_receipt(order_id=draft.pk, doc_date=TODAY, qty=D(5), **BY)
    counted(lambda: receipts.approve_receipt(document_id=receipt.pk, **BY))
    counted(lambda: selectors.components_of_order(draft))
    counted(lambda: receipts.unapprove_receipt(document_id=receipt.pk, **BY))
    counted(lambda: materials.unapprove_material(document_id=issue.pk, **BY))
    return found
