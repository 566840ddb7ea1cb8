"""Answers of suppliers: revisions, dates at once, prices and rejections for the buyer."""

from decimal import Decimal

import pytest

from backend.availability.models import SupplyLine
from backend.kernel.errors import Refusal, StaleVersion
from backend.parties.models import SupplierRole
from backend.purchasing.models import ConfirmationState, LineState, PurchaseOrder
from backend.purchasing.selectors.orders import confirmations_to_decide
from backend.purchasing.services import confirmations, progress
from backend.purchasing.services.checks import CannotAnswerOrder
from backend.purchasing.services.inputs import AnswerLine, PartInput, Seen
from tests.factories.catalog import make_item
from tests.factories.parties import AT
from tests.factories.purchasing import BUYER, confirm, day, lines_of, make_purchase_order, ship, supplier_actor

pytestmark = pytest.mark.usefixtures("tenant")


def D(value: object) -> Decimal:  # noqa: N802 - reads like a literal
    return Decimal(str(value))


def answer(order: PurchaseOrder, *lines: AnswerLine, note: str = ""):
    return confirmations.answer_order(
        order_id=order.pk, lines=lines, note=note, actor=supplier_actor(order.supplier), at=AT
    )


def supply_of(order: PurchaseOrder) -> list[tuple[int, str, str]]:
    rows = SupplyLine.objects.filter(ref_id=order.pk, open_qty__gt=0).order_by("supply_date", "schedule_no")
    return [(int(row.open_qty), row.supply_date.isoformat(), row.firmness) for row in rows]


def test_everything_confirmed_in_one_call():
    order = make_purchase_order((make_item(), 100), (make_item(), 5))
    made = confirmations.confirm_order_all(order_id=order.pk, actor=supplier_actor(order.supplier), at=AT)
    order.refresh_from_db()
    assert (made.revision, made.state, order.confirmed) == (1, ConfirmationState.ACCEPTED, "full")
    assert {line.state for line in lines_of(order)} == {LineState.CONFIRMED}
    assert {row[2] for row in supply_of(order)} == {"confirmed"}
    with pytest.raises(CannotAnswerOrder):
        confirm(order)


def test_a_split_answer_makes_two_schedule_lines():
    SupplierRole.objects.update(date_tolerance_days=7)
    order = make_purchase_order((make_item(), 100), requested=day(10))
    SupplierRole.objects.filter(party=order.supplier).update(date_tolerance_days=7)
    [line] = lines_of(order)
    made = answer(order, AnswerLine(line.pk, [PartInput(D(60), day(10)), PartInput(D(40), day(17))]))
    assert made.state == ConfirmationState.ACCEPTED
    assert supply_of(order) == [(60, day(10).isoformat(), "confirmed"), (40, day(17).isoformat(), "confirmed")]


def test_a_late_date_takes_effect_at_once_and_asks_the_buyer():
    order = make_purchase_order((make_item(), 100), requested=day(10))
    [line] = lines_of(order)
    made = answer(order, AnswerLine(line.pk, [PartInput(D(100), day(15))], reason="machine repair"))
    [line] = lines_of(order)
    assert (made.state, line.state) == (ConfirmationState.PROPOSED, LineState.COUNTERED)
    assert supply_of(order) == [(100, day(15).isoformat(), "confirmed")]
    assert [found.pk for found in confirmations_to_decide()] == [made.pk]


def test_a_higher_price_waits_and_is_taken_when_accepted():
    order = make_purchase_order((make_item(), 100, "11.30"))
    [line] = lines_of(order)
    made = answer(order, AnswerLine(line.pk, [PartInput(D(100), day(7), D("12.43"))]))
    [line] = lines_of(order)
    assert (line.tax_incl_price, line.state) == (D("11.30"), LineState.COUNTERED)
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, actor=BUYER, at=AT)
    [line] = lines_of(order)
    order.refresh_from_db()
    assert (line.tax_incl_price, line.state, order.gross_amount) == (D("12.43"), LineState.CONFIRMED, D(1243))
    with pytest.raises(Refusal) as refused:
        confirmations.decide_confirmation(confirmation_id=made.pk, accept=False, actor=BUYER, at=AT)
    assert refused.value.code == "confirmation_decided"


def test_a_lower_price_is_taken_at_once():
    order = make_purchase_order((make_item(), 100, "11.30"))
    [line] = lines_of(order)
    made = answer(order, AnswerLine(line.pk, [PartInput(D(100), day(7), D("10.17"))]))
    [line] = lines_of(order)
    assert (made.state, line.tax_incl_price, line.state) == ("accepted", D("10.17"), LineState.CONFIRMED)


def test_a_declined_price_asks_the_supplier_again():
    order = make_purchase_order((make_item(), 100))
    [line] = lines_of(order)
    made = answer(order, AnswerLine(line.pk, [PartInput(D(100), day(7), D("12.43"))]))
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=False, actor=BUYER, at=AT, reason="agreed list")
    [line] = lines_of(order)
    assert (line.state, line.confirmed_qty, line.tax_incl_price) == (LineState.OPEN, 0, D("11.30"))
    assert supply_of(order) == [(100, day(7).isoformat(), "requested")]
    confirm(order)
    assert lines_of(order)[0].state == LineState.CONFIRMED


