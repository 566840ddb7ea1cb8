"""What stands on statements: a partner's movements in a time, from goods, invoices and money, and the balance before.

What moves a balance is in both: whoever adds a kind of movement adds it to the balance before, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from backend.invoicing.models import (
    DebtTransfer,
    MovementKind,
    NettingLine,
    Payment,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    Receipt,
    Refund,
    SalesInvoiceLine,
)
from backend.invoicing.services.statement_drafts import StatementMovement
from backend.kernel.document import Approval
from backend.kernel.money import ZERO, total
from backend.purchasing.models import PurchaseReceiptLine, PurchaseReturnLine
from backend.sales.models import ConsignmentKind, ConsignmentLine, SalesDeliveryLine, SalesReturnLine

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


def movements_of(side: Side, party_id: UUID, day_from: date, day_to: date) -> Iterator[StatementMovement]:
    """Every movement of a time, in a statement for each kind of document."""
    within = {"document__doc_date__gte": day_from, "document__doc_date__lte": day_to}
    for model in side.goods_lines:
        yield from map(_goods, _goods_lines(model, side, party_id).filter(**within))
    yield from map(_returned, _goods_lines(side.return_line, side, party_id).filter(**within))
    yield from filter(None, map(_difference, _invoice_lines(side, party_id).filter(**within)))
    paid = _money(side, party_id).filter(doc_date__gte=day_from, doc_date__lte=day_to)
    yield from map(_payment, paid)
    refunds = _refunds(side, party_id).filter(doc_date__gte=day_from, doc_date__lte=day_to)
    yield from (_payment(refund, -1) for refund in refunds)
    yield from _nettings(_netting_lines(side, party_id).filter(**within))
    for moved, sign in _moved_debts(side, party_id):
        yield from (_moved(row, sign) for row in moved.filter(doc_date__gte=day_from, doc_date__lte=day_to))
    if side is SUPPLIER:
        yield from map(_debt, _debts(party_id).filter(doc_date__gte=day_from, doc_date__lte=day_to))


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
    owed = _debts(party_id).filter(doc_date__lt=day).aggregate(n=Sum("gross_amount"))["n"] if side is SUPPLIER else ZERO
    return total(goods) - returned + differing - money + back - netted + total(moved) + (owed or ZERO)


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


def _debts(party_id: UUID) -> QuerySet[PurchaseInvoice]:
    """What stock documents say that a supplier is owed, or owes us: invoices without lines."""
    return PurchaseInvoice.objects.filter(supplier=party_id, approval=BOOKED, cause_id__isnull=False)


def _movement(kind: str, document: Any, amount: Decimal, **more: Any) -> StatementMovement:
    """What every row says: of which document, of which day, how much; ``more`` is what its kind adds."""
    return StatementMovement(
        kind=kind,
        line_date=document.doc_date,
        source_type=document.DOC_TYPE,
        source_id=document.pk,
        source_number=document.number,
        amount=amount,
        **{"net_amount": amount, **more},
    )


def _of_line(kind: str, line: Any, net: Decimal, tax: Decimal, **more: Any) -> StatementMovement:
    """A row of goods, with the order and the item of its line."""
    return _movement(
        kind,
        line.document,
        net + tax,
        net_amount=net,
        tax_amount=tax,
        source_line_id=line.pk,
        order_number=getattr(line, "order_number", ""),
        item_id=line.item_id,
        **{"qty": line.qty, **more},
    )


def _goods(line: PurchaseReceiptLine | SalesDeliveryLine | ConsignmentLine) -> StatementMovement:
    more = {"their_number": _their_number(line), "price": line.tax_incl_price}
    return _of_line(MovementKind.RECEIPT, line, line.net_amount, line.tax_amount, **more)


def _their_number(line: PurchaseReceiptLine | SalesDeliveryLine | ConsignmentLine) -> str:
    """The supplier's delivery note (or the notice it sent); the customer's own order number."""
    if isinstance(line, SalesDeliveryLine):
        return line.order_line.document.customer_ref[:60]
    if isinstance(line, ConsignmentLine):
        return ""
    receipt = line.document
    return receipt.supplier_note_no or (receipt.asn.number if receipt.asn else "")


def _returned(line: PurchaseReturnLine | SalesReturnLine) -> StatementMovement:
    return _of_line(
        MovementKind.RETURN,
        line,
        line.net_amount,
        line.tax_amount,
        their_number=getattr(line.document, "supplier_ref", ""),
        qty=getattr(line, "received_qty", line.qty),
        price=line.tax_incl_price,
    )


def _difference(line: PurchaseInvoiceLine | SalesInvoiceLine) -> StatementMovement | None:
    net, tax = line.net_amount - line.source_net, line.tax_amount - line.source_tax
    if not net + tax:
        return None
    return _of_line(MovementKind.ADJUSTMENT, line, net, tax, their_number=line.document.external_no)


def _payment(document: Payment | Receipt | Refund, sign: int = 1) -> StatementMovement:
    """Money, as the statement counts it; a refund takes from what was paid."""
    return _movement(MovementKind.PAYMENT, document, sign * document.amount, their_number=document.reference[:60])


def _moved(document: DebtTransfer, sign: int) -> StatementMovement:
    """On both parties' statements it stands under its own name for each: the party it is of."""
    party_id = document.from_party_id if sign < 0 else document.to_party_id
    return _movement(MovementKind.ADJUSTMENT, document, sign * document.amount, source_line_id=party_id)


def _debt(document: PurchaseInvoice) -> StatementMovement:
    return _movement(MovementKind.ADJUSTMENT, document, document.gross_amount, source_line_id=document.pk)


def _nettings(lines: Iterable[NettingLine]) -> Iterator[StatementMovement]:
    """One movement for each netting: on both sides' statements it is named by the side's own first line."""
    for document, rows in groupby(lines, key=lambda line: line.document):
        own = list(rows)
        amount = total(line.amount for line in own)
        yield _movement(MovementKind.PAYMENT, document, amount, source_line_id=own[0].pk)
