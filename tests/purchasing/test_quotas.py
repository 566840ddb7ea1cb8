"""SRM-19: what is bought of an item goes to its suppliers by their quotas; who is stopped is passed over, with the reason."""

from collections import Counter
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from backend.availability.models import Suggestion, SuggestionState
from backend.availability.selectors.consistency import violations
from backend.kernel.actor import Actor
from backend.kernel.audit import timeline
from backend.kernel.errors import PermissionRefused, Refusal, StaleVersion
from backend.parties.services.suppliers import set_supplier_state
from backend.purchasing.models import ItemQuota, QuotaShare
from backend.purchasing.selectors.quotas import ordered_since, quotas
from backend.purchasing.services import orders, requisition_orders, requisitions
from backend.purchasing.services.from_suggestions import CannotAcceptSuggestion
from backend.purchasing.services.inputs import OrderChoice, RequisitionData, RequisitionLineInput
from backend.purchasing.services.quota_sharing import Want, in_packs, share_out
from backend.purchasing.services.quotas import QuotaData, QuotaMeets, ShareInput, drop_quota, save_quota
from backend.purchasing.services.requisition_needs import request_suggestions
from tests.factories.catalog import make_item
from tests.factories.inventory import refuses
from tests.factories.parties import AT, make_supplier
from tests.factories.purchasing import BUYER, DAY, day, make_purchase_order
from tests.factories.quotas import QUOTAS, make_quota
from tests.people import owner_actor
from tests.scenarios.world import World, settle

pytestmark = pytest.mark.usefixtures("tenant")


def given(item: Any, qty: Any) -> list[Any]:
    """Who gets so much of the item today, by name."""
    shared = share_out([Want(item.pk, item, D(qty))], day=DAY)
    return [(part.supplier.name, part.qty) for part in shared[item.pk].parts]


def stop(party: Any) -> None:
    set_supplier_state(party_id=party.pk, state="blocked", actor=BUYER, at=AT, reason="fraud")


# --- the arithmetic
@pytest.mark.parametrize(
    ("qty", "shares", "pack", "parts"),
    [
        (100, (60, 40), 1, [60, 40]),
        (100, (60, 40), 24, [52, 48]),
        (48, (50, 50), 24, [24, 24]),
        ("2.5", (60, 40), 1, ["1.5", 1]),
        (10, (34, 33, 33), 5, [5, 5, 0]),
    ],
)
def test_parts_are_whole_packs_and_make_the_whole(qty, shares, pack, parts):
    found = in_packs(D(qty), [D(share) for share in shares], D(pack))
    assert found == [D(part) for part in parts]
    assert sum(found) == D(qty)


def test_srm_19_sixty_to_forty_over_a_history_of_orders():
    """Each order goes to who is furthest behind: after ten the quota is met, and never far from it."""
    item, mill, maker = make_item(), make_supplier("Mill"), make_supplier("Maker")
    make_quota(item, (mill, 60), (maker, 40))
    make_purchase_order((item, 500), supplier=mill, doc_date=day(-1))
    got: Counter[str] = Counter()
    for _order in range(10):
        [(name, qty)] = given(item, 10)
        make_purchase_order((item, qty), supplier={"Mill": mill, "Maker": maker}[name], approve=False)
        got[name] += int(qty)
    assert got == {"Mill": 60, "Maker": 40}


def test_srm_19_a_block_moves_the_share_and_says_why():
    item, mill, maker, third = make_item(), make_supplier("Mill"), make_supplier("Maker"), make_supplier("Third")
    make_quota(item, (mill, 50), (maker, 30), (third, 20), way="split")
    assert given(item, 100) == [("Mill", 50), ("Maker", 30), ("Third", 20)]
    stop(mill)
    shared = share_out([Want(1, item, D(100))], day=DAY)[1]
    assert [(part.supplier.name, part.qty) for part in shared.parts] == [("Maker", 60), ("Third", 40)]
    assert shared.stopped == ["Mill is blocked: fraud."]
    assert "fraud" in shared.words
    for party in (maker, third):
        stop(party)
    assert given(item, 100) == []


def test_srm_19_a_split_gives_nobody_less_than_the_smallest_order():
    item, mill, maker = make_item(min_order_qty=D(30), pack_qty=D(5)), make_supplier("Mill"), make_supplier("Maker")
    make_quota(item, (mill, 60), (maker, 40), way="split")
    assert given(item, 100) == [("Mill", 60), ("Maker", 40)]
    assert given(item, 50) == [("Mill", 50)]
    make_purchase_order((item, 50), supplier=mill)
    assert given(item, 50) == [("Maker", 50)], "who is furthest behind gets what is not split"


