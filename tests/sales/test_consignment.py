"""INV-13, voucher 38: goods at an agent stay ours until he says what he sold; value is conserved at every step."""

from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounting.models import OpenItem, Voucher
from backend.inventory.errors import CannotIssueStock, CannotReverseMoves, CannotSaveStockDocument
from backend.inventory.models import Serial, StockBalance, Warehouse
from backend.inventory.selectors.pieces import state_of
from backend.inventory.services import naming
from backend.kernel.errors import Refusal, ValidationRefused
from backend.posting.reconciliation import all_differences
from backend.sales.services import consignments
from backend.sales.services.inputs import ConsignmentLineInput
from tests.accounting.test_concurrency import in_threads
from tests.factories.availability import assert_sound
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, refuses, stock_up
from tests.factories.parties import make_customer, make_supplier
from tests.factories.serials import pieces, serial_item

BY = {"actor": SYSTEM, "at": AT}
inside = pytest.mark.usefixtures("tenant")


def save(kind, customer, *lines, **more):
    given = [ConsignmentLineInput(item.pk, D(str(qty)), *(D(str(p)) for p in price)) for item, qty, *price in lines]
    return consignments.save_consignment(
        kind=kind, customer_id=customer.pk, warehouse_id=main_warehouse().pk, doc_date=TODAY, lines=given, **BY, **more
    )


def book(kind, customer, *lines):
    return consignments.approve_consignment(document_id=save(kind, customer, *lines).pk, **BY)


def location(customer):
    return Warehouse.objects.get(kind="customer", party=customer)


def booked(document):
    return [
        (line.account.code, line.debit, line.credit)
        for voucher in Voucher.objects.filter(source_id=document.pk, reverses=None).order_by("serial")
        for line in voucher.lines.select_related("account").order_by("line_no")
    ]


@inside
def test_out_sold_and_back():
    """10 at 6 go out (60 on 1406); 4 sold at 11.30 each (gross 45.20, VAT 5.20, cost 24); 5 come back (30); 1 stays (6)."""
    agent, item = make_customer(), make_item()
    stock_up(item, 20, 120)
    out = book("out", agent, (item, 10))
    assert booked(out) == [("1406", 60, 0), ("1405", 0, 60)]
    there = location(agent)
    assert [(b.on_hand, b.value) for b in (balance_of(item), balance_of(item, there))] == [(10, 60), (10, 60)]
    sold = book("sold", agent, (item, 4, "11.30"))
    assert (sold.net_amount, sold.tax_amount, sold.gross_amount, sold.cost_amount) == (40, D("5.20"), D("45.20"), 24)
    assert [(code[:4], debit, credit) for code, debit, credit in booked(sold)] == [
        ("1122", D("45.20"), 0),
        ("5001", 0, 40),
        ("2221", 0, D("5.20")),
        ("5401", 24, 0),
        ("1406", 0, 24),
    ]
    assert OpenItem.objects.get(source_id=sold.pk).amount == D("45.20")
    back = book("back", agent, (item, 5))
    assert booked(back) == [("1406", -30, 0), ("1405", 0, -30)]
    assert [(b.on_hand, b.value) for b in (balance_of(item), balance_of(item, there))] == [(15, 90), (1, 6)]
    assert all_differences() == []
    with refuses(CannotReverseMoves):
        consignments.unapprove_consignment(document_id=out.pk, **BY)
    for document in (back, sold, out):
        consignments.unapprove_consignment(document_id=document.pk, **BY)
    assert (balance_of(item).on_hand, balance_of(item).value, balance_of(item, there).on_hand) == (20, 120, 0)
    assert not OpenItem.objects.filter(source_id=sold.pk, open_amount__gt=0).exists()
    assert all_differences() == []
    assert_sound()


@inside
def test_what_cannot_be_is_refused():
    agent, item, dear = make_customer(), make_item(), make_item(sale_price=None)
    stock_up(item, 5, 50)
    with refuses(CannotIssueStock):
        book("out", agent, (item, 6))
    book("out", agent, (item, 3))
    for kind in ("back", "sold"):
        with refuses(CannotIssueStock):
            book(kind, agent, (item, 4))
    with refuses(CannotSaveStockDocument):
        save("sold", agent, (dear, 1))
    with refuses(ValidationRefused):
        save("gone", agent, (item, 1))
    with refuses(ValidationRefused):
        save("out", make_supplier(), (item, 1))
    assert save("sold", agent, (item, 1)).gross_amount == 113  # the price on the item


@inside
def test_pieces_lie_at_the_agent_until_they_are_sold():
    agent, item = make_customer(), serial_item()
    pieces(item, "P1", "P2", value=40)
    for kind, number in (("out", "P2"), ("sold", "P2")):
        document = save(kind, agent, (item, 1))
        naming.name_serials(document=document, numbers={document.lines.get().pk: [number]}, **BY)
        consignments.approve_consignment(document_id=document.pk, **BY)
        piece = Serial.objects.get(item=item, serial_no="P2")
        assert state_of(piece) == {"out": "consignment", "sold": "with_customer"}[kind]


@inside
def test_the_number_of_statements_is_fixed():
    def statements(count):
        agent, items = make_customer(), [make_item() for _ in range(count)]
        for item in items:
            stock_up(item, 5, 50)
        book("out", agent, (items[0], 1))
        document = save("out", agent, *((item, 1) for item in items))
        with CaptureQueriesContext(connection) as caught:
            consignments.approve_consignment(document_id=document.pk, **BY)
        return len(caught)

    assert statements(1) == statements(12)


def test_many_settle_at_once(committed_tenant):
    """Twenty people settle two each of thirty: fifteen do, nothing is sold twice."""
    agent, item = make_customer(), make_item()
    stock_up(item, 30, 300)
    book("out", agent, (item, 30))

    def work(_number):
        try:
            book("sold", agent, (item, 2, 20))
        except Refusal:
            return "refused"
        return "sold"

    answers = in_threads(committed_tenant, 20, work)
    assert (answers.count("sold"), answers.count("refused")) == (15, 5), answers
    assert StockBalance.objects.get(item=item, warehouse=location(agent)).value == 0
    assert all_differences() == []
