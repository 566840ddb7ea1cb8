"""Invoices over goods that were billed with their delivery or receipt: the goods' open item gives way to the invoice's."""

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from backend.accounting.services import open_items
from backend.accounting.services.open_items import Pair
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing.events import InvoiceEvent
from backend.kernel.actor import Actor
from backend.kernel.money import ZERO, total
from backend.posting.booking import moment

BILLED, NOTE = "billed", "note"
RETURNS = ("purchasing.return", "sales.return")


def open_invoice(
    event: InvoiceEvent, *, kind: str, party_id: UUID, source: SourceRef, billed: Mapping[UUID, Decimal], actor: Actor
) -> None:
    """Open the invoice's item; ``billed`` = what goods documents opened before, taken off their items.

    A note lowers: what the returns of its goods lowered before is taken off theirs.
    """
    if event.gross < 0:
        _open_note(event, kind=kind, party_id=party_id, source=source, billed=-total(billed.values()), actor=actor)
        return
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


def _open_note(
    event: InvoiceEvent, *, kind: str, party_id: UUID, source: SourceRef, billed: Decimal, actor: Actor
) -> None:
    where = {"kind": kind, "party_id": party_id, "source": source}
    dates = {"item_date": event.doc_date, "due_date": event.due_date}
    open_items.open_item(amount=event.gross, purpose=NOTE, **where, **dates)  # type: ignore[arg-type]
    if billed <= 0:
        return
    raising = open_items.open_item(amount=billed, purpose=BILLED, **where, **dates)  # type: ignore[arg-type]
    pairs = []
    for item in open_items.open_notes(kind=kind, party_id=party_id, source_types=RETURNS):
        part = min(billed, -item.open_amount)
        if part > 0:
            pairs.append(Pair(raising.pk, item.pk, part))
            billed -= part
    open_items.match(pairs=pairs, actor=actor, at=moment())


def lower_goods(source: SourceRef, *, kind: str, left: Mapping[UUID, Decimal], actor: Actor) -> None:
    """Let a return's item settle those of its goods documents, down to what is ``left`` to be invoiced of each."""
    note = open_items.items_of(kind=kind, source_ids=[source.id], purpose=NOTE)[source.id]
    items = open_items.items_of(kind=kind, source_ids=left, purpose="")
    rest, pairs = -note.open_amount, []
    for document_id, item in items.items():
        part = min(rest, item.open_amount - max(left[document_id], ZERO))
        if part > 0:
            pairs.append(Pair(item.pk, note.pk, part))
            rest -= part
    open_items.match(pairs=pairs, actor=actor, at=moment())


def close_return(return_id: UUID, *, actor: Actor) -> None:
    """The return is taken back: what it lowered is open again."""
    open_items.unmatch(lowering_source_id=return_id, actor=actor, at=moment())
    open_items.void_items(source_id=return_id)


def close_invoice(invoice_id: UUID, *, note: bool = False, actor: Actor) -> None:
    """The invoice is taken back: the goods' items are open again."""
    if note:
        open_items.unmatch_raising(source_id=invoice_id, purpose=BILLED, actor=actor, at=moment())
    open_items.unmatch(lowering_source_id=invoice_id, actor=actor, at=moment())
    open_items.void_items(source_id=invoice_id)
