"""SCM-21: material is issued to a processor, goods come back from it, and what lies there is ours (voucher row 36)."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from backend.accounting.models import VoucherLine
from backend.availability.selectors.consistency import violations
from backend.catalog.models import ItemCategory
from backend.inventory.errors import CannotIssueStock, CannotMoveSerials
from backend.inventory.models import Lot, Serial, StockMove
from backend.inventory.selectors import valuation
from backend.inventory.selectors.abc import abc_classes
from backend.inventory.selectors.pieces import state_of
from backend.inventory.selectors.recall import lots_above, lots_below
from backend.inventory.services import assembly, naming, other
from backend.inventory.services.inputs import ComponentInput, OtherIssueLineInput
from backend.inventory.services.transit import supplier_location
from backend.invoicing.services import purchase_invoices
from backend.kernel import links
from backend.kernel.errors import ValidationRefused
from backend.posting.reconciliation import all_differences
from backend.processes.price_impact import quantities_in, recipes
from backend.processes.procure_to_pay import invoice_receipts
from backend.purchasing.models import PurchaseOrderLine, PurchaseReceipt, SubcontractComponent
from backend.purchasing.selectors.subcontract import material_of
from backend.purchasing.services import (
    confirmations,
    material_demand,
    materials,
    orders,
    receipts,
    returns,
    subcontracting,
)
from backend.purchasing.services.checks import CannotMoveMaterial, CannotReceiveLine, CannotUnapproveOrder
from backend.purchasing.services.inputs import (
    AnswerLine,
    LineInput,
    MaterialLineInput,
    OrderData,
    PartInput,
    PartOfOne,
    ReceiptLineInput,
    ReturnData,
    ReturnLineInput,
    SubcontractData,
)
from backend.purchasing.services.late_material import late_material
from backend.purchasing.services.material_demand import keep_forgotten
from backend.sales.models import SalesOrder
from backend.workflow import parameters
from backend.workflow.models import Task
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, refuses, stock_up
from tests.factories.parties import make_supplier
from tests.factories.purchasing import confirm, day, receive, ship, supplier_actor
from tests.factories.serials import lying, pieces, serial_item
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.usefixtures("tenant")
BY: dict[str, Any] = {"actor": SYSTEM, "at": AT}


class Works:
    """A processor who makes lamps of a frame (10.00) and four screws (0.50) for 5.00 net."""

    def __init__(self, qty: int = 100, scrap: str = "0") -> None:
        materials_ = ItemCategory.objects.get(code="materials").pk
        self.frame = make_item(category_id=materials_)
        self.screw, self.lamp = make_item(), make_item()
        stock_up(self.frame, 200, 2000)
        stock_up(self.screw, 1000, 500)
        self.supplier = make_supplier()
        parts = [PartOfOne(self.frame.pk, D(1), D(scrap)), PartOfOne(self.screw.pk, D(4))]
        self.data = SubcontractData(self.supplier.pk, self.lamp.pk, D(qty), day(7), price=D("5.65"), parts=parts)
        draft = subcontracting.save_subcontract_order(data=self.data, **BY)
        self.order = orders.approve_order(order_id=draft.pk, **BY)
        self.place = supplier_location(self.supplier)

    def paper(self, kind: str, *lines: Any, **more: Any) -> Any:
        given = [MaterialLineInput(item.pk, D(qty)) for item, qty in lines]
        saved = materials.save_material(order_id=self.order.pk, kind=kind, doc_date=TODAY, lines=given, **more, **BY)
        return materials.approve_material(document_id=saved.pk, **BY)

    def there(self) -> tuple[D, D, D]:
        """(frames, screws, value) at the processor."""
        frame, screw = (balance_of(item, self.place) for item in (self.frame, self.screw))
        return frame.on_hand, screw.on_hand, frame.value + screw.value


def voucher_of(document: Any) -> list[tuple[str, D, D]]:
    """(account, debit, credit) of the voucher that stands, in its order."""
    rows = VoucherLine.objects.filter(
        voucher__source_id=document.pk, voucher__reverses=None, voucher__reversed_by=None
    ).order_by("voucher__serial", "line_no")
    return [(row.account.code, row.debit, row.credit) for row in rows.select_related("account")]


def test_scm_21_a_hundred_sets_issued_sixty_received_forty_left():
    works = Works()
    assert works.order.number.startswith("WWJG-")
    issue = works.paper("issue")
    assert works.there() == (100, 400, D("1200.00"))
    assert voucher_of(issue) == [("1408", D("1200.00"), 0), ("1405", 0, D("200.00")), ("1403", 0, D("1000.00"))]
    receipt = receive(works.order, 60)
    assert works.there() == (40, 160, D("480.00"))
    assert (balance_of(works.lamp).on_hand, balance_of(works.lamp).value) == (60, D("1020.00"))
    assert voucher_of(receipt) == [
        ("1405", D("1020.00"), 0),
        ("1408", D("300.00"), 0),
        ("1408", 0, D("1020.00")),
        ("2202.02", 0, D("300.00")),
    ]
    worth = {row.code: (row.qty, row.value) for row in valuation.stock_value(day=TODAY, by="warehouse")}
    assert worth[works.place.code] == (200, D("480.00"))
    assert {node.document.pk for node in links.graph(works.order).nodes} >= {issue.pk, receipt.pk}
    assert all_differences() == violations() == []


def test_scm_21_the_fee_is_invoiced_matched_and_the_difference_follows_the_goods():
    works = Works()
    works.paper("issue")
    receipt = receive(works.order, 60)
    line = receipt.lines.get()
    bill = invoice_receipts(receipt_ids=[receipt.pk], external_no="FP-1", prices={line.pk: D("6.78")}, **BY)
    bill = purchase_invoices.approve_invoice(invoice_id=bill.pk, accept_differences=True, **BY)
    # 60 × 6.00 instead of 5.00: the estimate goes, 60.00 more into the lamps on hand
    assert voucher_of(bill) == [
        ("2202.02", D("300.00"), 0),
        ("1405", D("60.00"), 0),
        ("2221.01.01", D("46.80"), 0),
        ("2202.01", 0, D("406.80")),
    ]
    assert balance_of(works.lamp).value == D("1080.00")
    assert all_differences() == []


def test_scm_21_settled_by_goods_owes_the_fee_alone():
    parameters.set_parameter(key="accounting.settlement_mode", value="delivery", **BY)
    works = Works()
    works.paper("issue")
    receipt = receive(works.order, 60)
    assert voucher_of(receipt) == [
        ("1405", D("1020.00"), 0),
        ("1408", D("300.00"), 0),
        ("1408", 0, D("1020.00")),
        ("2221.01.01", D("39.00"), 0),
        ("2202.01", 0, D("339.00")),
    ]
    assert all_differences() == []


def test_scm_21_scrap_rounds_once_over_all_receipts_and_what_is_left_comes_back_or_is_lost():
    works = Works(qty=30, scrap="5")
    # 30 × 1.05 = 31.5 frames: 32 in whole pieces, 120 screws
    works.paper("issue")
    assert works.there()[:2] == (32, 120)
    for _number in range(3):
        receive(works.order, 10)
    # 10 → 10 (10.5 to even), 20 → 21, 30 → 32: not 3 × 10
    assert works.there() == (0, 0, 0)
    works.paper("issue", (works.frame, 10), (works.screw, 8))
    back = works.paper("return", (works.frame, 6))
    assert voucher_of(back) == [("1408", D("-60.00"), 0), ("1403", 0, D("-60.00"))]
    ours = works.paper("loss", (works.frame, 1))
    assert voucher_of(ours) == [("5711.06", D("10.00"), 0), ("1408", 0, D("10.00"))]
    theirs = works.paper("loss", (works.screw, 8), bearer="supplier")
    assert voucher_of(theirs) == [("1221", D("4.00"), 0), ("1408", 0, D("4.00"))]
    assert works.there() == (3, 0, D("30.00"))
    with refuses(CannotMoveMaterial):
        works.paper("return", (works.frame, 4))
    assert all_differences() == violations() == []


def test_scm_21_nothing_is_received_that_was_not_issued_and_everything_goes_back():
    works = Works()
    issue = works.paper("issue", (works.frame, 50), (works.screw, 200))
    with refuses(CannotReceiveLine) as caught:
        receive(works.order, 60)
    assert {(row.code, row.value) for row in caught.value.problems} == {
        ("material_short", "60"),
        ("material_short", "240"),
    }
    receipt = receive(works.order, 50)
    with refuses(CannotUnapproveOrder):
        orders.unapprove_order(order_id=works.order.pk, **BY)
    receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)
    assert works.there() == (50, 200, D("600.00"))
    assert list(SubcontractComponent.objects.values_list("used_qty", flat=True)) == [0, 0]
    materials.unapprove_material(document_id=issue.pk, **BY)
    assert works.there() == (0, 0, 0)
    assert balance_of(works.frame).on_hand == 200
    materials.void_material(document_id=issue.pk, **BY)
    receipts.void_receipt(receipt_id=receipt.pk, **BY)
    assert not orders.unapprove_order(order_id=works.order.pk, **BY).is_approved
    assert all_differences() == violations() == []


def test_scm_21_goods_that_go_back_bring_their_material_to_the_processor():
    works = Works()
    works.paper("issue")
    receipt = receive(works.order, 60)
    lines = [ReturnLineInput(receipt.lines.get().pk, D(10))]
    made = returns.save_return(data=ReturnData(lines=lines, outcome="replacement"), **BY)
    made = returns.approve_return(return_id=made.pk, **BY)
    assert voucher_of(made) == [("1405", D("-170.00"), 0), ("1408", D("120.00"), 0), ("2202.02", 0, D("-50.00"))]
    assert works.there() == (50, 200, D("600.00"))
    receive(works.order, 50)
    assert works.there() == (0, 0, 0)
    assert balance_of(works.lamp).value == D("1700.00")
    assert all_differences() == violations() == []


def test_scm_21_a_return_taken_back_leaves_everything_as_it_was():
    works = Works()
    works.paper("issue")
    receipt = receive(works.order, 60)
    lines = [ReturnLineInput(receipt.lines.get().pk, D(7))]
    made = returns.save_return(data=ReturnData(lines=lines), **BY)
    returns.approve_return(return_id=made.pk, **BY)
    returns.unapprove_return(return_id=made.pk, **BY)
    assert works.there() == (40, 160, D("480.00"))
    assert sorted(SubcontractComponent.objects.values_list("used_qty", flat=True)) == [60, 240]
    assert all_differences() == violations() == []


def test_inv_08_material_counts_among_what_leaves_until_the_goods_go_back():
    works = Works()
    works.paper("issue")
    receipt = receive(works.order, 60)
    made = returns.save_return(data=ReturnData(lines=[ReturnLineInput(receipt.lines.get().pk, D(60))]), **BY)

    def classes() -> list[str]:
        found = abc_classes(TODAY, warehouse_id=main_warehouse().pk)
        return [found[item.pk] for item in (works.frame, works.screw)]

    assert classes() == ["A", "B"]  # 600.00 and 120.00
    returns.approve_return(return_id=made.pk, **BY)
    assert classes() == ["C", "C"]
    returns.unapprove_return(return_id=made.pk, **BY)
    assert classes() == ["A", "B"]


def test_scm_21_parts_come_from_the_items_kit_and_the_supplier_ships_as_for_any_order():
    works = Works()
    kit = [ComponentInput(works.frame.pk, D(2), scrap_pct=D(10)), ComponentInput(works.screw.pk, D(1))]
    assembly.save_kit(kit_id=works.lamp.pk, lines=kit, **BY)
    data = SubcontractData(works.supplier.pk, works.lamp.pk, D(10), day(7), price=D("5.65"))
    order = subcontracting.save_subcontract_order(data=data, **BY)
    rows = SubcontractComponent.objects.filter(order_line__document=order).order_by("line_no")
    assert list(rows.values_list("item", "qty_per", "scrap_pct")) == [(works.frame.pk, 2, 10), (works.screw.pk, 1, 0)]
    works.order = orders.approve_order(order_id=order.pk, **BY)
    works.paper("issue")
    assert works.there()[:2] == (22, 10)
    confirm(works.order)
    notice = ship(works.order, 10)
    receipt = receipts.receive_asn(asn_id=notice.pk, **BY)
    assert works.there() == (0, 0, 0)
    assert (PurchaseReceipt.objects.get(pk=receipt.pk).lines.get().material_value) == D("225.00")
    copied = orders.copy_order(order_id=works.order.pk, requested_date=day(9), **BY)
    assert copied.kind == "subcontract"
    assert SubcontractComponent.objects.filter(order_line__document=copied).count() == 2
    with refuses(ValidationRefused):
        subcontracting.save_subcontract_order(
            data=SubcontractData(works.supplier.pk, works.frame.pk, D(10), day(7), price=D(1)), **BY
        )
    assert all_differences() == violations() == []


def test_scm_21_statements_do_not_grow_with_the_components(django_assert_max_num_queries):
    works = Works()
    works.paper("issue")
    with django_assert_max_num_queries(75):
        receive(works.order, 60)
    assert StockMove.objects.filter(kind="subcontract_used").count() == 2


def held_for(order: Any) -> list[tuple[D, D]]:
    """(still to issue, set aside) of each component."""
    return [(row.to_issue, row.reserved) for row in material_of(order)]


def test_scm_21_components_are_set_aside_at_approval_and_given_back_when_nothing_is_to_be_made(monkeypatch):
    works = Works()
    assert held_for(works.order) == [(100, 100), (400, 400)]
    with refuses(CannotIssueStock):  # 100 of the 200 frames are the order's
        numbers = {"warehouse_id": main_warehouse().pk, "doc_date": TODAY}
        taken = other.save_other_issue(
            reason="own_use", lines=[OtherIssueLineInput(works.frame.pk, D(101))], **numbers, **BY
        )
        other.approve_other_issue(document_id=taken.pk, **BY)
    issue = works.paper("issue", (works.frame, 60), (works.screw, 400))
    assert held_for(works.order) == [(40, 40), (0, 0)]
    works.paper("loss", (works.frame, 5))
    assert held_for(works.order) == [(45, 45), (0, 0)]
    receive(works.order, 50)
    line = PurchaseOrderLine.objects.get(document=works.order)
    orders.amend_order(
        order_id=works.order.pk, lines=[LineInput(works.lamp.pk, D(80), id=line.pk)], reason="less", **BY
    )
    assert held_for(works.order) == [(25, 25), (0, 0)]
    orders.close_order(order_id=works.order.pk, **BY)
    assert balance_of(works.frame).reserved == 0
    orders.reopen_order(order_id=works.order.pk, **BY)
    assert held_for(works.order)[0] == (25, 25)
    assert issue.is_approved
    again = orders.copy_order(order_id=works.order.pk, requested_date=day(9), **BY)
    orders.approve_order(order_id=again.pk, **BY)
    # 140 frames are left, 25 of them the first order's: 60 are set aside, the other 20 suggested
    assert balance_of(works.frame).reserved == 105
    orders.unapprove_order(order_id=again.pk, **BY)
    assert balance_of(works.frame).reserved == 25
    old = orders.copy_order(order_id=works.order.pk, requested_date=day(9), **BY)
    with monkeypatch.context() as patched:  # an order of before
        patched.setattr(material_demand, "keep", lambda *_args, **_more: None)
        orders.approve_order(order_id=old.pk, **BY)
    assert (keep_forgotten(**BY), keep_forgotten(**BY)) == (1, 0)
    assert balance_of(works.frame).reserved == 105
    assert all_differences() == violations() == []


def test_scm_21_pieces_and_lots_of_components_are_followed_into_the_goods():
    """Serial numbers go to the processor by name, are used in the order they were issued; a recall passes through."""
    supplier, engine, oil = make_supplier(), serial_item(), make_item(lot_tracked=True)
    pump = make_item(lot_tracked=True)
    pieces(engine, "E1", "E2", "E3", value=300)
    stock_up(oil, 10, 100, lot_no="OIL-1")
    parts = [PartOfOne(engine.pk, D(1)), PartOfOne(oil.pk, D(2))]
    data = SubcontractData(supplier.pk, pump.pk, D(3), day(7), price=D("5.65"), parts=parts)
    order = orders.approve_order(order_id=subcontracting.save_subcontract_order(data=data, **BY).pk, **BY)
    paper = materials.save_material(order_id=order.pk, kind="issue", doc_date=TODAY, **BY)
    with refuses(CannotMoveSerials):
        materials.approve_material(document_id=paper.pk, **BY)
    line = paper.lines.get(item=engine)
    naming.name_serials(document=paper, numbers={line.pk: ["E3", "E1", "E2"]}, **BY)
    materials.approve_material(document_id=paper.pk, **BY)
    place = supplier_location(supplier)
    assert lying(engine) == dict.fromkeys(("E1", "E2", "E3"), place.code)
    assert state_of(Serial.objects.get(serial_no="E1")) == "at_processor"
    receipt = receive(order, 2, lot="P-1")
    assert lying(engine) == {"E1": "", "E2": "", "E3": place.code}
    assert state_of(Serial.objects.get(serial_no="E1")) == "used"
    used, made = Lot.objects.get(item=oil), Lot.objects.get(item=pump)
    assert [row.lot_no for row in lots_below(used.pk)] == ["OIL-1", "P-1"]
    assert [row.lot_no for row in lots_above(made.pk)] == ["P-1", "OIL-1"]
    receipts.unapprove_receipt(receipt_id=receipt.pk, **BY)
    assert lying(engine) == dict.fromkeys(("E1", "E2", "E3"), place.code)
    assert [row.lot_no for row in lots_below(used.pk)] == ["OIL-1"]
    assert violations() == []


def test_scm_21_srm_09_a_late_component_moves_the_goods_and_what_customers_were_promised():
    world = World()
    by: dict[str, Any] = {"actor": world.buyer, "at": world.at}
    chip, phone = world.item("CHIP", "Chip"), world.item("PHONE", "Phone")
    parts = [PartOfOne(chip.pk, D(1))]
    data = SubcontractData(world.supplier.pk, phone.pk, D(10), world.day(12), price=D("5.65"), parts=parts)
    wanted = OrderData(supplier_id=world.supplier.pk, requested_date=world.day(3), lines=[LineInput(chip.pk, D(10))])
    bought = orders.approve_order(order_id=orders.save_order(data=wanted, **by).pk, **by)
    order = orders.approve_order(order_id=subcontracting.save_subcontract_order(data=data, **by).pk, **by)
    sold = world.order(phone, 10)
    settle()
    key = {"kind": "purchasing.material_late", "done_at": None}
    assert not Task.objects.filter(**key).exists()
    before = SalesOrder.objects.get(pk=sold.pk).promise_date
    line = bought.lines.get()
    answer = [AnswerLine(line.pk, parts=[PartInput(D(10), world.day(20))])]
    they = {"actor": supplier_actor(world.supplier), "at": world.at}
    confirmations.answer_order(order_id=bought.pk, lines=answer, note="fab is full", **they)
    settle()
    row = late_material(order.pk)[0]
    assert row.comes == world.day(20)
    assert SalesOrder.objects.get(pk=sold.pk).promise_date == before + timedelta(days=row.days)
    task = Task.objects.get(**key)
    assert (task.subject_id, task.params["item"], task.params["orders"]) == (order.pk, "Chip", sold.number)
    assert quantities_in(chip.pk, recipes()) == {chip.pk: 1, phone.pk: 1}
    receipts.receive_order(order_id=bought.pk, lines=[ReceiptLineInput(line.pk, D(10))], **by)
    settle()
    assert SalesOrder.objects.get(pk=sold.pk).promise_date == before
    assert not Task.objects.filter(**key).exists()
    assert violations() == []
