"""Documents of the sample company in different states, made step by step by the people who would make them.

The main story is a shortage: a customer wants 100 boxes of paper, 80 are there, 20 come from the mill. Around it stand an order
that ran to its end, one that waits for money, one half shipped, a purchase under way and one received, a quotation, a draft, sets
that are being packed, requisitions in every state and a ticket.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from backend.availability.models import Suggestion, SuggestionState
from backend.invoicing.models import FundAccount
from backend.invoicing.services import money, purchase_invoices, sales_invoices
from backend.invoicing.services.money import MoneyData
from backend.kernel import clock
from backend.processes import order_to_cash, procure_to_pay
from backend.purchasing.models import PurchaseOrder
from backend.purchasing.services import asns, confirmations, from_suggestions, receipts
from backend.purchasing.services import inputs as purchase_inputs
from backend.purchasing.services import orders as purchases
from backend.sales.models import SalesDelivery, SalesOrder
from backend.sales.services import approvals, deliveries, orders, quotes, signing
from backend.sales.services.inputs import DeliveryLineInput, LineInput, OrderData, QuoteData
from backend.service.services import tickets
from tenants.demo.masters import Stage
from tenants.demo.requests import lay_requests
from tenants.demo.story import Word
from tenants.demo.workshop import lay_production

Lines = Sequence[tuple[str, int]]
# What was sold and paid before the story begins: customer, lines, days ago.
HISTORY: tuple[tuple[str, Lines, int], ...] = (
    ("lanting", (("binder", 200), ("pen", 120), ("drum", 3)), 18),
    ("qiantang", (("label", 90), ("toner", 20)), 14),
    ("xixi", (("binder", 60), ("marker", 12), ("water", 30)), 9),
)


def lay_documents(stage: Stage) -> None:
    """Lay the whole story, oldest first."""
    for customer, lines, days in HISTORY:
        _finished_order(stage, customer, lines, days)
    _order_waiting_for_money(stage)
    _received_purchase(stage)
    _half_shipped_order(stage)
    _purchase_on_its_way(stage)
    _shortage(stage)
    _quotation_and_draft(stage)
    lay_production(stage, _past(stage, 1))
    lay_requests(stage, [_past(stage, days) for days in (6, 4, 3)])


# --- time and lines --------------------------------------------------------------------------------
def _past(stage: Stage, days: int) -> datetime:
    """So many days ago, but not before this month: the sample company's books begin with it."""
    return stage.at - timedelta(days=min(days, clock.day_of(stage.at).day - 1))


def _soon(stage: Stage, days: int) -> date:
    return clock.day_of(stage.at) + timedelta(days=days)


def _lines(stage: Stage, lines: Lines) -> tuple[LineInput, ...]:
    return tuple(LineInput(item_id=stage.items[key].pk, qty=Decimal(qty)) for key, qty in lines)


def _order(
    stage: Stage, customer: str, lines: Lines, *, at: datetime, wanted: date, approve: bool = True
) -> SalesOrder:
    data = OrderData(
        customer_id=stage.parties[customer].pk,
        requested_date=wanted,
        lines=_lines(stage, lines),
        salesperson_id=stage.actor("sales").member_id,
        salesperson_name=stage.actor("sales").name,
        ship_to=_ship_to(stage, customer),
    )
    made = orders.save_order(data=data, actor=stage.actor("sales"), at=at)
    return approvals.approve_order(order_id=made.pk, actor=stage.actor("sales"), at=at) if approve else made


def _ship_to(stage: Stage, customer: str) -> str:
    address = stage.parties[customer].addresses.get(is_default=True)
    return f"{address.city} {address.street}"


def _invoice(stage: Stage, delivery: SalesDelivery, at: datetime) -> Decimal:
    """Invoice a delivery whole; returns what the customer owes."""
    accountant = stage.actor("accountant")
    made = order_to_cash.invoice_deliveries(delivery_ids=[delivery.pk], actor=accountant, at=at)
    return sales_invoices.approve_invoice(invoice_id=made.pk, actor=accountant, at=at).gross_amount


def _bank() -> UUID:
    return FundAccount.objects.get(code="BANK").pk


