"""What supplier relations do when something happened, here or below."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.events import subscribe, subscribe_to_many
from backend.kernel.language import in_books
from backend.parties.events import PartySaved
from backend.parties.services import suppliers
from backend.purchasing.events import (
    InspectionDecided,
    PurchaseReceiptApproved,
    PurchaseReceiptUnapproved,
    PurchaseReturnApproved,
    PurchaseReturnUnapproved,
)
from backend.purchasing.models import Inspection
from backend.srm.events import OutsiderTold
from backend.srm.models import QualityClaim
from backend.srm.selectors.qualification import expired_words, first_expiry
from backend.srm.services import facts, scores
from backend.srm.services.admission import put_new_suppliers_up
from backend.srm.services.claims import ClaimData, open_claim
from backend.workflow import parameters
from backend.workflow.services import send_mail
from backend.workflow.texts import button_of, render

suppliers.told_by(suppliers.Teller(first_expiry, expired_words))


@subscribe(OutsiderTold, when="after_commit")
def mail_the_words(event: OutsiderTold, actor: Actor) -> None:
    """Send the mail in its reader's language."""
    with translation.override(event.language):
        title, body = render(event.kind, dict(event.params))
        button = button_of(event.kind)
    send_mail(to=event.to, title=title, body=body, url=event.url, button=button, language=event.language)


@subscribe_to_many(PartySaved)
def qualify_new_suppliers(events: Sequence[PartySaved], actor: Actor) -> None:
    """Where the company wants every supplier qualified, new ones wait for approval whoever entered them."""
    put_new_suppliers_up(party_ids=[event.aggregate_id for event in events if event.is_new])


@subscribe(PurchaseReceiptApproved, when="after_commit")
def note_the_delivery(event: PurchaseReceiptApproved, actor: Actor) -> None:
    """Goods came: the day and the quantity count for the supplier's month."""
    fact = facts.note_delivery(event.aggregate_id)
    if fact is not None:
        month = scores.month_of(fact.received_date)
        scores.compute_month(month, at=clock.now(), party_id=fact.party_id)


@subscribe(PurchaseReceiptUnapproved, when="after_commit")
def forget_the_delivery(event: PurchaseReceiptUnapproved, actor: Actor) -> None:
    """The receipt was taken back: it was no delivery."""
    for party_id, day in facts.forget_delivery(event.aggregate_id):
        scores.compute_month(scores.month_of(day), at=clock.now(), party_id=party_id)


@subscribe(InspectionDecided, when="after_commit")
def note_the_quality(event: InspectionDecided, actor: Actor) -> None:
    """What was accepted and rejected of a lot counts for the month of the decision."""
    row = Inspection.objects.filter(pk=event.aggregate_id).first()
    if row is None:
        return
    day = clock.day_of(row.approved_at or clock.now())
    lot_id = UUID(str(event.lot_id))
    accepted, rejected, _reasons = facts.decided_of(row.pk, lot_id)
    facts.note_quality(
        party_id=row.supplier_id,
        inspection_id=row.pk,
        number=row.number,
        lot_id=lot_id,
        item_id=UUID(str(event.item_id)),
        accepted=accepted,
        rejected=rejected,
        day=day,
    )
    scores.compute_month(scores.month_of(day), at=clock.now(), party_id=row.supplier_id)


@subscribe(PurchaseReturnApproved, when="after_commit")
def note_what_went_back(event: PurchaseReturnApproved, actor: Actor) -> None:
    """Goods that go back as bad count against the quality of the month."""
    touched = facts.note_return(event.aggregate_id)
    if touched is not None:
        scores.compute_month(scores.month_of(touched[1]), at=clock.now(), party_id=touched[0])


@subscribe(PurchaseReturnUnapproved, when="after_commit")
def forget_what_went_back(event: PurchaseReturnUnapproved, actor: Actor) -> None:
    """The return was taken back: the goods are here again."""
    for party_id, day in facts.forget_return(event.aggregate_id):
        scores.compute_month(scores.month_of(day), at=clock.now(), party_id=party_id)


@subscribe(InspectionDecided, when="after_commit")
def claim_what_was_rejected(event: InspectionDecided, actor: Actor) -> None:
    """A rejected lot opens a claim in the supplier's portal, once, where the company wants that (SRM-20)."""
    row = Inspection.objects.filter(pk=event.aggregate_id).exclude(approval=Approval.VOIDED).first()
    if row is None or not Decimal(event.rejected) or not parameters.get("srm.claim_on_rejection"):
        return
    lot_id = UUID(str(event.lot_id))
    if QualityClaim.objects.filter(source_id=row.pk, lot=lot_id).exists():
        return
    _accepted, rejected, reasons = facts.decided_of(row.pk, lot_id)
    names = {"number": row.number, "reason": reasons or "–"}
    words = in_books(lambda: _("Rejected at the incoming inspection %(number)s: %(reason)s") % names)
    data = ClaimData(
        supplier_id=row.supplier_id,
        description=words,
        lot_id=lot_id,
        qty=rejected,
        source_type=Inspection.DOC_TYPE,
        source_id=row.pk,
    )
    staff = Actor(kind="system", name=actor.name, member_id=actor.member_id, channel="job")
    open_claim(data=data, actor=staff, at=clock.now())
