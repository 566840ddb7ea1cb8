"""Statements with suppliers and customers (M-07): the movements of a period gathered from goods, invoices and money.

A movement stands in one statement only. The first statement of a partner opens with everything
before its period; later ones follow the last agreed one and take up whatever was missed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.invoicing.claim_sheets import ClaimInput
from backend.invoicing.events import (
    DebtTransferUnapproved,
    NettingUnapproved,
    PaymentUnapproved,
    PurchaseInvoiceUnapproved,
    ReceiptUnapproved,
    RefundUnapproved,
    SalesInvoiceUnapproved,
    StatementAgreed,
    StatementChanged,
    StatementCompared,
    StatementDisputed,
    StatementProposed,
)
from backend.invoicing.models import (
    DebtTransfer,
    DifferenceKind,
    MovementKind,
    NettingLine,
    Payment,
    PurchaseInvoiceLine,
    Receipt,
    Refund,
    SalesInvoiceLine,
    Statement,
    StatementDifference,
    StatementState,
)
from backend.invoicing.services import differences, standing, statements
from backend.invoicing.services.statements import StatementMovement
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.kernel.events import Event, subscribe
from backend.kernel.language import in_books
from backend.kernel.money import ZERO, total
from backend.processes import addresses
from backend.purchasing.events import PurchaseReceiptUnapproved, PurchaseReturnUnapproved
from backend.purchasing.models import Asn, PurchaseOrder, PurchaseReceiptLine, PurchaseReturnLine
from backend.sales.events import ConsignmentTakenBack, SalesDeliveryUnapproved, SalesReturnUnapproved
from backend.sales.models import ConsignmentKind, ConsignmentLine, SalesDeliveryLine, SalesReturnLine
from backend.workflow.services import complete_tasks, create_task, notify

BOOKED = Approval.APPROVED


@dataclass(frozen=True)
class Side:
    """What differs between the two kinds of statements; ``kind`` is also the name of the party's field."""

    kind: str
    goods_lines: tuple[Any, ...]
    return_line: Any
    invoice_line: Any
    money: Any


SUPPLIER = Side("supplier", (PurchaseReceiptLine,), PurchaseReturnLine, PurchaseInvoiceLine, Payment)
CUSTOMER = Side("customer", (SalesDeliveryLine, ConsignmentLine), SalesReturnLine, SalesInvoiceLine, Receipt)


# --- push-downs --------------------------------------------------------------------------------
def propose_supplier_statement(
    *, party_id: UUID, period_from: date, period_to: date, actor: Actor, at: datetime
) -> Statement:
    """Gather the period's receipts, price differences and payments, and ask the supplier to check them."""
    return _propose(SUPPLIER, party_id, period_from, period_to, actor, at)


def propose_customer_statement(
    *, party_id: UUID, period_from: date, period_to: date, actor: Actor, at: datetime
) -> Statement:
    """Gather the period's deliveries, price differences and money received, and ask the customer to check them."""
    return _propose(CUSTOMER, party_id, period_from, period_to, actor, at)


def _propose(side: Side, party_id: UUID, period_from: date, period_to: date, actor: Actor, at: datetime) -> Statement:
    if actor.kind in {"supplier", "customer"} and (actor.kind != side.kind or actor.party_id != party_id):
        raise NotFoundRefused(_("There is no such document."), value=party_id)
    with transaction.atomic():
        begin = _begin_of_statements(side, party_id)
        movements = list(movements_of(side, party_id, begin or period_from, period_to))
        prepared = statements.prepare_statement(
            kind=side.kind,
            party_id=party_id,
            period_from=period_from,
            period_to=period_to,
            movements=movements,
            opening=None if begin else balance_before(side, party_id, period_from),
            actor=actor,
            at=at,
        )
        return statements.propose_statement(statement_id=prepared.pk, actor=Actor.system(actor.name), at=at)


def _begin_of_statements(side: Side, party_id: UUID) -> date | None:
    """Where the first statement that counts began; everything before it is in its opening."""
    counted = Statement.objects.filter(kind=side.kind, party_id=party_id, state__in=["agreed", "invoiced"])
    return counted.order_by("period_from").values_list("period_from", flat=True).first()


