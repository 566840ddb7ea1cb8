"""Asked, quoted under seal, compared, awarded 60/40; the losers are told."""

import pytest

from backend.catalog.models import PriceListLine
from backend.kernel.actor import Actor
from backend.parties.models import Party
from backend.purchasing.models import PurchaseOrder, Quote, QuoteLine, QuoteStep
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.services import awards, quotes, rfqs
from backend.purchasing.services.inputs import AwardInput, QuoteData, QuoteLineInput, StepInput
from backend.purchasing.services.sealing import as_supplier
from backend.workflow.models import Notification, Task
from tests.scenarios.mill.journey import Journey, portal_of, request_of
from tests.scenarios.world import D, settle


def ask_four_suppliers(story: Journey) -> None:
    story.rfq = rfqs.save_rfq(data=request_of(story), **story.buying(5))
    rfqs.publish_rfq(rfq_id=story.rfq.pk, **story.buying(5))
    settle()
    told = Notification.objects.filter(kind="supplier.rfq_published", params__number=story.rfq.number)
    assert set(told.values_list("member_id", flat=True)) == {
        person.member_id for person in (story.person, *story.people)
    }
    assert story.rfq.invitations.count() == 4


def quote_under_seal(story: Journey) -> None:
    """Prices by quantity; before the deadline nobody reads another's, not even the buyer."""
    send_quote(story, story.person, "12.43", (50, "11.865"), (100, "11.30"))
    first, third, fourth = story.people
    send_quote(story, first, "12.43", (100, "10.17"))
    send_quote(story, third, "11.978")
    send_quote(story, fourth, "13.56")
    [mine] = reads.own_quotes(story.person, story.rfq)
    steps = mine.lines.all()[0].steps.all()
    assert sorted((step.from_qty, step.price) for step in steps) == [(50, D("11.865")), (100, D("11.30"))]
    for model in (Quote, QuoteLine, QuoteStep):
        assert model._default_manager.count() == 0
    with as_supplier(story.supplier.pk):
        assert set(Quote.objects.values_list("supplier", flat=True)) == {story.supplier.pk}
        assert not Quote.objects.filter(supplier__in=story.others).exists()
        assert set(QuoteStep.objects.values_list("price", flat=True)) == {D("11.865"), D("11.30")}
    for person in (story.person, *story.people):
        sees_its_own_quote_only(story, person)
    assert compared(story).quotes == {}
    with pytest.raises(rfqs.CannotOpenRfq):
        rfqs.open_rfq(rfq_id=story.rfq.pk, **story.buying(3))


def send_quote(story: Journey, person: Actor, price: str, *steps: tuple[int, str]) -> None:
    line = QuoteLineInput(
        story.rfq.lines.get().pk, D(price), lead_days=4, steps=[StepInput(D(qty), D(each)) for qty, each in steps]
    )
    data = QuoteData([line], valid_until=story.world.day(30))
    quotes.submit_quote(rfq_id=story.rfq.pk, data=data, actor=person, at=story.ago(4))


def sees_its_own_quote_only(story: Journey, person: Actor) -> None:
    """The request in the portal: the best price of the person's own firm, neither names nor prices of the others."""
    answer = portal_of(person).get(f"/supplier/rfqs/{story.rfq.number}/")
    assert answer.status_code == 200
    text = answer.content.decode()
    best = {story.supplier: "11.3", **dict(zip(story.others, ("10.17", "11.978", "13.56"), strict=True))}
    others = [party for party in best if party.pk != person.party_id]
    assert [price for price in best.values() if price in text] == [best[Party.objects.get(pk=person.party_id)]]
    assert not [party.name for party in others if party.name in text]


def compared(story: Journey) -> reads.Comparison:
    return reads.compare(reads.rfq_for(story.world.buyer, story.rfq.number), today=story.world.today)


def open_and_compare(story: Journey) -> None:
    """After the deadline the job opens; the four offers are ranked by what 250 cost here without tax."""
    assert rfqs.open_due_rfqs(at=story.ago(1.5)) == 1
    settle()
    task = Task.objects.get(kind="purchasing.rfq_to_award", done_at=None)
    assert (task.assignee_id, task.params["quotes"]) == (story.world.buyer.member_id, 4)
    [ranked] = compared(story).by_line.values()
    places = {row.offer.supplier_id: (row.by_cost, row.offer.landed) for row in ranked}
    cheapest, third, fourth = story.others
    assert places == {
        cheapest.pk: (1, D(9)),
        story.supplier.pk: (2, D(10)),
        third.pk: (3, D("10.6")),
        fourth.pk: (4, D(12)),
    }


def award_sixty_forty(story: Journey) -> None:
    """150 of 250 to the cheapest, 100 to the new one: refused without a word, done with a reason."""
    line = story.rfq.lines.get().pk
    cheapest = story.others[0]
    first = AwardInput(line, cheapest.pk, D(150))
    silent = [first, AwardInput(line, story.supplier.pk, D(100))]
    with pytest.raises(awards.ReasonNeeded) as refused:
        awards.award_rfq(rfq_id=story.rfq.pk, awards=silent, **story.buying(1.5))
    assert refused.value.line == 1
    assert not PurchaseOrder.objects.exists()
    said = [first, AwardInput(line, story.supplier.pk, D(100), "second source")]
    made = {row.supplier_id: row for row in awards.award_rfq(rfq_id=story.rfq.pk, awards=said, **story.buying(1.5))}
    assert len(made) == 2
    story.order, story.other_order = made[story.supplier.pk], made[cheapest.pk]
    other = story.other_order.lines.get()
    assert (story.line.qty, story.line.tax_incl_price, story.order.gross_amount) == (100, D("11.30"), D("1130.00"))
    assert (other.qty, other.tax_incl_price, story.other_order.gross_amount) == (150, D("10.17"), D("1525.50"))
    assert {row.price_source for row in (story.line, other)} == {"quote"}
    assert {row.approval for row in made.values()} == {"draft"}
    assert story.rfq.awards.get(supplier=story.supplier).reason == "second source"
    agreed = PriceListLine.objects.filter(item=story.item, price_list__party=story.supplier).order_by("min_qty")
    assert list(agreed.values_list("min_qty", "price")) == [(0, D("12.43")), (50, D("11.865")), (100, D("11.30"))]


def losers_are_told(story: Journey) -> None:
    """The two that got nothing, and nobody else; their portal says neither who won nor for how much."""
    settle()
    told = Notification.objects.filter(kind="supplier.rfq_lost", params__number=story.rfq.number)
    assert set(told.values_list("member_id", flat=True)) == {person.member_id for person in story.people[1:]}
    assert not Task.objects.filter(kind="purchasing.rfq_to_award", done_at=None).exists()
    for person in story.people[1:]:
        sees_its_own_quote_only(story, person)
