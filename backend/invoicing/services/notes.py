"""Credit and debit notes set off invoices of the same party (退货冲销货): nothing is posted, open items are matched.

Invariants: a note is never used beyond its amount nor an invoice settled beyond its own. The note is locked first, then
the invoices in id order: so do its approval and its taking back.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from backend.invoicing.events import NoteFreed, NoteUsed
from backend.invoicing.models import InvoicedArrival, SetOff
from backend.invoicing.services.allocating import Allocation, settle_by_note
from backend.invoicing.services.sides import PURCHASES, SALES, Side
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.document import Approval
from backend.kernel.errors import Conflict, NotFoundRefused
from backend.kernel.money import total


class CannotUseNote(Conflict):
    """The note is used up, or there is nothing to set off."""

    code = "cannot_use_note"


def use_note(*, side: Side, note_id: UUID, actor: Actor, at: datetime, first: UUID | None = None) -> Any:
    """Set the rest of a note off against open invoices of its party: that one alone, or the ones due first."""
    with transaction.atomic():
        found = _locked(side, [note_id]).get(note_id)
        if found is None or not found.is_note:
            raise NotFoundRefused(_("There is no such note."), value=note_id)
        wanted = side.invoice.objects.filter(**{side.party_field: side.party_of(found)})
        wanted = wanted.filter(pk=first) if first else wanted
        used = _use(side, found, wanted.order_by("due_date", "number"), actor, at)
        if not used:
            raise CannotUseNote(
                _("There is nothing to set %(number)s off against.") % {"number": found.number},
                document=found.number,
                way_out=_("It stays open for later invoices."),
            )
    return found


def set_off_debit_note(*, invoice_id: UUID, actor: Actor, at: datetime) -> Any:
    """Set a debit note off against what we owe its supplier."""
    return use_note(side=PURCHASES, note_id=invoice_id, actor=actor, at=at)


def set_off_credit_note(*, invoice_id: UUID, actor: Actor, at: datetime) -> Any:
    """Set a credit note off against what its customer owes us."""
    return use_note(side=SALES, note_id=invoice_id, actor=actor, at=at)


def use_for_its_invoices(side: Side, note: Any, *, actor: Actor, at: datetime) -> None:
    """Set a fresh note off against the invoices over the same goods, as far as they are open."""
    goods = side.invoice_line.objects.filter(document=note).values("source_line_id")
    own = Q(pk__in=side.invoice_line.objects.filter(source_line_id__in=goods, qty__gt=0).values("document_id"))
    if side is PURCHASES:  # or over the order, before these goods came
        ahead = InvoicedArrival.objects.filter(receipt_line_id__in=goods)
        own |= Q(pk__in=ahead.values("invoice_line__document_id"))
    _use(side, note, side.invoice.objects.filter(own).order_by("due_date", "number"), actor, at)


def _use(side: Side, note: Any, candidates: Any, actor: Actor, at: datetime) -> list[Allocation]:
    """Use a locked note up for invoices, in their order; returns what was used for each."""
    open_ones = candidates.filter(approval=Approval.APPROVED, gross_amount__gt=0).exclude(settled="full")
    order = list(open_ones.values_list("pk", flat=True))
    locked = _locked(side, order)
    rest, used = -note.open_amount if note.is_approved else Decimal(0), []
    for invoice_id in order:  # somebody may have settled it, or taken it back, while this waited for its lock
        invoice = locked.get(invoice_id)
        part = min(rest, invoice.open_amount) if invoice is not None and invoice.is_approved else Decimal(0)
        if part > 0:
            used.append((invoice_id, part))
            rest -= part
    if used:
        _write(side, note, locked, used, actor, at)
    return used


def _write(
    side: Side, note: Any, locked: dict[UUID, Any], used: Sequence[Allocation], actor: Actor, at: datetime
) -> None:
    touched = {invoice_id: locked[invoice_id] for invoice_id, _amount in used} | {note.pk: note}
    settle_by_note(touched, [*used, (note.pk, -total(amount for _invoice, amount in used))])
    known = {row.invoice_id: row for row in SetOff.objects.filter(note_id=note.pk)}
    rows = []
    for invoice_id, amount in used:
        row = known.get(invoice_id) or SetOff(side=side.role, note_id=note.pk, invoice_id=invoice_id)
        row.note_number, row.invoice_number = note.number, locked[invoice_id].number
        row.amount += amount
        row.at, row.by_name = at, actor.name
        rows.append(row)
    batch = Batch()
    batch.insert(row for row in rows if row.invoice_id not in known)
    again = (row for row in rows if row.invoice_id in known)
    batch.update(again, ["note_number", "invoice_number", "amount", "at", "by_name"])
    batch.write()
    changes = {locked[invoice_id].number: ["", str(amount)] for invoice_id, amount in used}
    audit.record(note, "set_off", actor=actor, at=at, changes=changes)
    events.publish(NoteUsed(note.pk, note.number, side.role, tuple(used)), actor=actor)


def release(side: Side, note: Any, *, actor: Actor) -> None:
    """Before a note is taken back: what it set off is open again. Does nothing for an invoice."""
    rows = list(SetOff.objects.filter(note_id=note.pk)) if note.is_note else []
    if not rows:
        return
    locked = _locked(side, [row.invoice_id for row in rows]) | {note.pk: note}
    undone = [(row.invoice_id, -row.amount) for row in rows]
    settle_by_note(locked, [*undone, (note.pk, total(row.amount for row in rows))])
    SetOff.objects.filter(pk__in=[row.pk for row in rows]).delete()
    freed = tuple((row.invoice_id, row.amount) for row in rows)
    events.publish(NoteFreed(note.pk, note.number, side.role, freed), actor=actor)


def _locked(side: Side, ids: Iterable[UUID]) -> dict[UUID, Any]:
    found = side.invoice.objects.filter(pk__in=set(ids)).order_by("id").select_for_update(of=("self",), no_key=True)
    return {invoice.pk: invoice for invoice in found}
