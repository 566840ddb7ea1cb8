"""PUR-01, SCM-06: what is suggested is requested, agreed to and ordered; the customer's line keeps its peg all the way."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from backend.access.models import Member
from backend.availability.models import DemandLine, Suggestion, SuggestionState
from backend.availability.selectors.consistency import violations
from backend.kernel.errors import Refusal
from backend.kernel.links import graph
from backend.purchasing.models import PurchaseOrder, PurchaseRequisition
from backend.purchasing.services import confirmations, orders, requisition_orders, requisitions
from backend.purchasing.services.awards import award_rfq, unaward_rfq
from backend.purchasing.services.from_suggestions import RequestFirst
from backend.purchasing.services.inputs import (
    AnswerLine,
    AwardInput,
    LineInput,
    OrderChoice,
    OrderData,
    PartInput,
    QuoteData,
    QuoteLineInput,
    RequisitionData,
    RequisitionLineInput,
)
from backend.purchasing.services.quotes import submit_quote
from backend.purchasing.services.requisition_needs import request_suggestions
from backend.purchasing.services.rfqs import open_rfq, publish_rfq
from backend.workflow import parameters
from backend.workflow.models import Task
from tests.api.caller import Caller
from tests.people import owner_actor
from tests.scenarios.world import World, promised, settle

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def world() -> World:
    made = World()
    parameters.set_parameter(key="purchasing.request_first", value=True, actor=made.accountant, at=made.at)
    return made


def live() -> list[Any]:
    return sorted(Suggestion.objects.filter(state=SuggestionState.LIVE).values_list("item__code", "qty"))


def coming() -> list[Any]:
    """What accepted suggestions count for, by document."""
    rows = Suggestion.objects.filter(state=SuggestionState.ACCEPTED, supplied_at=None)
    return sorted(rows.values_list("order_number", "qty"))


def requested(world: World) -> Any:
    ids = list(Suggestion.objects.filter(state=SuggestionState.LIVE).values_list("pk", flat=True))
    who: dict[str, Any] = {"actor": world.buyer, "at": world.at}
    with pytest.raises(RequestFirst):
        orders.order_from_suggestions(suggestion_ids=ids, **who)
    [made] = request_suggestions(suggestion_ids=ids, **who)
    return made


def agreed(world: World, document: Any) -> None:
    requisitions.submit_requisition(requisition_id=document.pk, actor=world.buyer, at=world.at)
    for who in (world.person("buyer"), owner_actor()):
        if requisitions.approve_requisition(requisition_id=document.pk, actor=who, at=world.at).approval == "approved":
            return


def taken(world: World, line: Any, qty: int) -> PurchaseOrder:
    [made] = requisition_orders.order_requisition(
        requisition_id=line.document_id, choices=[OrderChoice(line.pk, D(qty))], actor=world.buyer, at=world.at
    )
    return made


def test_two_suggestions_become_one_requisition_and_the_promise_moves_with_the_order(world: World) -> None:
    """Requested, ordered in two parts, one voided and taken again, confirmed later: no need is suggested twice."""
    pen, ink = (world.item(code, code) for code in ("PEN", "INK"))
    sold = world.order(pen, 100)
    world.order(ink, 30)
    settle()
    assert live() == [("INK", 30), ("PEN", 100)]
    before = promised(sold)
    document = requested(world)
    settle()
    assert not Task.objects.filter(kind="purchasing.shortage", done_at=None).exists()
    assert (live(), coming()) == ([], [(document.number, 30), (document.number, 100)])
    assert promised(sold) == before
    assert sold.number in document.reason
    assert document.number in {node.document.number for node in graph(sold).nodes}
    agreed(world, document)
    line = document.lines.get(item=pen)
    first = taken(world, line, 60)
    assert coming() == [(first.number, 60), (document.number, 30), (document.number, 40)]
    again = taken(world, line, 40)
    orders.void_order(order_id=again.pk, actor=world.buyer, at=world.at)
    settle()
    assert (live(), coming()) == ([], [(first.number, 60), (document.number, 30), (document.number, 40)])
    rest = taken(world, line, 40)
    edited = OrderData(world.supplier.pk, rest.requested_date, [LineInput(pen.pk, D(25), id=rest.lines.get().pk)])
    orders.save_order(data=edited, order_id=rest.pk, actor=world.buyer, at=world.at)
    assert (rest.number, D(25)) in coming()
    assert (document.number, D(15)) in coming()
    assert violations() == []
    for order in (first, rest):
        orders.approve_order(order_id=order.pk, actor=world.buyer, at=world.at)
    later = AnswerLine(first.lines.get().pk, (PartInput(D(60), world.day(20)),))
    confirmations.answer_order(order_id=first.pk, lines=[later], actor=world.supplier_person, at=world.at)
    settle()
    demand = DemandLine.objects.get(ref_number=sold.number)
    assert {peg.supply.ref_number if peg.supply else peg.suggestion.order_number for peg in demand.pegs.all()} == {
        first.number,
        rest.number,
        document.number,
    }
    assert promised(sold)[-1] == (60, world.day(20))
    assert violations() == []
    who: dict[str, Any] = {"requisition_id": document.pk, "actor": world.buyer, "at": world.at}
    requisitions.close_requisition(reason="enough", **who)
    assert live() == [("INK", 30), ("PEN", 15)], "what nobody asks for any more is suggested again"
    requisitions.reopen_requisition(**who)
    assert (live(), len(coming())) == ([], 2)
    assert violations() == []


def test_a_requisition_that_is_edited_or_voided_gives_its_needs_back(world: World) -> None:
    pen, ink = (world.item(code, code) for code in ("PEN", "INK"))
    world.order(pen, 10)
    world.order(ink, 30)
    document = requested(world)
    line = document.lines.get(item=ink)
    data = RequisitionData(world.day(9), [RequisitionLineInput(ink.pk, D(50), id=line.pk)])
    who: dict[str, Any] = {"requisition_id": document.pk, "actor": world.buyer, "at": world.at}
    requisitions.save_requisition(data=data, **who)
    assert (live(), coming()) == ([("PEN", 10)], [(document.number, 50)])
    requisitions.void_requisition(**who)
    assert (live(), coming()) == ([("INK", 30), ("PEN", 10)], [])
    with pytest.raises(Refusal):
        request_suggestions(suggestion_ids=[line.suggestion_id], actor=world.buyer, at=world.at)
    assert violations() == []


def test_the_peg_survives_a_request_for_quotation(world: World) -> None:
    """Requested, asked for, awarded: the draft order of the winner brings what the customer waits for."""
    pen = world.item("PEN", "Pen")
    sold = world.order(pen, 100)
    document = requested(world)
    agreed(world, document)
    who: dict[str, Any] = {"actor": world.buyer, "at": world.at}
    early = world.at - timedelta(days=4)  # the deadline was yesterday
    rfq = requisition_orders.ask_for_quotes(requisition_id=document.pk, actor=world.buyer, at=early)
    publish_rfq(rfq_id=rfq.pk, actor=world.buyer, at=early)
    row = rfq.lines.get()
    quote = QuoteData([QuoteLineInput(row.pk, D(7), 5)], world.day(30))
    submit_quote(rfq_id=rfq.pk, data=quote, actor=world.supplier_person, at=early)
    open_rfq(rfq_id=rfq.pk, **who)
    award_rfq(rfq_id=rfq.pk, awards=[AwardInput(row.pk, world.supplier.pk, D(100))], **who)
    unaward_rfq(rfq_id=rfq.pk, **who)
    assert (live(), coming()) == ([], [(document.number, 100)])
    award_rfq(rfq_id=rfq.pk, awards=[AwardInput(row.pk, world.supplier.pk, D(100))], **who)
    order = PurchaseOrder.objects.get(approval="draft")
    assert (live(), coming()) == ([], [(order.number, 100)])
    orders.approve_order(order_id=order.pk, **who)
    demand = DemandLine.objects.get(ref_number=sold.number)
    assert [peg.supply.ref_number for peg in demand.pegs.all() if peg.supply] == [order.number]
    assert violations() == []


def test_by_page_and_by_token(world: World, client_for: Any) -> None:
    """With the setting only requests are offered; without it both; who may not request cannot."""
    pen, ink = (world.item(code, code) for code in ("PEN", "INK"))
    world.order(pen, 10)
    world.order(ink, 30)
    buyer = client_for(Member.objects.get(pk=world.buyer.member_id))
    page, path = "/purchasing/suggestions/", "/purchasing/suggestions/requisitions/"
    shown = buyer.get(page).content.decode()
    assert f'formaction="{path}"' in shown
    assert "data-tk-once" in shown
    ids = {row.item.code: str(row.pk) for row in Suggestion.objects.select_related("item")}
    assert buyer.post("/purchasing/suggestions/orders/", {"chosen": list(ids.values())}).status_code == 409
    assert buyer.post(path, {}).status_code == 400
    keyed = {"chosen": [ids["PEN"]], f"qty-{ids['PEN']}": "12"}
    made = buyer.post(path, keyed)
    document = PurchaseRequisition.objects.get()
    assert made.headers["Location"] == f"/purchasing/requisitions/{document.number}/"
    assert document.lines.get().qty == 12
    assert document.number in buyer.get(f"{page}?state=accepted").content.decode()
    token = Caller.of(world.buyer)
    assert token.refused("POST", "purchasing/suggestions/acceptance/", {"suggestion_ids": [ids["INK"]]})[0] == 409
    [row] = token.post("purchasing/suggestions/requisitions/", {"suggestion_ids": [ids["INK"]]})
    assert token.get(f"purchasing/requisitions/{row['number']}/")["lines"][0]["qty"] == "30.0000"
    assert Caller.of(world.rep).refused(
        "POST", "purchasing/suggestions/requisitions/", {"suggestion_ids": [ids["INK"]]}
    )
    assert violations() == []
