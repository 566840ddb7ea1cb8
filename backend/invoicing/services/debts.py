"""What a stock document says that we owe a supplier, or are owed: an invoice without lines, like a debt taken over.

So it is aged, paid, set off and refunded like every other; it comes and goes with its document.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from backend.invoicing.models import MatchState, PurchaseInvoice
from backend.invoicing.services import notes
from backend.invoicing.services.sides import PURCHASES, usable_party
from backend.invoicing.services.undoing import refuse_while_settled
from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Document
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.numbering import next_number


def owe(
    *, supplier_id: UUID, amount: Decimal, day: date, cause: Document, actor: Actor, at: datetime
) -> PurchaseInvoice:
    """The debt that a document makes, approved; a negative amount is a debit note. Raises for no supplier in use."""
    with transaction.atomic():
        supplier = usable_party(PURCHASES, supplier_id)
        debt = PurchaseInvoice(
            number=next_number(PurchaseInvoice.DOC_TYPE, day),
            doc_date=day,
            due_date=day + timedelta(days=supplier.supplier.payment_days),
            gross_amount=amount,
            supplier=supplier,
            match_state=MatchState.MATCHED,
            approval=Approval.APPROVED,
            cause_type=cause.DOC_TYPE,
            cause_id=cause.pk,
            cause_number=cause.number,
        )
        debt.stamp_created(actor, at)
        debt.stamp_approved(actor, at)
        debt.save(force_insert=True)
        links.link(cause, debt)
        audit.record(debt, "create", actor=actor, at=at)
    return debt


def owe_no_longer(*, cause_id: UUID, actor: Actor, at: datetime) -> PurchaseInvoice | None:
    """Void the debt of a document that is taken back; raises naming the payments while money settles it."""
    with transaction.atomic():
        found = PurchaseInvoice.objects.filter(cause_id=cause_id, approval=Approval.APPROVED)
        debt = found.select_for_update(of=("self",), no_key=True).first()
        if debt is None:
            return None
        notes.release(PURCHASES, debt, actor=actor)
        refuse_while_settled(PURCHASES, debt)
        APPROVAL.advance(debt, "unapprove")
        APPROVAL.advance(debt, "void")
        debt.updated_at, debt.version = at, debt.version + 1
        debt.save()
        links.unlink(debt.pk)
        audit.record(debt, "void", actor=actor, at=at, axis="approval", before="approved", after="voided")
    return debt
