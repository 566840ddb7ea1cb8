"""Deciding suggestions: accept, snooze, dismiss, revive, restore; what time does to them."""

from datetime import timedelta
from decimal import Decimal as D

import pytest

from backend.availability import selectors
from backend.availability.errors import CannotAnswer, CannotDecideSuggestion
from backend.availability.models import Suggestion
from backend.availability.services import suggestions
from backend.availability.services.daily import plan_the_day
from backend.kernel.errors import NotFoundRefused
from backend.kernel.ids import uuid7
from backend.kernel.models import AuditEntry
from tests.factories.availability import assert_sound, day, order, purchase, suggestion_of
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, make_warehouse, refuses, stock_up
from tests.factories.parties import make_supplier

pytestmark = pytest.mark.usefixtures("tenant")
WHO = {"actor": SYSTEM, "at": AT}


@pytest.fixture
def item():
    supplier = make_supplier(lead_days=5, transport_days=2)
    return make_item(supplier_id=supplier.pk, pack_qty=D(50), min_order_qty=D(120))


def test_the_least_order_and_whole_packs(item):
    order((item, 20))
    assert (suggestion_of(item).need_qty, suggestion_of(item).qty) == (20, 150)
    order((item, 140))
    assert (suggestion_of(item).need_qty, suggestion_of(item).qty) == (160, 200)
    row = next(r for r in selectors.explain_suggestion(suggestion_of(item).pk) if r.emphasis == "signal")
    assert row.note == "Need 160, rounded to packs of 50, 40 to stock"
    assert_sound()


def test_one_undecided_row_for_an_item_in_a_warehouse(item):
    for _ in range(3):
        order((item, 20))
    other = make_warehouse()
    order((item, 20), warehouse=other)
    rows = Suggestion.objects.filter(item=item).order_by("need_qty").values_list("need_qty", flat=True)
    assert list(rows) == [20, 60]


def test_the_explanation_names_the_first_demands_and_counts_the_rest(item):
    for _ in range(23):
        order((item, 1))
    found = suggestion_of(item)
    assert (found.explanation["lines"], len(found.explanation["demands"])) == (23, 20)
    assert (found.explanation["need"], found.explanation["shortage"]) == ("23", "23")
    assert selectors.explain_suggestion(found.pk)[-1].label == "and 3 more lines"


def test_the_explanation_adds_up_after_goods_were_shipped(item):
    stock_up(item, 80, 80)
    made = order((item, 100))
    order((item, 30), by=12)
    made.ship(80)
    numbers = [row.qty for row in selectors.explain_suggestion(suggestion_of(item).pk) if row.sign or row.qty][:5]
    need, on_hand, others, coming, short = numbers
    assert (need, on_hand, others, coming, short) == (50, 0, 0, 0, 50)


def test_snoozed_until_a_day_promises_count_from_then(item):
    made = order((item, 20))
    found = suggestions.snooze_suggestion(suggestion_id=suggestion_of(item).pk, until=day(3), reason="等报价", **WHO)
    assert (found.state, found.arrival_date, found.reason) == ("snoozed", day(10), "等报价")
    assert made.promise() == [(20, day(10), "suggestion")]
    plan_the_day(actor=SYSTEM, at=AT + timedelta(days=1))
    assert suggestion_of(item).state == "snoozed"
    plan_the_day(actor=SYSTEM, at=AT + timedelta(days=3))
    assert (suggestion_of(item).state, suggestion_of(item).arrival_date) == ("live", day(10))
    with refuses(CannotAnswer, "after today"):
        suggestions.snooze_suggestion(suggestion_id=suggestion_of(item).pk, until=TODAY, **WHO)


def test_a_greater_need_wakes_what_was_decided(item):
    order((item, 20))
    suggestions.dismiss_suggestion(suggestion_id=suggestion_of(item).pk, reason="停产", **WHO)
    another = order((item, 5))
    assert (suggestion_of(item).state, suggestion_of(item).reason) == ("live", "")
    assert another.promise() == [(5, day(7), "suggestion")]


