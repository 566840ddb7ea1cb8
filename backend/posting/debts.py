"""Debts that stock documents make: their open item, under the debt's own number; their vouchers are the documents'."""

from decimal import Decimal
from uuid import UUID

from backend.accounting.models import OpenItemKind
from backend.accounting.services import open_items
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing.services import debts
from backend.kernel.actor import Actor
from backend.kernel.document import DOC_TYPES
from backend.posting.billed import NOTE
from backend.posting.booking import Facts, moment


def open_debt(facts: Facts, amount: Decimal, *, actor: Actor) -> None:
    """Owe a supplier (the party of the facts) so much because of a document; he owes us what is below 0."""
    if not amount or facts.party_id is None:
        return
    source = facts.source
    cause = DOC_TYPES[source.doc_type](id=source.id, number=source.number)
    supplier = UUID(str(facts.party_id))
    debt = debts.owe(supplier_id=supplier, amount=amount, day=facts.day, cause=cause, actor=actor, at=moment())
    open_items.open_item(
        kind=OpenItemKind.PAYABLE,
        party_id=supplier,
        source=SourceRef(debt.DOC_TYPE, debt.pk, debt.number),
        item_date=debt.doc_date,
        due_date=debt.due_date,
        amount=amount,
        purpose=NOTE if amount < 0 else "",
    )


def close_debt(document_id: UUID, *, actor: Actor) -> None:
    """The document is taken back: nothing is owed because of it; refused while money settles it."""
    debt = debts.owe_no_longer(cause_id=document_id, actor=actor, at=moment())
    if debt is not None:
        open_items.void_items(source_id=debt.pk)
