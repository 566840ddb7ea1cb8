"""INV-14: what is bought in boxes comes in as pieces; fixed units hold always the same, floating ones what was weighed."""

from decimal import Decimal as D

import pytest

from backend.availability.models import SupplyLine
from backend.catalog.models import Unit
from backend.catalog.services.units import ItemUnitData, save_item_units, units_of
from backend.invoicing.services import purchase_invoices
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.models import AuditEntry
from backend.processes.procure_to_pay import invoice_orders
from backend.purchasing.services import orders
from backend.purchasing.services.amendments import amend_order
from backend.purchasing.services.asns import submit_asn
from backend.purchasing.services.inputs import AsnData, AsnLineInput, LineInput, OrderData, ReceiptLineInput
from backend.purchasing.services.receipts import receive_asn, receive_order
from backend.purchasing.services.taking_back import unapprove_receipt
from tests.factories.catalog import make_item
from tests.factories.inventory import numbers_of, refuses
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, receive, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def box():
    return Unit.objects.get(code="box")


@pytest.fixture
def item(box):
    made = make_item()
    save_item_units(item_id=made.pk, units=[ItemUnitData(box.pk, D(12), barcode="B-12")], actor=BUYER, at=AT)
    return made


def order_of(item, **line):
    data = OrderData(supplier_id=make_supplier().pk, requested_date=day(7), lines=[LineInput(item.pk, **line)])
    return orders.save_order(data=data, actor=BUYER, at=AT)


def test_inv_14_two_boxes_of_twelve_are_twenty_four_pieces(item, box):
    """INV-14: buy 2 boxes of 12 → +24 pcs."""
    order = order_of(item, qty=D(2), price=D(113), unit_id=box.pk)
    [line] = lines_of(order)
    assert (line.qty, line.line_qty, line.line_unit_id) == (24, 2, box.pk)
    assert (line.tax_incl_price, line.gross_amount) == (D("9.416667"), 226)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    receive(order, 24)
    assert numbers_of(item) == (24, 0, 24)


def test_a_floating_unit_holds_what_was_weighed(item, box):
    with refuses(ValidationRefused, "always 12"):
        order_of(item, qty=D(2), price=D(1), unit_id=box.pk, factor=D("11.5"))
    save_item_units(item_id=item.pk, units=[ItemUnitData(box.pk, D(12), floating=True)], actor=BUYER, at=AT)
    [line] = lines_of(order_of(item, qty=D(2), price=D(23), unit_id=box.pk, factor=D("11.5")))
    assert (line.qty, line.line_qty, line.tax_incl_price) == (23, 2, 2)


def test_other_units_are_refused(item):
    with refuses(ValidationRefused, "not counted"):
        order_of(item, qty=D(2), price=D(1), unit_id=Unit.objects.get(code="kg").pk)
    [line] = lines_of(order_of(item, qty=D(2), price=D(1), unit_id=item.unit_id))
    assert (line.qty, line.line_unit_id) == (2, None)


def test_an_amendment_keeps_or_changes_the_unit(item, box):
    order = order_of(item, qty=D(2), price=D(113), unit_id=box.pk)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    [line] = lines_of(order)
    changed = [LineInput(item.pk, D(3), id=line.pk, unit_id=box.pk)]
    amend_order(order_id=order.pk, lines=changed, actor=BUYER, at=AT, reason="more")
    [line] = lines_of(order)
    assert (line.qty, line.line_qty, line.gross_amount) == (36, 3, D("339"))
    amend_order(order_id=order.pk, lines=[LineInput(item.pk, D(30), id=line.pk)], actor=BUYER, at=AT, reason="less")
    [line] = lines_of(order)
    assert (line.qty, line.line_qty, line.line_unit_id) == (30, None, None)


def test_units_of_an_item_are_checked(item, box):
    other = make_item()
    for wrong in (
        [ItemUnitData(box.pk, D(0))],
        [ItemUnitData(item.unit_id, D(2))],
        [ItemUnitData(box.pk, D(2)), ItemUnitData(box.pk, D(3))],
    ):
        with refuses(Refusal):
            save_item_units(item_id=item.pk, units=wrong, actor=BUYER, at=AT)
    with refuses(ValidationRefused, "B-12"):
        save_item_units(item_id=other.pk, units=[ItemUnitData(box.pk, D(2), barcode="B-12")], actor=BUYER, at=AT)
    assert [row.factor for row in units_of([item.pk])[item.pk]] == [12]


def test_rates_in_use_do_not_change_silently(item, box):
    """INV-14: what lines are counted by stays, unless the new rate is said to hold from now on; the lines keep theirs."""
    order = order_of(item, qty=D(2), price=D(113), unit_id=box.pk)
    changed = [ItemUnitData(box.pk, D(24))]
    for wanted in (changed, []):
        with refuses(Refusal, "counted in"):
            save_item_units(item_id=item.pk, units=wanted, actor=BUYER, at=AT)
    save_item_units(item_id=item.pk, units=changed, actor=BUYER, at=AT, from_now_on=True)
    [line] = lines_of(order)
    assert (line.qty, units_of([item.pk])[item.pk][0].factor) == (24, 24)


