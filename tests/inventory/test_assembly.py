"""INV-13: kits are assembled at what their components cost, and taken apart again."""

from decimal import Decimal as D

import pytest

from backend.accounting.models import Voucher
from backend.catalog.models import ItemCategory
from backend.inventory.errors import CannotIssueStock, CannotReverseMoves, CannotSaveStockDocument
from backend.inventory.models import Lot
from backend.inventory.selectors import trace_lot
from backend.inventory.services import assembly
from backend.inventory.services.inputs import ComponentInput
from backend.posting.reconciliation import all_differences
from tests.factories.availability import assert_sound, issue, order
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, refuses, stock_up

pytestmark = pytest.mark.usefixtures("tenant")
BY = {"actor": SYSTEM, "at": AT}


def save(kit, qty, *lines, **more):
    return assembly.save_assembly(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, item_id=kit.pk, qty=D(qty), lines=lines, **BY, **more
    )


def make(kit, qty, *lines, **more):
    return assembly.approve_assembly(document_id=save(kit, qty, *lines, **more).pk, **BY)


def test_ten_kits_from_their_template():
    """INV-13: assemble 10 kits: components −, kit +, cost rolled; the order that waited gets its kit."""
    kit, cup, box = make_item(), make_item(), make_item()
    stock_up(cup, 50, 333)
    stock_up(box, 10, 10)
    assembly.save_kit(kit_id=kit.pk, lines=[ComponentInput(cup.pk, D(4)), ComponentInput(box.pk, D(1))], **BY)
    waiting = order((kit, 2))
    document = make(kit, 10)
    assert document.number.startswith("ZZCX-")
    assert (balance_of(cup).on_hand, balance_of(box).on_hand) == (10, 0)
    assert (balance_of(kit).on_hand, balance_of(kit).value) == (10, D("276.40"))
    assert waiting.line().reserved_qty == 2
    assert not Voucher.objects.filter(source_id=document.pk).exists()
    assert all_differences() == []
    assert_sound()


def test_row_31_a_conversion_moves_its_value_between_accounts_and_nothing_within_one():
    """Raw cloth (1403) is cut into towels (1405): 4 at 25.00 become 12; towels become gift towels on the same account."""
    cloth = make_item(category_id=ItemCategory.objects.get(code="materials").pk)
    towel, gift = make_item(), make_item()
    stock_up(cloth, 10, 250)
    document = make(towel, 12, ComponentInput(cloth.pk, D(4)), kind="convert")
    assert document.number.startswith("XTZH-")
    lines = Voucher.objects.get(source_id=document.pk).lines.order_by("line_no")
    assert [(line.account.code, line.debit, line.credit) for line in lines] == [
        ("1405", D("100.00"), 0),
        ("1403", 0, D("100.00")),
    ]
    assert (balance_of(towel).on_hand, balance_of(towel).value) == (12, D("100.00"))
    same = make(gift, 3, ComponentInput(towel.pk, D(3)), kind="convert")
    assert not Voucher.objects.filter(source_id=same.pk).exists()
    assert balance_of(gift).value == D("25.00")
    for lines in ((), (ComponentInput(cloth.pk, D(1)), ComponentInput(towel.pk, D(1)))):
        with refuses(CannotSaveStockDocument):
            save(gift, 1, *lines, kind="convert")
    assembly.unapprove_assembly(document_id=same.pk, **BY)
    assembly.unapprove_assembly(document_id=document.pk, **BY)
    assert (balance_of(cloth).on_hand, balance_of(cloth).value) == (10, 250)
    assert all_differences() == []
    assert_sound()


def test_taking_apart_shares_the_cost_by_ratio():
    kit, dear, cheap = make_item(), make_item(), make_item()
    stock_up(kit, 3, 100)
    document = make(
        kit, 1, ComponentInput(dear.pk, D(1), D(2)), ComponentInput(cheap.pk, D(2), D(1)), kind="take_apart"
    )
    assert (balance_of(dear).value, balance_of(cheap).value) == (D("22.22"), D("11.11"))
    assert document.total_value == D("33.33")
    assembly.unapprove_assembly(document_id=document.pk, **BY)
    assert (balance_of(kit).on_hand, balance_of(kit).value) == (3, 100)
    assert_sound()


def test_materials_become_merchandise_in_the_books():
    """Row 30: Dr 1405 / Cr 1403 where the accounts differ."""
    kit = make_item()
    steel = make_item(category_id=ItemCategory.objects.get(code="materials").pk)
    stock_up(steel, 10, 100)
    document = make(kit, 1, ComponentInput(steel.pk, D(3)))
    lines = Voucher.objects.get(source_id=document.pk).lines.select_related("account").order_by("line_no")
    assert [(line.account.code, line.debit, line.credit) for line in lines] == [("1405", 30, 0), ("1403", 0, 30)]
    assert all_differences() == []
    assembly.unapprove_assembly(document_id=document.pk, **BY)
    assert all_differences() == []


def test_lots_can_be_followed_through_the_kit():
    kit, part = make_item(lot_tracked=True), make_item(lot_tracked=True)
    stock_up(part, 10, 100, lot_no="P1")
    make(kit, 2, ComponentInput(part.pk, D(4), lot_no="P1"), lot_no="K1")
    assert balance_of(kit).value == 40
    trace = trace_lot(Lot.objects.get(lot_no="P1").pk)
    assert trace is not None
    assert [step.doc_type for step in trace.went_to] == ["inventory.assembly"]
    with refuses(CannotSaveStockDocument, "no lot"):
        make(kit, 1, ComponentInput(part.pk, D(1), lot_no="NOPE"), lot_no="K2")


def test_what_is_not_there_or_not_there_any_more_is_refused():
    kit, part = make_item(), make_item()
    stock_up(part, 10, 100)
    with refuses(CannotIssueStock):
        make(kit, 1, ComponentInput(part.pk, D(11)))
    document = make(kit, 1, ComponentInput(part.pk, D(2)))
    paper = issue(kit.pk, 1, main_warehouse().pk)
    with refuses(CannotReverseMoves, paper.number):
        assembly.unapprove_assembly(document_id=document.pk, **BY)
    with refuses(CannotSaveStockDocument, "itself"):
        save(kit, 1, ComponentInput(kit.pk, D(1)))
    with refuses(CannotSaveStockDocument, "no line"):
        save(kit, 1)
