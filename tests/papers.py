"""A company with a document of every type in several states, for tests that try every address.

`sell` and `buy` lay the papers of one partner, so that two customers and two suppliers of a company, and two companies, have
the same kinds of papers. Every name carries `mark`, a word that occurs nowhere else.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from backend.access import services as access
from backend.accounting.services.vouchers import VoucherLineInput, enter_voucher
from backend.catalog.inputs import AttributeData, ItemData, PriceLineData, PriceListData, StyleData, ValueData
from backend.catalog.models import Item
from backend.catalog.services import save_item, save_price_list
from backend.catalog.services.attributes import save_attribute
from backend.catalog.services.styles import make_variants, save_style
from backend.imports.services import start_rows
from backend.inventory.services import (
    adjustments,
    assembly,
    count_booking,
    counting,
    other,
    transfer_receipts,
    transfers,
)
from backend.inventory.services.bin_moves import approve_bin_move, save_bin_move
from backend.inventory.services.bins import save_bin
from backend.inventory.services.costing_runs import run_costing
from backend.inventory.services.inputs import (
    ArrivalInput,
    BinMoveLineInput,
    ComponentInput,
    CostLineInput,
    CountedInput,
    OpeningLineInput,
    OtherIssueLineInput,
    OtherReceiptLineInput,
    TransferLineInput,
)
from backend.inventory.services.naming import name_serials
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.inventory.services.warehouses import save_warehouse
from backend.invoicing.models import FundAccount
from backend.invoicing.services import money, netting, purchase_invoices, refunds, sales_invoices
from backend.invoicing.services import transfers as debts
from backend.kernel import comments, files
from backend.kernel.actor import Actor
from backend.logistics.services import LaneData, save_lane, suspend_lane
from backend.parties.inputs import CustomerData, PartyData, SupplierData
from backend.parties.models import Party
from backend.parties.services import save_party
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.procure_to_pay import invoice_receipts
from backend.processes.statements import propose_customer_statement, propose_supplier_statement
from backend.purchasing.models import (
    NodeTemplate,
    PurchaseException,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseReceiptLine,
)
from backend.purchasing.services import (
    asns,
    blankets,
    confirmations,
    landed_costs,
    materials,
    nodes,
    receipts,
    requisitions,
    rfqs,
)
from backend.purchasing.services import orders as purchases
from backend.purchasing.services import returns as purchase_returns
from backend.purchasing.services.awards import award_rfq
from backend.purchasing.services.exceptions import refresh_exceptions
from backend.purchasing.services.inputs import (
    AsnData,
    AsnLineInput,
    AwardInput,
    BlanketData,
    BlanketLineInput,
    CallOffInput,
    InspectionResult,
    MaterialLineInput,
    OrderChoice,
    PartOfOne,
    QuoteLineInput,
    ReceiptData,
    ReceiptLineInput,
    RequisitionData,
    RequisitionLineInput,
    RfqData,
    RfqLineInput,
    SubcontractData,
)
from backend.purchasing.services.inputs import LineInput as BuyLine
from backend.purchasing.services.inputs import OrderData as BuyData
from backend.purchasing.services.inputs import QuoteData as OfferData
from backend.purchasing.services.inputs import ReturnData as GoBackData
from backend.purchasing.services.inputs import ReturnLineInput as GoesBack
from backend.purchasing.services.inspections import decide_inspection
from backend.purchasing.services.landed_costs import FeeLineInput, LandedCostData
from backend.purchasing.services.material_prices import PriceHeard, note_price
from backend.purchasing.services.progress_links import issue_link
from backend.purchasing.services.quotes import submit_quote
from backend.purchasing.services.requisition_orders import order_requisition
from backend.purchasing.services.subcontracting import save_subcontract_order
from backend.sales.models import SalesOrder
from backend.sales.selectors.consignments import consigned_with
from backend.sales.services import deliveries, orders, quotes
from backend.sales.services import returns as sales_returns
from backend.sales.services.consignment_reports import report_sold
from backend.sales.services.consignments import approve_consignment, save_consignment
from backend.sales.services.inputs import ConsignmentLineInput, DeliveryLineInput, LineInput, OrderData, QuoteData
from backend.sales.services.inputs import ReturnData as SalesReturnData
from backend.sales.services.inputs import ReturnLineInput as ComesBack
from backend.service.services.tickets import TicketData, open_ticket
from backend.srm.models import DocumentType
from backend.srm.services.admission import apply_as_supplier
from backend.srm.services.bank import BankData, request_bank_account
from backend.srm.services.claims import ClaimAnswer, ClaimData, answer_claim, open_claim
from backend.srm.services.documents import submit_document
from backend.srm.services.inputs import ApplicationData, QualificationData
from backend.workflow.approvals.setup import DelegationData, save_delegation
from backend.workflow.models import ApprovalDelegation
from tests.people import owner_actor
from tests.scenarios.world import SYSTEM, D, World, settle

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@dataclass
class Partner:
    """One partner, the person who acts for him, and every id and number that is his."""

    party: Party
    person: Actor
    papers: list[Any] = field(default_factory=list)

    def keep(self, paper: Any) -> Any:
        self.papers.append(paper)
        return paper

    @property
    def secrets(self) -> set[str]:
        """What nobody else may read: the partner's name, and his documents' ids (and numbers, where they are his alone)."""
        return {self.party.name, str(self.party.pk), *(str(paper.pk) for paper in self.papers)}

    @property
    def numbers(self) -> set[str]:
        return {paper.number for paper in self.papers if getattr(paper, "number", "")}


@dataclass
class Papers:
    """What there is."""

    world: World
    owner: Actor
    item: Item
    customers: list[Partner]
    suppliers: list[Partner]


def lay(mark: str, *, partners: int = 1) -> Papers:
    """All papers in the active company."""
    world = World()
    owner = owner_actor()
    item = world.item("PAPER-A4", f"{mark} paper", stock=1000, cost=D("77.31"))
    scarce = world.item("SCARCE", f"{mark} scarce", stock=5)
    customers = [Partner(*_customer(world, mark, number)) for number in range(partners)]
    suppliers = [Partner(*_supplier(world, mark, number)) for number in range(partners)]
    for customer in customers:
        sell(world, customer, item, mark)
    for supplier in suppliers:
        buy(world, supplier, item, mark)
        source(world, supplier, item, mark)
        need(world, supplier, item, mark)
        agree(world, supplier, item, mark)
        qualify(world, supplier, mark)
    _order(world, customers[0].party, scarce, 30)
    masters(world, owner, item, mark)
    lanes_of(world, mark)
    clear(world, customers[0], suppliers[0])
    settle(60)
    return Papers(world, owner, item, customers, suppliers)


def _customer(world: World, mark: str, number: int) -> tuple[Party, Actor]:
    data = PartyData(
        code=f"KD-{number}",
        name=f"{mark} buyer {number}",
        customer=CustomerData(salesperson_id=world.rep.member_id),
    )
    party = save_party(actor=SYSTEM, at=world.at, data=data)
    return party, world.person("customer_buyer", party=party)


def _supplier(world: World, mark: str, number: int) -> tuple[Party, Actor]:
    data = PartyData(code=f"GY-{number}", name=f"{mark} mill {number}", supplier=SupplierData(lead_days=5))
    party = save_party(actor=SYSTEM, at=world.at, data=data)
    return party, world.person("supplier_admin", party=party)


# --- selling -----------------------------------------------------------------------------------
def sell(world: World, customer: Partner, item: Item, mark: str) -> None:
    """Quotations, orders, deliveries, invoices, money, a statement and a ticket of one customer."""
    at, keep = world.at, customer.keep
    _quotes(world, customer, item)
    keep(_order(world, customer.party, item, 3, approve=False))
    waiting = keep(_order(world, customer.party, item, 7))
    line = waiting.lines.get()
    keep(
        deliveries.create_delivery_from_order(
            order_id=waiting.pk, lines=[DeliveryLineInput(line.pk, D(2))], actor=world.keeper, at=at
        )
    )
    sent = keep(_order(world, customer.party, item, 11))
    gone = keep(deliveries.ship_order(order_id=sent.pk, actor=world.keeper, at=at))
    signed = keep(deliveries.ship_order(order_id=_order(world, customer.party, item, 13).pk, actor=world.keeper, at=at))
    deliveries.sign_delivery(delivery_id=signed.pk, signed_by="Desk", actor=customer.person, at=at)
    keep(invoice_deliveries(delivery_ids=[gone.pk], actor=world.accountant, at=at))
    billed = keep(invoice_deliveries(delivery_ids=[signed.pk], actor=world.accountant, at=at))
    billed = sales_invoices.approve_invoice(invoice_id=billed.pk, actor=world.accountant, at=at)
    keep(money.save_receipt(data=_money(world, customer.party, 10, billed), actor=world.accountant, at=at))
    paid = keep(money.save_receipt(data=_money(world, customer.party, 20, billed), actor=world.accountant, at=at))
    money.approve_receipt(receipt_id=paid.pk, actor=world.accountant, at=at)
    _come_back(world, customer, gone, signed)
    _sells_for_us(world, customer, item)
    _month(world, customer, propose_customer_statement)
    data = TicketData(category="quality", description=f"{mark} damp", delivery_line_id=gone.lines.get().pk)
    keep(open_ticket(data=data, actor=customer.person, at=at))
    _discuss(world, customer, sent, "customer", mark)


def _sells_for_us(world: World, customer: Partner, item: Item) -> None:
    """Goods on consignment, some sold, and what the agent says he sold."""
    who: Any = {"actor": world.keeper, "at": world.at}
    for kind, qty in (("out", 6), ("sold", 2)):
        paper = save_consignment(
            kind=kind,
            customer_id=customer.party.pk,
            warehouse_id=world.warehouse.pk,
            doc_date=world.today,
            lines=[ConsignmentLineInput(item.pk, D(qty))],
            **who,
        )
        approve_consignment(document_id=customer.keep(paper).pk, **who)
    there = consigned_with(customer.party.pk)[0]
    said = ConsignmentLineInput(item.pk, D(1), lot_id=there.lot.pk if there.lot else None)
    customer.keep(report_sold(lines=[said], actor=customer.person, at=world.at))


def _quotes(world: World, customer: Partner, item: Item) -> None:
    for send in (False, True):
        data = QuoteData(
            customer_id=customer.party.pk,
            requested_date=world.day(9),
            valid_until=world.day(20),
            lines=(LineInput(item.pk, D(17)),),
        )
        quote = customer.keep(quotes.save_quote(data=data, actor=world.rep, at=world.at))
        if send:
            quotes.send_quote(quote_id=quote.pk, actor=world.rep, at=world.at)


def _order(world: World, party: Party, item: Item, qty: int, *, approve: bool = True) -> SalesOrder:
    data = OrderData(customer_id=party.pk, requested_date=world.day(3), lines=(LineInput(item.pk, D(qty)),))
    order = orders.save_order(data=data, actor=world.rep, at=world.at)
    return orders.approve_order(order_id=order.pk, actor=world.rep, at=world.at) if approve else order


def _come_back(world: World, customer: Partner, *delivered: Any) -> None:
    """One return asked for by the customer, one decided."""
    for place, delivery in enumerate(delivered):
        line = ComesBack(delivery.lines.get().pk, D(2), note="torn")
        data = SalesReturnData(lines=(line,))
        made = customer.keep(sales_returns.save_return(data=data, actor=customer.person, at=world.at))
        if place:
            sales_returns.authorise_return(return_id=made.pk, actor=world.rep, at=world.at)
            sales_returns.receive_return(return_id=made.pk, actor=world.rep, at=world.at)
            sales_returns.decide_return(return_id=made.pk, actor=SYSTEM, at=world.at)


# --- buying ------------------------------------------------------------------------------------
def buy(world: World, supplier: Partner, item: Item, mark: str) -> None:
    """Orders, shipping notices, receipts, invoices, payments and a statement of one supplier."""
    at, keep = world.at, supplier.keep
    keep(_purchase(world, supplier, item, 19, approve=False))
    keep(_purchase(world, supplier, item, 23))
    answered = keep(_purchase(world, supplier, item, 29))
    confirmations.confirm_order_all(order_id=answered.pk, actor=supplier.person, at=at)
    keep(_notice(world, supplier, answered, 4))
    line = PurchaseOrderLine.objects.get(document=answered)
    counted = ReceiptData(lines=[ReceiptLineInput(line.pk, D(3))])
    keep(receipts.save_receipt(data=counted, actor=world.keeper, at=at))
    came = _purchase(world, supplier, item, 31)
    confirmations.confirm_order_all(order_id=came.pk, actor=supplier.person, at=at)
    notice = keep(_notice(world, supplier, came, 31))
    receipt = keep(receipts.receive_asn(asn_id=notice.pk, supplier_note_no=f"{mark}-DN", actor=world.keeper, at=at))
    bill = keep(invoice_receipts(receipt_ids=[receipt.pk], external_no=f"{mark}-FP", actor=world.accountant, at=at))
    bill = purchase_invoices.approve_invoice(invoice_id=bill.pk, actor=world.accountant, at=at)
    later = receipts.receive_order(
        order_id=answered.pk, lines=[ReceiptLineInput(line.pk, D(5))], actor=world.keeper, at=at
    )
    keep(later)
    keep(invoice_receipts(receipt_ids=[later.pk], external_no=f"{mark}-F2", actor=world.accountant, at=at))
    keep(money.save_payment(data=_money(world, supplier.party, 10, bill), actor=world.accountant, at=at))
    paid = keep(money.save_payment(data=_money(world, supplier.party, 20, bill), actor=world.accountant, at=at))
    money.approve_payment(payment_id=paid.pk, actor=world.accountant, at=at)
    _inspected(world, supplier, mark)
    for approve in (False, True):
        back = GoBackData(lines=[GoesBack(receipt.lines.get().pk, D(1))])
        sent_back = keep(purchase_returns.save_return(data=back, actor=world.buyer, at=at))
        if approve:
            purchase_returns.approve_return(return_id=sent_back.pk, actor=world.buyer, at=at)
    _month(world, supplier, propose_supplier_statement)
    _process(world, supplier, mark)
    _discuss(world, supplier, answered, "supplier", mark)
    _produce(world, supplier, answered)


def _process(world: World, supplier: Partner, mark: str) -> None:
    """A subcontract order with material that was issued, used, and waits to come back; another one as a draft."""
    who: Any = {"actor": world.buyer, "at": world.at}
    made, part = (
        save_item(data=ItemData(name=f"{mark} {name} {supplier.party.code}"), **who) for name in ("lamp", "frame")
    )
    counted = [OpeningLineInput(part.pk, D(50), unit_cost=D(7))]
    opened = save_opening_stock(doc_date=world.today, warehouse_id=world.warehouse.pk, lines=counted, **who)
    approve_opening_stock(document_id=opened.pk, **who)
    data = SubcontractData(
        supplier.party.pk, made.pk, D(20), world.day(5), price=D("11.3"), parts=[PartOfOne(part.pk, D(2))]
    )
    supplier.keep(save_subcontract_order(data=data, **who))
    order = supplier.keep(save_subcontract_order(data=data, **who))
    purchases.approve_order(order_id=order.pk, **who)
    for kind, qty in (("issue", 40), ("return", 3)):
        lines = [MaterialLineInput(part.pk, D(qty))]
        moved = materials.save_material(order_id=order.pk, kind=kind, doc_date=world.today, lines=lines, **who)
        supplier.keep(moved)
        if kind == "issue":
            materials.approve_material(document_id=moved.pk, **who)
    taken = [ReceiptLineInput(order.lines.get().pk, D(4))]
    supplier.keep(receipts.receive_order(order_id=order.pk, lines=taken, **who))


def _inspected(world: World, supplier: Partner, mark: str) -> None:
    """Goods in quarantine, and goods of which some were rejected."""
    data = ItemData(name=f"{mark} checked {supplier.party.code}", lot_tracked=True, inspection="full")
    item = save_item(data=data, actor=SYSTEM, at=world.at)
    for rejected in (None, D(2)):
        order = _purchase(world, supplier, item, 6)
        lines = [ReceiptLineInput(order.lines.get().pk, D(6), lot_no=f"{mark}-{order.number[-5:]}")]
        receipt = receipts.receive_order(order_id=order.pk, lines=lines, actor=world.keeper, at=world.at)
        made = supplier.keep(receipt.inspections.get())
        if rejected:
            results = [InspectionResult(made.lines.get().pk, rejected, reason=f"{mark} dents")]
            decide_inspection(inspection_id=made.pk, results=results, actor=world.keeper, at=world.at)


def source(world: World, supplier: Partner, item: Item, mark: str) -> None:
    """Requests for quotation: a draft, one that is sealed, one that was awarded."""
    early = world.at - timedelta(days=2)
    for ahead in (timedelta(days=3), timedelta(days=2), -timedelta(hours=1)):
        lines = [RfqLineInput(item.pk, D(40), world.day(20), f"{mark} words")]
        data = RfqData(f"{mark} request", world.at + ahead, lines, [supplier.party.pk])
        rfq = supplier.keep(rfqs.save_rfq(data=data, actor=world.buyer, at=early))
        if ahead == timedelta(days=3):
            continue
        rfqs.publish_rfq(rfq_id=rfq.pk, actor=world.buyer, at=early)
        line = rfq.lines.get()
        offer = OfferData([QuoteLineInput(line.pk, D("70.7"), 4, alternate=f"{mark} other")], world.day(30))
        submit_quote(rfq_id=rfq.pk, data=offer, actor=supplier.person, at=early)
        if ahead < timedelta(0):
            rfqs.open_rfq(rfq_id=rfq.pk, actor=world.buyer, at=world.at)
            chosen = [AwardInput(line.pk, supplier.party.pk, D(40))]
            for order in award_rfq(rfq_id=rfq.pk, awards=chosen, actor=world.buyer, at=world.at):
                supplier.keep(order)


def need(world: World, supplier: Partner, item: Item, mark: str) -> None:
    """Requisitions: a draft, one in approval, one that is ordered in part; and who stands in for the buyer."""
    for stage in range(3):
        line = RequisitionLineInput(item.pk, D(9), D("70.7"), supplier_id=supplier.party.pk, description=f"{mark} need")
        data = RequisitionData(world.day(20), [line], reason=f"{mark} desk", department=f"{mark} office")
        made = supplier.keep(requisitions.save_requisition(data=data, actor=world.accountant, at=world.at))
        if stage:
            requisitions.submit_requisition(requisition_id=made.pk, actor=world.accountant, at=world.at)
        if stage == 2:
            requisitions.approve_requisition(requisition_id=made.pk, actor=world.buyer, at=world.at)
            chosen = [OrderChoice(made.lines.get().pk, D(4))]
            placed = order_requisition(requisition_id=made.pk, choices=chosen, actor=world.buyer, at=world.at)
            supplier.keep(placed[0])
    if not ApprovalDelegation.objects.exists():
        away = DelegationData(
            world.keeper.member_id, world.accountant.member_id, world.today, world.day(9), f"{mark} away"
        )
        save_delegation(data=away, actor=world.keeper, at=world.at)


def agree(world: World, supplier: Partner, item: Item, mark: str) -> None:
    """Blanket orders: a draft, and one that was called off."""
    for approve in (False, True):
        lines = [BlanketLineInput(item.pk, D(500), D("70.7"), f"{mark} yearly")]
        data = BlanketData(supplier.party.pk, world.today, world.day(365), lines)
        blanket = supplier.keep(blankets.save_blanket(data=data, actor=world.buyer, at=world.at))
        if approve:
            blankets.approve_blanket(blanket_id=blanket.pk, actor=world.buyer, at=world.at)
            wanted = [CallOffInput(blanket.lines.get().pk, D(30))]
            who: Any = {"actor": world.buyer, "at": world.at}
            called = blankets.call_off(blanket_id=blanket.pk, lines=wanted, requested_date=world.day(9), **who)
            supplier.keep(called)


def qualify(world: World, supplier: Partner, mark: str) -> None:
    """A licence that waits to be checked, and an application of a firm like it."""
    kind = DocumentType.objects.get(code="iso9001")
    paper = QualificationData(type_id=kind.pk, number=f"{mark}-ISO", no_expiry=True)
    upload = SimpleUploadedFile(f"{mark}-iso.png", PNG, "image/png")
    who = {"actor": supplier.person, "at": world.at}
    supplier.keep(submit_document(party_id=supplier.party.pk, data=paper, upload=upload, **who))
    wish = BankData(holder=supplier.party.name, bank_name=f"{mark} bank", account_no=f"6222{mark.upper()}000")
    supplier.keep(request_bank_account(party_id=supplier.party.pk, data=wish, **who))
    wrong = ClaimData(supplier_id=supplier.party.pk, description=f"{mark} scratches")
    claim = supplier.keep(open_claim(data=wrong, actor=world.buyer, at=world.at))
    words = ClaimAnswer(f"{mark} stopped", f"{mark} worn tool", f"{mark} new tool")
    answer_claim(claim_id=claim.pk, answer=words, **who)
    supplier.keep(open_claim(data=wrong, actor=world.buyer, at=world.at))
    typed = ApplicationData(f"{mark} applicant", "Somebody", f"{supplier.party.pk.hex}@{mark.lower()}.example")
    apply_as_supplier(data=typed, **who)


def _purchase(world: World, supplier: Partner, item: Item, qty: int, *, approve: bool = True) -> PurchaseOrder:
    data = BuyData(
        supplier_id=supplier.party.pk,
        requested_date=world.day(7),
        lines=[BuyLine(item.pk, D(qty), price=D("113"))],
    )
    order = purchases.save_order(data=data, actor=world.buyer, at=world.at)
    return purchases.approve_order(order_id=order.pk, actor=world.buyer, at=world.at) if approve else order


def _notice(world: World, supplier: Partner, order: PurchaseOrder, qty: int) -> Any:
    line = PurchaseOrderLine.objects.get(document=order)
    data = AsnData(lines=[AsnLineInput(line.pk, D(qty))], expected_date=world.day(2), carrier_name="Lorry")
    return asns.submit_asn(data=data, actor=supplier.person, at=world.at)


# --- both --------------------------------------------------------------------------------------
def _money(world: World, party: Party, amount: int, invoice: Any) -> money.MoneyData:
    fund = FundAccount.objects.get(code="BANK")
    return money.MoneyData(party.pk, fund.pk, world.today, D(amount), allocations=[(invoice.pk, D(amount))])


def clear(world: World, customer: Partner, supplier: Partner) -> None:
    """Receivables against payables, debts that another customer took over, refunds: drafts and booked ones."""
    who: Any = {"actor": world.accountant, "at": world.at}
    heir = save_party(actor=SYSTEM, at=world.at, data=PartyData(name="Heir", customer=CustomerData()))
    fund = FundAccount.objects.get(code="BANK")
    advance = money.save_receipt(data=money.MoneyData(customer.party.pk, fund.pk, world.today, D(30)), **who)
    money.approve_receipt(receipt_id=customer.keep(advance).pk, **who)
    for approve in (False, True):
        data = netting.NettingData(customer.party.pk, supplier.party.pk, world.today, amount=D(5))
        set_off = netting.save_netting(data=data, **who)
        move = debts.DebtTransferData("customer", customer.party.pk, heir.pk, world.today, amount=D(1))
        debt = debts.save_transfer(data=move, **who)
        wish = refunds.RefundData("customer", customer.party.pk, fund.pk, world.today, D(6))
        back = refunds.save_refund(data=wish, **who)
        if approve:
            netting.approve_netting(netting_id=set_off.pk, **who)
            refunds.approve_refund(refund_id=back.pk, **who)
            debts.approve_transfer(transfer_id=debt.pk, **who)


def lanes_of(world: World, mark: str) -> None:
    """A lane in use and one that is suspended."""
    for place, region in enumerate(("North", "South")):
        data = LaneData(world.carrier.pk, f"{mark} home", f"{mark} {region}", 3, D(10), D(1), D(1))
        made = save_lane(data=data, actor=SYSTEM, at=world.at)
        if place:
            suspend_lane(lane_id=made.pk, reason="broken", actor=SYSTEM, at=world.at)


def _month(world: World, partner: Partner, propose: Any) -> None:
    days = {"period_from": world.today.replace(day=1), "period_to": world.today}
    partner.keep(propose(party_id=partner.party.pk, actor=world.accountant, at=world.at, **days))


def _discuss(world: World, partner: Partner, document: Any, kind: str, mark: str) -> None:
    """A message and a file the partner sees, and both kept from him."""
    for visibility in (kind, "internal"):
        party_id = partner.party.pk if visibility == kind else None
        common = {"subject": document, "visibility": visibility, "party_id": party_id, "at": world.at}
        partner.keep(comments.add_comment(text=f"{mark} {visibility} word", actor=world.rep, **common))
        upload = SimpleUploadedFile(f"{mark}-{visibility}.png", PNG, "image/png")
        partner.keep(files.attach_file(upload=upload, actor=world.rep, **common))


def _produce(world: World, supplier: Partner, order: PurchaseOrder) -> None:
    """Production nodes, a link for the workshop, and what is wrong with the orders three days later."""
    line = PurchaseOrderLine.objects.get(document=order)
    template = NodeTemplate.objects.filter(active=True).earliest("id")
    nodes.plan_nodes(order_id=order.pk, template_id=template.pk, actor=world.buyer, at=world.at)
    supplier.keep(issue_link(order_line_id=line.pk, actor=world.buyer, at=world.at)[0])
    refresh_exceptions(at=world.at + timedelta(days=3))
    for row in PurchaseException.objects.filter(supplier=supplier.party):
        supplier.keep(row)


def masters(world: World, owner: Actor, item: Item, mark: str) -> None:
    """What is no document of a partner: a price list, a voucher, opening stock, an invitation, a token."""
    at = world.at
    lines = (PriceLineData(item.pk, D(160)),)
    save_price_list(data=PriceListData(name=f"{mark} list", lines=lines), actor=owner, at=at)
    colour = AttributeData(f"{mark} colour", "colour", (ValueData("RED", f"{mark} red"),))
    [red] = save_attribute(data=colour, actor=owner, at=at).values.all()
    style = save_style(data=StyleData(f"{mark} shirt", "SHIRT", (red.pk,)), actor=owner, at=at)
    make_variants(style_id=style.pk, actor=owner, at=at)
    rows = [{"code": "IMPORTED", "name": f"{mark} imported"}, {"code": "NAMELESS"}]
    start_rows(kind="items", rows=rows, name=f"{mark} list.xlsx", actor=owner, at=at)
    counted = [OpeningLineInput(item.pk, D(5), unit_cost=D(90))]
    save_opening_stock(doc_date=world.today, warehouse_id=world.warehouse.pk, lines=counted, actor=owner, at=at)
    stock_papers(world, item)
    cost_papers(world, owner, item)
    for price in (D(60), D(70)):  # the second one raises an alert
        note_price(data=PriceHeard(item.pk, price, note=f"{mark} market"), actor=world.buyer, at=at)
    both = [VoucherLineInput(role="admin_office", debit=D(5)), VoucherLineInput(role="paid_in_capital", credit=D(5))]
    enter_voucher(date=world.today, summary=f"{mark} capital", lines=both, actor=owner, at=at)
    access.invite_member(email="new@example.com", kind="staff", role_codes=["buyer"], actor=owner, at=at)
    assert owner.member_id
    access.issue_token(member_id=owner.member_id, name=f"{mark} token", actor=owner, at=at)


def stock_papers(world: World, item: Item) -> None:
    """Stock documents, drafts and booked ones."""
    who: Any = {"actor": world.keeper, "at": world.at}
    shop = save_warehouse(code="SHOP", name="Shop", **who)
    here = {"doc_date": world.today, "warehouse_id": world.warehouse.pk, **who}
    for approve in (False, True):
        came = other.save_other_receipt(reason="gift", lines=[OtherReceiptLineInput(item.pk, D(2))], **here)
        used = other.save_other_issue(reason="own_use", lines=[OtherIssueLineInput(item.pk, D(1))], **here)
        moved = transfers.save_transfer(
            doc_date=world.today,
            source_id=world.warehouse.pk,
            destination_id=shop.pk,
            lines=[TransferLineInput(item.pk, D(3))],
            **who,
        )
        if approve:
            other.approve_other_receipt(document_id=came.pk, **who)
            other.approve_other_issue(document_id=used.pk, **who)
            transfers.approve_transfer(document_id=moved.pk, **who)
            line = moved.lines.get()
            transfer_receipts.receive_transfer(transfer_id=moved.pk, lines=[ArrivalInput(line.pk, D(1))], **who)
    buyer = Party.objects.filter(is_customer=True).earliest("created_at")
    save_consignment(kind="back", customer_id=buyer.pk, lines=[ConsignmentLineInput(item.pk, D(1))], **here)
    drill = world.item("DRILL", "Drill", serial_tracked=True)
    for number in ("DR-1", "DR-2"):
        came = other.save_other_receipt(reason="gift", lines=[OtherReceiptLineInput(drill.pk, D(1), D(50))], **here)
        name_serials(document=came, numbers={came.lines.get().pk: [number]}, **who)
    other.approve_other_receipt(document_id=came.pk, **who)
    for code in ("DOCK", "A-01"):
        save_bin(warehouse_id=shop.pk, code=code, **who)
    put = save_bin_move(
        doc_date=world.today, warehouse_id=shop.pk, lines=[BinMoveLineInput(item.pk, D(1), "DOCK", "A-01")], **who
    )
    approve_bin_move(document_id=put.pk, **who)
    scope = {"item_ids": [item.pk], **here}
    counted = counting.save_count(**scope)
    counting.start_count(document_id=counting.save_count(**scope).pk, **who)
    counting.start_count(document_id=counted.pk, **who)
    lines = [CountedInput(line.pk, line.book_qty) for line in counted.lines.all()]
    counting.record_counts(document_id=counted.pk, counted=lines, **who)
    count_booking.approve_count(document_id=counted.pk, **who)
    counting.save_count(**scope)
    kit = world.item("KIT", "Kit")
    assembly.save_kit(kit_id=kit.pk, lines=[ComponentInput(item.pk, D(1))], **who)
    for approve in (False, True):
        made = assembly.save_assembly(item_id=kit.pk, qty=D(1), **here)
        if approve:
            assembly.approve_assembly(document_id=made.pk, **who)


def cost_papers(world: World, owner: Actor, item: Item) -> None:
    """Landed costs and cost adjustments, drafts and booked ones, and a costing run."""
    who: Any = {"actor": owner, "at": world.at}
    here = {"doc_date": world.today, "warehouse_id": world.warehouse.pk, "reason": "cogs", **who}
    row = PurchaseReceiptLine.objects.filter(document__approval="approved").select_related("document").first()
    assert row is not None
    for approve in (False, True):
        worth = adjustments.save_cost_adjustment(lines=[CostLineInput(item.pk, amount=D(3))], **here)
        data = LandedCostData(
            supplier_id=row.document.supplier_id,
            doc_date=world.today,
            fee_name="Freight",
            amount=D(20),
            lines=[FeeLineInput(row.pk)],
        )
        fee = landed_costs.save_landed_cost(data=data, **who)
        if approve:
            adjustments.approve_cost_adjustment(document_id=worth.pk, **who)
            landed_costs.approve_landed_cost(document_id=fee.pk, **who)
    run_costing(month=world.today, **who)
