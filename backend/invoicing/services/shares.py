"""Shares of a goods line taken by invoices: cumulative, so that all of them add up to the line to the cent."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet, Sum

from backend.invoicing.models import InvoicedArrival
from backend.invoicing.services.sides import PURCHASES, SALES, Side
from backend.invoicing.sources import GoodsLine
from backend.kernel.bulk import uuid_array
from backend.kernel.document import Approval
from backend.kernel.money import ZERO, cents, line_amounts, tax_share


@dataclass(frozen=True)
class Share:
    """A quantity of a goods line with its part of the line's net, tax and value."""

    qty: Decimal = ZERO
    net: Decimal = ZERO
    tax: Decimal = ZERO
    value: Decimal = ZERO

    def plus(self, other: "Share") -> "Share":
        return Share(self.qty + other.qty, self.net + other.net, self.tax + other.tax, self.value + other.value)


STANDING = (Approval.APPROVED,)
ALIVE = (Approval.DRAFT, Approval.SUBMITTED, Approval.APPROVED, Approval.REJECTED)


def taken_shares(
    side: Side, source_line_ids: Iterable[UUID], *, without: UUID | None = None, approvals: Collection[str] = STANDING
) -> dict[UUID, Share]:
    """What invoices in those states took of each goods line, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN[side.role], [uuid_array(source_line_ids), list(approvals), without])
        return {row[0]: Share(*row[1:]) for row in cursor.fetchall()}


def invoiced_gross(side: Side, source_line_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What approved invoices and notes over each goods line come to, tax included: a statement, two for purchases.

    Goods that were invoiced before they came count with the line that they came with.
    """
    ids = list(source_line_ids)
    lines = side.invoice_line.objects.filter(source_line_id__in=ids, document__approval__in=STANDING)
    sums = dict(lines.values_list("source_line_id").annotate(amount=Sum("gross_amount")).order_by())
    for came in _came(ids) if side is PURCHASES else ():
        line = came.invoice_line
        sums[came.receipt_line_id] = sums.get(came.receipt_line_id, ZERO) + cents(
            line.gross_amount * came.qty / line.qty
        )
    return sums


def invoiced_qty(source_line_ids: Collection[UUID]) -> dict[UUID, Decimal]:
    """How much of each receipt line is invoiced and did not go back, before it came or after; two statements."""
    sums = {line_id: share.qty for line_id, share in taken_shares(PURCHASES, source_line_ids).items()}
    for came in _came(source_line_ids):
        sums[came.receipt_line_id] = sums.get(came.receipt_line_id, ZERO) + came.qty
    return sums


def _came(receipt_line_ids: Collection[UUID]) -> QuerySet[InvoicedArrival]:
    """What came with these lines and was invoiced before."""
    came = InvoicedArrival.objects.filter(
        receipt_line_id__in=list(receipt_line_ids), qty__gt=0
    )  # notes' lines are none
    return came.select_related("invoice_line").order_by("pk")


_TAKEN = {
    side.role: f"""
SELECT l.source_line_id, sum(l.qty), sum(l.source_net), sum(l.source_tax), sum(l.{side.value_field})
FROM {side.invoice_line._meta.db_table} l JOIN {side.invoice._meta.db_table} d ON d.id = l.document_id
WHERE l.source_line_id = ANY(%s::uuid[]) AND d.approval = ANY(%s::text[]) AND d.id IS DISTINCT FROM %s::uuid
GROUP BY 1
"""
    for side in (SALES, PURCHASES)
}


def next_share(goods: GoodsLine, taken: Share, qty: Decimal) -> Share:
    """The share of ``qty`` more: what belongs to all quantity up to it, less what was taken before.

    A negative ``qty`` gives back; while more is taken than is left of the goods (some went back), its share is
    that of the surplus. Of a line of an order, which may still change, each quantity comes to its price.
    """
    if goods.limit is not None:
        return _by_price(goods, qty)
    surplus = taken.qty - goods.qty
    if qty < 0 and taken.qty + qty > goods.qty:
        part = -qty / surplus
        return Share(
            qty,
            cents((goods.net - taken.net) * part),
            tax_share(goods.net - taken.net, goods.tax - taken.tax, part),
            cents((goods.value - taken.value) * part),
        )
    part = min((taken.qty + qty) / goods.qty, Decimal(1)) if goods.qty else Decimal(1)
    return Share(
        qty,
        cents(goods.net * part) - taken.net,
        tax_share(goods.net, goods.tax, part) - taken.tax,
        cents(goods.value * part) - taken.value,
    )


def _by_price(goods: GoodsLine, qty: Decimal) -> Share:
    amounts = line_amounts(
        qty=qty,
        price=goods.tax_incl_price if goods.price_includes_tax else goods.unit_price,
        price_includes_tax=goods.price_includes_tax,
        tax_rate=goods.tax_rate,
        discount_pct=goods.discount_pct,
    )
    return Share(qty, amounts.net_amount, amounts.tax_amount)
