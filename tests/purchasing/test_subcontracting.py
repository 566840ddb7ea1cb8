"""SCM-21: material is issued to a processor, goods come back from it, and what lies there is ours (voucher row 36)."""

from decimal import Decimal as D
from typing import Any

import pytest

from backend.accounting.models import VoucherLine
from backend.availability.selectors.consistency import violations
from backend.catalog.models import ItemCategory
from backend.inventory.models import StockMove
from backend.inventory.selectors import valuation
from backend.inventory.services import assembly
from backend.inventory.services.inputs import ComponentInput
from backend.inventory.services.transit import supplier_location
from backend.invoicing.services import purchase_invoices
from backend.kernel import links
from backend.kernel.errors import ValidationRefused
from backend.posting.reconciliation import all_differences
from backend.processes.procure_to_pay import invoice_receipts
from backend.purchasing.models import PurchaseReceipt, SubcontractComponent
from backend.purchasing.services import materials, orders, receipts, returns, subcontracting
from backend.purchasing.services.checks import CannotMoveMaterial, CannotReceiveLine, CannotUnapproveOrder
from backend.purchasing.services.inputs import (
    MaterialLineInput,
    PartOfOne,
    ReturnData,
    ReturnLineInput,
    SubcontractData,
)
from backend.workflow import parameters
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, refuses, stock_up
from tests.factories.parties import make_supplier
from tests.factories.purchasing import confirm, day, receive, ship

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
