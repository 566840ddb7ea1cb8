"""SRM-18, SRM-19, SRM-22, G-09: scores come from events alone."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backend.purchasing.services import confirmations, orders, receipts, requisition_orders, requisitions, returns
from backend.purchasing.services.inputs import (
    AnswerLine,
    InspectionResult,
    LineInput,
    OrderChoice,
    OrderData,
    PartInput,
    ReceiptLineInput,
    ReturnData,
    ReturnLineInput,
)
from backend.purchasing.services.inspections import decide_inspection
from backend.purchasing.services.taking_back import unapprove_receipt
from backend.srm.models import DeliveryFact, QualityFact, SupplierScore
from backend.srm.selectors import scores as reads
from backend.srm.services import facts, scores
from backend.srm.services.life import move_supplier
from backend.workflow.models import Task
from backend.workflow.services import set_parameter
from portals.supplier import figures
from tests.api.caller import Caller
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, lines_of, make_purchase_order, supplier_actor
from tests.people import client_of, make_member
from tests.purchasing.test_requisitions import handed_in, person
from tests.scenarios.world import settle

pytestmark = pytest.mark.usefixtures("tenant")
D = Decimal
MONTH = f"{AT:%Y-%m}"


def bring(supplier, item, *, late=0, qty=10, got=None, price="11.30", at=AT, answer=True, lot=""):
    """An order for tomorrow that comes so many days late."""
    due = at.date() + timedelta(days=1)
    data = OrderData(
        supplier_id=supplier.pk,
        requested_date=due,
        doc_date=at.date(),
        lines=[LineInput(item.pk, D(qty), price=D(price))],
    )
    order = orders.save_order(data=data, actor=BUYER, at=at)
    orders.approve_order(order_id=order.pk, actor=BUYER, at=at)
    if answer:
        confirmations.confirm_order_all(order_id=order.pk, actor=supplier_actor(supplier), at=at + timedelta(hours=2))
    when = at + timedelta(days=1 + late)
    line = lines_of(order)[0]
    came = [ReceiptLineInput(line.pk, D(got if got is not None else qty), lot_no=lot)]
    return receipts.receive_order(order_id=order.pk, lines=came, actor=BUYER, at=when)


def score(supplier, month=MONTH):
    scores.compute_month(month, at=AT + timedelta(days=7))
    return SupplierScore.objects.filter(party=supplier, month=month).first()


def test_srm_18_four_receipts_three_on_time_are_75_per_cent():
    supplier, item = make_supplier(), make_item()
    for late in (0, 0, 0, 2):
        facts.note_delivery(bring(supplier, item, late=late).pk)
    found = score(supplier)
    assert (found.deliveries, found.on_time, found.on_time_pct) == (4, 3, D(75))
    assert found.quantity_pct == 100
    assert found.quality_pct is None
    assert found.response_hours == 2


def test_g_09_from_75_to_95_per_cent_and_the_ranking_follows():
    rival, supplier, item = make_supplier(), make_supplier(), make_item()
    base = AT.replace(day=2)
    before = base - timedelta(days=20)
    for number in range(20):
        facts.note_delivery(bring(supplier, item, late=1 if number < 5 else 0, at=before).pk)
        facts.note_delivery(bring(supplier, item, late=1 if number < 1 else 0, at=base).pk)
    for number in range(5):
        facts.note_delivery(bring(rival, item, late=1 if number < 1 else 0, at=before).pk)
        facts.note_delivery(bring(rival, item, late=1 if number < 1 else 0, at=base).pk)
    former = f"{before:%Y-%m}"
    assert score(supplier, former).on_time_pct == 75
    assert score(supplier).on_time_pct == 95
    assert reads.rank_of(score(supplier, former)) == (2, 2)
    assert reads.rank_of(score(supplier)) == (1, 2)
    assert [row.month for row in reads.months_of(supplier.pk)] == [former, MONTH]


def test_srm_18_a_month_without_deliveries_is_left_out():
    supplier = make_supplier()
    assert score(supplier) is None
    receipt = bring(supplier, make_item())
    facts.note_delivery(receipt.pk)
    assert score(supplier)
    assert score(supplier, "2026-07") is None
    unapprove_receipt(receipt_id=receipt.pk, actor=BUYER, at=AT + timedelta(days=2))
    assert facts.note_delivery(receipt.pk) is None
    facts.forget_delivery(receipt.pk)
    assert score(supplier) is None


def test_the_events_write_the_facts_once():
    supplier, item = make_supplier(), make_item()
    receipt = bring(supplier, item)
    settle()
    assert DeliveryFact.objects.get().receipt_id == receipt.pk
    facts.note_delivery(receipt.pk)
    assert DeliveryFact.objects.count() == 1
    assert SupplierScore.objects.get(party=supplier).on_time_pct == 100


def test_quantity_quality_price_and_response_count_and_are_weighed():
    supplier, item = make_supplier(), make_item()
    facts.note_delivery(bring(supplier, item, qty=10, got=8, price="10").pk)
    facts.note_delivery(bring(supplier, item, qty=10, price="11").pk)
    facts.note_quality(
        party_id=supplier.pk,
        inspection_id=supplier.pk,
        number="IQC-1",
        lot_id=item.pk,
        item_id=item.pk,
        accepted=D(45),
        rejected=D(5),
        day=AT.date(),
    )
    found = score(supplier)
    assert (found.quantity_pct, found.quality_pct, found.price_change_pct) == (90, 90, 10)
    # 40 × 100 + 15 × 90 + 25 × 90 + 10 × 50 + 10 × 100
    assert found.score == D("91")
    assert QualityFact.objects.count() == 1
    for name in scores.DIMENSIONS:
        value = 100 if name == "price" else 0
        set_parameter(key=f"srm.weight_{name}", value=value, actor=BUYER, at=AT)
    assert score(supplier).score == 50


def test_srm_18_what_goes_back_as_bad_counts_against_quality_until_it_is_taken_back():
    supplier, item = make_supplier(), make_item()
    receipt = bring(supplier, item, qty=50)
    line, who = receipt.lines.get(), {"actor": BUYER, "at": AT + timedelta(days=2)}

    def send_back(qty, reason):
        data = ReturnData(lines=[ReturnLineInput(line.pk, D(qty), reason)])
        made = returns.save_return(data=data, **who)
        return returns.approve_return(return_id=made.pk, **who)

    send_back(20, "surplus")
    settle()
    assert score(supplier).quality_pct is None
    made = send_back(5, "quality")
    settle()
    assert SupplierScore.objects.get(party=supplier, month=f"{made.doc_date:%Y-%m}").quality_pct == 90
    facts.note_return(made.pk)
    assert QualityFact.objects.count() == 1
    returns.unapprove_return(return_id=made.pk, reason="kept", **who)
    settle()
    assert not QualityFact.objects.exists()


def test_srm_18_what_an_inspection_rejected_is_not_counted_again_when_it_goes_back():
    supplier = make_supplier()
    receipt = bring(supplier, make_item(lot_tracked=True, inspection="full"), qty=50, lot="L-1")
    line, who = receipt.lines.get(), {"actor": BUYER, "at": AT + timedelta(days=2)}
    inspection = receipt.inspections.get()
    results = [InspectionResult(inspection.lines.get().pk, D(5), reason="dents")]
    decide_inspection(inspection_id=inspection.pk, results=results, **who)
    for qty, bad in ((5, []), (2, [(48, 2)])):
        data = ReturnData(lines=[ReturnLineInput(line.pk, D(qty), "quality")])
        made = returns.approve_return(return_id=returns.save_return(data=data, **who).pk, **who)
        facts.note_return(made.pk)
        noted = QualityFact.objects.filter(inspection_id=made.pk)
        assert list(noted.values_list("accepted_qty", "rejected_qty")) == bad


def test_an_order_without_an_answer_counts_as_slow():
    supplier = make_supplier()
    facts.note_delivery(bring(supplier, make_item(), answer=False).pk)
    found = score(supplier)
    assert found.response_hours > 24 * 6
    assert found.score < 100


def test_a_part_that_came_late_is_measured_against_its_own_day():
    parts = [(AT.date(), D(60)), (AT.date() + timedelta(days=5), D(40))]
    assert facts.promised_for(parts, D(0)) == AT.date()
    assert facts.promised_for(parts, D(60)) == AT.date() + timedelta(days=5)
    assert facts.promised_for(parts, D(100)) == AT.date() + timedelta(days=5)
    assert facts.due_by(parts, D(0), AT.date()) == 60
    assert facts.due_by(parts, D(60), AT.date()) == 40
    assert facts.due_by(parts, D(10), AT.date() + timedelta(days=9)) == 90


def weak(supplier, *values):
    for month, value in zip(("2026-08", "2026-09", "2026-10"), values, strict=False):
        if value is not None:
            SupplierScore.objects.create(
                party=supplier, month=month, deliveries=1, on_time=0, on_time_pct=0, quantity_pct=0, score=value,
                computed_at=AT,
            )  # fmt: skip


def test_srm_19_two_months_below_60_propose_to_watch_once():
    low, once, gap = make_supplier(), make_supplier(), make_supplier()
    weak(low, 80, 59, 50)
    weak(once, 50, 59, 61)
    weak(gap, 50, None, 55)
    assert scores.propose_watching(at=AT) == 2
    assert scores.propose_watching(at=AT) == 0
    tasks = Task.objects.filter(kind="srm.watch_proposed")
    assert set(tasks.values_list("subject_id", flat=True)) == {low.pk, gap.pk}
    move_supplier(party_id=low.pk, verb="watch", reason="two weak months", actor=BUYER, at=AT)
    assert tasks.get(subject_id=low.pk).done_at
    assert scores.propose_watching(at=AT) == 0


def test_srm_22_cycle_times_come_from_the_moments_of_events():
    supplier, item = make_supplier(), make_item()
    for late in (2, 4, 6):
        bring(supplier, item, late=late)
    found = reads.cycle_times(AT.date() - timedelta(days=1), AT.date() + timedelta(days=1))
    row = next(row for row in found if row.party_id == supplier.pk)
    assert row.orders == 3
    assert row.to_receipt[0] == pytest.approx(5)
    assert row.to_receipt[1] == pytest.approx(6.6)
    assert row.to_confirmation[0] == pytest.approx(2 / 24)
    assert row.whole[0] == pytest.approx(5)


def test_srm_19_from_goods_that_came_late_to_the_proposal():
    """Two months over, in both nothing came in time and nobody answered: its buyer is asked whether to watch it."""
    buyer = make_member("buyer")
    supplier, item = make_supplier(buyer_id=buyer.pk), make_item()
    first = AT.replace(day=1)
    for month in (first - timedelta(days=25), first - timedelta(days=50)):
        facts.note_delivery(bring(supplier, item, late=5, answer=False, at=month.replace(day=8)).pk)
        scores.compute_month(f"{month:%Y-%m}", at=AT)
    found = list(reads.months_of(supplier.pk))
    assert [row.on_time_pct for row in found] == [0, 0]
    assert all(row.score < 60 for row in found)
    assert scores.propose_watching(at=AT) == 1
    task = Task.objects.get(kind="srm.watch_proposed", done_at=None)
    assert (task.subject_id, task.assignee_id) == (supplier.pk, buyer.pk)


def test_srm_22_the_clock_starts_when_the_requisition_is_approved():
    """Requested three days before the order was written: those days count, and the API says the same as the page."""
    supplier = make_supplier()
    wanted = handed_in(100, person("accountant"), supplier_id=supplier.pk)
    requisitions.approve_requisition(requisition_id=wanted.pk, actor=person("buyer"), at=AT)
    after = lambda days: {"actor": BUYER, "at": AT + timedelta(days=days)}  # noqa: E731
    choice = [OrderChoice(wanted.lines.get().pk, D(10))]
    [order] = requisition_orders.order_requisition(requisition_id=wanted.pk, choices=choice, **after(3))
    orders.approve_order(order_id=order.pk, **after(3.5))
    person_there = {"actor": supplier_actor(supplier), "at": AT + timedelta(days=4)}
    confirmations.confirm_order_all(order_id=order.pk, **person_there)
    came = [ReceiptLineInput(lines_of(order)[0].pk, D(10))]
    receipts.receive_order(order_id=order.pk, lines=came, **after(6))
    span = (AT.date() - timedelta(days=1), AT.date() + timedelta(days=9))
    [row] = [row for row in reads.cycle_times(*span) if row.party_id == supplier.pk]
    days = {name: round(getattr(row, name)[0], 4) for name in ("to_approval", "to_confirmation", "to_receipt", "whole")}
    assert days == {"to_approval": 3.5, "to_confirmation": 0.5, "to_receipt": 2.5, "whole": 6.0}
    assert row.whole[1] == row.whole[0], "of one order the 90th percentile is that order"
    told = Caller.of(make_member("buyer")).get(f"srm/scores/cycle-times/?since={span[0]}&until={span[1]}")
    assert [one["whole"][0] for one in told if one["party_id"] == str(supplier.pk)] == [pytest.approx(row.whole[0])]
    assert Caller.of(make_member("buyer")).refused("GET", "srm/scores/cycle-times/?since=never")[0] == 400


def test_srm_18_the_portals_rate_is_the_one_of_the_scorecard():
    """60 due on day 1 came on day 3, 40 due on day 8 on time: each part against its own day, 1 of 2."""
    supplier = make_supplier(date_tolerance_days=10)
    order = make_purchase_order((make_item(), 100), supplier=supplier, requested=AT.date() + timedelta(days=1))
    line = lines_of(order)[0]
    parts = [PartInput(D(60), AT.date() + timedelta(days=1)), PartInput(D(40), AT.date() + timedelta(days=8))]
    them = supplier_actor(supplier)
    confirmations.answer_order(order_id=order.pk, lines=[AnswerLine(line.pk, parts)], actor=them, at=AT)
    for qty, days in ((60, 3), (40, 8)):
        came = [ReceiptLineInput(line.pk, D(qty))]
        made = receipts.receive_order(order_id=order.pk, lines=came, actor=BUYER, at=AT + timedelta(days=days))
        facts.note_delivery(made.pk)
    found = figures.punctuality(supplier.pk)
    assert (found.on_time, found.counted, found.percent) == (1, 2, 50)


def test_scoring_takes_a_fixed_number_of_statements(django_assert_max_num_queries):
    item = make_item()
    for _number in range(3):
        facts.note_delivery(bring(make_supplier(), item).pk)
    with django_assert_max_num_queries(8):
        scores.compute_month(MONTH, at=AT + timedelta(days=7))


def test_srm_18_pages_show_the_ranking_and_the_supplier_its_own_card_alone(tenant):
    supplier, rival = make_supplier("快达工厂"), make_supplier("慢吞工厂")
    weak(supplier, 90, 95, 97)
    weak(rival, 55, 50, 40)
    buyer = client_of(make_member("buyer"))
    ranked = buyer.get("/suppliers/scores/?month=2026-10").content.decode()
    assert ranked.index("快达工厂") < ranked.index("慢吞工厂")
    card = buyer.get(f"/suppliers/{rival.pk}/score/")
    assert card.status_code == 200
    assert "连续两期低于 60" in card.content.decode()
    assert buyer.get("/suppliers/cycle-times/?since=2026-01-01&until=nonsense").status_code == 200
    own = client_of(make_member("supplier_sales", party=supplier)).get("/supplier/score/").content.decode()
    assert "2026-10" in own
    assert "97" in own
    assert "慢吞工厂" not in own
    driver = client_of(make_member("supplier_logistics", party=supplier))
    assert driver.get("/supplier/score/").status_code == 403
    assert client_of(make_member("picker")).get("/suppliers/scores/").status_code == 403
