"""Statements with suppliers and customers (M-07): the movements of a period gathered from goods, invoices and money.

A movement stands in one statement only. The first statement of a partner opens with everything
before its period; later ones follow the last agreed one and take up whatever was missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.invoicing.events import StatementAgreed, StatementDisputed, StatementProposed
from backend.invoicing.models import (
    MovementKind,
    Payment,
    PurchaseInvoiceLine,
    Receipt,
    SalesInvoiceLine,
    Statement,
)
from backend.invoicing.services import statements
from backend.invoicing.services.statements import StatementMovement
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.kernel.events import subscribe
from backend.kernel.money import ZERO
from backend.processes import addresses
from backend.purchasing.models import PurchaseReceiptLine
from backend.sales.models import SalesDeliveryLine
from backend.workflow.services import complete_tasks, create_task, notify

BOOKED = Approval.APPROVED


@dataclass(frozen=True)
class Side:
    """What differs between the two kinds of statements; ``kind`` is also the name of the party's field."""

    kind: str
    goods_line: Any
    invoice_line: Any
    money: Any


SUPPLIER = Side("supplier", PurchaseReceiptLine, PurchaseInvoiceLine, Payment)
CUSTOMER = Side("customer", SalesDeliveryLine, SalesInvoiceLine, Receipt)


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
    """Every movement of a time, in three statements."""
    within = {"document__doc_date__gte": day_from, "document__doc_date__lte": day_to}
    yield from map(_goods, _goods_lines(side, party_id).filter(**within))
    yield from filter(None, map(_difference, _invoice_lines(side, party_id).filter(**within)))
    paid = _money(side, party_id).filter(doc_date__gte=day_from, doc_date__lte=day_to)
    yield from map(_payment, paid)


def balance_before(side: Side, party_id: UUID, day: date) -> Decimal:
    """Goods and differences less money before a day, in three statements."""
    before = {"document__doc_date__lt": day}
    goods = _goods_lines(side, party_id).filter(**before).aggregate(n=Sum("gross_amount"))["n"] or ZERO
    differences = _invoice_lines(side, party_id).filter(**before)
    differing = differences.aggregate(n=Sum(F("gross_amount") - F("source_net") - F("source_tax")))["n"] or ZERO
    money = _money(side, party_id).filter(doc_date__lt=day).aggregate(n=Sum("amount"))["n"] or ZERO
    return goods + differing - money


def _goods_lines(side: Side, party_id: UUID) -> QuerySet[Any]:
    return side.goods_line._default_manager.select_related("document").filter(
        **{f"document__{side.kind}": party_id}, document__approval=BOOKED
    )


def _invoice_lines(side: Side, party_id: UUID) -> QuerySet[Any]:
    """Lines of booked invoices that are priced otherwise than their goods, and those without goods."""
    differs = ~Q(gross_amount=F("source_net") + F("source_tax"))
    return side.invoice_line._default_manager.select_related("document").filter(
        differs, **{f"document__{side.kind}": party_id}, document__approval=BOOKED
    )


def _money(side: Side, party_id: UUID) -> QuerySet[Any]:
    return side.money._default_manager.filter(**{side.kind: party_id}, approval=BOOKED)


def _goods(line: PurchaseReceiptLine | SalesDeliveryLine) -> StatementMovement:
    document = line.document
    return StatementMovement(
        kind=MovementKind.RECEIPT,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        source_line_id=line.pk,
        their_number=getattr(document, "supplier_note_no", ""),
        order_number=line.order_number,
        item_id=line.item_id,
        qty=line.qty,
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


# --- telling -----------------------------------------------------------------------------------
@subscribe(StatementProposed, when="after_commit")
def ask_partner_to_check(event: StatementProposed, actor: Actor) -> None:
    """The partner's people find the statement in their portal."""
    statement = Statement.objects.get(pk=event.aggregate_id)
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
        dedupe_key=f"statement:{statement.pk}",
        party_id=statement.party_id,
        permission=right,
        at=timezone.now(),
    )


@subscribe(StatementDisputed, when="after_commit")
def ask_us_to_answer(event: StatementDisputed, actor: Actor) -> None:
    """Somebody of ours answers the disputed lines."""
    statement = Statement.objects.select_related("party").get(pk=event.aggregate_id)
    create_task(
        kind="invoicing.statement_disputed",
        params={
            "party": statement.party.label,
            "number": statement.number,
            "lines": statement.lines.filter(verdict="disputed").count(),
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
