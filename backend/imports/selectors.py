"""Reading imports: those of kinds the actor may import."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.imports.kinds import kinds_for
from backend.imports.models import ImportRun
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused


def runs_visible_to(actor: Actor) -> QuerySet[ImportRun]:
    """Imports the actor may see."""
    return ImportRun.objects.filter(kind__in=[kind.key for kind in kinds_for(actor)])


def run_for(actor: Actor, run_id: UUID) -> ImportRun:
    """One import; raises NotFoundRefused."""
    found = runs_visible_to(actor).filter(pk=run_id).first()
    if found is None:
        raise NotFoundRefused(_("There is no such import."), value=run_id)
    return found
