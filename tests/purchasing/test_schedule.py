"""The arithmetic of delivery schedules, alone: nothing is lost, nothing is counted twice."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from backend.purchasing import schedule
from backend.purchasing.schedule import Part

DAY = date(2026, 11, 23)


def D(value: object) -> Decimal:  # noqa: N802 - reads like a literal
    return Decimal(str(value))


def day(days: int) -> date:
    return DAY + timedelta(days=days)


def told(plan: schedule.Plan) -> list[tuple[int, int, str]]:
    return [(int(part.to_come), (part.due - DAY).days, part.firmness) for part in plan if part.to_come]


def test_an_answer_splits_what_was_asked():
    plan = schedule.answer(
        schedule.requested(D(100), day(10)), [(D(60), day(10)), (D(40), day(17))], confirmed=True, revision=1, reason=""
    )
    assert told(plan) == [(60, 10, "confirmed"), (40, 17, "confirmed")]


def test_shipping_takes_the_earliest_part_and_splits_it():
    plan = (Part(1, D(60), day(10), confirmed=True), Part(2, D(40), day(17), confirmed=True))
    plan = schedule.ship(plan, D(50), day(9))
    assert told(plan) == [(50, 9, "shipped"), (10, 10, "confirmed"), (40, 17, "confirmed")]
    assert schedule.sent(plan) == 50


def test_a_short_shipment_comes_again():
    plan = schedule.ship(schedule.requested(D(50), day(10)), D(50), day(8))
    plan = schedule.receive(schedule.unship(plan, D(5), day(8)), D(45), day(8), day(8))
    assert told(plan) == [(5, 10, "requested")]
    assert (schedule.sent(plan), schedule.arrived(plan)) == (45, 45)


def test_a_receipt_beyond_the_plan_is_counted_and_can_be_taken_back():
    plan = schedule.receive(schedule.requested(D(100), day(10)), D(102), day(9))
    assert schedule.arrived(plan) == 102
    assert told(plan) == []
    back = schedule.unreceive(plan, D(102), wanted=D(100))
    assert told(back) == [(100, 10, "requested")]


def test_an_answer_leaves_what_was_sent():
    plan = schedule.ship(schedule.requested(D(100), day(10)), D(30), day(8))
    plan = schedule.answer(plan, [(D(70), day(20))], confirmed=True, revision=2, reason="late")
    assert told(plan) == [(30, 8, "shipped"), (70, 20, "confirmed")]


steps = st.lists(
    st.tuples(
        st.sampled_from(["ship", "unship", "receive", "unreceive", "answer"]), st.integers(1, 60), st.integers(1, 30)
    ),
    max_size=14,
)


@given(wanted=st.integers(1, 100), todo=steps)
def test_whatever_happens_the_sums_hold(wanted: int, todo: list[tuple[str, int, int]]):
    plan = schedule.requested(D(wanted), day(10))
    sent = received = D(0)
    arrival = day(5)
    for verb, number, days in todo:
        qty = D(number)
        if verb == "ship":
            qty = min(qty, schedule.to_ship(plan))
            plan, sent = schedule.ship(plan, qty, arrival) if qty else plan, sent + qty
        elif verb == "unship":
            qty = min(qty, sent - received)
            plan, sent = schedule.unship(plan, qty, arrival) if qty else plan, sent - qty
        elif verb == "receive":
            qty = min(qty, sent - received)
            plan, received = schedule.receive(plan, qty, day(days)) if qty else plan, received + qty
        elif verb == "unreceive":
            qty = min(qty, received)
            plan, received = schedule.unreceive(plan, qty, wanted=D(wanted)) if qty else plan, received - qty
        else:
            rest = schedule.to_ship(plan)
            plan = schedule.answer(plan, [(rest, day(days))] if rest else [], confirmed=True, revision=1, reason="")
        assert schedule.sent(plan) == sent
        assert schedule.arrived(plan) == received
        assert schedule.to_come(plan) == wanted - received
        numbers = [part.number for part in plan]
        assert len(numbers) == len(set(numbers))
        assert all(part.qty > 0 and part.received_qty <= part.qty for part in plan)
