"""INV-13: goods that come and go without a purchase or a sale, with the voucher of their reason."""

from decimal import Decimal as D

import pytest

from backend.accounting.models import Voucher
from backend.inventory.errors import CannotIssueStock, CannotReverseMoves, CannotSaveStockDocument
from backend.inventory.models import IssueReason, Lot, ReceiptReason
from backend.inventory.services import lots, other
from backend.inventory.services.inputs import OtherIssueLineInput, OtherReceiptLineInput
from backend.kernel.errors import IllegalTransition
from backend.posting.reconciliation import stock_differences
from backend.posting.stock_rules import ISSUE_ROLES, RECEIPT_ROLES
from tests.factories.availability import assert_sound, order
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, refuses, stock_up

pytestmark = pytest.mark.usefixtures("tenant")


def receipt(*lines, reason="gift", approve=True, **more):
    document = other.save_other_receipt(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, reason=reason, lines=lines, actor=SYSTEM, at=AT, **more
    )
    return other.approve_other_receipt(document_id=document.pk, actor=SYSTEM, at=AT) if approve else document


def issue(*lines, reason="own_use", approve=True, **more):
    document = other.save_other_issue(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, reason=reason, lines=lines, actor=SYSTEM, at=AT, **more
    )
    return other.approve_other_issue(document_id=document.pk, actor=SYSTEM, at=AT) if approve else document


def booked(document):
    """(role or nothing, debit, credit) of the document's vouchers."""
    lines = []
    for voucher in Voucher.objects.filter(source_id=document.pk):
        for line in voucher.lines.select_related("account").order_by("line_no"):
            lines.append((line.account.code, line.debit, line.credit))
    return lines


def test_every_reason_has_an_account():
    assert set(RECEIPT_ROLES) == set(ReceiptReason.values)
    assert set(ISSUE_ROLES) == set(IssueReason.values)


def test_a_gift_comes_in_at_its_cost_and_goes_to_those_who_wait():
    """INV-13, row 24: Dr 1405 / Cr 5301.09; an order that waited gets it."""
    item = make_item()
    waiting = order((item, 4))
    document = receipt(OtherReceiptLineInput(item.pk, D(10), unit_cost=D(7)))
    assert document.number.startswith("QTRK-")
    assert (balance_of(item).on_hand, balance_of(item).value) == (10, 70)
    assert waiting.line().reserved_qty == 4
    assert booked(document) == [("1405", 70, 0), ("5301.09", 0, 70)]
    assert stock_differences() == []
    assert_sound()


def test_without_a_cost_goods_come_in_at_what_they_cost_now():
    item, new = make_item(), make_item()
    stock_up(item, 10, 30)
    document = receipt(OtherReceiptLineInput(item.pk, D(5)), reason="found")
    assert document.total_value == 15
    assert booked(document)[1] == ("1901", 0, 15)
    with refuses(CannotSaveStockDocument, "unit cost"):
        receipt(OtherReceiptLineInput(new.pk, D(5)))


def test_own_use_leaves_at_cost_and_comes_back():
    item = make_item()
    stock_up(item, 3, 10)
    document = issue(OtherIssueLineInput(item.pk, D(1)))
    assert document.total_value == D("3.33")
    assert booked(document) == [("5602.09", D("3.33"), 0), ("1405", 0, D("3.33"))]
    other.unapprove_other_issue(document_id=document.pk, actor=SYSTEM, at=AT)
    assert (balance_of(item).on_hand, balance_of(item).value) == (3, 10)
    assert sum(debit for _code, debit, _credit in booked(document)) == 0
    assert stock_differences() == []


def test_samples_carry_output_vat_as_if_they_were_sold():
    """113 with 13 % VAT: 13 of VAT a piece, whatever it cost."""
    item = make_item(sale_price=D(113))
    stock_up(item, 10, 500)
    document = issue(OtherIssueLineInput(item.pk, D(2)), reason="sample")
    assert (document.total_value, document.tax_amount) == (100, 26)
    assert booked(document) == [
        ("5601.02", 100, 0),
        ("5601.02", 26, 0),
        ("1405", 0, 100),
        ("2221.01.05", 0, 26),
    ]


def test_only_scrapping_takes_a_held_lot():
    item = make_item(lot_tracked=True)
    stock_up(item, 10, 100, lot_no="A")
    lot = Lot.objects.get(item=item)
    lots.hold_lot(lot_id=lot.pk, reason="damp", actor=SYSTEM, at=AT)
    with refuses(CannotIssueStock):
        issue(OtherIssueLineInput(item.pk, D(4), lot.pk))
    document = issue(OtherIssueLineInput(item.pk, D(4), lot.pk), reason="scrap")
    assert booked(document)[0] == ("1901", 40, 0)
    assert (balance_of(item).on_hand, balance_of(item).blocked) == (6, 6)
    assert_sound()


def test_what_others_hold_or_took_is_named():
    item = make_item()
    document = receipt(OtherReceiptLineInput(item.pk, D(10), unit_cost=D(1)))
    taken = issue(OtherIssueLineInput(item.pk, D(6)))
    with refuses(CannotReverseMoves, taken.number):
        other.unapprove_other_receipt(document_id=document.pk, actor=SYSTEM, at=AT)
    order((item, 3))
    with refuses(CannotIssueStock, "3 reserved"):
        issue(OtherIssueLineInput(item.pk, D(2)))
    other.unapprove_other_issue(document_id=taken.pk, actor=SYSTEM, at=AT)
    other.unapprove_other_receipt(document_id=document.pk, actor=SYSTEM, at=AT)
    assert balance_of(item).on_hand == 0
    assert stock_differences() == []
    assert_sound()


def test_a_draft_is_edited_and_voided_a_booked_one_is_not():
    item = make_item()
    document = receipt(OtherReceiptLineInput(item.pk, D(10), unit_cost=D(1)), approve=False)
    again = receipt(
        OtherReceiptLineInput(item.pk, D(3), unit_cost=D(2)),
        approve=False,
        document_id=document.pk,
        version=document.version,
    )
    assert (again.number, again.total_value, again.lines.count()) == (document.number, 6, 1)
    other.void_other_receipt(document_id=document.pk, actor=SYSTEM, at=AT)
    with refuses(IllegalTransition):
        other.approve_other_receipt(document_id=document.pk, actor=SYSTEM, at=AT)


@pytest.mark.parametrize(("qty", "field"), [(D(0), "qty"), (D("1.5"), "qty")])
def test_wrong_quantities_are_named(qty, field):
    item = make_item()
    with refuses(CannotSaveStockDocument) as refused:
        receipt(OtherReceiptLineInput(item.pk, qty, unit_cost=D(1)), approve=False)
    assert (refused.value.line, refused.value.field) == (1, field)
