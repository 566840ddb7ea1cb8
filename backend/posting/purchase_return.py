"""Purchase returns (row 7): the receipt in red, by the rule it was booked by; lines of several rules make a voucher each.

Goods that go back leave stock at what they cost there, like all goods that leave (CAS 1, article 14): at the average, or out
of the layer that they came with. The supplier gives back what they were booked at, and the difference is cost of sales, the
difference of returned purchases (进货退货差价) of Chinese trade software. It is not put on what is left: that keeps its
average, also when nothing is left, and planned cost with its own account of variances (材料成本差异) is not kept. The debit
note over goods that were invoiced otherwise than they came (rows 4 and 8) corrects the same account, so both together
leave only what the average differs from the invoice; goods by layers leave nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind
from backend.accounting.services import open_items
from backend.accounting.services.vouchers import SourceRef
from backend.inventory.models import SUBCONTRACT_ROLE
from backend.invoicing.services.shares import Share, taken_shares
from backend.invoicing.services.sides import PURCHASES
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import ZERO, total
from backend.parties.models import SupplierRole
from backend.posting import modes, rules
from backend.posting.billed import NOTE, close_return, lower_goods
from backend.posting.booking import Facts, book, booked_rules, unbook
from backend.purchasing.events import PurchaseReturnApproved, PurchaseReturnUnapproved
from backend.purchasing.goods import booked_values
from backend.purchasing.models import PurchaseReceiptLine, PurchaseReturnLine


@subscribe(PurchaseReturnApproved, when="now")
def book_return(event: PurchaseReturnApproved, actor: Actor) -> None:
    """Red: Dr inventory / Cr estimate, or with VAT against the payable where the receipt opened one."""
    found = PurchaseReturnLine.objects.filter(document_id=event.aggregate_id)
    lines = list(found.select_related("receipt_line", "item__category").order_by("line_no"))
    before = booked_rules({line.receipt_line.document_id for line in lines})
    full = [line for line in lines if before.get(line.receipt_line.document_id) == rules.RECEIPT_FULL]
    estimated = [line for line in lines if line not in full]
    if estimated:
        book(rules.PURCHASE_RETURN_ESTIMATE, _facts(event, estimated), words=_("Goods returned"), actor=actor)
    if full:
        _book_full(event, full, actor)


@subscribe(PurchaseReturnUnapproved, when="now")
def unbook_return(event: PurchaseReturnUnapproved, actor: Actor) -> None:
    """Taken back."""
    close_return(UUID(str(event.aggregate_id)), actor=actor)
    unbook(event.aggregate_id, actor=actor)


def _facts(event: PurchaseReturnApproved, lines: Sequence[PurchaseReturnLine], **amounts: Decimal) -> Facts:
    values: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        values[line.item.category.inventory_role] -= line.cost_amount + line.material_value
        values[SUBCONTRACT_ROLE] += line.material_value
    booked, left = total(line.booked_value for line in lines), total(line.cost_amount for line in lines)
    found = {"booked": -booked, "gap": left - booked, **amounts}
    source = SourceRef("purchasing.return", UUID(str(event.aggregate_id)), event.number)
    kept = {role: value for role, value in values.items() if value}
    return Facts(source, event.doc_date, found, kept, UUID(str(event.supplier_id)))  # type: ignore[arg-type]


def _book_full(event: PurchaseReturnApproved, lines: Sequence[PurchaseReturnLine], actor: Actor) -> None:
    deducts = modes.deducts_input_vat()
    tax = total(line.tax_amount for line in lines) if deducts else ZERO
    payable = total(line.booked_value for line in lines) + tax
    facts = _facts(event, lines, tax=-tax, payable=-payable)
    if payable:
        days = SupplierRole.objects.filter(party_id__in=[facts.party_id]).values_list("payment_days", flat=True).first()
        open_items.open_item(
            kind=OpenItemKind.PAYABLE,
            party_id=facts.party_id,  # type: ignore[arg-type]
            source=facts.source,
            item_date=facts.day,
            due_date=facts.day + timedelta(days=days or 0),
            amount=-payable,
            purpose=NOTE,
        )
        receipts = {line.receipt_line.document_id for line in lines}
        lower_goods(facts.source, kind=OpenItemKind.PAYABLE, left=_to_invoice(receipts, deducts), actor=actor)
    book(rules.PURCHASE_RETURN_FULL, facts, words=_("Goods returned"), actor=actor)


def _to_invoice(receipt_ids: set[UUID], deducts: bool) -> dict[UUID, Decimal]:
    """What is still to be invoiced of each receipt, in the amounts that it opened."""
    lines: list[Any] = list(PurchaseReceiptLine.objects.filter(document__in=receipt_ids))
    booked = booked_values([line.pk for line in lines])
    taken = taken_shares(PURCHASES, [line.pk for line in lines])
    left: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        share = taken.get(line.pk, Share())
        if line.qty - line.returned_qty - line.ahead_qty <= share.qty:
            continue
        left[line.document_id] += booked.get(line.pk, ZERO) - line.returned_value - line.ahead_value - share.value
        left[line.document_id] += line.tax_amount - line.returned_tax - line.ahead_tax - share.tax if deducts else ZERO
    return {receipt: left[receipt] for receipt in receipt_ids}
