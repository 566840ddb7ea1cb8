"""Reading shipping notices."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.purchasing.models import Asn, AsnLine, AsnState

ON_ITS_WAY = (AsnState.SUBMITTED, AsnState.IN_TRANSIT, AsnState.ARRIVED)


def asns_visible_to(actor: Actor) -> QuerySet[Asn]:
    """Notices the actor may see, newest first."""
    found = Asn.objects.select_related("supplier", "warehouse").order_by("-doc_date", "-id")
    if actor.kind in {"staff", "system"}:
        return found
    if actor.kind == "supplier" and actor.party_id:
        return found.filter(supplier=actor.party_id)
    return found.none()


def asn_for(actor: Actor, number: str) -> Asn:
    """The notice with its lines and receipts; raises NotFoundRefused."""
    lines = AsnLine.objects.select_related("item__unit", "order_line__line_unit").order_by("line_no")
    found = asns_visible_to(actor).filter(number=number).prefetch_related(Prefetch("lines", lines), "receipts").first()
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found


def asns_expected(actor: Actor) -> QuerySet[Asn]:
    """What is on its way, the next arrival first."""
    return asns_visible_to(actor).filter(state__in=ON_ITS_WAY).order_by("expected_date", "id")
