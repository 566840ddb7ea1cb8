"""G-08: a supplier from its invitation to its money: licence, sealed quotes, award 60/40, order, shipment, statement.

One story through the services that the faces call. What stood before today happens then: suppliers quote four days ago,
the request is opened and awarded a day and a half ago, goods come and are paid today.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backend.access import services as access
from backend.access.models import Invitation, Member
from backend.access.services.invitations import token_of
from backend.availability.selectors.consistency import violations
from backend.catalog.models import Item, PriceListLine
from backend.inventory.models import Lot, LotState, StockBalance
from backend.invoicing.models import Payment, PurchaseInvoice, Statement
from backend.invoicing.selectors import document_for
from backend.invoicing.services import money, statements
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.kernel.links import graph
from backend.parties.models import Party, SupplierRole
from backend.parties.services.suppliers import CannotOrderFrom
from backend.posting.reconciliation import all_differences
from backend.processes.procure_to_pay import invoice_statement, post_when_it_matches, propose_supplier_statement
from backend.purchasing.models import (
    Inspection,
    ProductionNode,
    PurchaseException,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseReceipt,
    Quote,
    QuoteLine,
    QuoteStep,
    Rfq,
)
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.selectors.orders import order_for
from backend.purchasing.services import (
    asns,
    awards,
    confirmations,
    inspections,
    nodes,
    orders,
    progress,
    quotes,
    receipts,
    rfqs,
)
from backend.purchasing.services.inputs import (
    AnswerLine,
    AsnData,
    AsnLineInput,
    AwardInput,
    InspectionResult,
    LineInput,
    OrderData,
    PartInput,
    QuoteData,
    QuoteLineInput,
    RfqData,
    RfqLineInput,
    StepInput,
)
from backend.purchasing.services.sealing import as_supplier
from backend.srm.models import DocumentType, QualificationDocument, QualityClaim
from backend.srm.services import admission, documents
from backend.srm.services.inputs import QualificationData
from backend.srm.services.life import CannotApproveSupplier, move_supplier
from backend.workflow.models import Notification, Task
from tests.factories.parties import make_supplier
from tests.people import client_of, make_identity
from tests.scenarios.story import money_data
from tests.scenarios.world import D, World, books_balance, ledger, open_amount, settle, stock_value

pytestmark = pytest.mark.usefixtures("tenant")
USCC = "91440300708461136T"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@dataclass
class Journey:
    """Who takes part; what comes of it is added step by step."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        self.item = self.world.item("PAPER-80", "Paper 80 g", lot_tracked=True, inspection="full")
        self.others = [self.world.supplier, make_supplier("Third mill"), make_supplier("Fourth mill")]
        self.people = [self.world.supplier_person]
        self.people += [self.world.person("supplier_admin", party=party) for party in self.others[1:]]
        self.supplier: Party
        self.person: Actor
        self.rfq: Rfq
        self.order: PurchaseOrder
        self.other_order: PurchaseOrder

    def ago(self, days: float) -> datetime:
        return self.world.at - timedelta(days=days)

    def buying(self, days: float) -> dict[str, Any]:
        """By the buyer, so many days ago."""
        return {"actor": self.world.buyer, "at": self.ago(days)}

    def supplying(self, days: float = 0) -> dict[str, Any]:
        return {"actor": self.person, "at": self.ago(days)}

    @property
    def line(self) -> PurchaseOrderLine:
        return PurchaseOrderLine.objects.get(document=self.order)

    @property
    def state(self) -> str:
        return SupplierRole.objects.get(pk=self.supplier.pk).state


