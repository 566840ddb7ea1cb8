"""Goods of a receipt that were invoiced before they came: they come out of goods in transit, not of an estimate.

The oldest invoice goes first. What a receipt takes stands on its lines (``ahead_*``) and, invoice by invoice, as arrivals;
the order line knows how much is still to come. Nothing is read while no line of the receipt waits for such goods. The
caller holds the orders.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from backend.invoicing.models import InvoicedArrival
from backend.invoicing.services.in_transit import OnTheWay, Waiting, arrival, forget_arrivals
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.money import ZERO, LineAmounts, total
from backend.purchasing.models import PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.services.invoiced import progress_of_receipt
from backend.purchasing.services.lines import goods_amounts
from backend.purchasing.services.locking import Locked
from backend.purchasing.services.receipt_lines import sum_up_receipt

AMOUNTS = ("net_amount", "tax_amount", "gross_amount")
TAKEN = ("ahead_qty", "ahead_net", "ahead_tax", "ahead_value", "invoiced_qty", *AMOUNTS)


def take_ahead(locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> list[InvoicedArrival]:
    """Set on the lines what of them is invoiced already (not saved); returns the arrivals, to be written."""
    waiting = [line for line in lines if locked.lines[line.order_line_id].ahead_qty > 0]
    if not waiting:
        return []
    on_the_way = OnTheWay({line.order_line_id for line in waiting})
    arrivals = []
    for line in waiting:
        parts = list(on_the_way.take(line.order_line_id, line.qty))
        _put_on(locked, line, parts)
        arrivals += [arrival(part, receipt=receipt, receipt_line_id=line.pk) for part in parts]
    locked.ahead_changed = True
    receipt.invoiced = progress_of_receipt(list(lines))
    sum_up_receipt(receipt, lines)
    return arrivals


def _put_on(locked: Locked, line: PurchaseReceiptLine, parts: Sequence[Waiting]) -> None:
    """The line's amounts: its parts as the invoices have them by the order's price, the rest by the order."""
    line.ahead_qty = line.invoiced_qty = total(part.qty for part in parts)
    line.ahead_net, line.ahead_tax = total(part.net for part in parts), total(part.tax for part in parts)
    line.ahead_value = total(part.value for part in parts)
    rest = amounts_by_order(locked, line, line.qty - line.ahead_qty)
    line.net_amount, line.tax_amount = line.ahead_net + rest.net_amount, line.ahead_tax + rest.tax_amount
    line.gross_amount = line.net_amount + line.tax_amount
    locked.lines[line.order_line_id].ahead_qty -= line.ahead_qty


def amounts_by_order(locked: Locked, line: PurchaseReceiptLine, qty: Decimal) -> LineAmounts:
    """What so much of a line comes to at the order's price."""
    row = locked.lines[line.order_line_id]
    return goods_amounts(row, locked.order_of(row), qty)


def write_arrivals(arrivals: Sequence[InvoicedArrival], receipt: PurchaseReceipt, batch: Batch) -> None:
    """Once the receipt has its number."""
    for made in arrivals:
        made.receipt_number = receipt.number
    batch.insert(arrivals)


def give_back(locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> None:
    """The receipt is taken back: what it took is in transit again. The order lines are written by the caller."""
    taken = [line for line in lines if line.ahead_qty]
    if not taken:
        return
    for line in taken:
        locked.lines[line.order_line_id].ahead_qty += line.ahead_qty
        line.invoiced_qty -= line.ahead_qty
        line.ahead_qty = line.ahead_net = line.ahead_tax = line.ahead_value = ZERO
        whole = amounts_by_order(locked, line, line.qty)
        for name in AMOUNTS:
            setattr(line, name, getattr(whole, name))
    locked.ahead_changed = True
    forget_arrivals(receipt.pk)
    update_rows(taken, TAKEN)
    receipt.invoiced = progress_of_receipt(list(lines))
    sum_up_receipt(receipt, lines)


def values_of(line: PurchaseReceiptLine, gross: bool) -> Decimal:
    """What a line adds to stock: what came out of goods in transit at the invoice's price, the rest at the order's."""
    rest = line.net_amount - line.ahead_net
    return line.ahead_value + rest + (line.tax_amount - line.ahead_tax if gross else ZERO)


def transit_of(lines: Sequence[PurchaseReceiptLine], worth: dict[UUID, Decimal]) -> tuple[Decimal, Decimal]:
    """What leaves goods in transit for stock, and the VAT that was booked with it."""
    return total(line.ahead_value for line in lines if line.pk in worth), total(line.ahead_tax for line in lines)
