"""The stories of the trade, with their numbers: shortage, hidden reservation, dispatch, a supplier who is late."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from backend.availability import selectors
from backend.availability.events import DemandReserved, PromiseRevised, ShortageFound
from backend.availability.models import PromiseRevision, Suggestion
from backend.availability.services import promises, suggestions
from backend.availability.services.causes import Cause
from backend.kernel import events
from tests.factories.availability import (
    assert_sound,
    day,
    order,
    purchase,
    suggestion_of,
)
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, main_warehouse, numbers_of, stock_up
from tests.factories.parties import make_supplier

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def heard(monkeypatch):
    """Every event that is published."""
    told = []
    real = events.publish_all
    monkeypatch.setattr(events, "publish_all", lambda facts, actor: (told.extend(facts), real(facts, actor=actor)))
    return told


def of(kind, told):
    return [event for event in told if isinstance(event, kind)]


@pytest.fixture
def paper():
    """80 boxes in stock, packs of 50, supplier takes 5 days and 2 on the road."""
    supplier = make_supplier("恒信纸业有限公司", lead_days=5, transport_days=2)
    item = make_item("复印纸", unit="box", supplier_id=supplier.pk, pack_qty=D(50))
    stock_up(item, 80, 8000)
    return item


def test_shortage_of_a_trader(paper, heard):
    """Order 100, stock 80: 80 reserved, buy 50, promised 80 today and 20 when the supplier can."""
    made = order((paper, 100))
    assert numbers_of(paper) == (80, 80, 0)
    assert made.promise() == [(80, TODAY, "stock"), (20, day(7), "suggestion")]
    suggestion = suggestion_of(paper)
    assert (suggestion.need_qty, suggestion.qty, suggestion.arrival_date) == (20, 50, day(7))
    numbers = suggestion.explanation
    expected = {
        "need": "100",
        "on_hand": "80",
        "reserved_for_others": "0",
        "incoming": "0",
        "shortage": "20",
        "pack_qty": "50",
        "rounded_to": "50",
        "to_stock": "30",
        "lead_days": 5,
        "transport_days": 2,
    }
    assert {name: numbers[name] for name in expected} == expected
    assert [(d["ref_number"], d["line_no"], d["qty"]) for d in numbers["demands"]] == [(made.number, 1, "20")]
    [found] = of(ShortageFound, heard)
    assert (found.need, found.qty, found.suggestion_id) == (20, 50, suggestion.pk)
    assert_sound()


def test_the_suggestion_reads_need_20_rounded_to_packs_of_50_30_to_stock(paper):
    order((paper, 100))
    rows = selectors.explain_suggestion(suggestion_of(paper).pk)
    told = [(row.sign, row.qty) for row in rows if row.sign]
    assert told == [("−", 80), ("+", 0), ("−", 0), ("=", 20), ("=", 50)]
    assert next(row.note for row in rows if row.emphasis == "signal") == "Need 20, rounded to packs of 50, 30 to stock"


def test_the_promise_explains_itself(paper):
    made = order((paper, 100))
    bought = purchase(paper, (50, 9))
    bought.move((50, 12))
    rows = selectors.explain_promise(made.lines[0].ref_line_id)
    assert [(row.sign, row.qty, row.date) for row in rows if row.emphasis != "info"] == [
        ("", 80, None),
        ("−", 0, None),
        ("=", 80, TODAY),
        ("+", 50, day(12)),
        ("=", 20, day(12)),
        ("=", 100, day(12)),
    ]
    infos = " ".join(row.label for row in rows if row.emphasis == "info")
    assert "lead time of 5 days was not used" in infos
    assert f"30 of {bought.number} are still free" in infos
    assert "a reason" in infos


def test_hidden_reservation(heard):
    """On hand 100, reserved 80: a new order of 50 gets 20 now and 30 from the next supply."""
    item = make_item()
    stock_up(item, 100, 100)
    holder = order((item, 80))
    purchase(item, (60, 6))
    seen = selectors.preview_promise(
        item_id=item.pk, warehouse_id=main_warehouse().pk, qty=D(50), required_date=day(3), at=AT
    )
    assert (seen.stock.on_hand, seen.stock.reserved, seen.stock.available) == (100, 80, 20)
    assert (seen.stock.incoming, seen.stock.next_date) == (60, day(6))
    assert [(part.qty, part.date) for part in seen.parts] == [(20, TODAY), (30, day(6))]
    assert not seen.in_time
    made = order((item, 50), by=3)
    assert made.promise() == [(20, TODAY, "stock"), (30, day(6), "supply")]
    assert [(row.ref_number, row.reserved_qty) for row in selectors.reservations_of(item.pk)] == [
        (made.number, 20),
        (holder.number, 80),
    ]
    assert [(row.ref_number, row.waiting_qty) for row in selectors.waiting_of(item.pk)] == [(made.number, 30)]
    assert_sound()


def test_dispatch_of_laptops():
    """On hand 15, 5 reserved: order 10 leaves 0 available; after dispatch 5 on hand, all reserved."""
    item = make_item("笔记本电脑")
    stock_up(item, 15, 45000)
    order((item, 5))
    made = order((item, 10))
    assert numbers_of(item) == (15, 15, 0)
    made.ship(10)
    assert numbers_of(item) == (5, 5, 0)
    assert made.line().open_qty == 0
    assert_sound()


def test_a_late_supplier_moves_every_promise_and_undoing_restores_them(heard):
    """70 units move from the 10th to the 24th: both orders that hang on them are revised, with the cause."""
    item = make_item()
    bought = purchase(item, (70, 10))
    five, six = order((item, 40), by=12), order((item, 30), by=12)
    heard.clear()
    cause = Cause("supplier_confirmed", "purchasing.order", bought.id, bought.number, "line 2 confirmed", "Supplier X")
    bought.move((70, 24), cause=cause)
    told = of(PromiseRevised, heard)
    assert [(e.ref_number, e.old_date, e.new_date) for e in told] == [
        (five.number, day(10), day(24)),
        (six.number, day(10), day(24)),
    ]
    assert {(e.cause, e.cause_number, e.cause_text, e.by_name) for e in told} == {
        ("supplier_confirmed", bought.number, "line 2 confirmed", "Supplier X")
    }
    row = PromiseRevision.objects.get(pk=told[0].revision_id)
    assert (row.cause_id, row.old_date, row.new_date) == (bought.id, day(10), day(24))
    promises.set_customer_reason(revision_id=row.pk, text="工厂检修", actor=SYSTEM, at=AT)
    assert selectors.revisions_of(five.id).get().customer_reason == "工厂检修"
    bought.move((70, 10), cause=cause)
    assert (five.promise(), six.promise()) == ([(40, day(10), "supply")], [(30, day(10), "supply")])
    view = selectors.promise_of([five.lines[0].ref_line_id])[five.lines[0].ref_line_id]
    assert (view.first_date, view.revision, view.moved) == (day(10), 2, False)
    assert_sound()


def test_the_same_answer_again_tells_nobody(heard):
    item = make_item()
    bought = purchase(item, (70, 10))
    order((item, 40))
    bought.move((70, 10))
    heard.clear()
    bought.move((70, 10))
    assert of(PromiseRevised, heard) == []
    assert not PromiseRevision.objects.exists()


def test_a_supplier_who_splits_the_order_splits_the_promise(heard):
    item = make_item()
    bought = purchase(item, (100, 10))
    made = order((item, 90))
    bought.move((60, 10), (40, 17))
    assert made.promise() == [(60, day(10), "supply"), (30, day(17), "supply")]
    assert [(e.old_date, e.new_date) for e in of(PromiseRevised, heard)] == [(day(10), day(17))]
    pegs = selectors.pegs_of_supply([bought.line_id])[bought.line_id]
    assert [(peg.ref_number, peg.qty) for peg in pegs] == [(made.number, 60), (made.number, 30)]


def test_a_receipt_serves_those_who_wait_by_itself(heard):
    item = make_item()
    bought = purchase(item, (50, 5))
    late, early = order((item, 40), by=20), order((item, 20), by=3)
    heard.clear()
    bought.receive(50)
    assert (early.line().reserved_qty, late.line().reserved_qty) == (20, 30)
    assert sorted((e.ref_number, e.qty) for e in of(DemandReserved, heard)) == sorted(
        [(early.number, 20), (late.number, 30)]
    )
    assert suggestion_of(item).need_qty == 10
    assert_sound()


def test_an_accepted_suggestion_counts_until_the_order_brings_supply(paper, heard):
    made = order((paper, 100))
    suggestion = suggestion_of(paper)
    bought_id, line_id = suggestion.pk, suggestion.item_id
    suggestions.mark_accepted([(suggestion.pk, bought_id, line_id, None, "PO-1")], actor=SYSTEM, at=AT)
    assert made.promise() == [(20, day(7), "suggestion")] or made.promise()[-1] == (20, day(7), "suggestion")
    another = order((paper, 10))
    assert another.promise() == [(10, day(7), "suggestion")]
    assert suggestion_of(paper) is None
    bought = purchase(paper, (50, 9), suggestion=suggestion)
    assert suggestion_of(paper) is None
    assert made.promise()[-1] == (20, day(9), "supply")
    assert another.promise() == [(10, day(9), "supply")]
    assert_sound()
    bought.withdraw()
    assert made.promise()[-1] == (20, day(7), "suggestion")
    assert_sound()
    suggestions.restore_suggestions(suggestion_ids=[suggestion.pk], actor=SYSTEM, at=AT)
    assert suggestion_of(paper).need_qty == 30
    assert Suggestion.objects.filter(item=paper).count() == 1
    assert_sound()


def test_no_demand_no_suggestion_and_running_twice_changes_nothing(paper, heard):
    from backend.availability.services.planning import replan
    from tests.factories.availability import CAUSE

    made = order((paper, 100))
    before = list(Suggestion.objects.filter(item=paper).values())
    heard.clear()
    for _ in range(2):
        replan([(paper.pk, main_warehouse().pk)], cause=CAUSE, actor=SYSTEM, at=AT + timedelta(hours=1))
    after = list(Suggestion.objects.filter(item=paper).values())
    for row in (*before, *after):
        row.pop("updated_at")
    assert before == after
    assert heard == []
    made.withdraw()
    assert not Suggestion.objects.filter(item=paper).exists()
    assert numbers_of(paper) == (80, 0, 80)
    assert_sound()


def test_a_later_order_does_not_push_aside_one_that_was_promised_earlier(heard):
    item = make_item()
    purchase(item, (10, 5))
    later_supply = purchase(item, (10, 15))
    first = order((item, 10), by=6)
    second = order((item, 10), by=6)
    heard.clear()
    later_supply.move((10, 16))
    assert first.promise() == [(10, day(5), "supply")]
    assert second.promise() == [(10, day(16), "supply")]
    assert [e.ref_number for e in of(PromiseRevised, heard)] == [second.number]


def test_priority_goes_first_when_goods_come():
    item = make_item()
    plain, urgent = order((item, 10), by=3), order((item, 10), by=30, priority=5)
    stock_up(item, 10, 10)
    assert (plain.line().reserved_qty, urgent.line().reserved_qty) == (0, 10)


def test_without_a_supplier_nobody_can_say_when():
    item = make_item()
    made = order((item, 5))
    assert made.promise() == [(5, None, "none")]
    view = selectors.promise_of([made.lines[0].ref_line_id])[made.lines[0].ref_line_id]
    assert view.promise_date is None
    rows = selectors.explain_promise(made.lines[0].ref_line_id)
    assert any("no supplier" in row.note for row in rows)


def test_the_item_lead_time_counts_before_the_supplier_s(paper):
    type(paper).objects.filter(pk=paper.pk).update(lead_days=1)
    assert order((paper, 100)).promise()[-1] == (20, day(3), "suggestion")


def test_every_day_that_nobody_orders_moves_the_promise_and_says_so(paper, heard):
    from backend.availability.services.planning import replan
    from tests.factories.availability import CAUSE

    made = order((paper, 100))
    heard.clear()
    replan([(paper.pk, main_warehouse().pk)], cause=CAUSE, actor=SYSTEM, at=AT + timedelta(days=2))
    assert made.promise() == [(80, TODAY, "stock"), (20, day(9), "suggestion")]
    [told] = of(PromiseRevised, heard)
    assert (told.cause, told.old_date, told.new_date) == ("not_ordered", day(7), day(9))
