"""What nettings, transfers and refunds do alike: opening a draft, choosing invoices, storing it, stepping along its life."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.services.allocating import Allocation, propose
from backend.invoicing.services.sides import Side
from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.document import Document, DocumentLine, claim_version, load_locked
from backend.kernel.errors import Conflict, ValidationRefused
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import LARGEST, in_cents
from backend.kernel.numbering import next_number

D = TypeVar("D", bound=Document)


class CannotClear(Conflict):
    """There is not so much to set off or to pay back."""

    code = "cannot_clear"


def require_amount(amount: Decimal) -> None:
    """Refuse what is not more than zero, in whole cents."""
    if amount <= 0 or not in_cents(amount):
        raise ValidationRefused(_("The amount must be more than zero, in whole cents."), field="amount", value=amount)


def chosen(side: Side, party_id: UUID, given: Sequence[Allocation] | None, amount: Decimal) -> list[Allocation]:
    """The invoices that were chosen, each named once and for no more than is open; else those due first, up to the amount."""
    if given is None:
        return propose(side, party_id, amount)
    left = dict(propose(side, party_id, LARGEST))
    if any(part <= 0 or not in_cents(part) for _invoice, part in given) or len(dict(given)) < len(given):
        raise ValidationRefused(_("An invoice is named once, with more than zero."), field="allocations")
    for invoice_id, part in given:
        if part > left.get(invoice_id, Decimal(0)):
            numbers = side.invoice.objects.filter(**{"pk": invoice_id, side.party_field: party_id})
            number = numbers.values_list("number", flat=True).first()
            words = _("%(number)s is open for %(open)s, not for %(amount)s.")
            values = {"number": number or "–", "open": left.get(invoice_id, Decimal(0)), "amount": part}
            raise CannotClear(words % values, document=number, field="allocations", value=part)
    return list(given)


def open_draft(model: type[D], document_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> D:
    """A new document, or the locked draft of that id; raises CannotClear for one that is booked."""
    if document_id is None:
        document = model()
        document.stamp_created(actor, at)
        return document
    document = load_locked(model, document_id)
    if not document.is_draft:
        raise CannotClear(
            _("%(number)s is %(state)s and cannot be changed.")
            % {"number": document.number, "state": document.state_label("approval")},
            document=document.number,
            way_out=_("Take it back first."),
        )
    claim_version(document, version, at)
    return document


def store(document: Document, lines: Sequence[DocumentLine], *, actor: Actor, at: datetime) -> None:
    """Save a draft with its lines in the place of those it had; a new one gets its number."""
    new = not document.number
    if new:
        document.number = next_number(document.DOC_TYPE, document.doc_date)
    document.save(force_insert=new)
    if not new:
        document.lines.all().delete()  # type: ignore[attr-defined]
    type(lines[0])._default_manager.bulk_create(lines)
    audit.record(document, "create" if new else "change", actor=actor, at=at)


def advance(document: Document, verb: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """Take one step of a locked document, save it and write it down."""
    before = APPROVAL.advance(document, verb)
    if verb == "approve":
        document.stamp_approved(actor, at)
    else:
        document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
        links.unlink(document.pk)
    claim_version(document, None, at)
    document.save()
    audit.record(
        document, verb, actor=actor, at=at, axis="approval", before=before, after=document.approval, reason=reason
    )


def totals(pairs: Sequence[tuple[Any, Any]]) -> tuple[tuple[Any, Any], ...]:
    """Pairs as events carry them."""
    return tuple((each, amount) for each, amount in pairs)