# --- movements ---------------------------------------------------------------------------------
def movements_of(side: Side, party_id: UUID, day_from: date, day_to: date) -> Iterator[StatementMovement]:
    """Every movement of a time, in a statement for each kind of document."""
    within = {"document__doc_date__gte": day_from, "document__doc_date__lte": day_to}
    for model in side.goods_lines:
        yield from map(_goods, _goods_lines(model, side, party_id).filter(**within))
    yield from map(_returned, _goods_lines(side.return_line, side, party_id).filter(**within))
    yield from filter(None, map(_difference, _invoice_lines(side, party_id).filter(**within)))
    paid = _money(side, party_id).filter(doc_date__gte=day_from, doc_date__lte=day_to)
    yield from map(_payment, paid)
    yield from map(_refund, _refunds(side, party_id).filter(doc_date__gte=day_from, doc_date__lte=day_to))
    yield from _nettings(_netting_lines(side, party_id).filter(**within))
    for moved, sign in _moved_debts(side, party_id):
        yield from (_moved(row, sign) for row in moved.filter(doc_date__gte=day_from, doc_date__lte=day_to))


def balance_before(side: Side, party_id: UUID, day: date) -> Decimal:
    """Goods less returns, differences, less money, what was set off, debts moved before a day; a statement for each kind."""
    before = {"document__doc_date__lt": day}
    *goods, returned = (
        _goods_lines(model, side, party_id).filter(**before).aggregate(n=Sum("gross_amount"))["n"] or ZERO
        for model in (*side.goods_lines, side.return_line)
    )
    otherwise = _invoice_lines(side, party_id).filter(**before)
    differing = otherwise.aggregate(n=Sum(F("gross_amount") - F("source_net") - F("source_tax")))["n"] or ZERO
    money, back = (
        rows.filter(doc_date__lt=day).aggregate(n=Sum("amount"))["n"] or ZERO
        for rows in (_money(side, party_id), _refunds(side, party_id))
    )
    netted = _netting_lines(side, party_id).filter(**before).aggregate(n=Sum("amount"))["n"] or ZERO
    moved = (
        sign * (rows.filter(doc_date__lt=day).aggregate(n=Sum("amount"))["n"] or ZERO)
        for rows, sign in _moved_debts(side, party_id)
    )
    return total(goods) - returned + differing - money + back - netted + total(moved)


def _goods_lines(model: Any, side: Side, party_id: UUID) -> QuerySet[Any]:
    also = {SalesDeliveryLine: ("order_line__document",), PurchaseReceiptLine: ("document__asn",)}.get(model, ())
    sold = {"document__kind": ConsignmentKind.SOLD} if model is ConsignmentLine else {}
    return model._default_manager.select_related("document", *also).filter(
        **{f"document__{side.kind}": party_id}, **sold, document__approval=BOOKED
    )


def _invoice_lines(side: Side, party_id: UUID) -> QuerySet[Any]:
    """Lines of booked invoices that are priced otherwise than their goods, and those without goods."""
    differs = ~Q(gross_amount=F("source_net") + F("source_tax"))
    return side.invoice_line._default_manager.select_related("document").filter(
        differs, **{f"document__{side.kind}": party_id}, document__approval=BOOKED
    )


def _money(side: Side, party_id: UUID) -> QuerySet[Any]:
    return side.money._default_manager.filter(**{side.kind: party_id}, approval=BOOKED)


def _refunds(side: Side, party_id: UUID) -> QuerySet[Refund]:
    """Money that went back: of an advance, or for a note that was not set off."""
    return Refund.objects.filter(side=side.kind, party=party_id, approval=BOOKED)


def _netting_lines(side: Side, party_id: UUID) -> QuerySet[NettingLine]:
    """What of this side's invoices was set off against those of the other side."""
    own = {"supplier": "purchase_invoice__isnull", "customer": "sales_invoice__isnull"}[side.kind]
    rows = NettingLine.objects.select_related("document").filter(
        **{f"document__{side.kind}": party_id, own: False}, document__approval=BOOKED
    )
    return rows.order_by("document_id", "line_no")


def _moved_debts(side: Side, party_id: UUID) -> Iterator[tuple[QuerySet[DebtTransfer], int]]:
    """What another party owes (is owed) from now on, and what this one does in the place of another; with their signs."""
    booked = DebtTransfer.objects.filter(side=side.kind, approval=BOOKED)
    yield booked.filter(from_party=party_id), -1
    yield booked.filter(to_party=party_id), 1


def _goods(line: PurchaseReceiptLine | SalesDeliveryLine | ConsignmentLine) -> StatementMovement:
    document = line.document
    return StatementMovement(
        kind=MovementKind.RECEIPT,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        source_line_id=line.pk,
        their_number=_their_number(line),
        order_number=getattr(line, "order_number", ""),
        item_id=line.item_id,
        qty=line.qty,
        price=line.tax_incl_price,
        net_amount=line.net_amount,
        tax_amount=line.tax_amount,
        amount=line.gross_amount,
    )


def _their_number(line: PurchaseReceiptLine | SalesDeliveryLine | ConsignmentLine) -> str:
    """The supplier's delivery note (or the notice it sent); the customer's own order number."""
    if isinstance(line, SalesDeliveryLine):
        return line.order_line.document.customer_ref[:60]
    if isinstance(line, ConsignmentLine):
        return ""
    receipt = line.document
    return receipt.supplier_note_no or (receipt.asn.number if receipt.asn else "")


