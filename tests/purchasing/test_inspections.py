"""PUR-04 and INV-16: what is inspected is not sold before, and what is rejected waits for its return."""

from decimal import Decimal as D

import pytest

from backend.availability.models import SupplyLine
from backend.inventory.models import Lot, LotEdge, LotState, StockMove
from backend.kernel import events
from backend.kernel.errors import IllegalTransition, Refusal
from backend.purchasing.events import InspectionDecided
from backend.purchasing.models import Inspection, InspectionState
from backend.purchasing.sampling import sample_size
from backend.purchasing.services import inspections, receipts
from backend.purchasing.services.checks import CannotUnapproveReceipt
from backend.purchasing.services.inputs import InspectionResult, ReceiptLineInput
from tests.factories.availability import assert_sound
from tests.factories.availability import order as demand_of
from tests.factories.catalog import make_item
from tests.factories.inventory import numbers_of, refuses
from tests.factories.parties import AT
from tests.factories.purchasing import BUYER, confirm, lines_of, make_purchase_order, receive, ship
from tests.purchasing.test_statements_count import statements

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def published(monkeypatch):
    """The events of a kind that were published."""
    found = []
    publish = events.publish_all
    monkeypatch.setattr(events, "publish_all", lambda told, *, actor: (found.extend(told), publish(told, actor=actor)))
    return lambda kind: [event for event in found if isinstance(event, kind)]


@pytest.fixture
def item():
    return make_item(lot_tracked=True, inspection="sample")


def decide(made, *rejected, **more):
    lines = list(made.lines.order_by("line_no"))
    results = [
        InspectionResult(line.pk, D(qty), reason="Scratched" if qty else "")
        for line, qty in zip(lines, rejected, strict=True)
    ]
    return inspections.decide_inspection(inspection_id=made.pk, results=results, actor=BUYER, at=AT, **more)


def test_pur_04_five_of_fifty_are_rejected(item, published):
    """PUR-04: fail 5 of 50 → accepted 45, rejected 5, told for the return and the score."""
    receive(make_purchase_order((item, 50)), 50)
    made = Inspection.objects.get()
    [line] = made.lines.all()
    assert (line.qty, line.sample_qty) == (50, 8)
    assert numbers_of(item) == (50, 0, 0)
    worth = StockMove.objects.get(item=item).value_in
    decide(made, 5)
    assert numbers_of(item) == (50, 0, 45)
    made.refresh_from_db()
    line.refresh_from_db()
    assert (made.state, made.approval) == (InspectionState.PARTIAL, "approved")
    assert (line.accepted_qty, line.rejected_qty, line.defect_qty) == (45, 5, 5)
    good, bad = Lot.objects.get(pk=line.lot_id), Lot.objects.get(pk=line.rejected_lot_id)
    assert (good.state, bad.state) == (LotState.RELEASED, LotState.HELD)
    assert made.number in bad.hold_reason
    assert bad.supplier_lot_no == good.supplier_lot_no == "L-1"
    out, back = StockMove.objects.filter(doc_id=made.pk).order_by("id")
    assert (out.lot_id, back.lot_id, out.qty_out, back.qty_in) == (good.pk, bad.pk, 5, 5)
    assert out.value_out == back.value_in == worth / 10
    assert LotEdge.objects.filter(activity_id=made.pk).count() == 2
    [told] = published(InspectionDecided)
    assert (told.accepted, told.rejected, told.item_id, told.lot_id) == (45, 5, item.pk, good.pk)
    assert (told.number, told.supplier_id, told.rejected_lot_id) == (made.number, made.supplier_id, bad.pk)
    assert_sound()


def test_inv_16_what_waits_for_inspection_is_not_available_but_is_counted_on(item):
    """INV-16: a received lot in inspection is not free, keeps the promise, and nothing is bought a second time."""
    wanted = demand_of((item, 30))
    receive(make_purchase_order((item, 50)), 50)
    made = Inspection.objects.get()
    assert numbers_of(item) == (50, 0, 0)
    assert wanted.line().reserved_qty == 0
    [supply] = SupplyLine.objects.filter(item=item)
    assert (supply.open_qty, supply.firmness, supply.ref_number) == (50, "inspected", made.number)
    assert [part[2] for part in wanted.promise()] == ["supply"]
    decide(made, 0)
    assert wanted.line().reserved_qty == 30
    assert not SupplyLine.objects.filter(item=item).exists()
    assert numbers_of(item) == (50, 30, 20)
    assert_sound()


