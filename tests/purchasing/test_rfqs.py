"""Requests for quotation (SRM-05 … SRM-08): sealed in the database, steps, comparison, split award, undo."""

from datetime import datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from backend.catalog.models import PriceListLine
from backend.catalog.services import pricing
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.models import DocumentLink
from backend.parties.models import Party
from backend.parties.services.suppliers import CannotOrderFrom, set_supplier_state
from backend.purchasing.models import PurchaseOrder, Quote, QuoteLine, QuoteStep, Rfq, RfqInvitation
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.services import awards, orders, quotes, rfqs
from backend.purchasing.services.inputs import (
    AwardInput,
    QuoteData,
    QuoteLineInput,
    RfqData,
    RfqLineInput,
    StepInput,
)
from backend.purchasing.services.sealing import as_supplier
from tests.factories.catalog import make_item
from tests.factories.parties import make_supplier
from tests.factories.purchasing import supplier_actor
from tests.srm.test_scores import bring

pytestmark = pytest.mark.django_db
BUYER = Actor.system("Buyer")
SEALED = (Quote, QuoteLine, QuoteStep)


class Story:
    """Four suppliers are asked for three lines; the deadline was an hour ago by the real clock."""

    def __init__(self, *, asked: int = 4, qty: Any = 120, ahead: timedelta = -timedelta(hours=1)) -> None:
        self.now = timezone.now()
        self.early = self.now - timedelta(days=3)
        self.deadline = self.now + ahead
        self.items = [make_item() for _ in range(3)]
        self.suppliers = [make_supplier() for _ in range(asked)]
        day = self.now.date() + timedelta(days=20)
        lines = [RfqLineInput(self.items[0].pk, D(qty), day, "bright white")]
        lines += [RfqLineInput(item.pk, D(10), day) for item in self.items[1:]]
        data = RfqData("Paper", self.deadline, lines, [party.pk for party in self.suppliers])
        self.rfq = rfqs.save_rfq(data=data, actor=BUYER, at=self.early)
        rfqs.publish_rfq(rfq_id=self.rfq.pk, actor=BUYER, at=self.early)
        self.lines = list(self.rfq.lines.order_by("line_no"))

    def person(self, number: int) -> Actor:
        return supplier_actor(self.suppliers[number])

    def quote(self, number: int, price: Any, *, at: datetime | None = None, key: str = "", **more: Any) -> Quote:
        line = {name: more.pop(name) for name in ("steps", "min_qty", "lead_days", "alternate") if name in more}
        line = {"lead_days": 5, **line}
        given = [QuoteLineInput(self.lines[0].pk, D(str(price)), **line)]
        data = QuoteData(given, self.now.date() + timedelta(days=30), **more)
        when = at or self.early
        return quotes.submit_quote(rfq_id=self.rfq.pk, data=data, actor=self.person(number), at=when, key=key)

    def open(self) -> Rfq:
        return rfqs.open_rfq(rfq_id=self.rfq.pk, actor=BUYER, at=self.now)

    def award(self, *parts: tuple[int, Any, str]) -> list[PurchaseOrder]:
        chosen = [AwardInput(self.lines[0].pk, self.suppliers[n].pk, D(str(qty)), why) for n, qty, why in parts]
        return awards.award_rfq(rfq_id=self.rfq.pk, awards=chosen, actor=BUYER, at=self.now)

    def compared(self) -> reads.Comparison:
        return reads.compare(reads.rfq_for(BUYER, self.rfq.number), today=self.now.date())


