"""Reading blanket orders: the company's own paper, staff alone see it."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import BlanketLine, BlanketOrder, CallOff


def blankets_visible_to(actor: Actor) -> QuerySet[BlanketOrder]:
    """Blanket orders the actor may see, newest first."""
    found = BlanketOrder.objects.select_related("supplier").order_by("-doc_date", "-id")
    return found if actor.kind in {"staff", "system"} else found.none()


def blanket_for(actor: Actor, number: str) -> BlanketOrder:
    """The blanket order with lines and call-offs; raises NotFoundRefused."""
    lines = BlanketLine.objects.select_related("item__unit").order_by("line_no")
    calls = CallOff.objects.select_related("order").order_by("-id")
    found = blankets_visible_to(actor).prefetch_related(Prefetch("lines", lines), Prefetch("lines__call_offs", calls))
    blanket = found.filter(number=number).first()
    if blanket is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return blanket