def test_everything_rejected_holds_the_lot_itself(item):
    receive(make_purchase_order((item, 10)), 10)
    made = decide(Inspection.objects.get(), 10)
    assert made.state == InspectionState.REJECTED
    [lot] = Lot.objects.filter(item=item)
    assert lot.state == LotState.HELD
    assert made.lines.get().rejected_lot_id == lot.pk
    assert not StockMove.objects.filter(doc_id=made.pk).exists()
    assert_sound()


def test_a_decision_is_made_once_and_says_why(item):
    receive(make_purchase_order((item, 10)), 10)
    made = Inspection.objects.get()
    line = made.lines.get()
    for result in (
        InspectionResult(line.pk, D(1)),
        InspectionResult(line.pk, D(11), reason="x"),
        InspectionResult(line.pk, D("-1"), reason="x"),
        InspectionResult(line.pk, D("0.5"), reason="x"),
        InspectionResult(line.pk, D(1), sample_qty=D(11), reason="x"),
        InspectionResult(line.pk, D(1), defect_qty=D(11), reason="x"),
        InspectionResult(made.pk, D(1), reason="x"),
    ):
        with refuses(Refusal):
            inspections.decide_inspection(inspection_id=made.pk, results=[result], actor=BUYER, at=AT)
    decide(made, 1)
    with refuses(IllegalTransition):
        decide(made, 1)


def test_a_receipt_is_taken_back_before_its_inspection_not_after(item):
    order = make_purchase_order((item, 10))
    receipt = receive(order, 10)
    receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    assert Inspection.objects.get().approval == "voided"
    assert numbers_of(item) == (0, 0, 0)
    assert_sound()
    receipts.approve_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)
    made = Inspection.objects.get(approval="draft")
    decide(made, 2)
    with refuses(CannotUnapproveReceipt, made.number):
        receipts.unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT)


def test_the_same_lot_number_twice_is_two_lots(item):
    """One decision never speaks for goods of another receipt."""
    order = make_purchase_order((item, 20))
    receive(order, 10)
    decide(Inspection.objects.get(), 0)
    receive(order, 10)
    assert numbers_of(item) == (20, 0, 10)
    first, second = Lot.objects.filter(item=item).order_by("id")
    assert (first.lot_no, second.lot_no.split("/")[0]) == ("L-1", "L-1")
    assert second.supplier_lot_no == "L-1"
    assert (first.state, second.state) == (LotState.RELEASED, LotState.QUARANTINE)


def test_only_what_is_inspected_waits():
    checked, plain = make_item(lot_tracked=True, inspection="full"), make_item(lot_tracked=True)
    order = make_purchase_order((checked, 7), (plain, 3))
    confirm(order)
    receipts.receive_asn(asn_id=ship(order).pk, actor=BUYER, at=AT)
    [line] = Inspection.objects.get().lines.all()
    assert (line.item_id, line.sample_qty) == (checked.pk, 7)
    assert numbers_of(plain) == (3, 0, 3)


@pytest.mark.parametrize(
    ("qty", "sample"),
    [("1", "1"), ("2", "2"), ("50", "8"), ("51", "13"), ("2.5", "2"), ("0.4", "0.4"), ("600000", "1250")],
)
def test_the_sample_follows_the_standard(qty, sample):
    assert sample_size(D(qty), "sample") == D(sample)
    assert sample_size(D(qty), "full") == D(qty)


def test_fifty_inspected_lines_cost_what_two_cost():
    def cost(count):
        items = [make_item(lot_tracked=True, inspection="sample") for _line in range(count)]
        order = make_purchase_order(*[(each, 10) for each in items])
        inputs = [ReceiptLineInput(row.pk, D(10), lot_no=f"L{row.line_no}") for row in lines_of(order)]
        taken = statements(lambda: receipts.receive_order(order_id=order.pk, lines=inputs, actor=BUYER, at=AT))
        made = Inspection.objects.latest("id")
        lines = [InspectionResult(line.pk, D(1), reason="x") for line in made.lines.all()]
        return taken, statements(
            lambda: inspections.decide_inspection(inspection_id=made.pk, results=lines, actor=BUYER, at=AT)
        )

    few, many = cost(2), cost(50)
    assert many <= few
    assert many[0] <= 25
    assert many[1] <= 32
