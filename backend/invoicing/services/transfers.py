"""Debts moved to another party: what one customer owes another one owes, what we owe one supplier we owe another.

The invoices of the former party are settled without money; each goes on as an invoice of the new one: without goods and
tax, since the turnover stays where it was, due on the same day, and settled like any other. Taking the transfer back
voids those invoices, which is refused as long as something settles them. Invoices are locked in id order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing.events import DebtTransferApproved, DebtTransferEvent, DebtTransferUnapproved
from backend.invoicing.models import DebtSide, DebtTransfer, DebtTransferLine, MatchState
from backend.invoicing.services import allocating, clearing
from backend.invoicing.services.allocating import Allocation
from backend.invoicing.services.clearing import CannotClear
from backend.invoicing.services.sides import PURCHASES, SALES, Side, usable_party
from backend.invoicing.services.undoing import refuse_while_settled, void_draft
from backend.kernel import audit, events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch, update_rows
from backend.kernel.document import Approval, load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import LARGEST, total
from backend.kernel.numbering import next_numbers

SIDES: dict[str, Side] = {DebtSide.CUSTOMER: SALES, DebtSide.SUPPLIER: PURCHASES}


@dataclass(frozen=True)
class DebtTransferData:
    """What is keyed. Without invoices those due first, up to the amount; without an amount all of them."""

    side: str
    from_party_id: UUID
    to_party_id: UUID
    doc_date: date
    amount: Decimal | None = None
    invoices: Sequence[Allocation] | None = None
    remark: str = ""


def save_transfer(
    *, data: DebtTransferData, actor: Actor, at: datetime, transfer_id: UUID | None = None, version: int | None = None
) -> DebtTransfer:
    """Write a draft; raises CannotClear where less is open, ValidationRefused."""
    if data.side not in SIDES:
        raise ValidationRefused(_("Choose what is moved."), field="side", value=data.side)
    if data.from_party_id == data.to_party_id:
        raise ValidationRefused(
            _("Choose another party than the one that has it now."), field="to_party", value=str(data.to_party_id)
        )
    side = SIDES[data.side]
    with transaction.atomic():
        transfer = clearing.open_draft(DebtTransfer, transfer_id, version, actor, at)
        transfer.side = data.side
        transfer.from_party = usable_party(side, data.from_party_id)
        transfer.to_party = usable_party(side, data.to_party_id)
        transfer.doc_date, transfer.remark = data.doc_date, data.remark
        invoices = _invoices(side, data)
        transfer.amount = total(amount for _invoice, amount in invoices)
        clearing.store(transfer, _lines(transfer, invoices), actor=actor, at=at)
    return transfer


def _invoices(side: Side, data: DebtTransferData) -> list[Allocation]:
    if data.amount is not None:
        clearing.require_amount(data.amount)
    found = clearing.chosen(side, data.from_party_id, data.invoices, LARGEST if data.amount is None else data.amount)
    reached = total(amount for _invoice, amount in found)
    if not reached:
        raise CannotClear(_("There is nothing to move: no invoice is open."), field="amount", value=data.amount)
    if data.amount not in {None, reached}:
        raise CannotClear(
            _("The invoices come to %(reached)s, not to %(amount)s.") % {"reached": reached, "amount": data.amount},
            field="amount",
            value=data.amount,
            way_out=_("Move %(reached)s.") % {"reached": reached},
        )
    return found


def _lines(transfer: DebtTransfer, invoices: Sequence[Allocation]) -> list[DebtTransferLine]:
    name = "sales_invoice_id" if SIDES[transfer.side] is SALES else "purchase_invoice_id"
    return [
        DebtTransferLine(document=transfer, line_no=number, amount=amount, **{name: invoice_id})
        for number, (invoice_id, amount) in enumerate(invoices, 1)
    ]


# --- booking -----------------------------------------------------------------------------------
def approve_transfer(*, transfer_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> DebtTransfer:
    """Settle the invoices and let the other party owe (be owed) them; raises CannotAllocate for one that was settled."""
    with transaction.atomic():
        transfer = load_locked(DebtTransfer, transfer_id, seen=version)
        clearing.advance(transfer, "approve", actor=actor, at=at)
        side, invoices = SIDES[transfer.side], _of(transfer)
        settled = {row.pk: row for row in allocating.settle(side, transfer, invoices)}
        links.link_all(settled.values(), transfer)
        carried = _carry(side, transfer, [(settled[pk], amount) for pk, amount in invoices], actor, at)
        events.publish(_told(DebtTransferApproved, transfer, invoices, carried), actor=actor)
    return transfer


def unapprove_transfer(*, transfer_id: UUID, actor: Actor, at: datetime, reason: str = "") -> DebtTransfer:
    """The former party owes (is owed) it again; raises CannotUnapproveInvoice when the new one settled something."""
    with transaction.atomic():
        transfer = load_locked(DebtTransfer, transfer_id)
        clearing.advance(transfer, "unapprove", actor=actor, at=at, reason=reason)
        side, invoices = SIDES[transfer.side], _of(transfer)
        carried = _drop(side, transfer, actor, at)
        allocating.unsettle(side, transfer, invoices)
        events.publish(_told(DebtTransferUnapproved, transfer, invoices, carried), actor=actor)
    return transfer


def void_transfer(*, transfer_id: UUID, actor: Actor, at: datetime, reason: str = "") -> DebtTransfer:
    """Throw a draft away."""
    with transaction.atomic():
        return void_draft(DebtTransfer, transfer_id, actor=actor, at=at, reason=reason)


def carried_by(transfer: DebtTransfer) -> list[Any]:
    """The invoices that stand because of a transfer, in the order of its lines."""
    found = SIDES[transfer.side].invoice.objects.filter(transfer=transfer, approval=Approval.APPROVED)
    return list(found.order_by("number"))


def _of(transfer: DebtTransfer) -> list[Allocation]:
    name = "sales_invoice_id" if SIDES[transfer.side] is SALES else "purchase_invoice_id"
    return list(transfer.lines.order_by("line_no").values_list(name, "amount"))


def _carry(
    side: Side, transfer: DebtTransfer, parts: Sequence[tuple[Any, Decimal]], actor: Actor, at: datetime
) -> list[Any]:
    numbers = next_numbers(side.invoice.DOC_TYPE, transfer.doc_date, len(parts))
    made = []
    for number, (source, amount) in zip(numbers, parts, strict=True):
        invoice = side.invoice(
            number=number,
            doc_date=transfer.doc_date,
            due_date=source.due_date,
            currency=source.currency,
            gross_amount=amount,
            approval=Approval.APPROVED,
            transfer=transfer,
            **{side.party_field: transfer.to_party_id},
            **({"match_state": MatchState.MATCHED} if side is PURCHASES else {}),
        )
        invoice.stamp_created(actor, at)
        invoice.stamp_approved(actor, at)
        made.append(invoice)
    batch = Batch()
    batch.insert(made)
    batch.insert([row for invoice in made for row in links.rows(transfer, invoice, ((None, None, None),))])
    batch.insert([audit.entry(invoice, "create", actor=actor, at=at) for invoice in made])
    batch.write()
    return made


def _drop(side: Side, transfer: DebtTransfer, actor: Actor, at: datetime) -> list[Any]:
    standing = side.invoice.objects.filter(transfer=transfer, approval=Approval.APPROVED).order_by("id")
    dropped = list(standing.select_for_update(of=("self",), no_key=True))
    for invoice in dropped:
        refuse_while_settled(side, invoice)
        APPROVAL.advance(invoice, "unapprove")
        APPROVAL.advance(invoice, "void")
        invoice.updated_at, invoice.version = at, invoice.version + 1
    update_rows(dropped, ["approval", "updated_at", "version"])
    links.unlink(*(invoice.pk for invoice in dropped))
    audit.record_many(
        audit.entry(invoice, "void", actor=actor, at=at, axis="approval", before="approved", after="voided")
        for invoice in dropped
    )
    return dropped


def _told(
    kind: type[DebtTransferEvent], transfer: DebtTransfer, invoices: Sequence[Allocation], carried: Sequence[Any]
) -> DebtTransferEvent:
    return kind(
        transfer.pk,
        transfer.number,
        transfer.doc_date,
        transfer.side,
        transfer.from_party_id,
        transfer.to_party_id,
        transfer.amount,
        clearing.totals(invoices),
        tuple((row.pk, row.number, row.due_date, row.gross_amount) for row in carried),
    )
