"""What taking back and voiding have in common on both sides."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.services.sides import Side
from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Document, load_locked
from backend.kernel.errors import Conflict, WayOut
from backend.kernel.lifecycle import APPROVAL

D = TypeVar("D", bound=Document)


class CannotUnapproveInvoice(Conflict):
    """Money settles the invoice."""

    code = "cannot_unapprove_invoice"


def refuse_while_settled(side: Side, invoice: Any) -> None:
    """Raise naming the receipts or payments that settle the invoice."""
    if not invoice.settled_amount:
        return
    documents = side.money.objects.filter(lines__invoice=invoice, approval=Approval.APPROVED).order_by("number")
    numbers = list(documents.values_list("number", flat=True))
    raise CannotUnapproveInvoice(
        _("%(amount)s of %(number)s is settled by %(documents)s.")
        % {"amount": invoice.settled_amount, "number": invoice.number, "documents": ", ".join(numbers)},
        document=invoice.number,
        field="settled_amount",
        value=invoice.settled_amount,
        way_out=_("Take back %(documents)s first, or let it settle something else.")
        % {"documents": ", ".join(numbers)},
        links=[WayOut(label=number, doc_type=side.money.DOC_TYPE, number=number) for number in numbers],
    )


def void_draft(model: type[D], document_id: UUID, *, actor: Actor, at: datetime, reason: str) -> D:
    """Void a draft and forget its links; the caller holds the transaction."""
    document = load_locked(model, document_id)
    before = APPROVAL.advance(document, "void")
    document.updated_at = at
    document.version += 1
    document.save(update_fields=["approval", "updated_at", "version"])
    links.unlink(document.pk)
    audit.record(document, "void", actor=actor, at=at, axis="approval", before=before, after="voided", reason=reason)
    return document