def test_what_is_bought_by_the_box_is_weighed_at_the_ramp(item, box):
    """INV-14, floating: 2 boxes of about 12 weigh 25: both are kept, stock counts pieces; a third box is too much."""
    save_item_units(item_id=item.pk, units=[ItemUnitData(box.pk, D(12), floating=True)], actor=BUYER, at=AT)
    order = order_of(item, qty=D(2), price=D(12), unit_id=box.pk)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    [line] = lines_of(order)
    with refuses(Refusal, "at most 24"):
        receive_order(order_id=order.pk, lines=[ReceiptLineInput(line.pk, D(37), unit_qty=D(3))], actor=BUYER, at=AT)
    receipt = receive_order(
        order_id=order.pk, lines=[ReceiptLineInput(line.pk, D(25), unit_qty=D(2))], actor=BUYER, at=AT
    )
    received = receipt.lines.get()
    assert (received.qty, received.line_qty, received.line_unit_id, received.gross_amount) == (25, 2, box.pk, 25)
    assert numbers_of(item) == (25, 0, 25)


@pytest.fixture
def light(box):
    """2 boxes of about 12 kg, ordered and approved, and its line."""
    item = make_item(unit="kg")
    save_item_units(item_id=item.pk, units=[ItemUnitData(box.pk, D(12), floating=True)], actor=BUYER, at=AT)
    order = order_of(item, qty=D(2), price=D(12), unit_id=box.pk)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=AT)
    return order, lines_of(order)[0]


def took(order, line, qty, pieces):
    given = [ReceiptLineInput(line.pk, D(qty), unit_qty=D(pieces))]
    return receive_order(order_id=order.pk, lines=given, actor=BUYER, at=AT)


def standing(order):
    order.refresh_from_db()
    [line] = lines_of(order)
    to_come = sum(part.qty - part.received_qty for part in line.schedule.all())
    expected = sum(SupplyLine.objects.filter(ref_id=order.pk).values_list("open_qty", flat=True))
    assert to_come == line.open_qty == expected
    return line.received_qty, line.light_qty, line.open_qty, order.received, order.closing


def test_inv_14_a_line_is_complete_when_its_pieces_are_here(light):
    """INV-14: one box of 11.5, then one of 11.2: nothing more is to come, the order closes and says why; taken back,
    what was given up is expected again."""
    order, line = light
    took(order, line, "11.5", 1)
    assert standing(order) == (D("11.5"), 0, D("12.5"), "partial", "open")
    last = took(order, line, "11.2", 1)
    assert standing(order) == (D("22.7"), D("1.3"), 0, "full", "auto_closed")
    said = AuditEntry.objects.get(subject_id=order.pk, verb="weigh_complete").reason
    assert "1.3" in said
    assert "10 %" in said
    unapprove_receipt(receipt_id=last.pk, actor=BUYER, at=AT)
    assert standing(order) == (D("11.5"), 0, D("12.5"), "partial", "open")


def test_much_too_light_stays_open(light):
    """INV-14: two boxes that weigh a quarter less are not simply complete: the trail says so, and both sides decide."""
    order, line = light
    took(order, line, 18, 2)
    assert standing(order) == (18, 0, 6, "partial", "open")
    assert "6" in AuditEntry.objects.get(subject_id=order.pk, verb="weigh_short").reason


def test_light_pieces_stay_open_while_their_weight_is_invoiced(light):
    """24 kg invoiced before they came, 23 came in all boxes: the kilo is not given up, and the order's trail says why."""
    order, line = light
    made = invoice_orders(order_ids=[order.pk], actor=BUYER, at=AT)
    purchase_invoices.approve_invoice(invoice_id=made.pk, actor=BUYER, at=AT)
    took(order, line, "23", 2)
    assert standing(order) == (23, 0, 1, "partial", "open")
    assert lines_of(order)[0].ahead_qty == 1
    assert AuditEntry.objects.filter(subject_id=order.pk, verb="weigh_short").count() == 1


def test_pieces_bound_what_is_taken_not_their_weight(light):
    """INV-14: the first box is heavy, the second one is still taken; a third is not. A box that goes back comes again."""
    order, line = light
    took(order, line, 14, 1)
    took(order, line, 12, 1)
    assert standing(order) == (26, 0, 0, "full", "auto_closed")


def test_a_notice_is_counted_in_pieces(light):
    """INV-14: 24 kg announced, two boxes of 23 kg counted: complete; taken back, all of it is on its way again."""
    order, line = light
    supplier = order.supplier
    confirm(order)
    notice = submit_asn(
        data=AsnData(lines=[AsnLineInput(line.pk, D(24))], expected_date=day(3)),
        actor=supplier_actor(supplier),
        at=AT,
    )
    row = notice.lines.get()
    made = receive_asn(asn_id=notice.pk, quantities={row.pk: D(23)}, counts={row.pk: D(2)}, actor=BUYER, at=AT)
    assert standing(order) == (23, 1, 0, "full", "auto_closed")
    unapprove_receipt(receipt_id=made.pk, actor=BUYER, at=AT)
    assert standing(order) == (0, 0, 24, "none", "open")
    [line] = lines_of(order)
    assert line.shipped_qty == 24
