"""Three-way match: order, receipt and invoice, line by line, with the exact difference.

What may be accepted by somebody with the right: another price or tax rate. What may not: more than was
received, and goods that were never received: those are corrected. A line of an order may be invoiced before its goods
come, but no more of it than is still to come and is not invoiced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.models import MatchState, PurchaseInvoiceLine
from backend.invoicing.services.in_transit import Waiting, gross_to_come, lowered_by
from backend.invoicing.services.shares import Share, invoiced_gross
from backend.invoicing.services.sides import PURCHASES
from backend.invoicing.sources import GoodsLine
from backend.kernel.money import CENT, HUNDRED, cents, total

QTY_OVER, NOT_RECEIVED, NOT_APPROVED = "qty_over", "not_received", "receipt_not_approved"
PRICE_OVER, TAX_RATE = "price_over", "tax_rate"
NOT_RETURNED, ALLOWED_OVER, NOT_TO_COME = "not_returned", "allowed_over", "not_to_come"
ORDER_OVER, ORDER_NOT_APPROVED = "order_over", "order_not_approved"
ACCEPTABLE = frozenset({PRICE_OVER, TAX_RATE})


@dataclass(frozen=True)
class Difference:
    """What one line says and what was expected; ``gap`` = actual − expected."""

    line_no: int
    kind: str
    expected: Decimal
    actual: Decimal
    number: str = ""

    @property
    def gap(self) -> Decimal:
        return self.actual - self.expected

    def as_dict(self) -> dict[str, str]:
        return {
            "kind": self.kind,
            "expected": str(self.expected),
            "actual": str(self.actual),
            "gap": str(self.gap),
            "number": self.number,
        }


def match_line(
    line: PurchaseInvoiceLine, source: GoodsLine | None, before: Share, share: Share, *, tolerance_pct: Decimal
) -> list[Difference]:
    """The differences of one line; ``before`` is what other invoices took of the receipt line."""
    if source is None:
        needs_goods = line.item.is_stocked
        return [Difference(line.line_no, NOT_RECEIVED, Decimal(0), line.qty)] if needs_goods else []
    found = []
    if not source.approved:
        kind = ORDER_NOT_APPROVED if line.is_ahead else NOT_APPROVED
        found.append(Difference(line.line_no, kind, Decimal(0), line.qty, source.number))
    left = source.most - before.qty
    if line.qty < 0:
        surplus = max(-left, Decimal(0))
        if -line.qty > surplus:
            found.append(Difference(line.line_no, NOT_RETURNED, surplus, -line.qty, source.number))
        return found
    if line.qty > left:
        kind = ORDER_OVER if line.is_ahead else QTY_OVER
        found.append(Difference(line.line_no, kind, left, line.qty, source.number))
    elif line.net_amount > cents(share.net * (1 + tolerance_pct / HUNDRED)) + CENT:
        found.append(Difference(line.line_no, PRICE_OVER, share.net, line.net_amount, source.number))
    if line.tax_rate != source.tax_rate:
        found.append(Difference(line.line_no, TAX_RATE, source.tax_rate, line.tax_rate, source.number))
    return found


def match_allowances(lines: Sequence[PurchaseInvoiceLine]) -> list[Difference]:
    """Allowances beyond what is left of the invoiced amount; nothing is read without any. Call under the goods' lock."""
    mine = [line for line in lines if line.is_allowance and line.source_line_id]
    if not mine:
        return []
    left = invoiced_gross(PURCHASES, [line.source_line_id for line in mine if line.source_line_id])
    left |= _left_to_come([line for line in mine if line.is_ahead and line.item.is_stocked])
    return [
        Difference(line.line_no, ALLOWED_OVER, rest, -line.gross_amount, line.source_number)
        for line in mine
        if -line.gross_amount > (rest := left.get(line.source_line_id, Decimal(0)))  # type: ignore[arg-type]
    ]


def match_missing(line: PurchaseInvoiceLine, parts: Sequence[Waiting]) -> list[Difference]:
    """A line over goods that will not come: set its share of the order's amounts; no more of them than are to come."""
    line.source_net, line.source_tax = -total(part.net for part in parts), -total(part.tax for part in parts)
    waiting = total(part.qty for part in parts)
    return (
        [Difference(line.line_no, NOT_TO_COME, waiting, -line.qty, line.source_number)] if waiting < -line.qty else []
    )


def _left_to_come(lines: Sequence[PurchaseInvoiceLine]) -> dict[UUID, Decimal]:
    """By order line: what may be allowed on goods that have not come of the invoice that the allowance is on."""
    if not lines:
        return {}
    left: dict[UUID, Decimal] = {line.source_line_id: Decimal(0) for line in lines if line.source_line_id}
    own = PurchaseInvoiceLine.objects.filter(
        document=lowered_by(lines[0].document_id), source_line_id__in=left, qty__gt=0
    )
    rows = {row.pk: row for row in own}
    for line_id, rest in gross_to_come(list(rows.values())).items():
        left[rows[line_id].source_line_id] += rest  # type: ignore[index]
    return left


def note_differences(lines: Sequence[PurchaseInvoiceLine], differences: Sequence[Difference]) -> str:
    """Write each line's state and differences (not saved); returns the invoice's state."""
    for line in lines:
        own = [difference for difference in differences if difference.line_no == line.line_no]
        line.difference = [difference.as_dict() for difference in own]
        line.match_state = MatchState.DISCREPANCY if own else MatchState.MATCHED
    return MatchState.DISCREPANCY if differences else MatchState.MATCHED


def words_of(kind: str) -> Any:
    """A difference in words."""
    return {
        QTY_OVER: _("more than was received and not invoiced yet"),
        NOT_RECEIVED: _("goods that were not received"),
        NOT_APPROVED: _("the receipt is not approved"),
        ORDER_OVER: _("more than is ordered and neither received nor invoiced yet"),
        ORDER_NOT_APPROVED: _("the order is not approved"),
        PRICE_OVER: _("price above the order"),
        TAX_RATE: _("another tax rate than the order"),
        NOT_RETURNED: _("more than went back after it was invoiced"),
        ALLOWED_OVER: _("more than is left of what was invoiced"),
        NOT_TO_COME: _("more than is still to come"),
    }[kind]


def way_out_of(kind: str) -> Any:
    """What the user can do about it."""
    return {
        NOT_RETURNED: _("Book the return first."),
        ALLOWED_OVER: _("Void it and enter a smaller allowance."),
        NOT_TO_COME: _("Void it; what has come goes back with a return."),
        QTY_OVER: _("Lower the quantity, or receive the rest first."),
        NOT_RECEIVED: _("Receive the goods, then invoice the receipt; or invoice the line of the order."),
        NOT_APPROVED: _("Approve the receipt first."),
        ORDER_OVER: _(
            "Lower the quantity; what has come, and what a processor made, is invoiced over its receipt. "
            "Money before that is an advance payment."
        ),
        ORDER_NOT_APPROVED: _("Approve the order first."),
        PRICE_OVER: _("Ask the supplier to correct it, or have somebody with the right accept it."),
        TAX_RATE: _("Ask the supplier to correct it, or have somebody with the right accept it."),
    }[kind]
