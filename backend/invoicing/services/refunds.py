"""Refunds: money goes back to a customer, or comes back from a supplier.

What is paid back is open on our books: notes that set off no invoice, then advances that settle none, the oldest first.
Never more is paid back than is open. Receipts (payments) are locked by id, then notes by id: money before invoices, as
everybody does who settles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from backend.invoicing.events import RefundApproved, RefundEvent, RefundUnapproved
from backend.invoicing.models import FundAccount, Refund, RefundLine, RefundSide
from backend.invoicing.services import clearing
from backend.invoicing.services.allocating import settle_by_note
from backend.invoicing.services.clearing import CannotClear
from backend.invoicing.services.sides import PURCHASES, SALES, Side, usable_party
from backend.invoicing.services.undoing import void_draft
from backend.kernel import events, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, load_locked
from backend.kernel.errors import ValidationRefused
from backend.kernel.money import in_cents, total

SIDES: dict[str, Side] = {RefundSide.CUSTOMER: SALES, RefundSide.SUPPLIER: PURCHASES}


@dataclass(frozen=True)
class RefundData:
    """What is keyed. ``sources`` = (note, receipt or payment; amount); without them the oldest that is open."""

    side: str
    party_id: UUID
    fund_account_id: UUID
    doc_date: date
    amount: Decimal
    reference: str = ""
    remark: str = ""
    sources: Sequence[tuple[UUID, Decimal]] | None = None


@dataclass(frozen=True)
class Owed:
    """A note or an advance with what of it may be paid back."""

    document: Any
    amount: Decimal


def owed_back(side: Side, party_id: UUID) -> list[Owed]:
    """What may be paid back, notes before advances, the oldest first; two statements."""
    where = {side.party_field: party_id, "approval": Approval.APPROVED}
    notes = side.invoice.objects.filter(gross_amount__lt=0, **where).exclude(settled="full").order_by("due_date", "id")
    money = side.money.objects.filter(matched_amount__lt=F("amount"), **where).order_by("doc_date", "id")
    return [
        *(Owed(note, -note.open_amount) for note in notes if note.open_amount < 0),
        *(Owed(row, row.unmatched_amount) for row in money),
    ]


def save_refund(
    *, data: RefundData, actor: Actor, at: datetime, refund_id: UUID | None = None, version: int | None = None
) -> Refund:
    """Write a draft; raises CannotClear when less is open, ValidationRefused."""
    if data.side not in SIDES:
        raise ValidationRefused(_("Choose who gets the money."), field="side", value=data.side)
    clearing.require_amount(data.amount)
    with transaction.atomic():
        refund = clearing.open_draft(Refund, refund_id, version, actor, at)
        refund.side, refund.party = data.side, usable_party(SIDES[data.side], data.party_id)
        refund.fund_account = _fund(data.fund_account_id)
        refund.doc_date, refund.amount = data.doc_date, data.amount
        refund.reference, refund.remark = data.reference.strip()[:80], data.remark
        clearing.store(refund, _lines(refund, data), actor=actor, at=at)
    return refund


def _fund(fund_account_id: UUID) -> FundAccount:
    found = FundAccount.objects.filter(pk=fund_account_id, active=True).first()
    if found is None:
        raise ValidationRefused(_("Choose a bank account or cash box in use."), field="fund_account", value="")
    return found


def _lines(refund: Refund, data: RefundData) -> list[RefundLine]:
    owed = {row.document.pk: row for row in owed_back(SIDES[data.side], data.party_id)}
    wanted = _oldest(owed.values(), data.amount) if data.sources is None else list(data.sources)
    if any(not in_cents(amount) for _source, amount in wanted):
        raise ValidationRefused(_("The amount must be more than zero, in whole cents."), field="sources")
    reached = total(amount for _source, amount in wanted)
    if reached != data.amount or len(dict(wanted)) < len(wanted):
        raise CannotClear(
            _("Only %(reached)s of %(amount)s can be paid back: there is no advance and no note for more.")
            % {"reached": reached, "amount": data.amount},
            field="amount",
            value=data.amount,
        )
    for source_id, amount in wanted:
        if source_id not in owed or not 0 < amount <= owed[source_id].amount:
            raise CannotClear(_("That is not open for so much."), field="sources", value=str(source_id))
    documents = [(owed[source_id].document, amount) for source_id, amount in wanted]
    return [
        RefundLine(
            document=refund,
            line_no=number,
            source_type=document.DOC_TYPE,
            source_id=document.pk,
            source_number=document.number,
            amount=amount,
        )
        for number, (document, amount) in enumerate(documents, 1)
    ]


def _oldest(owed: Any, amount: Decimal) -> list[tuple[UUID, Decimal]]:
    found, rest = [], amount
    for row in owed:
        part = min(rest, row.amount)
        if part > 0:
            found.append((row.document.pk, part))
            rest -= part
    return found


# --- booking -----------------------------------------------------------------------------------
def approve_refund(*, refund_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Refund:
    """Pay it back; raises CannotClear when something of it was used in the meantime."""
    with transaction.atomic():
        refund = load_locked(Refund, refund_id, seen=version)
        clearing.advance(refund, "approve", actor=actor, at=at)
        notes, advances = _sources(refund)
        links.link_all(_move(refund, notes, advances, 1), refund)
        events.publish(_told(RefundApproved, refund, notes, advances), actor=actor)
    return refund


def unapprove_refund(*, refund_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Refund:
    """The money is here (there) again: advances and notes are open as before."""
    with transaction.atomic():
        refund = load_locked(Refund, refund_id)
        clearing.advance(refund, "unapprove", actor=actor, at=at, reason=reason)
        notes, advances = _sources(refund)
        _move(refund, notes, advances, -1)
        events.publish(_told(RefundUnapproved, refund, notes, advances), actor=actor)
    return refund


def void_refund(*, refund_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Refund:
    """Throw a draft away."""
    with transaction.atomic():
        return void_draft(Refund, refund_id, actor=actor, at=at, reason=reason)


def sources_of(refund: Refund, rows: Sequence[RefundLine]) -> dict[UUID, Any]:
    """The notes and advances of a refund's lines, by id; two statements."""
    side, ids = SIDES[refund.side], [row.source_id for row in rows]
    return {**side.invoice.objects.in_bulk(ids), **side.money.objects.in_bulk(ids)}