# --- selling ---------------------------------------------------------------------------------------
def _finished_order(stage: Stage, customer: str, lines: Lines, days: int) -> None:
    """Ordered so many days ago, shipped the same day as promised, signed for, invoiced, paid."""
    wanted = clock.day_of(_past(stage, days - 3))
    order = _order(stage, customer, lines, at=_past(stage, days), wanted=wanted)
    delivery = deliveries.ship_order(order_id=order.pk, actor=stage.actor("warehouse"), at=_past(stage, days))
    signed_by = stage.parties[customer].contacts.get(is_primary=True).name
    signing.sign_delivery(
        delivery_id=delivery.pk, signed_by=signed_by, actor=stage.actor("warehouse"), at=_past(stage, days - 2)
    )
    owed = _invoice(stage, delivery, _past(stage, days - 2))
    paid_at = _past(stage, max(days - 8, 1))
    data = MoneyData(stage.parties[customer].pk, _bank(), clock.day_of(paid_at), owed, allocations=None)
    made = money.save_receipt(data=data, actor=stage.actor("accountant"), at=paid_at)
    money.approve_receipt(receipt_id=made.pk, actor=stage.actor("accountant"), at=paid_at)


def _order_waiting_for_money(stage: Stage) -> None:
    """Delivered and invoiced, not paid; some of it arrived damp, which the customer reported."""
    at, wanted = _past(stage, 7), clock.day_of(_past(stage, 5))
    order = _order(stage, "wenlan", [("label", 40), ("pen", 20), ("stapler", 6)], at=at, wanted=wanted)
    delivery = deliveries.ship_order(order_id=order.pk, actor=stage.actor("warehouse"), at=at)
    customer = stage.actors.get("customer")
    signing.sign_delivery(
        delivery_id=delivery.pk,
        signed_by=Word("何静", "Jane He").of(stage.language),
        actor=customer or stage.actor("warehouse"),
        at=_past(stage, 5),
    )
    _invoice(stage, delivery, _past(stage, 5))
    line = delivery.lines.order_by("line_no").first()
    assert line is not None
    data = tickets.TicketData(
        category="quality",
        description=Word("有 3 包标签受潮粘连，请换货。", "Three packs of labels came damp and stick together.").of(
            stage.language
        ),
        delivery_line_id=line.pk,
        affected_qty=Decimal(3),
    )
    tickets.open_ticket(data=data, actor=customer or stage.actor("sales"), at=_past(stage, 1))


def _half_shipped_order(stage: Stage) -> None:
    """Forty boxes ordered, twenty-five shipped."""
    order = _order(stage, "qiantang", [("a3", 40), ("toner", 8)], at=_past(stage, 4), wanted=_soon(stage, 3))
    line = order.lines.order_by("line_no").first()
    assert line is not None
    deliveries.ship_order(
        order_id=order.pk,
        lines=[DeliveryLineInput(line.pk, Decimal(25))],
        actor=stage.actor("warehouse"),
        at=_past(stage, 3),
    )


def _shortage(stage: Stage) -> None:
    """The paper: 100 wanted, 80 there; the buyer has ordered and the mill has not answered. Drums are still to buy."""
    lines = [("a4", 100), ("a3", 12), ("pen", 40), ("binder", 120), ("stapler", 8), ("water", 15)]
    _order(stage, "wenlan", lines, at=stage.at, wanted=_soon(stage, 2))
    item = stage.items["a4"]
    wanted = Suggestion.objects.filter(item=item, state=SuggestionState.LIVE).values_list("pk", flat=True)
    for made in from_suggestions.order_from_suggestions(
        suggestion_ids=list(wanted), actor=stage.actor("buyer"), at=stage.at
    ):
        purchases.approve_order(order_id=made.pk, actor=stage.actor("buyer"), at=stage.at)
    _order(stage, "xixi", [("drum", 30), ("toner", 10)], at=stage.at, wanted=_soon(stage, 10))