def test_g08_from_the_invitation_to_the_payment_that_the_supplier_sees():
    story = Journey()
    invite(story)
    cannot_be_chosen_without_its_licence(story)
    hand_in_the_licence(story)
    ask_four_suppliers(story)
    quote_under_seal(story)
    open_and_compare(story)
    award_sixty_forty(story)
    losers_are_told(story)
    send_and_confirm(story)
    report_progress_and_a_late_node(story)
    receipt = ship_and_receive(story, ("MILL-A", 30), ("MILL-B", 20))
    inspect_45_and_5(story, receipt)
    the_claim_opens_by_itself(story)
    receive_the_rest(story)
    statement = state_dispute_agree(story)
    invoice = invoice_matches_by_itself(story, statement)
    pay_and_see_it(story, invoice)
    everything_is_true(story)


# --- a supplier is found -----------------------------------------------------------------------
def invite(story: Journey) -> None:
    """A pending supplier, and a link in the mailbox of its first person."""
    story.supplier = admission.invite_supplier(
        name="宏达纸业", email="wang@hongda.example", contact_name="王经理", tax_id=USCC, **story.buying(6)
    )
    settle()
    invitation = Invitation.objects.get(email="wang@hongda.example", party=story.supplier)
    token = token_of(invitation.pk)
    assert any("wang@hongda.example" in sent.to and token in str(sent.message()) for sent in mail.outbox)
    identity = make_identity("wang@hongda.example", "王经理")
    member = access.accept_invitation(token=token, identity_id=identity.pk, at=story.ago(6))
    story.person = access.actor_for(member, channel="portal")
    assert (story.person.kind, story.person.party_id) == ("supplier", story.supplier.pk)
    assert story.state == "pending"


def cannot_be_chosen_without_its_licence(story: Journey) -> None:
    """Neither ordered from nor asked nor approved: every refusal names the document."""
    licence = DocumentType.objects.get(code="business_licence").name
    missing = SupplierRole.objects.get(pk=story.supplier.pk).blocked_by
    assert "营业执照" in missing
    lines = [LineInput(story.item.pk, D(1), price=D(1))]
    wish = OrderData(supplier_id=story.supplier.pk, requested_date=story.world.day(5), lines=lines)
    with pytest.raises(CannotOrderFrom) as refused:
        orders.save_order(data=wish, **story.buying(6))
    assert missing in refused.value.message
    draft = rfqs.save_rfq(data=request_of(story), **story.buying(6))
    with pytest.raises(CannotOrderFrom) as refused:
        rfqs.publish_rfq(rfq_id=draft.pk, **story.buying(6))
    assert missing in refused.value.message
    rfqs.cancel_rfq(rfq_id=draft.pk, **story.buying(6))
    with pytest.raises(CannotApproveSupplier) as not_yet:
        move_supplier(party_id=story.supplier.pk, verb="approve", **story.buying(6))
    assert licence in not_yet.value.message
    assert not PurchaseOrder.objects.exists()


def hand_in_the_licence(story: Journey) -> None:
    """Uploaded by the supplier, accepted by us; then it is approved."""
    data = QualificationData(
        type_id=DocumentType.objects.get(code="business_licence").pk, number=USCC, expiry_date=story.world.day(400)
    )
    scan = SimpleUploadedFile("licence.png", PNG, "image/png")
    row = documents.submit_document(party_id=story.supplier.pk, data=data, upload=scan, **story.supplying(5))
    assert Task.objects.filter(kind="srm.document_to_review", done_at=None, subject_id=story.supplier.pk).exists()
    admission.submit_for_approval(party_id=story.supplier.pk, **story.supplying(5))
    with pytest.raises(CannotApproveSupplier):
        move_supplier(party_id=story.supplier.pk, verb="approve", **story.buying(5))
    documents.accept_document(document_id=row.pk, **story.buying(5))
    move_supplier(party_id=story.supplier.pk, verb="approve", **story.buying(5))
    assert (story.state, QualificationDocument.objects.get().state) == ("approved", "accepted")
    assert not Task.objects.filter(kind__startswith="srm.", done_at=None).exists()