def test_srm_19_what_counts_as_ordered():
    """Drafts and open requisitions count, what was thrown away or never came on a closed order does not; nor other days."""
    item, mill, maker = make_item(), make_supplier("Mill"), make_supplier("Maker")
    quota = make_quota(item, (mill, 60), (maker, 40), valid_to=day(30))
    make_purchase_order((item, 10), supplier=mill, approve=False)
    make_purchase_order((item, 3), supplier=maker, doc_date=day(-1))
    closed, gone = (
        make_purchase_order((item, 7), supplier=mill),
        make_purchase_order((item, 9), supplier=mill, approve=False),
    )
    orders.close_order(order_id=closed.pk, actor=BUYER, at=AT)
    orders.void_order(order_id=gone.pk, actor=BUYER, at=AT)
    wanted = [RequisitionLineInput(item.pk, D(4), D(1), supplier_id=maker.pk)]
    requisitions.save_requisition(data=RequisitionData(need_date=day(9), lines=wanted), actor=QUOTAS, at=AT)
    assert ordered_since([quota])[quota.pk] == {mill.pk: 10, maker.pk: 4}


def test_sharing_takes_a_fixed_number_of_statements(django_assert_max_num_queries):
    items = [make_item() for _ in range(6)]
    mill, maker = make_supplier(), make_supplier()
    wants = [Want(item.pk, item, D(5)) for item in items]
    with django_assert_max_num_queries(1):
        share_out(wants, day=DAY)
    make_quota(items[0], (mill, 60), (maker, 40))

    def taken() -> int:
        with CaptureQueriesContext(connection) as found:
            share_out(wants, day=DAY)
        return len(found)

    one = taken()
    for item in items[1:]:
        make_quota(item, (mill, 60), (maker, 40))
    assert taken() == one <= 5


# --- from need to order
@pytest.fixture
def short() -> Any:
    """A world where 100 pens are short, and two suppliers share them."""
    world = World()
    world.pen = world.item("PEN", "Pen")  # type: ignore[attr-defined]
    world.other = make_supplier("Other")  # type: ignore[attr-defined]
    world.order(world.pen, 100)  # type: ignore[attr-defined]
    settle()
    return world


def live() -> list[Any]:
    return list(Suggestion.objects.filter(state=SuggestionState.LIVE))


def test_srm_19_a_suggestion_is_split_into_orders_and_stays_one_need(short):
    """Both orders serve the customer's line; one thrown away comes back as its part alone."""
    make_quota(short.pen, (short.supplier, 60), (short.other, 40), way="split", begins=short.today)
    who = {"actor": short.buyer, "at": short.at}
    made = orders.order_from_suggestions(suggestion_ids=[row.pk for row in live()], **who)
    assert {order.supplier_id: order.lines.get().qty for order in made} == {short.supplier.pk: 60, short.other.pk: 40}
    settle()
    assert not live()
    assert "60 %" in timeline(made[0].pk).get(verb="create").reason
    theirs = next(order for order in made if order.supplier_id == short.other.pk)
    ours = next(order for order in made if order.supplier_id == short.supplier.pk)
    orders.void_order(order_id=theirs.pk, **who)
    settle()
    assert [row.qty for row in live()] == [40]
    orders.approve_order(order_id=ours.pk, **who)
    settle()
    assert ([row.qty for row in live()], violations()) == ([40], [])


def test_srm_19_a_choice_goes_before_the_quota_and_nobody_left_is_refused(short):
    make_quota(short.pen, (short.other, 100), begins=short.today)
    who: dict[str, Any] = {"actor": short.buyer, "at": short.at}
    ids = [row.pk for row in live()]
    stop(short.other)
    with refuses(CannotAcceptSuggestion, "fraud"):
        orders.order_from_suggestions(suggestion_ids=ids, **who)
    [made] = orders.order_from_suggestions(suggestion_ids=ids, supplier_id=short.supplier.pk, **who)
    assert made.supplier_id == short.supplier.pk


def test_srm_19_a_requisition_asks_by_quota_too(short):
    make_quota(short.pen, (short.supplier, 60), (short.other, 40), way="split", begins=short.today)
    [made] = request_suggestions(suggestion_ids=[row.pk for row in live()], actor=short.buyer, at=short.at)
    lines = made.lines.order_by("line_no").values_list("supplier_id", "qty")
    assert dict(lines) == {short.supplier.pk: 60, short.other.pk: 40}
    settle()
    assert (live(), violations()) == ([], [])