def test_a_rejected_rest_is_not_promised_to_anybody():
    order = make_purchase_order((make_item(), 100))
    [line] = lines_of(order)
    made = answer(order, AnswerLine(line.pk, [PartInput(D(60), day(7))], reject_reason="out of paper"))
    assert made.state == ConfirmationState.PROPOSED
    assert supply_of(order) == [(60, day(7).isoformat(), "confirmed")]
    confirmations.decide_confirmation(confirmation_id=made.pk, accept=True, actor=BUYER, at=AT)
    [line] = lines_of(order)
    order.refresh_from_db()
    assert (line.cancelled_qty, line.state, order.confirmed, order.gross_amount) == (40, "confirmed", "full", D(678))


def test_a_rejected_line_and_an_incomplete_answer():
    order = make_purchase_order((make_item(), 100), (make_item(), 10))
    one, two = lines_of(order)
    with pytest.raises(Refusal) as refused:
        answer(order, AnswerLine(one.pk, [PartInput(D(60), day(7))]), AnswerLine(two.pk, [PartInput(D(11), day(7))]))
    assert [(found.line, found.code) for found in refused.value.problems] == [
        (1, "answer_incomplete"),
        (2, "answer_exceeds_open"),
    ]
    answer(order, AnswerLine(one.pk, reject_reason="not made any more"))
    one, two = lines_of(order)
    assert (one.state, two.state) == (LineState.REJECTED, LineState.OPEN)
    assert supply_of(order) == [(10, day(7).isoformat(), "requested")]


def test_answering_again_supersedes_and_keeps_what_waits():
    order = make_purchase_order((make_item(), 100), (make_item(), 10))
    one, two = lines_of(order)
    first = answer(
        order,
        AnswerLine(one.pk, [PartInput(D(100), day(7), D(12))]),
        AnswerLine(two.pk, [PartInput(D(10), day(7), D(12))]),
    )
    second = answer(order, AnswerLine(two.pk, [PartInput(D(10), day(7))]))
    first.refresh_from_db()
    assert (first.state, second.state, second.revision) == ("superseded", "proposed", 2)
    assert {row.order_line_id for row in second.lines.all()} == {one.pk, two.pk}
    third = answer(order, AnswerLine(one.pk, [PartInput(D(100), day(7))]))
    assert third.state == ConfirmationState.ACCEPTED
    assert not confirmations_to_decide().exists()


def test_what_is_sent_is_not_answered_again():
    order = make_purchase_order((make_item(), 100))
    confirm(order)
    ship(order, 30, expected=day(5))
    [line] = lines_of(order)
    answer(order, AnswerLine(line.pk, [PartInput(D(70), day(7))]))
    assert supply_of(order) == [(30, day(5).isoformat(), "shipped"), (70, day(7).isoformat(), "confirmed")]


def test_another_supplier_cannot_answer():
    order, foreign = make_purchase_order((make_item(), 1)), make_purchase_order((make_item(), 1))
    with pytest.raises(Refusal) as refused:
        confirmations.confirm_order_all(order_id=foreign.pk, actor=supplier_actor(order.supplier), at=AT)
    assert refused.value.status == 404
    with pytest.raises(Refusal) as refused:
        progress.report_progress(
            order_line_id=lines_of(foreign)[0].pk,
            node="packed",
            percent=100,
            actor=supplier_actor(order.supplier),
            at=AT,
        )
    assert refused.value.status == 404


def test_progress_is_kept_with_its_history():
    order = make_purchase_order((make_item(), 1))
    [line] = lines_of(order)
    actor = supplier_actor(order.supplier)
    progress.report_progress(order_line_id=line.pk, node="material_ready", percent=10, actor=actor, at=AT)
    progress.report_progress(order_line_id=line.pk, node="in_production", percent=60, actor=actor, at=AT)
    [line] = lines_of(order)
    assert (line.progress_node, line.progress_pct, line.progress_reports.count()) == ("in_production", 60, 2)
    with pytest.raises(Refusal):
        progress.report_progress(order_line_id=line.pk, node="packed", percent=101, actor=actor, at=AT)


def test_srm_11_what_was_not_seen_is_not_answered_over():
    """Another line, or what waits and was copied, is no conflict; a rejected line, an amendment and a colleague are."""
    order = make_purchase_order((make_item(), 10), (make_item(), 20))
    first, second = lines_of(order)
    them = {"order_id": order.pk, "actor": supplier_actor(order.supplier), "at": AT}
    seen = Seen(order.revision, 0)
    answer(order, AnswerLine(first.pk, reject_reason="furnace down"))  # answer 1
    part = [AnswerLine(second.pk, [PartInput(D(20), day(9))])]
    confirmations.answer_order(lines=part, seen=seen, **them)  # answer 2 copies what waits of line 1
    over = [AnswerLine(first.pk, [PartInput(D(10), day(9))])]
    with pytest.raises(StaleVersion) as told:
        confirmations.answer_order(lines=over, seen=seen, **them)
    assert (told.value.document, told.value.line, told.value.field, told.value.value) == (order.number, 1, "answer", 1)
    with pytest.raises(CannotAnswerOrder):  # a supplier's "all as asked" is not said over what a colleague rejected
        confirmations.confirm_order_all(**them)
    with pytest.raises(StaleVersion) as told:
        confirmations.answer_order(lines=over, seen=Seen(order.revision + 1, 2), **them)
    assert told.value.field == "revision"
    confirmations.answer_order(lines=over, seen=Seen(order.revision, 2), **them)
