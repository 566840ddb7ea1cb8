"""Papers of a supplier: orders, notices, receipts, inspections, returns, invoices, money, sourcing, agreements, licences."""

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from backend.catalog.inputs import ItemData
from backend.catalog.models import Item
from backend.catalog.services import save_item
from backend.inventory.services.inputs import OpeningLineInput
from backend.inventory.services.opening import approve_opening_stock, save_opening_stock
from backend.invoicing.services import money, purchase_invoices
from backend.processes.procure_to_pay import invoice_receipts
from backend.processes.statements import propose_supplier_statement
from backend.purchasing.models import ItemQuota, NodeTemplate, PurchaseException, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services import asns, blankets, confirmations, materials, nodes, receipts, requisitions, rfqs
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
from backend.purchasing.services.progress_links import issue_link
from backend.purchasing.services.quotas import QuotaData, ShareInput, save_quota
from backend.purchasing.services.quotes import submit_quote
from backend.purchasing.services.requisition_orders import order_requisition
from backend.purchasing.services.subcontracting import save_subcontract_order
from backend.srm.models import DocumentType
from backend.srm.services.admission import apply_as_supplier
from backend.srm.services.bank import BankData, request_bank_account
from backend.srm.services.claims import ClaimAnswer, ClaimData, answer_claim, open_claim
from backend.srm.services.documents import submit_document
from backend.srm.services.inputs import ApplicationData, QualificationData
from backend.workflow.approvals.setup import DelegationData, save_delegation
from backend.workflow.models import ApprovalDelegation
from tests.papers.partners import PNG, Partner, discuss, money_of, month_of
from tests.scenarios.world import SYSTEM, D, World


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
    keep(money.save_payment(data=money_of(world, supplier.party, 10, bill), actor=world.accountant, at=at))
    paid = keep(money.save_payment(data=money_of(world, supplier.party, 20, bill), actor=world.accountant, at=at))
    money.approve_payment(payment_id=paid.pk, actor=world.accountant, at=at)
    _inspected(world, supplier, mark)
    for approve in (False, True):
        back = GoBackData(lines=[GoesBack(receipt.lines.get().pk, D(1))])
        sent_back = keep(purchase_returns.save_return(data=back, actor=world.buyer, at=at))
        if approve:
            purchase_returns.approve_return(return_id=sent_back.pk, actor=world.buyer, at=at)
    month_of(world, supplier, propose_supplier_statement)
    _process(world, supplier, mark)
    discuss(world, supplier, answered, "supplier", mark)
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
    """A quota; requests for quotation: a draft, one that is sealed, one that was awarded."""
    shares = [ShareInput(supplier.party.pk, D(100))]
    if not ItemQuota.objects.filter(item=item).exists():
        save_quota(data=QuotaData(item.pk, world.day(0), shares), actor=world.buyer, at=world.at)
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


def _produce(world: World, supplier: Partner, order: PurchaseOrder) -> None:
    """Production nodes, a link for the workshop, and what is wrong with the orders three days later."""
    line = PurchaseOrderLine.objects.get(document=order)
    template = NodeTemplate.objects.filter(active=True).earliest("id")
    nodes.plan_nodes(order_id=order.pk, template_id=template.pk, actor=world.buyer, at=world.at)
    supplier.keep(issue_link(order_line_id=line.pk, actor=world.buyer, at=world.at)[0])
    refresh_exceptions(at=world.at + timedelta(days=3))
    for row in PurchaseException.objects.filter(supplier=supplier.party):
        supplier.keep(row)
