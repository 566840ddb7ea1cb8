"""Opening stock from draft to booked and back."""

from decimal import Decimal as D

import pytest

from backend.availability.errors import CannotReleaseStock
from backend.inventory.errors import CannotSaveOpeningStock, CannotUnapproveOpeningStock
from backend.inventory.events import OpeningStockApproved, OpeningStockUnapproved
from backend.inventory.models import OpeningStock
from backend.inventory.services import opening
from backend.inventory.services.inputs import OpeningLineInput
from backend.kernel import events
from backend.kernel.errors import IllegalTransition, StaleVersion
from backend.kernel.models import AuditEntry
from tests.factories.availability import assert_sound, issue, order, receive
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, TODAY, balance_of, main_warehouse, moves_of, refuses, stock_up

pytestmark = pytest.mark.usefixtures("tenant")


def save(*lines, **more):
    return opening.save_opening_stock(
        doc_date=TODAY, warehouse_id=main_warehouse().pk, lines=lines, actor=SYSTEM, at=AT, **more
    )


@pytest.fixture
def heard(monkeypatch):
    told = []
    real = events.publish_all
    monkeypatch.setattr(events, "publish_all", lambda facts, actor: (told.extend(facts), real(facts, actor=actor)))
    return told


def test_a_draft_is_written_and_written_again():
    item, other = make_item(), make_item()
    document = save(OpeningLineInput(item.pk, D(3), unit_cost=D("3.333333")))
    assert (document.total_value, document.approval) == (D("10.00"), "draft")
    assert document.number.startswith("QCKC-")
    again = save(OpeningLineInput(other.pk, D(2), value=D(7)), document_id=document.pk, version=document.version)
    assert (again.number, again.total_value) == (document.number, 7)
    assert list(again.lines.values_list("item_id", "unit_cost")) == [(other.pk, D("3.5"))]
    with refuses(StaleVersion):
        save(OpeningLineInput(other.pk, D(2), value=D(7)), document_id=document.pk, version=document.version)


def test_wrong_lines_are_all_named():
    goods, service, milk = make_item(), make_item(item_type="service"), make_item(lot_tracked=True)
    with refuses(Exception) as refused:
        save(
            OpeningLineInput(goods.pk, D(0), unit_cost=D(1)),
            OpeningLineInput(service.pk, D(1), unit_cost=D(1)),
            OpeningLineInput(milk.pk, D(1), unit_cost=D(1)),
            OpeningLineInput(goods.pk, D(1)),
        )
    problems = refused.value.problems
    assert [(p.line, p.field) for p in problems] == [(1, "qty"), (2, "item"), (3, "lot_no"), (4, "unit_cost")]
    with refuses(CannotSaveOpeningStock, "no line"):
        save()


def test_approval_books_quantity_value_and_lots(heard):
    item = make_item(lot_tracked=True)
    document = save(
        OpeningLineInput(item.pk, D(10), value=D(100), lot_no="A"),
        OpeningLineInput(item.pk, D(5), value=D(60), lot_no="B"),
    )
    opening.approve_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)
    assert (balance_of(item).on_hand, balance_of(item).value) == (15, 160)
    assert [event for event in heard if isinstance(event, OpeningStockApproved)][0].values == (("inventory", D(160)),)
    with refuses(IllegalTransition):
        opening.approve_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)
    with refuses(IllegalTransition):
        save(OpeningLineInput(item.pk, D(1), value=D(1), lot_no="A"), document_id=document.pk)
    verbs = AuditEntry.objects.filter(subject_id=document.pk).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["create", "approve"]


def test_it_is_taken_back_while_untouched(heard):
    item = make_item()
    document = stock_up(item, 10, 100)
    opening.unapprove_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT, reason="typo")
    assert (balance_of(item).on_hand, balance_of(item).value) == (0, 0)
    assert OpeningStock.objects.get(pk=document.pk).approval == "draft"
    assert len(moves_of(document.pk)) == 2
    assert any(isinstance(event, OpeningStockUnapproved) for event in heard)
    opening.approve_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)
    assert balance_of(item).on_hand == 10
    assert_sound()


def test_what_has_left_stands_in_the_way():
    item = make_item()
    document = stock_up(item, 10, 100)
    receive(item, 10, 120, main_warehouse().pk)
    delivery = issue(item.pk, 1, main_warehouse().pk)
    with refuses(CannotUnapproveOpeningStock) as refused:
        opening.unapprove_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)
    assert delivery.number in refused.value.message
    assert [(link.doc_type, link.number) for link in refused.value.links] == [("test.delivery", delivery.number)]


def test_orders_that_hold_the_stock_stand_in_the_way():
    item = make_item()
    document = stock_up(item, 10, 100)
    holder = order((item, 4))
    with refuses(CannotReleaseStock) as refused:
        opening.unapprove_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)
    assert [(link.doc_type, link.number) for link in refused.value.links] == [("sales.order", holder.number)]
    assert holder.line().reserved_qty == 4
    holder.withdraw()
    opening.unapprove_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)
    assert balance_of(item).on_hand == 0


def test_waiting_orders_get_opening_stock():
    item = make_item()
    waiting = order((item, 8))
    stock_up(item, 10, 100)
    assert waiting.line().reserved_qty == 8
    assert_sound()


def test_approval_takes_a_fixed_number_of_statements(django_assert_max_num_queries):
    items = [make_item() for _ in range(30)]
    document = save(*(OpeningLineInput(item.pk, D(1), value=D(1)) for item in items))
    with django_assert_max_num_queries(30):
        opening.approve_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT)


def test_a_draft_is_voided():
    document = save(OpeningLineInput(make_item().pk, D(1), value=D(1)))
    assert opening.void_opening_stock(document_id=document.pk, actor=SYSTEM, at=AT).approval == "voided"
