"""Reading claims. A supplier's person sees those against the own firm alone."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.srm.models import ClaimState, QualityClaim


def claims_visible_to(actor: Actor) -> QuerySet[QualityClaim]:
    """Claims the actor may see, the newest first."""
    found = QualityClaim.objects.select_related("supplier", "item__unit", "lot").order_by("-doc_date", "-id")
    if actor.kind in {"staff", "system"}:
        return found
    return found.filter(supplier=actor.party_id) if actor.kind == "supplier" and actor.party_id else found.none()


def claim_for(actor: Actor, number: str) -> QualityClaim:
    """One claim; raises NotFoundRefused for a foreign or unknown one."""
    claim = claims_visible_to(actor).filter(number=number).first()
    if claim is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return claim


def claims_standing_over(source_id: UUID) -> QuerySet[QualityClaim]:
    """The claims over what an inspection found that were not dropped: one for each lot at most."""
    return QualityClaim.objects.filter(source_id=source_id).exclude(state=ClaimState.CANCELLED)
