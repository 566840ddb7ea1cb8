"""SRM-12, G-17: production nodes with planned and actual dates, and what a report by the supplier does."""

from datetime import timedelta

import pytest

from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.kernel.models import AuditEntry
from backend.purchasing.models import ConfirmationState, Node, NodeTemplate, ProductionNode
from backend.purchasing.services import confirmations, nodes, orders, progress
from backend.purchasing.services.inputs import AnswerLine, PartInput
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")


def planned(order):
    return {row.node: row.planned_date for row in ProductionNode.objects.filter(order_line__document=order)}


def passed(order):
    rows = ProductionNode.objects.filter(order_line__document=order).exclude(actual_date=None)
    return {row.node: row.actual_date for row in rows}


def test_the_standard_template_is_there_and_lays_nodes_before_the_due_day():
    order = make_purchase_order((make_item(), 100), requested=day(20))
    standard = NodeTemplate.objects.get()
    assert nodes.plan_nodes(order_id=order.pk, template_id=standard.pk, actor=BUYER, at=AT) == 4
    assert planned(order) == {
        Node.MATERIAL_READY: day(10), Node.IN_PRODUCTION: day(15), Node.QUALITY_CHECK: day(17), Node.PACKED: day(18),
    }  # fmt: skip
    assert nodes.plan_nodes(order_id=order.pk, template_id=standard.pk, actor=BUYER, at=AT) == 4
    assert AuditEntry.objects.filter(subject_id=order.pk, verb="plan_nodes").count() == 2


def test_a_template_of_a_category_lays_itself_on_approval():
    item = make_item()
    data = nodes.TemplateData("Castings", {Node.MATERIAL_READY: 12, Node.PACKED: 1}, [item.category_id])
    made = nodes.save_template(data=data, actor=BUYER, at=AT)
    order = make_purchase_order((item, 10), requested=day(7))
    assert planned(order) == {Node.MATERIAL_READY: order.doc_date, Node.PACKED: day(6)}
    orders.unapprove_order(order_id=order.pk, actor=BUYER, at=AT)
    assert planned(order) == {}
    other = nodes.TemplateData("Turned parts", {Node.PACKED: 2}, [item.category_id])
    nodes.save_template(data=other, actor=BUYER, at=AT)
    assert not made.categories.exists()
    with pytest.raises(ValidationRefused):
        nodes.save_template(data=other, actor=BUYER, at=AT)
    with pytest.raises(ValidationRefused):
        nodes.save_template(data=nodes.TemplateData("Empty", {}), actor=BUYER, at=AT)


def test_a_report_passes_what_comes_before_it():
    supplier = make_supplier()
    order = make_purchase_order((make_item(), 100), supplier=supplier, requested=day(20))
    nodes.plan_nodes(order_id=order.pk, template_id=NodeTemplate.objects.get().pk, actor=BUYER, at=AT)
    [line] = lines_of(order)
    who = {"actor": supplier_actor(supplier), "at": AT}
    progress.report_progress(order_line_id=line.pk, node="in_production", percent=60, **who)
    assert passed(order) == {Node.MATERIAL_READY: AT.date()}
    progress.report_progress(order_line_id=line.pk, node="in_production", percent=100, **who)
    assert set(passed(order)) == {Node.MATERIAL_READY, Node.IN_PRODUCTION}
    later = AT + timedelta(days=2)
    progress.report_progress(order_line_id=line.pk, node="packed", percent=100, actor=who["actor"], at=later)
    assert passed(order)[Node.PACKED] == later.date()
    assert passed(order)[Node.MATERIAL_READY] == AT.date(), "the first day stands"


def test_nodes_move_with_the_promised_day_and_by_hand():
    order = make_purchase_order((make_item(), 100), requested=day(20))
    nodes.plan_nodes(order_id=order.pk, template_id=NodeTemplate.objects.get().pk, actor=BUYER, at=AT)
    [line] = lines_of(order)
    answered = [AnswerLine(line.pk, [PartInput(line.qty, day(25))])]
    confirmations.answer_order(order_id=order.pk, lines=answered, actor=supplier_actor(order.supplier), at=AT)
    assert planned(order)[Node.PACKED] == day(23)
    row = ProductionNode.objects.get(node=Node.PACKED)
    assert nodes.set_node_dates(order_id=order.pk, dates={row.pk: day(24)}, actor=BUYER, at=AT) == 1
    assert nodes.set_node_dates(order_id=order.pk, dates={row.pk: day(24)}, actor=BUYER, at=AT) == 0
    other = make_purchase_order((make_item(), 1))
    with pytest.raises(NotFoundRefused):
        nodes.set_node_dates(order_id=other.pk, dates={row.pk: day(24)}, actor=BUYER, at=AT)


def test_a_later_day_of_leaving_is_an_answer():
    """M-14, M-01: the day named in a report moves schedule and promise, as a revision the buyer decides."""
    supplier = make_supplier(transport_days=2, date_tolerance_days=0)
    order = make_purchase_order((make_item(), 100), supplier=supplier, requested=day(10))
    confirm(order)
    [line] = lines_of(order)
    who = {
        "actor": supplier_actor(supplier),
        "at": AT,
        "order_line_id": line.pk,
        "node": "in_production",
        "percent": 30,
    }
    progress.report_progress(expected_ship_date=day(8), **who)
    assert order.confirmations.count() == 1, "in time: nothing to answer"
    progress.report_progress(expected_ship_date=day(12), note="machine down", **who)
    answer = order.confirmations.order_by("-revision").first()
    assert (answer.revision, answer.state) == (2, ConfirmationState.PROPOSED)
    assert [(part.qty, part.date) for part in line.schedule.all()] == [(100, day(14))]
    with pytest.raises(ValidationRefused):
        progress.report_progress(expected_ship_date=day(-1), **who)