# --- asked, quoted, awarded --------------------------------------------------------------------
def request_of(story: Journey) -> RfqData:
    asked = [story.supplier.pk, *(party.pk for party in story.others)]
    return RfqData("Paper", story.ago(2), [RfqLineInput(story.item.pk, D(250), story.world.day(5))], asked)


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


def portal_of(person: Actor) -> Client:
    return client_of(Member.objects.get(pk=person.member_id))


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


# --- ordered and made --------------------------------------------------------------------------
def send_and_confirm(story: Journey) -> None:
    """Sent by its approval, read, confirmed 60 and 40 on two days."""
    for order in (story.order, story.other_order):
        orders.approve_order(order_id=order.pk, **story.buying(1.5))
    settle()
    message = Notification.objects.get(kind="supplier.order_sent", params__number=story.order.number)
    assert (message.member_id, message.mailed_at is not None) == (story.person.member_id, True)
    with pytest.raises(NotFoundRefused):
        order_for(story.person, story.other_order.number)
    assert orders.mark_viewed(order_id=story.order.pk, **story.supplying(1.4))
    parts = [PartInput(D(60), story.world.day(1)), PartInput(D(40), story.world.day(5))]
    answer = confirmations.answer_order(
        order_id=story.order.pk, lines=[AnswerLine(story.line.pk, parts)], **story.supplying(1.4)
    )
    settle()
    assert (answer.revision, answer.state) == (1, "accepted")
    schedule = story.line.schedule.order_by("date")
    assert [(part.qty, part.date, part.confirmed) for part in schedule] == [
        (60, story.world.day(1), True),
        (40, story.world.day(5), True),
    ]
    story.order.refresh_from_db()
    assert (story.line.state, story.order.confirmed) == ("confirmed", "full")
    assert exceptions(story) == []


def exceptions(story: Journey) -> list[str]:
    rows = PurchaseException.objects.filter(order=story.order).exclude(state="solved")
    return list(rows.values_list("kind", flat=True))


def report_progress_and_a_late_node(story: Journey) -> None:
    """60 % a day ago, where production should have ended yesterday: the buyer's to-do comes and goes by itself."""
    days = {"material_ready": 7, "in_production": 6, "packed": 1}
    template = nodes.save_template(data=nodes.TemplateData("Paper", days), **story.buying(1.5))
    assert nodes.plan_nodes(order_id=story.order.pk, template_id=template.pk, **story.buying(1.4)) == 3
    report = {"order_line_id": story.line.pk, "node": "in_production"}
    progress.report_progress(percent=60, **report, **story.supplying(1))
    assert (story.line.progress_node, story.line.progress_pct) == ("in_production", 60)
    passed = ProductionNode.objects.filter(order_line=story.line).exclude(actual_date=None)
    assert list(passed.values_list("node", flat=True)) == ["material_ready"]
    settle()
    assert exceptions(story) == ["node_late"]
    late = PurchaseException.objects.get(order=story.order, kind="node_late")
    assert late.facts == {"node": "in_production", "planned": story.world.day(-1).isoformat()}
    task = Task.objects.get(kind="purchasing.exception", subject_id=story.order.pk)
    assert (task.assignee_id, task.done_at) == (story.world.buyer.member_id, None)
    progress.report_progress(percent=100, **report, **story.supplying())
    settle()
    task.refresh_from_db()
    assert (exceptions(story), task.done_at is not None) == ([], True)


