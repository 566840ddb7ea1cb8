"""Reading incoming inspections: the company's own affair."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import Inspection, InspectionLine


def inspections_visible_to(actor: Actor) -> QuerySet[Inspection]:
    """Inspections the actor may see, newest first; partners see none."""
    found = Inspection.objects.select_related("supplier", "warehouse", "receipt").order_by("-doc_date", "-id")
    return found if actor.kind in {"staff", "system"} else found.none()


def inspection_for(actor: Actor, number: str) -> Inspection:
    """The inspection with its lines; raises NotFoundRefused."""
    lines = InspectionLine.objects.select_related("item__unit", "lot", "rejected_lot").order_by("line_no")
    found = inspections_visible_to(actor).filter(number=number).prefetch_related(Prefetch("lines", lines)).first()
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found