def test_dismissed_means_nobody_can_say_when_and_revived_means_they_can(item):
    made = order((item, 20))
    with refuses(CannotAnswer, "Say why"):
        suggestions.dismiss_suggestion(suggestion_id=suggestion_of(item).pk, reason="", **WHO)
    found = suggestions.dismiss_suggestion(suggestion_id=suggestion_of(item).pk, reason="停产", **WHO)
    assert made.promise() == [(20, None, "none")]
    rows = selectors.explain_promise(made.lines[0].ref_line_id)
    assert any("停产" in row.note for row in rows)
    suggestions.revive_suggestion(suggestion_id=found.pk, **WHO)
    assert made.promise() == [(20, day(7), "suggestion")]
    verbs = AuditEntry.objects.filter(subject_id=found.pk).order_by("id").values_list("verb", "reason")
    assert list(verbs) == [("dismiss", "停产"), ("revive", "")]
    made.withdraw()
    with refuses(NotFoundRefused, "nothing needs it"):
        suggestions.revive_suggestion(suggestion_id=found.pk, **WHO)


def test_ordering_less_than_is_needed_suggests_the_rest(item):
    order((item, 200))
    found = suggestion_of(item)
    suggestions.mark_accepted([(found.pk, uuid7(), uuid7(), D(150), "PO-7")], **WHO)
    assert (suggestion_of(item).need_qty, Suggestion.objects.get(pk=found.pk).qty) == (50, 150)
    with refuses(CannotDecideSuggestion, "ordered already with PO-7") as refused:
        suggestions.mark_accepted([(found.pk, uuid7(), uuid7())], **WHO)
    assert [link.number for link in refused.value.links] == ["PO-7"]
    assert_sound()


def test_a_voided_order_gives_its_suggestion_back(item):
    made = order((item, 20))
    found, order_id = suggestion_of(item), uuid7()
    suggestions.mark_accepted([(found.pk, order_id, uuid7())], **WHO)
    assert suggestion_of(item) is None
    suggestions.restore_suggestions(order_id=order_id, **WHO)
    assert suggestion_of(item).need_qty == 20
    assert made.promise() == [(20, day(7), "suggestion")]
    suggestions.restore_suggestions(order_id=order_id, **WHO)
    suggestions.restore_suggestions(order_line_ids=[uuid7()], **WHO)
    assert_sound()


def test_an_order_for_another_warehouse_than_was_suggested(item):
    made, other = order((item, 20)), make_warehouse()
    found = suggestion_of(item)
    suggestions.mark_accepted([(found.pk, uuid7(), uuid7())], **WHO)
    bought = purchase(item, (150, 9), warehouse=other, suggestion=found)
    assert suggestion_of(item).need_qty == 20
    assert_sound()
    bought.withdraw()
    assert made.promise()[0][2] == "suggestion"
    assert_sound()


def test_deciding_takes_a_fixed_number_of_statements(django_assert_max_num_queries):
    supplier = make_supplier()
    items = [make_item(supplier_id=supplier.pk) for _ in range(15)]
    order(*((item, 5) for item in items))
    rows = [(pk, uuid7(), uuid7()) for pk in Suggestion.objects.values_list("pk", flat=True)]
    with django_assert_max_num_queries(22):
        suggestions.mark_accepted(rows, **WHO)
    with django_assert_max_num_queries(22):
        suggestions.restore_suggestions(suggestion_ids=[row[0] for row in rows], **WHO)
    with django_assert_max_num_queries(22):
        assert plan_the_day(actor=SYSTEM, at=AT + timedelta(days=1)) == 15
    with django_assert_max_num_queries(10):
        plan_the_day(actor=SYSTEM, at=AT + timedelta(days=1))
    assert_sound()
