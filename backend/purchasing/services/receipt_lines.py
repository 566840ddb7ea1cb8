"""Lines of a receipt: amounts from the order line, lot numbers as given, links up to order and notice."""

from collections.abc import Sequence
from uuid import UUID

from backend.catalog.services.counting import counted_share
from backend.kernel.models import DocumentLink
from backend.kernel.money import total
from backend.purchasing.models import Asn, PurchaseOrder, PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.services.inputs import ReceiptLineInput
from backend.purchasing.services.lines import goods_amounts
from backend.purchasing.services.locking import Locked
from backend.purchasing.services.lots import expiry_of


def make_lines(
    locked: Locked, receipt: PurchaseReceipt, inputs: Sequence[ReceiptLineInput]
) -> list[PurchaseReceiptLine]:
    """Unsaved lines with their amounts."""
    return [_make(locked, receipt, number, given) for number, given in enumerate(inputs, 1)]


def _make(locked: Locked, receipt: PurchaseReceipt, number: int, given: ReceiptLineInput) -> PurchaseReceiptLine:
    line = locked.lines[given.order_line_id]
    order = locked.order_of(line)
    amounts = goods_amounts(line, order, given.qty)
    return PurchaseReceiptLine(
        document=receipt,
        line_no=number,
        order_line=line,
        order_number=order.number,
        asn_line_id=given.asn_line_id,
        item=line.item,
        qty=given.qty,
        **counted_share(line, given.qty, given.unit_qty),
        lot_no=(given.lot_no or given.supplier_lot_no).strip(),
        supplier_lot_no=(given.supplier_lot_no or given.lot_no).strip(),
        mfg_date=given.mfg_date,
        expiry_date=expiry_of(line.item, given.mfg_date, given.expiry_date),
        tax_rate=line.tax_rate,
        discount_pct=line.discount_pct,
        unit_price=amounts.unit_price,
        tax_incl_price=amounts.tax_incl_price,
        net_amount=amounts.net_amount,
        tax_amount=amounts.tax_amount,
        gross_amount=amounts.gross_amount,
    )


PRICED = ("tax_rate", "discount_pct", "unit_price", "tax_incl_price", "net_amount", "tax_amount", "gross_amount")


def follow_order(locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> bool:
    """Give a draft's lines the price that their order has now (not saved): goods are received at what holds that day.

    What is booked keeps the price it came at. Returns whether anything changed.
    """
    changed = False
    for line in lines:
        row = locked.lines[line.order_line_id]
        before = [getattr(line, name) for name in PRICED[:4]]
        amounts = goods_amounts(row, locked.order_of(row), line.qty)
        now = [row.tax_rate, row.discount_pct, amounts.unit_price, amounts.tax_incl_price]
        if now == before:
            continue
        changed = True
        for name, value in zip(
            PRICED, (*now, amounts.net_amount, amounts.tax_amount, amounts.gross_amount), strict=True
        ):
            setattr(line, name, value)
    if changed:
        sum_up_receipt(receipt, lines)
    return changed


def sum_up_receipt(receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> None:
    """Set the receipt's totals (not saved)."""
    receipt.net_amount = total(line.net_amount for line in lines)
    receipt.tax_amount = total(line.tax_amount for line in lines)
    receipt.gross_amount = total(line.gross_amount for line in lines)


def links_of(locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine]) -> list[DocumentLink]:
    """Unsaved links: each line hangs on its notice line where there is one, else on its order line."""
    return [_link(locked, receipt, line) for line in lines]


def _link(locked: Locked, receipt: PurchaseReceipt, line: PurchaseReceiptLine) -> DocumentLink:
    source: tuple[str, UUID, UUID] = (
        PurchaseOrder.DOC_TYPE,
        locked.lines[line.order_line_id].document_id,
        line.order_line_id,
    )
    if line.asn_line_id and receipt.asn_id:
        source = (Asn.DOC_TYPE, receipt.asn_id, line.asn_line_id)
    return DocumentLink(
        source_type=source[0],
        source_id=source[1],
        source_line_id=source[2],
        target_type=PurchaseReceipt.DOC_TYPE,
        target_id=receipt.pk,
        target_line_id=line.pk,
        qty=line.qty,
    )