def _returned(line: PurchaseReturnLine | SalesReturnLine) -> StatementMovement:
    document = line.document
    return StatementMovement(
        kind=MovementKind.RETURN,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        source_line_id=line.pk,
        their_number=getattr(document, "supplier_ref", ""),
        order_number=line.order_number,
        item_id=line.item_id,
        qty=getattr(line, "received_qty", line.qty),
        price=line.tax_incl_price,
        net_amount=line.net_amount,
        tax_amount=line.tax_amount,
        amount=line.gross_amount,
    )


def _difference(line: PurchaseInvoiceLine | SalesInvoiceLine) -> StatementMovement | None:
    net, tax = line.net_amount - line.source_net, line.tax_amount - line.source_tax
    if not net + tax:
        return None
    document = line.document
    return StatementMovement(
        kind=MovementKind.ADJUSTMENT,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        source_line_id=line.pk,
        their_number=document.external_no,
        order_number=line.order_number,
        item_id=line.item_id,
        qty=line.qty,
        net_amount=net,
        tax_amount=tax,
        amount=net + tax,
    )


def _payment(document: Payment | Receipt) -> StatementMovement:
    return StatementMovement(
        kind=MovementKind.PAYMENT,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        their_number=document.reference[:60],
        amount=document.amount,
        net_amount=document.amount,
    )


def _refund(document: Refund) -> StatementMovement:
    return StatementMovement(
        kind=MovementKind.PAYMENT,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        their_number=document.reference[:60],
        amount=-document.amount,
        net_amount=-document.amount,
    )


def _moved(document: DebtTransfer, sign: int) -> StatementMovement:
    """On both parties' statements it stands under its own name for each: the party it is of."""
    return StatementMovement(
        kind=MovementKind.ADJUSTMENT,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        source_line_id=document.from_party_id if sign < 0 else document.to_party_id,
        amount=sign * document.amount,
        net_amount=sign * document.amount,
    )


def _nettings(lines: Iterable[NettingLine]) -> Iterator[StatementMovement]:
    """One movement for each netting: on both sides' statements it is named by the side's own first line."""
    for document, rows in groupby(lines, key=lambda line: line.document):
        own = list(rows)
        amount = total(line.amount for line in own)
        yield StatementMovement(
            kind=MovementKind.PAYMENT,
            line_date=document.doc_date,
            source_type=document.DOC_TYPE,
            source_id=document.pk,
            source_number=document.number,
            source_line_id=own[0].pk,
            amount=amount,
            net_amount=amount,
        )


# --- documents that are taken back --------------------------------------------------------------
@subscribe(PurchaseReceiptUnapproved, when="now")
@subscribe(PurchaseReturnUnapproved, when="now")
@subscribe(PurchaseInvoiceUnapproved, when="now")
@subscribe(PaymentUnapproved, when="now")
@subscribe(SalesDeliveryUnapproved, when="now")
@subscribe(SalesReturnUnapproved, when="now")
@subscribe(ConsignmentTakenBack, when="now")
@subscribe(SalesInvoiceUnapproved, when="now")
@subscribe(ReceiptUnapproved, when="now")
@subscribe(RefundUnapproved, when="now")
@subscribe(NettingUnapproved, when="now")
@subscribe(DebtTransferUnapproved, when="now")
def take_off_statements(event: Event, actor: Actor) -> None:
    """What is not booked any more is on no statement; an agreed one holds it."""
    standing.take_off_statements(source_id=_id(event.aggregate_id), actor=actor, at=clock.now(), explain=_explain)


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


# --- the partner's own list ---------------------------------------------------------------------
def submit_statement_list(*, statement_id: UUID, claims: Sequence[ClaimInput], actor: Actor, at: datetime) -> Statement:
    """Compare the partner's list with the statement; what explains a difference stands beside it."""
    return differences.submit_list(statement_id=statement_id, claims=claims, actor=actor, at=at, explain=_explain)


def _explain(rows: Sequence[StatementDifference]) -> dict[UUID, str]:
    """Goods they list and we do not have: the shipping notice on its way. Other prices: what the order says."""
    numbers = {row.their_number for row in rows if row.kind == DifferenceKind.NOT_RECEIVED}
    party_id = rows[0].document.party_id
    named = Q(number__in=numbers) | Q(tracking_no__in=numbers - {""})
    found = Asn.objects.filter(named, supplier=party_id) if numbers else []
    notices = {key: notice for notice in found for key in (notice.number, notice.tracking_no) if key}
    orders = {row.line.order_number for row in rows if row.kind == DifferenceKind.PRICE and row.line}
    prices = PurchaseOrder.objects.filter(number__in=orders) if orders else []
    revised = {order.number: order.revision for order in prices}
    return {row.pk: text for row in rows if (text := _why(row, notices, revised))}