# --- shipped, received, inspected --------------------------------------------------------------
def ship_and_receive(story: Journey, *lots: tuple[str, int]) -> PurchaseReceipt:
    """A notice with lots, and the receipt made of it in one call."""
    lines = [AsnLineInput(story.line.pk, D(qty), lot_no=lot) for lot, qty in lots]
    data = AsnData(lines=lines, expected_date=story.world.today, carrier_name="SF", tracking_no=f"T-{lots[0][0]}")
    notice = asns.submit_asn(data=data, **story.supplying())
    settle()
    assert Task.objects.filter(kind="purchasing.goods_coming", done_at=None, subject_id=notice.pk).exists()
    made = receipts.receive_asn(
        asn_id=notice.pk, supplier_note_no=f"DN-{lots[0][0]}", actor=story.world.keeper, at=story.world.at
    )
    settle()
    notice.refresh_from_db()
    assert (notice.state, notice.outcome) == ("received", "match")
    rows = list(made.lines.order_by("line_no"))
    assert [(row.qty, row.tax_incl_price) for row in rows] == [(qty, D("11.30")) for _lot, qty in lots]
    supplier_lots = Lot.objects.filter(pk__in=[row.lot_id for row in rows]).values_list("supplier_lot_no", flat=True)
    assert set(supplier_lots) == {lot for lot, _qty in lots}
    return made


def stock_of(item: Item) -> tuple[int, int]:
    """On hand and free to promise."""
    row = StockBalance.objects.get(item=item)
    return int(row.on_hand), int(row.available)


def inspect_45_and_5(story: Journey, receipt: PurchaseReceipt) -> None:
    """One receipt of 50: nothing is free before, 45 after; 5 lie in a held lot."""
    assert (receipt.gross_amount, stock_of(story.item)) == (D("565.00"), (50, 0))
    made = Inspection.objects.get(receipt=receipt)
    assert Task.objects.filter(kind="purchasing.inspection_to_do", done_at=None, subject_id=made.pk).exists()
    second = made.lines.get(qty=20)
    inspections.decide_inspection(
        inspection_id=made.pk,
        results=[InspectionResult(second.pk, D(5), reason="wet edges")],
        actor=story.world.keeper,
        at=story.world.at,
    )
    made.refresh_from_db()
    rows = made.lines.order_by("line_no")
    assert [(row.accepted_qty, row.rejected_qty) for row in rows] == [(30, 0), (15, 5)]
    assert (made.state, stock_of(story.item)) == ("partial", (50, 45))
    second.refresh_from_db()
    assert Lot.objects.get(pk=second.rejected_lot_id).state == LotState.HELD
    assert stock_value() == ledger("inventory") == D("500.00")


def the_claim_opens_by_itself(story: Journey) -> None:
    settle()
    claim = QualityClaim.objects.get()
    assert (claim.supplier_id, claim.qty, claim.state, claim.lot.supplier_lot_no) == (
        story.supplier.pk,
        5,
        "open",
        "MILL-B",
    )
    assert "wet edges" in claim.description
    assert claim.number in {node.document.number for node in graph(Inspection.objects.get()).nodes}
    message = Notification.objects.get(kind="supplier.claim_opened")
    assert (message.member_id, message.url) == (story.person.member_id, f"/supplier/claims/{claim.number}/")


def receive_the_rest(story: Journey) -> None:
    receipt = ship_and_receive(story, ("MILL-C", 50))
    inspections.decide_inspection(
        inspection_id=Inspection.objects.get(receipt=receipt).pk,
        results=[],
        actor=story.world.keeper,
        at=story.world.at,
    )
    settle()
    story.order.refresh_from_db()
    assert (story.order.received, story.line.received_qty, stock_of(story.item)) == ("full", 100, (100, 95))
    assert stock_value() == ledger("inventory") == D("1000.00")
    assert ledger("ap_grni") == D("-1000.00")


