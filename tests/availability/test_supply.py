"""Supply: schedules, receipts in parts, withdrawal, what can be read of it."""

from decimal import Decimal as D

import pytest
from django.db import transaction

from backend.availability import selectors
from backend.availability.errors import CannotReceiveSupply
from backend.availability.models import SupplyLine
from backend.availability.services import supply
from backend.availability.services.supply import SupplyInput
from backend.inventory.services.moves import reverse_moves
from backend.kernel.ids import uuid7
from tests.factories.availability import CAUSE, assert_sound, day, order, purchase, receive
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, balance_of, main_warehouse, numbers_of, refuses, stock_up

pytestmark = pytest.mark.usefixtures("tenant")


def test_receiving_in_parts_eats_the_schedule_by_date():
    item = make_item()
    bought = purchase(item, (60, 10), (40, 17))
    made = order((item, 90))
    bought.receive(70)
    assert list(SupplyLine.objects.filter(item=item).order_by("schedule_no").values_list("qty", "open_qty")) == [
        (60, 0),
        (40, 30),
    ]
    assert made.line().reserved_qty == 70
    assert made.promise()[-1] == (20, day(17), "supply")
    bought.receive(50)
    assert numbers_of(item) == (120, 90, 30)
    assert_sound()
    with refuses(CannotReceiveSupply):
        supply.receive_supply([(uuid7(), D(1))], cause=CAUSE, actor=SYSTEM, at=AT)


def test_an_answer_after_a_first_receipt_is_about_the_rest():
    item = make_item()
    bought = purchase(item, (100, 10))
    bought.receive(30)
    bought.move((50, 12), (20, 20))
    rows = SupplyLine.objects.filter(item=item).order_by("schedule_no").values_list("qty", "open_qty", "firmness")
    assert list(rows) == [(80, 50, "confirmed"), (20, 20, "confirmed")]
    row = SupplyLine.objects.get(item=item, schedule_no=1)
    assert (row.former_date, row.supply_date, row.dated_by_name) == (day(10), day(12), "Troika")
    bought.move()
    assert list(SupplyLine.objects.filter(item=item).values_list("qty", "open_qty")) == [(30, 0)]
    assert_sound()


def test_a_withdrawn_order_brings_nothing_and_demand_falls_back():
    item = make_item()
    bought = purchase(item, (100, 10))
    made = order((item, 90))
    bought.receive(40)
    bought.withdraw()
    assert made.promise() == [(40, AT.date(), "stock"), (50, None, "none")]
    assert list(SupplyLine.objects.filter(item=item).values_list("qty", "open_qty")) == [(40, 0)]
    assert_sound()


def test_a_receipt_is_taken_back_and_comes_again():
    item = make_item()
    bought = purchase(item, (100, 10))
    made = order((item, 90))
    paper = bought.receive(100)
    assert made.line().reserved_qty == 90
    reverse_moves(document=paper, actor=SYSTEM, at=AT)
    bought.move((100, 10))
    assert (made.line().reserved_qty, balance_of(item).on_hand) == (0, 0)
    assert made.promise() == [(90, day(10), "supply")]
    assert_sound()


def test_what_is_free_of_a_supply_can_be_read(django_assert_num_queries):
    item, place = make_item(), main_warehouse()
    purchase(item, (100, 10))
    purchase(item, (50, 4))
    order((item, 70))
    with django_assert_num_queries(2):
        rows = selectors.supplies_of(item.pk)
    assert [(row.supply_date, row.open_qty, row.free_qty) for row in rows] == [(day(4), 50, 0), (day(10), 100, 80)]
    with django_assert_num_queries(1):
        found = selectors.item_availability([(item.pk, place.pk)])[item.pk, place.pk]
    assert (found.incoming, found.incoming_free, found.next_date, found.waiting) == (150, 80, day(10), 70)
    with django_assert_num_queries(1):
        whole = selectors.availability_by_item([item.pk])[item.pk]
    assert whole == found
    with django_assert_num_queries(1):
        assert selectors.availability_by_item([item.pk], warehouse_id=uuid7()) == {}


def test_previews_of_many_lines_take_three_statements(django_assert_num_queries):
    items, place = [make_item() for _ in range(12)], main_warehouse()
    for item in items:
        stock_up(item, 5, 5)
    wanted = [selectors.PreviewInput(item.pk, place.pk, D(3), day(3)) for item in items for _ in range(2)]
    with django_assert_num_queries(3):
        seen = selectors.preview_promises(wanted, at=AT)
    assert [(part.qty, part.date) for part in seen[1].parts] == [(2, AT.date()), (1, None)]
    assert (seen[0].in_time, seen[1].in_time) == (True, False)
    assert selectors.preview_promises([], at=AT) == []


@pytest.mark.parametrize("lines", [1, 25])
def test_supply_takes_a_fixed_number_of_statements(lines, django_assert_max_num_queries):
    items, place = [make_item() for _ in range(lines)], main_warehouse()
    made = order(*((item, 8) for item in items))
    names = {"ref_type": "purchasing.order", "ref_id": uuid7(), "ref_number": "PO-1", "cause": CAUSE}
    who = {"actor": SYSTEM, "at": AT}

    def parts(offset):
        return [SupplyInput(item.pk, 1, item.pk, place.pk, D(10), day(offset)) for item in items]

    with transaction.atomic(), django_assert_max_num_queries(20):
        supply.register_supply(parts(5), **names, **who)
    with transaction.atomic(), django_assert_max_num_queries(20):
        supply.reschedule_supply({part.ref_line_id: [part] for part in parts(9)}, **names, **who)
    for item in items:
        receive(item, 10, 10, place.pk)
    with transaction.atomic(), django_assert_max_num_queries(20):
        supply.receive_supply([(item.pk, D(10)) for item in items], cause=CAUSE, **who)
    assert made.line().reserved_qty == 8
    assert_sound()