def _quotation_and_draft(stage: Stage) -> None:
    """A quotation that waits for the customer's yes, and an order somebody has begun."""
    data = QuoteData(
        customer_id=stage.parties["wenlan"].pk,
        requested_date=_soon(stage, 12),
        lines=_lines(stage, [("a4", 200), ("binder", 120), ("stapler", 12)]),
        valid_until=_soon(stage, 14),
    )
    made = quotes.save_quote(data=data, actor=stage.actor("sales"), at=stage.at)
    quotes.send_quote(quote_id=made.pk, actor=stage.actor("sales"), at=stage.at)
    _order(
        stage, "lanting", [("a3", 10), ("marker", 6), ("water", 20)], at=stage.at, wanted=_soon(stage, 5), approve=False
    )


# --- buying ----------------------------------------------------------------------------------------
def _purchase(stage: Stage, supplier: str, lines: Lines, *, at: datetime, wanted: date) -> PurchaseOrder:
    data = purchase_inputs.OrderData(
        supplier_id=stage.parties[supplier].pk,
        requested_date=wanted,
        lines=[
            purchase_inputs.LineInput(
                item_id=stage.items[key].pk, qty=Decimal(qty), price=stage.items[key].purchase_price
            )
            for key, qty in lines
        ],
        buyer_id=stage.actor("buyer").member_id,
        buyer_name=stage.actor("buyer").name,
    )
    made = purchases.save_order(data=data, actor=stage.actor("buyer"), at=at)
    return purchases.approve_order(order_id=made.pk, actor=stage.actor("buyer"), at=at)


def _received_purchase(stage: Stage) -> None:
    """Ordered, received, invoiced, paid in part."""
    order = _purchase(stage, "toner", [("toner", 24)], at=_past(stage, 8), wanted=clock.day_of(_past(stage, 5)))
    lines = [
        purchase_inputs.ReceiptLineInput(
            order_line_id=line.pk, qty=line.qty, lot_no=f"{clock.day_of(stage.at):%y%m}02", supplier_lot_no="BC-7781"
        )
        for line in purchases.lines_of(order)
    ]
    receipt = receipts.receive_order(order_id=order.pk, lines=lines, actor=stage.actor("warehouse"), at=_past(stage, 5))
    accountant = stage.actor("accountant")
    made = procure_to_pay.invoice_receipts(
        receipt_ids=[receipt.pk], external_no="26442000000011889901", actor=accountant, at=_past(stage, 4)
    )
    invoice = purchase_invoices.approve_invoice(invoice_id=made.pk, actor=accountant, at=_past(stage, 4))
    half = (invoice.gross_amount / 2).quantize(Decimal("0.01"))
    data = MoneyData(stage.parties["toner"].pk, _bank(), clock.day_of(_past(stage, 1)), half, allocations=None)
    payment = money.save_payment(data=data, actor=accountant, at=_past(stage, 1))
    money.approve_payment(payment_id=payment.pk, actor=accountant, at=_past(stage, 1))


def _purchase_on_its_way(stage: Stage) -> None:
    """The mill confirmed labels in two parts and has announced the first; the warehouse expects it."""
    order = _purchase(stage, "paper", [("label", 80), ("a3", 40)], at=_past(stage, 4), wanted=_soon(stage, 2))
    supplier = stage.supplier_actor()
    purchases.mark_viewed(order_id=order.pk, actor=supplier, at=_past(stage, 4))
    labels, paper = purchases.lines_of(order)
    part = purchase_inputs.PartInput
    answers = [
        purchase_inputs.AnswerLine(labels.pk, [part(Decimal(40), _soon(stage, 2)), part(Decimal(40), _soon(stage, 6))]),
        purchase_inputs.AnswerLine(paper.pk, [part(paper.qty, _soon(stage, 2))]),
    ]
    confirmations.answer_order(order_id=order.pk, lines=answers, actor=supplier, at=_past(stage, 3))
    asns.submit_asn(
        data=purchase_inputs.AsnData(
            lines=[
                purchase_inputs.AsnLineInput(labels.pk, Decimal(40)),
                purchase_inputs.AsnLineInput(paper.pk, paper.qty),
            ],
            expected_date=_soon(stage, 1),
            carrier_name=Word("德邦快递", "Deppon Express").of(stage.language),
            tracking_no="DPK202688120045",
            packages=3,
        ),
        actor=supplier,
        at=stage.at,
    )
