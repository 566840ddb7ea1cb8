"""Invoices over goods that were billed with their delivery or receipt: the goods' open item gives way to the invoice's."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from backend.accounting.services import open_items
from backend.accounting.services.open_items import Pair
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing.events import InvoiceEvent
from backend.kernel.actor import Actor
from backend.kernel.money import total
from backend.posting.booking import moment

BILLED = "billed"


def open_invoice(
    event: InvoiceEvent, *, kind: str, party_id: UUID, source: SourceRef, billed: Mapping[UUID, Decimal], actor: Actor
) -> None:
    """Open the invoice's item; ``billed`` = what goods documents opened before, taken off their items."""
    dates = {"item_date": event.doc_date, "due_date": event.due_date}
    open_items.open_item(kind=kind, party_id=party_id, source=source, amount=event.gross, **dates)  # type: ignore[arg-type]
    before = {document_id: amount for document_id, amount in billed.items() if amount}
    if not before:
        return
    lowering = open_items.open_item(
        kind=kind,
        party_id=party_id,
        source=source,
        amount=-total(before.values()),
        purpose=BILLED,
        **dates,  # type: ignore[arg-type]
    )
    items = open_items.items_of(kind=kind, source_ids=before)
    pairs = [Pair(items[document_id].pk, lowering.pk, amount) for document_id, amount in before.items()]
    open_items.match(pairs=pairs, actor=actor, at=moment())


def close_invoice(invoice_id: UUID, *, actor: Actor) -> None:
    """The invoice is taken back: the goods' items are open again."""
    open_items.unmatch(lowering_source_id=invoice_id, actor=actor, at=moment())
    open_items.void_items(source_id=invoice_id)