def _raw(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


# --- sealing -----------------------------------------------------------------------------------
def test_three_lines_for_four_suppliers_make_four_invitations(tenant: Any) -> None:
    """SRM-05."""
    story = Story()
    assert story.rfq.lines.count() == 3
    assert RfqInvitation.objects.filter(rfq=story.rfq).count() == 4


def test_a_sealed_quote_is_unreadable_for_everybody_but_its_supplier(tenant: Any) -> None:
    """SRM-05: by raw SQL, by the ORM, as a competitor, for the buyer; its own supplier reads it."""
    story = Story()
    story.quote(0, "9.99", steps=[StepInput(D(100), D(9))])
    for model in SEALED:
        assert _raw(f"SELECT count(*) FROM {model._meta.db_table}") == 0
        assert model._default_manager.count() == 0
    with as_supplier(story.suppliers[1].pk):
        assert [model._default_manager.count() for model in SEALED] == [0, 0, 0]
    assert _raw("SELECT count(*) FROM purchasing_quote") == 0
    mine = reads.own_quotes(story.person(0), story.rfq)
    assert [row.price for row in mine[0].lines.all()] == [D("9.99")]
    assert reads.own_quotes(story.person(1), story.rfq) == []
    assert story.compared().quotes == {}
    assert RfqInvitation.objects.get(rfq=story.rfq, supplier=story.suppliers[0]).revision == 1


def test_sealed_rows_can_be_neither_changed_nor_deleted(tenant: Any) -> None:
    story = Story()
    story.quote(0, 10)
    with connection.cursor() as cursor:
        for table in ("purchasing_quote", "purchasing_quote_line"):
            cursor.execute(f"UPDATE {table} SET id = id")
            assert cursor.rowcount == 0
    story.open()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM purchasing_quote_line")
        assert cursor.rowcount == 0
        cursor.execute("UPDATE purchasing_quote_line SET price = 1")
        assert cursor.rowcount == 0


def test_nobody_opens_before_the_deadline_whatever_time_he_says(tenant: Any) -> None:
    """SRM-05: the service and the database both look at the clock."""
    story = Story(ahead=timedelta(hours=2))
    story.quote(0, 10)
    with pytest.raises(rfqs.CannotOpenRfq):
        rfqs.open_rfq(rfq_id=story.rfq.pk, actor=BUYER, at=story.deadline + timedelta(days=1))
    late = story.deadline + timedelta(days=1)
    for column in ({"opened_at": late}, {"opened_at": story.now}, {"deadline": story.early}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Rfq.objects.filter(pk=story.rfq.pk).update(**column)
    assert Quote.objects.count() == 0


def test_nobody_writes_in_the_name_of_another(tenant: Any) -> None:
    story = Story()
    row = {"rfq": story.rfq, "revision": 1, "valid_until": story.now.date(), "by_name": "x", "at": story.early}
    with pytest.raises(Exception, match="row-level security"), transaction.atomic():
        Quote.objects.create(supplier=story.suppliers[0], **row)
    with pytest.raises(Exception, match="row-level security"), as_supplier(story.suppliers[1].pk):
        Quote.objects.create(supplier=story.suppliers[0], **row)
    stranger = make_supplier()
    with pytest.raises(NotFoundRefused):
        quotes.submit_quote(
            rfq_id=story.rfq.pk, data=QuoteData([], story.now.date()), actor=supplier_actor(stranger), at=story.early
        )


def test_revisions_until_the_deadline_and_nothing_after(tenant: Any) -> None:
    """SRM-05: the newest counts; after the deadline no edits, not even past the service."""
    story = Story()
    story.quote(0, 12)
    story.quote(0, 11)
    with pytest.raises(quotes.CannotQuote):
        story.quote(0, 1, at=story.deadline)
    story.open()
    with pytest.raises(quotes.CannotQuote):
        story.quote(0, 1)
    row = {"rfq": story.rfq, "revision": 9, "valid_until": story.now.date(), "by_name": "x", "at": story.early}
    with pytest.raises(IntegrityError, match="takes no quotes"), as_supplier(story.suppliers[0].pk):
        Quote.objects.create(supplier=story.suppliers[0], **row)
    assert [quote.revision for quote in reads.own_quotes(story.person(0), story.rfq)] == [2, 1]
    assert story.compared().by_line[story.lines[0].pk][0].offer.price == D(11)


def test_a_quote_sent_twice_is_one(tenant: Any) -> None:
    story = Story()
    assert story.quote(0, 12, key="k").pk == story.quote(0, 12, key="k").pk
    with as_supplier(story.suppliers[0].pk):
        assert Quote.objects.count() == 1


def test_wrong_quotes_are_refused_line_by_line(tenant: Any) -> None:
    story = Story()
    data = QuoteData(
        [QuoteLineInput(story.lines[0].pk, D(0), 5), QuoteLineInput(story.lines[1].pk, D(1), 5, min_qty=D(-1))],
        story.now.date() - timedelta(days=9),
        freight=D(-1),
    )
    with pytest.raises(Refusal) as refused:
        quotes.submit_quote(rfq_id=story.rfq.pk, data=data, actor=story.person(0), at=story.early)
    assert {str(problem.field).split("-")[0] for problem in refused.value.problems} == {
        "valid_until", "freight", "price", "min",
    }  # fmt: skip


@pytest.mark.parametrize("state", ["blocked", "pending", "suspended"])
def test_blocked_suppliers_are_not_asked(tenant: Any, state: str) -> None:
    """SRM-01, SRM-02, SRM-04 at the request."""
    story = Story(asked=1)
    blocked = make_supplier()
    set_supplier_state(party_id=blocked.pk, state=state, actor=BUYER, at=story.early)
    data = RfqData("x", story.deadline, [RfqLineInput(story.items[0].pk, D(1), story.now.date())], [blocked.pk])
    rfq = rfqs.save_rfq(data=data, actor=BUYER, at=story.early)
    with pytest.raises(CannotOrderFrom):
        rfqs.publish_rfq(rfq_id=rfq.pk, actor=BUYER, at=story.early)


# --- comparison --------------------------------------------------------------------------------
def test_landed_cost_ranks_three_suppliers(tenant: Any) -> None:
    """SRM-07: landed = price + freight share + duty + risk; ranked by cost and by lead time; duty from abroad alone.

    The first supplier came 4 days late once in two: half of 4 days at 5 ‰ are 1 % of its price of 10.
    """
    story = Story(asked=3, qty=100)
    for late in (4, 0):
        bring(story.suppliers[0], make_item(), late=late)
    story.quote(0, "10", includes_tax=False, freight=D(300), lead_days=3)
    story.quote(1, "12", includes_tax=False, lead_days=9)
    story.quote(2, "11", includes_tax=False, lead_days=2)
    terms = {story.suppliers[2].pk: (D(1), D(10))}
    with pytest.raises(ValidationRefused, match="neither a rate nor duty"):
        rfqs.set_terms(rfq_id=story.rfq.pk, terms=terms, actor=BUYER, at=story.now)
    Party.objects.filter(pk=story.suppliers[2].pk).update(currency="USD")
    rfqs.set_terms(rfq_id=story.rfq.pk, terms=terms, actor=BUYER, at=story.now)
    story.open()
    ranks = {one.offer.supplier_id: one for one in story.compared().by_line[story.lines[0].pk]}
    rows = [ranks[party.pk] for party in story.suppliers]
    assert rows[0].offer.risk == D("0.1")
    assert [row.offer.landed for row in rows] == [D("13.1"), D(12), D("12.1")]
    assert [row.by_cost for row in rows] == [3, 1, 2]
    assert [row.by_lead for row in rows] == [2, 3, 1]


def test_comparing_takes_a_fixed_number_of_statements(tenant: Any, django_assert_max_num_queries: Any) -> None:
    story = Story()
    for number in range(4):
        story.quote(number, 10 + number, steps=[StepInput(D(100), D(9))])
    story.open()
    with django_assert_max_num_queries(10):
        story.compared()


# --- award -------------------------------------------------------------------------------------
def test_steps_by_quantity_reach_the_order_and_the_price_list(tenant: Any) -> None:
    """SRM-06, SRM-08: 1–99 at 10, 100 and more at 9; 120 awarded are ordered at 9, prices agreed with validity."""
    story = Story()
    story.quote(0, 10, steps=[StepInput(D(100), D(9))])
    story.open()
    [order] = story.award((0, 120, ""))
    line = order.lines.get()
    assert (line.tax_incl_price, line.price_source, order.approval) == (D(9), "quote", "draft")
    assert QuoteLine.objects.get(pk=line.quote_line_id).quote.supplier_id == order.supplier_id
    assert DocumentLink.objects.filter(source_id=story.rfq.pk, target_line_id=line.pk, qty=120).exists()
    until = story.now.date() + timedelta(days=30)
    agreed = PriceListLine.objects.filter(item=story.items[0], price_list__party=order.supplier_id)
    assert sorted(agreed.values_list("min_qty", "price", "valid_to")) == [(D(0), D(10), until), (D(100), D(9), until)]
    supplier = Party.objects.get(pk=order.supplier_id)
    ask = {"kind": "purchase", "party": supplier, "at_date": clock.day_of(story.now)}
    found = pricing.resolve_lines(lines=[(story.items[0], D(5)), (story.items[0], D(150))], **ask)
    assert [price.price for price in found] == [D(10), D(9)]


def test_an_offer_that_sells_more_than_was_asked_is_no_cheaper_one(tenant: Any) -> None:
    """SRM-07: 120 are asked, the cheapest sells 200 or more; nobody has to say why it is passed over."""
    story = Story()
    story.quote(0, 10, min_qty=D(200))
    story.quote(1, 11)
    story.quote(2, 12)
    story.open()
    with pytest.raises(awards.ReasonNeeded):
        story.award((2, 120, ""))
    [order] = story.award((1, 120, ""))
    assert order.supplier == story.suppliers[1]


def test_split_award_needs_a_reason_where_it_is_not_the_cheapest(tenant: Any) -> None:
    """SRM-07: 60/40; the second is dearer, so somebody says why."""
    story = Story(qty=100)
    story.quote(0, 10)
    story.quote(1, 11)
    story.open()
    with pytest.raises(awards.ReasonNeeded) as refused:
        story.award((0, 60, ""), (1, 40, ""))
    assert refused.value.line == 1
    made = story.award((0, 60, ""), (1, 40, "second source"))
    assert sorted((order.supplier_id, order.lines.get().qty) for order in made) == sorted(
        [(story.suppliers[0].pk, D(60)), (story.suppliers[1].pk, D(40))]
    )
    assert story.rfq.awards.get(supplier=story.suppliers[1]).reason == "second source"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([(0, 121, "")], "awarded_too_much"),
        ([(0, 0, "")], "cannot_award_rfq"),
        ([(1, 10, "x")], "below_minimum"),
        ([(2, 10, "x")], "invalid"),
    ],
)
def test_impossible_awards_are_refused(tenant: Any, parts: Any, code: str) -> None:
    story = Story()
    story.quote(0, 10)
    story.quote(1, 11, min_qty=D(50))
    story.open()
    with pytest.raises(Refusal) as refused:
        story.award(*parts)
    assert refused.value.code == code
    assert not PurchaseOrder.objects.filter(supplier__in=story.suppliers).exists()


def test_an_award_is_undone_while_its_orders_are_drafts(tenant: Any) -> None:
    """SRM-08."""
    story = Story()
    story.quote(0, 10)
    story.open()
    [order] = story.award((0, 120, ""))
    orders.approve_order(order_id=order.pk, actor=BUYER, at=story.now)
    with pytest.raises(awards.CannotUndoAward):
        awards.unaward_rfq(rfq_id=story.rfq.pk, actor=BUYER, at=story.now)
    orders.unapprove_order(order_id=order.pk, actor=BUYER, at=story.now)
    awards.unaward_rfq(rfq_id=story.rfq.pk, actor=BUYER, at=story.now)
    order.refresh_from_db()
    story.rfq.refresh_from_db()
    assert (order.approval, story.rfq.state) == ("voided", "closed")
    assert not PriceListLine.objects.filter(item=story.items[0]).exists()
    story.award((0, 100, ""))


def test_awarding_takes_as_many_statements_for_one_supplier_as_for_four(tenant: Any) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    for asked in (1, 4):
        story = Story(asked=asked)
        for number in range(asked):
            story.quote(number, 10)
        story.open()
        with CaptureQueriesContext(connection) as seen:
            story.award(*[(number, 30, "") for number in range(asked)])
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[1] <= 40
