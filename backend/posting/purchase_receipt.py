"""Purchase receipts: an estimate without VAT (2202.02) in invoice mode, a payable in delivery mode.

What was invoiced before it came (1402) is neither.
"""

from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind
from backend.accounting.services import open_items
from backend.accounting.services.vouchers import SourceRef
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import ZERO, total
from backend.parties.models import SupplierRole
from backend.posting import modes, rules
from backend.posting.booking import Facts, book, unbook
from backend.purchasing.events import PurchaseReceiptApproved, PurchaseReceiptUnapproved


@subscribe(PurchaseReceiptApproved, when="now")
def book_receipt(event: PurchaseReceiptApproved, actor: Actor) -> None:
    """Dr inventory / Cr estimate; in delivery mode with input VAT and a payable of the gross amount.

    What of the goods is material of ours was paid before: it comes from the processor's account. What was invoiced
    before it came is owed already: it comes from goods in transit.
    """
    source = SourceRef("purchasing.receipt", event.aggregate_id, event.number)
    values = dict(event.values)
    owed = total(values.values()) - event.material - event.transit
    processed = {"fee": event.fee, "processed": event.fee + event.material}
    if not modes.settles_by_goods():
        amounts = {"estimate": owed, "transit": event.transit, **processed}
        facts = Facts(source, event.doc_date, amounts, values, event.supplier_id, event.supplier_name)  # type: ignore[arg-type]
        book(rules.RECEIPT_ESTIMATE, facts, words=_("Goods received"), actor=actor)
        return
    tax = event.tax - event.transit_tax if modes.deducts_input_vat() else ZERO
    amounts = {"tax": tax, "payable": owed + tax, "transit": event.transit, **processed}
    facts = Facts(source, event.doc_date, amounts, values, event.supplier_id, event.supplier_name)  # type: ignore[arg-type]
    if amounts["payable"]:
        _open(facts)
    book(rules.RECEIPT_FULL, facts, words=_("Goods received"), actor=actor)


@subscribe(PurchaseReceiptUnapproved, when="now")
def unbook_receipt(event: PurchaseReceiptUnapproved, actor: Actor) -> None:
    """Red."""
    open_items.void_items(source_id=event.aggregate_id)
    unbook(event.aggregate_id, actor=actor)


def _open(facts: Facts) -> None:
    assert facts.party_id is not None
    open_items.open_item(
        kind=OpenItemKind.PAYABLE,
        party_id=facts.party_id,
        source=facts.source,
        item_date=facts.day,
        due_date=_due(facts.party_id, facts.day),
        amount=facts.amounts["payable"],
    )


def _due(supplier_id: UUID, day: date) -> date:
    days = SupplierRole.objects.filter(party_id=supplier_id).values_list("payment_days", flat=True).first()
    return day + timedelta(days=days or 0)
