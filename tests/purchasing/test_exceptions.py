"""G-17, G-08, M-15 (rules): exceptions open by themselves, are taken care of, and close when their cause is gone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.kernel.errors import Conflict, NotFoundRefused
from backend.processes.exceptions import look_for_exceptions
from backend.purchasing.models import AsnOutcome, ExceptionState, NodeTemplate, PurchaseException, PurchaseOrder
from backend.purchasing.services import asn_way, confirmations, nodes, orders, progress, receipts
from backend.purchasing.services.exceptions import acknowledge_exception, refresh_exceptions
from backend.purchasing.services.inputs import AnswerLine, PartInput
from backend.workflow.models import Task
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, ship, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")


def kinds(**state):
    return sorted(PurchaseException.objects.exclude(state="solved").filter(**state).values_list("kind", flat=True))


def look(days: int = 0, hours: int = 0):
    return look_for_exceptions(at=AT + timedelta(days=days, hours=hours))


def sent(order: PurchaseOrder) -> PurchaseOrder:
    """On its way to the supplier since the tests' now."""
    orders.send_order(order_id=order.pk, actor=BUYER, at=AT)
    return order


def test_silence_of_48_hours_is_seen_and_ends_with_the_answer():
    order = sent(make_purchase_order((make_item(), 10)))
    look(hours=47)
    assert kinds() == []
    look(hours=49)
    assert kinds() == ["not_viewed"]
    orders.mark_viewed(order_id=order.pk, actor=supplier_actor(order.supplier), at=AT)
    look(hours=50)
    assert kinds() == ["not_confirmed"]
    confirm(order)
    look(hours=51)
    assert kinds() == []
    assert PurchaseException.objects.filter(state=ExceptionState.SOLVED).exclude(solved_at=None).count() == 2


def test_looking_twice_changes_nothing():
    sent(make_purchase_order((make_item(), 10)))
    look(hours=49)
    before = list(PurchaseException.objects.values_list("pk", "opened_at"))
    found = look(hours=60)
    assert (found.opened, found.solved) == ([], [])
    assert list(PurchaseException.objects.values_list("pk", "opened_at")) == before


def test_a_node_overdue_by_a_day_tells_the_buyer_by_itself():
    """SRM-12: material ready was planned for day 10, nothing was reported: on day 11 the buyer has a to-do."""
    order = make_purchase_order((make_item(), 100), requested=day(20))
    confirm(order)
    nodes.plan_nodes(order_id=order.pk, template_id=NodeTemplate.objects.get().pk, actor=BUYER, at=AT)
    look(days=10)
    assert kinds() == []
    look(days=11)
    assert kinds() == ["node_late"]
    row = PurchaseException.objects.get()
    assert row.facts == {"node": "material_ready", "planned": day(10).isoformat()}
    task = Task.objects.get(kind="purchasing.exception")
    assert (task.subject_id, task.done_at) == (order.pk, None)
    [line] = lines_of(order)
    who = {"actor": supplier_actor(order.supplier), "at": AT + timedelta(days=11)}
    progress.report_progress(order_line_id=line.pk, node="in_production", percent=60, **who)
    look(days=11)
    assert kinds() == []
    task.refresh_from_db()
    assert task.done_at is not None


def test_a_late_confirmation_and_a_proposal_wait():
    supplier = make_supplier(date_tolerance_days=2)
    order = make_purchase_order((make_item(), 100), supplier=supplier, requested=day(7))
    [line] = lines_of(order)
    parts = [PartInput(Decimal(60), day(7), Decimal("12.00")), PartInput(Decimal(40), day(14), Decimal("12.00"))]
    answer = confirmations.answer_order(
        order_id=order.pk, lines=[AnswerLine(line.pk, parts)], actor=supplier_actor(supplier), at=AT
    )
    look()
    assert kinds() == ["confirmed_late", "proposal"]
    assert PurchaseException.objects.get(kind="proposal").facts["price"] is True
    assert PurchaseException.objects.get(kind="confirmed_late").facts["qty"] == 40
    confirmations.decide_confirmation(confirmation_id=answer.pk, accept=True, actor=BUYER, at=AT)
    look()
    assert kinds() == ["confirmed_late"], "the date is agreed, and still later than needed"
    again = [AnswerLine(line.pk, [PartInput(Decimal(100), day(8))])]
    confirmations.answer_order(order_id=order.pk, lines=again, actor=supplier_actor(supplier), at=AT)
    look()
    assert kinds() == []


