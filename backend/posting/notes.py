"""Notes set off invoices: nothing is posted, the open items of both are matched."""

from uuid import UUID

from backend.accounting.models import OpenItemKind
from backend.accounting.services import open_items
from backend.accounting.services.open_items import Pair
from backend.invoicing.events import NoteFreed, NoteUsed
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting.billed import NOTE
from backend.posting.booking import moment

KINDS = {"customer": OpenItemKind.RECEIVABLE, "supplier": OpenItemKind.PAYABLE}


@subscribe(NoteUsed, when="now")
def match_note(event: NoteUsed, actor: Actor) -> None:
    """The note's item settles the invoices'."""
    kind = KINDS[event.side]
    note_id = UUID(str(event.aggregate_id))
    note = open_items.items_of(kind=kind, source_ids=[note_id], purpose=NOTE)[note_id]
    ids = [UUID(str(invoice)) for invoice, _amount in event.allocations]
    items = open_items.items_of(kind=kind, source_ids=ids, purpose="")
    pairs = [Pair(items[UUID(str(invoice))].pk, note.pk, amount) for invoice, amount in event.allocations]
    open_items.match(pairs=pairs, actor=actor, at=moment())


@subscribe(NoteFreed, when="now")
def unmatch_note(event: NoteFreed, actor: Actor) -> None:
    """Both are open again."""
    ids = [UUID(str(invoice)) for invoice, _amount in event.allocations]
    open_items.unmatch(
        lowering_source_id=UUID(str(event.aggregate_id)), raising_source_ids=ids, actor=actor, at=moment()
    )
