"""Reading imports: those of kinds the actor may import, without the columns (prices, credit) that are not for him."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.imports.columns import Column
from backend.imports.kinds import KINDS, kinds_for
from backend.imports.models import ImportRow, ImportRun
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


def columns_shown(actor: Actor, run: ImportRun) -> list[Column]:
    """The columns that the list has and the actor may read."""
    return [column for column in KINDS[run.kind].columns_for(actor) if column.key in run.columns]


def rows_shown(run: ImportRun, columns: Sequence[Column], rows: Iterable[ImportRow]) -> Iterator[ImportRow]:
    """Rows of a list without the texts and faults of its other columns."""
    hidden = set(run.columns) - {column.key for column in columns}
    for row in rows:
        row.texts = {key: text for key, text in row.texts.items() if key not in hidden}
        row.faults = [fault for fault in row.faults if fault["column"] not in hidden]
        yield row