Sources = list[tuple[UUID, Decimal]]


def _sources(refund: Refund) -> tuple[Sources, Sources]:
    side = SIDES[refund.side]
    rows = list(refund.lines.order_by("line_no"))
    return (
        [(row.source_id, row.amount) for row in rows if row.source_type == side.invoice.DOC_TYPE],
        [(row.source_id, row.amount) for row in rows if row.source_type == side.money.DOC_TYPE],
    )


def _move(refund: Refund, notes: Sources, advances: Sources, sign: int) -> list[Any]:
    """Use notes and advances up by what is paid back, or free them again; returns them."""
    side = SIDES[refund.side]
    money = _locked(side.money, advances)
    locked = _locked(side.invoice, notes)
    if sign > 0:
        _require_open(refund, notes, {pk: -row.open_amount for pk, row in locked.items() if row.is_approved})
        _require_open(refund, advances, {pk: row.unmatched_amount for pk, row in money.items() if row.is_approved})
    settle_by_note(locked, [(pk, -sign * amount) for pk, amount in notes])
    for pk, amount in advances:
        money[pk].matched_amount += sign * amount
    update_rows(money.values(), ["matched_amount"])
    return [*locked.values(), *money.values()]


def _locked(model: Any, sources: Sources) -> dict[UUID, Any]:
    rows = model.objects.filter(pk__in=[pk for pk, _amount in sources]).order_by("id")
    return {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}


def _require_open(refund: Refund, sources: Sources, left: dict[UUID, Decimal]) -> None:
    for pk, amount in sources:
        if amount > left.get(pk, Decimal(0)):
            raise CannotClear(
                _("%(number)s: something of it was used in the meantime.") % {"number": refund.number},
                document=refund.number,
                field="amount",
                value=amount,
                way_out=_("Save it again: it takes what is open now."),
            )


def _told(kind: type[RefundEvent], refund: Refund, notes: Sources, advances: Sources) -> RefundEvent:
    return kind(
        refund.pk,
        refund.number,
        refund.doc_date,
        refund.side,
        refund.party_id,
        refund.fund_account_id,
        refund.amount,
        clearing.totals(notes),
        clearing.totals(advances),
    )