def test_goods_that_should_have_left_then_a_shipment_that_should_be_here():
    order = make_purchase_order((make_item(), 10), requested=day(5))
    confirm(order)
    look(days=6)
    assert kinds() == ["receipt_late"]
    notice = ship(order, 10, expected=day(8))
    look(days=6)
    assert kinds() == []
    look(days=9)
    assert kinds() == ["asn_late"]
    assert Task.objects.filter(kind="purchasing.exception", done_at=None).count() == 1
    asn_way.move_asn(
        asn_id=notice.pk, expected_date=day(11), actor=supplier_actor(order.supplier), at=AT + timedelta(days=9)
    )
    look(days=9)
    assert kinds() == []


@pytest.mark.parametrize(
    ("counted", "damaged", "outcome", "over"),
    [(10, 0, "match", 0), (8, 0, "short", 0), (11, 0, "over", 20), (7, 3, "damaged", 0)],
)
def test_what_the_count_says_of_a_shipment(counted, damaged, outcome, over):
    """State machine of the notice: received {match | short | over | damaged} → closed."""
    supplier = make_supplier(over_receipt_pct=Decimal(over))
    order = make_purchase_order((make_item(), 10), supplier=supplier)
    confirm(order)
    notice = ship(order, 10)
    [row] = notice.lines.all()
    receipts.receive_asn(
        asn_id=notice.pk,
        quantities={row.pk: Decimal(counted)},
        damaged={row.pk: Decimal(damaged)},
        actor=BUYER,
        at=AT,
    )
    notice.refresh_from_db()
    assert notice.outcome == outcome
    look()
    assert kinds() == ([] if outcome == AsnOutcome.MATCH else ["asn_differs"])
    asn_way.close_asn(asn_id=notice.pk, actor=BUYER, at=AT)
    look()
    assert kinds() == []


def test_taking_care_of_one():
    order = sent(make_purchase_order((make_item(), 10)))
    look(hours=49)
    row = PurchaseException.objects.get()
    acknowledge_exception(exception_id=row.pk, note="called them", actor=BUYER, at=AT)
    look(hours=50)
    row.refresh_from_db()
    assert (row.state, row.note, row.acknowledged_by_name) == ("acknowledged", "called them", BUYER.name)
    with pytest.raises(NotFoundRefused):
        acknowledge_exception(exception_id=row.pk, actor=supplier_actor(order.supplier), at=AT)
    confirm(order)
    look(hours=51)
    with pytest.raises(Conflict):
        acknowledge_exception(exception_id=row.pk, actor=BUYER, at=AT)


def test_a_look_costs_the_same_for_one_order_and_for_many():
    sent(make_purchase_order((make_item(), 10)))
    with CaptureQueriesContext(connection) as few:
        refresh_exceptions(at=AT + timedelta(hours=49))
    placed = [sent(make_purchase_order((make_item(), 10), (make_item(), 5), requested=day(1))) for _number in range(6)]
    with CaptureQueriesContext(connection) as many:
        refresh_exceptions(at=AT + timedelta(days=3))
    count = lambda seen: sum(not row["sql"].startswith(("SAVEPOINT", "RELEASE")) for row in seen.captured_queries)  # noqa: E731
    assert count(many) <= count(few) + 1
    assert count(many) <= 6
    found = refresh_exceptions(at=AT, order_ids=[placed[0].pk])
    assert {row.order_id for row in found.solved} == {placed[0].pk}, "only the orders that were asked about"