def test_srm_19_a_requisition_without_a_supplier_is_ordered_by_quota(short):
    """Who is named on the line goes before."""
    pen, named = short.pen, make_supplier("Named")
    make_quota(pen, (short.supplier, 60), (short.other, 40), way="split", begins=short.today)
    wanted = [RequisitionLineInput(pen.pk, D(10), D(1)), RequisitionLineInput(pen.pk, D(5), D(1), supplier_id=named.pk)]
    who: dict[str, Any] = {"actor": short.buyer, "at": short.at}
    document = requisitions.save_requisition(data=RequisitionData(need_date=short.day(9), lines=wanted), **who)
    requisitions.submit_requisition(requisition_id=document.pk, **who)
    requisitions.approve_requisition(requisition_id=document.pk, actor=owner_actor(), at=short.at)
    choices = [OrderChoice(line.pk, line.qty) for line in document.lines.order_by("line_no")]
    made = requisition_orders.order_requisition(requisition_id=document.pk, choices=choices, **who)
    assert {order.supplier_id: order.lines.get().qty for order in made} == {
        short.supplier.pk: 6, short.other.pk: 4, named.pk: 5,
    }  # fmt: skip
    assert {line.ordered_qty for line in document.lines.all()} == {10, 5}


# --- setting it
def test_srm_19_what_is_wrong_with_a_quota_is_named():
    item, mill, maker = make_item(), make_supplier(), make_supplier()

    def wrong(*shares: Any, **words: Any) -> list[Any]:
        inputs = [ShareInput(party, D(share)) for party, share in shares]
        with pytest.raises(Refusal) as refused:
            save_quota(data=QuotaData(item.pk, day(0), inputs, **words), actor=QUOTAS, at=AT)
        return [problem.field for problem in refused.value.problems]

    assert wrong((mill.pk, 60), (maker.pk, 30)) == ["shares"]
    assert wrong((mill.pk, 100), (maker.pk, 0)) == ["share"]
    assert wrong((mill.pk, 50), (mill.pk, 50)) == ["supplier_id"]
    assert wrong((item.pk, 100)) == ["supplier_id"]
    assert wrong() == ["shares"]
    assert wrong((mill.pk, 100), valid_to=day(-1), way="x") == ["way", "valid_to"]
    assert not ItemQuota.objects.exists()


def test_srm_19_one_quota_holds_on_a_day_and_changes_leave_their_trail():
    item, mill, maker = make_item(), make_supplier(), make_supplier()
    first = make_quota(item, (mill, 100), valid_to=day(9))
    for begins, words in ((day(9), {}), (day(-9), {}), (day(-9), {"valid_to": day(0)})):
        with refuses(QuotaMeets):
            make_quota(item, (maker, 100), begins=begins, **words)
    make_quota(item, (maker, 100), begins=day(10))
    data = QuotaData(item.pk, day(0), [ShareInput(mill.pk, D(70)), ShareInput(maker.pk, D(30))], day(9))
    save_quota(data=data, quota_id=first.pk, version=1, actor=QUOTAS, at=AT)
    with refuses(StaleVersion):
        save_quota(data=data, quota_id=first.pk, version=1, actor=QUOTAS, at=AT)
    assert [share.share for share in quotas().get(pk=first.pk).shares.all()] == [70, 30]
    drop_quota(quota_id=first.pk, actor=QUOTAS, at=AT)
    assert list(timeline(first.pk).values_list("verb", flat=True)) == ["drop", "quota", "quota"]
    with refuses(PermissionRefused):
        save_quota(data=data, actor=Actor(kind="staff", name="x"), at=AT)


def test_srm_19_the_database_keeps_quotas_whole():
    item, mill, maker = make_item(), make_supplier(), make_supplier()
    quota = make_quota(item, (mill, 60), (maker, 40))

    def refused(change: Any, words: str = "") -> None:
        with refuses(IntegrityError, words):
            change()
            constraints("IMMEDIATE")
        constraints("DEFERRED")

    def another() -> None:
        other = ItemQuota.objects.create(item=item, valid_from=day(5), created_at=AT, updated_at=AT)
        QuotaShare.objects.create(quota=other, supplier=mill, share=100)

    refused(lambda: QuotaShare.objects.filter(supplier=mill).update(share=50), "make 90")
    refused(lambda: QuotaShare.objects.filter(supplier=mill).delete(), "make 40")
    refused(lambda: QuotaShare.objects.filter(supplier=mill).update(share=0))
    refused(another, "meets another one")
    quota.delete()
    constraints("IMMEDIATE")


def constraints(when: str) -> None:
    """As at the commit, or no more."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL {when}")