# --- stated, invoiced, paid --------------------------------------------------------------------
def state_dispute_agree(story: Journey) -> Statement:
    """Three lines; the supplier counted 21 in one of them, is answered, and both sign."""
    us: dict[str, Any] = {"actor": story.world.accountant, "at": story.world.at}
    first = story.world.today.replace(day=1)
    made = propose_supplier_statement(party_id=story.supplier.pk, period_from=first, period_to=story.world.today, **us)
    settle()
    assert (made.opening_amount, made.received_amount, made.closing_amount) == (0, 1130, 1130)
    assert sorted(made.lines.values_list("qty", "amount")) == [(20, D(226)), (30, D(339)), (50, D(565))]
    asked = Notification.objects.get(kind="supplier.statement_proposed", params__number=made.number)
    assert asked.member_id == story.person.member_id
    line, about = made.lines.get(qty=20), {"statement_id": made.pk}
    statements.dispute_line(
        line_id=line.pk, reason="21 sent", their_qty=D(21), their_amount=D("237.30"), **about, **story.supplying()
    )
    settle()
    task = Task.objects.get(kind="invoicing.statement_disputed", subject_id=made.pk)
    assert (task.done_at, task.params["lines"]) == (None, 1)
    for side, who in (("them", story.supplying()), ("us", us)):
        with pytest.raises(statements.CannotAgreeStatement) as refused:
            statements.agree(side=side, **about, **who)
        assert "21 sent" in refused.value.message
    statements.answer_dispute(line_id=line.pk, answer="DN-MILL-A, signed by your driver, says 20", **about, **us)
    assert Statement.objects.get(pk=made.pk).state == "proposed"
    statements.accept_lines(**about, **story.supplying())
    statements.agree(side="them", **about, **story.supplying())
    made = statements.agree(side="us", **about, **us)
    settle()
    task.refresh_from_db()
    assert (made.state, made.closing_amount, task.done_at is not None) == ("agreed", 1130, True)
    assert made.our_signature
    assert "wang@hongda.example" in made.their_signature
    return made


def invoice_matches_by_itself(story: Journey, statement: Statement) -> PurchaseInvoice:
    """The supplier sends it in the portal, nobody of ours touches it: order = receipt = invoice, booked."""
    draft = invoice_statement(statement_id=statement.pk, external_no="12345678", **story.supplying())
    assert (draft.submitted_by_supplier, draft.approval) == (True, "draft")
    invoice = post_when_it_matches(invoice_id=draft.pk, at=story.world.at)
    settle()
    assert (invoice.approval, invoice.match_state) == ("approved", "matched")
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (D(1000), D(130), D(1130))
    statement.refresh_from_db()
    story.order.refresh_from_db()
    assert (statement.state, story.order.invoiced) == ("invoiced", "full")
    assert open_amount("payable", story.supplier) == 1130
    assert (ledger("ap_grni"), ledger("ap_trade")) == (0, -1130)
    return invoice


def pay_and_see_it(story: Journey, invoice: PurchaseInvoice) -> None:
    us: dict[str, Any] = {"actor": story.world.accountant, "at": story.world.at}
    payment = money.save_payment(data=money_data(story.world, story.supplier, "1130", invoice), **us)
    money.approve_payment(payment_id=payment.pk, **us)
    settle()
    assert open_amount("payable", story.supplier) == 0
    told = Notification.objects.get(kind="supplier.payment_made", params__number=payment.number)
    assert (told.member_id, told.params["amount"]) == (story.person.member_id, "1,130.00")
    assert document_for(PurchaseInvoice, story.person, invoice.number).settled == "full"
    assert document_for(Payment, story.person, payment.number).amount == 1130
    with pytest.raises(NotFoundRefused):
        document_for(Payment, story.people[0], payment.number)
    for page in ("settlement/", f"invoices/{invoice.number}/"):
        assert payment.number in portal_of(story.person).get(f"/supplier/{page}").content.decode()


def everything_is_true(story: Journey) -> None:
    story.order.refresh_from_db()
    assert (story.order.received, story.order.invoiced, story.order.closing) == ("full", "full", "auto_closed")
    assert story.order.paid == "full"
    numbers = {node.document.number for node in graph(story.order).nodes}
    assert story.rfq.number in numbers
    assert stock_value() == ledger("inventory") == D("1000.00")
    assert (ledger("ap_grni"), ledger("ap_trade")) == (0, 0)
    assert all_differences() == []
    assert books_balance()
    assert violations() == []