def _why(row: StatementDifference, notices: Mapping[str, Asn], revised: Mapping[str, int]) -> str:
    if row.kind == DifferenceKind.NOT_RECEIVED and row.their_number in notices:
        notice = notices[row.their_number]
        return in_books(
            lambda: (
                _("Announced with %(number)s, not received: %(state)s.")
                % {"number": notice.number, "state": notice.get_state_display()}
            )
        )
    if row.kind == DifferenceKind.PRICE and row.line:
        number, revision = row.line.order_number, revised.get(row.line.order_number, 0)
        words = {"number": number, "price": f"{row.our_price:f}".rstrip("0").rstrip("."), "revision": revision}
        if revision:
            return in_books(lambda: _("%(number)s says %(price)s since its revision %(revision)s.") % words)
        return in_books(lambda: _("%(number)s says %(price)s.") % words) if number else ""
    if row.kind == DifferenceKind.RETURN_NOT_CREDITED:
        return in_books(lambda: _("Goods went back with %(number)s.") % {"number": row.our_number})
    return ""


# --- telling -----------------------------------------------------------------------------------
@subscribe(StatementProposed, when="after_commit")
def ask_partner_to_check(event: StatementProposed, actor: Actor) -> None:
    """The partner's people find the statement in their portal."""
    statement = Statement.objects.get(pk=event.aggregate_id)
    _ask_partner(statement, key=f"statement:{statement.pk}")


@subscribe(StatementChanged, when="after_commit")
def ask_partner_to_check_again(event: StatementChanged, actor: Actor) -> None:
    """A document is not on it any more: what the partner has signed or accepted is another statement now."""
    statement = Statement.objects.get(pk=event.aggregate_id)
    if statement.approval != Approval.VOIDED and statement.state in (StatementState.PROPOSED, StatementState.DISPUTED):
        _ask_partner(statement, key=f"statement:{statement.pk}:without:{event.source_number}:{statement.version}")


def _ask_partner(statement: Statement, *, key: str) -> None:
    page = addresses.supplier if statement.kind == "supplier" else addresses.customer
    right = "supplier.statement.view" if statement.kind == "supplier" else "customer.invoice.view"
    notify(
        kind="supplier.statement_proposed",
        params={
            "number": statement.number,
            "lines": statement.lines.count(),
            "amount": f"{statement.closing_amount:,.2f}",
        },
        url=page("invoicing.statement", statement.number),
        dedupe_key=key,
        party_id=statement.party_id,
        permission=right,
        at=timezone.now(),
    )


@subscribe(StatementDisputed, when="after_commit")
def ask_us_to_answer(event: StatementDisputed, actor: Actor) -> None:
    """Somebody of ours answers the disputed lines."""
    _ask_to_answer(UUID(str(event.aggregate_id)))


@subscribe(StatementCompared, when="after_commit")
def ask_us_about_differences(event: StatementCompared, actor: Actor) -> None:
    """The partner's list differs: somebody of ours looks at it."""
    _ask_to_answer(UUID(str(event.aggregate_id)))


def _ask_to_answer(statement_id: UUID) -> None:
    statement = Statement.objects.select_related("party").get(pk=statement_id)
    waiting = statement.differences.filter(state__in=["open", "disputed"]).count()
    create_task(
        kind="invoicing.statement_disputed",
        params={
            "party": statement.party.label,
            "number": statement.number,
            "lines": statement.lines.filter(verdict="disputed").count() + waiting,
        },
        dedupe_key=f"dispute:{statement.pk}",
        permission="invoicing.statement.edit",
        subject=statement,
        at=timezone.now(),
    )


@subscribe(StatementAgreed, when="after_commit")
def tell_us_of_agreement(event: StatementAgreed, actor: Actor) -> None:
    """Both signed: the lines are locked and can be invoiced."""
    statement = Statement.objects.select_related("party").get(pk=event.aggregate_id)
    complete_tasks(dedupe_key=f"dispute:{statement.pk}", actor=actor, at=timezone.now())
    notify(
        kind="invoicing.statement_agreed",
        params={
            "party": statement.party.label,
            "number": statement.number,
            "amount": f"{statement.closing_amount:,.2f}",
        },
        url=addresses.staff("invoicing.statement", statement.number),
        dedupe_key=f"agreed:{statement.pk}",
        permission="invoicing.statement.edit",
        mail=False,
        actor=actor,
        at=timezone.now(),
    )
