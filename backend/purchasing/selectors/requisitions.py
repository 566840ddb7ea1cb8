"""Reading purchase requisitions: the company's own affair, no partner sees one."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import PurchaseRequisition, RequisitionLine


def requisitions_visible_to(actor: Actor) -> QuerySet[PurchaseRequisition]:
    """Requisitions the actor may see, newest first."""
    found = PurchaseRequisition.objects.select_related("warehouse").order_by("-doc_date", "-id")
    return found if actor.kind in {"staff", "system"} else found.none()


def requisition_for(actor: Actor, number: str) -> PurchaseRequisition:
    """The requisition with its lines, in two statements; raises NotFoundRefused."""
    lines = RequisitionLine.objects.select_related("item__unit", "line_unit", "supplier", "item__supplier")
    found = requisitions_visible_to(actor).filter(number=number)
    document = found.prefetch_related(Prefetch("lines", lines.order_by("line_no"))).first()
    if document is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return document
