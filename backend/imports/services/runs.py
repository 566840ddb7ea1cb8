"""The way of a list: read and kept, checked, shown, saved whole or without its faulty rows, or dropped.

Short lists are checked and saved at once, long ones by a worker; both do the same in one transaction. A worker that dies
leaves the list where it was, and whoever looks at it next has it picked up again; a list that the program fails at keeps
no other one from its turn. A worker saves with the rights that whoever asked has then.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, transaction
from django.db import OperationalError as DatabaseGone
from django.utils import translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from backend.access.models import Member
from backend.access.services.actors import actor_for
from backend.imports import progress
from backend.imports.columns import Column, places_of
from backend.imports.kinds import KINDS, ListKind, Row
from backend.imports.models import ImportRow, ImportRun, RowAction, RunState
from backend.imports.sheets import FAULTS
from backend.kernel import audit, clock, sheets, tenancy
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.errors import IllegalTransition, NotFoundRefused, Refusal, ValidationRefused

RIGHT = "imports.run.edit"
MOST_ROWS = 20_000
AT_ONCE = 200  # more rows are a worker's work
PORTION = 500
_LOOKED_FOR_HEADINGS = 10
log = logging.getLogger(__name__)


class CannotImport(Refusal):
    code = "cannot_import"


def kind_of(key: str, actor: Actor) -> ListKind:
    """The kind of list, for those who may import it. Raises NotFoundRefused, PermissionRefused."""
    kind = KINDS.get(key)
    if kind is None:
        raise NotFoundRefused(_("There is no such kind of list."), field="kind", value=key[:30])
    actor.require(RIGHT)
    actor.require(kind.permission)
    return kind


def start_import(
    *, kind: str, upload: UploadedFile, actor: Actor, at: datetime, make_missing: bool = False
) -> ImportRun:
    """Take a file in and have it checked. Raises ValidationRefused for a file that cannot be read or lacks headings."""
    found = kind_of(kind, actor)
    columns = found.columns_for(actor)
    places, unread, body, first = _headings(columns, sheets.read_table(upload))
    texts = [
        {key: text for key, place in places.items() if place < len(row) and (text := sheets.text_of(row[place]))}
        for row in body
    ]
    numbered = [(number, each) for number, each in enumerate(texts, first) if each]
    name = (upload.name or "")[:200]
    return _start(found, name, list(places), unread, numbered, make_missing, actor, at)


def start_rows(
    *,
    kind: str,
    rows: Sequence[Mapping[str, str]],
    actor: Actor,
    at: datetime,
    name: str = "",
    make_missing: bool = False,
) -> ImportRun:
    """Take rows in that another program sends, by the keys of the columns. Raises ValidationRefused for an unknown key."""
    found = kind_of(kind, actor)
    known = {column.key for column in found.columns_for(actor)}
    used = {key for row in rows for key in row}
    if unknown := sorted(used - known):
        raise ValidationRefused(
            _("There is no column “%(column)s”.") % {"column": unknown[0][:40]},
            field="rows",
            value=unknown[0][:40],
            way_out=_("Its columns: %(columns)s.") % {"columns": ", ".join(sorted(known))},
        )
    texts = [{key: text for key, value in row.items() if (text := sheets.text_of(value))} for row in rows]
    numbered = [(number, each) for number, each in enumerate(texts, 1) if each]
    return _start(found, name[:200], sorted(used), [], numbered, make_missing, actor, at)


def _headings(
    columns: Sequence[Column], table: sheets.Table
) -> tuple[dict[str, int], list[str], Sequence[Sequence[Any]], int]:
    """Where the columns stand, headings that mean nothing, the rows below, and the number of the first of them."""
    best: tuple[dict[str, int], list[str], int] = ({}, [], 0)
    for number, row in enumerate(table[:_LOOKED_FOR_HEADINGS]):
        places, unread = places_of(columns, row)
        if len(places) > len(best[0]):
            best = (places, unread, number)
    places, unread, number = best
    if not places:
        labels = ", ".join(str(column.label) for column in columns[:6])
        raise ValidationRefused(
            _("No heading of the list is known."),
            field="file",
            way_out=_("Take the template; its headings are: %(labels)s …") % {"labels": labels},
        )
    unread = [word for word in unread if word not in FAULTS.values()]
    return places, unread, table[number + 1 :], number + 2


def _start(
    kind: ListKind,
    name: str,
    columns: Sequence[str],
    unread: Sequence[str],
    rows: Sequence[tuple[int, Mapping[str, str]]],
    make_missing: bool,
    actor: Actor,
    at: datetime,
) -> ImportRun:
    if not rows:
        raise ValidationRefused(_("The list has no rows."), field="file")
    if len(rows) > MOST_ROWS:
        raise ValidationRefused(
            _("At most %(most)s rows at once.") % {"most": MOST_ROWS}, field="file", value=len(rows)
        )
    run = ImportRun(
        kind=kind.key,
        name=name or str(kind.label),
        columns=list(columns),
        unread=list(unread),
        make_missing=make_missing,
        rows_count=len(rows),
        language=translation.get_language() or "",
        created_at=at,
        created_by_id=actor.member_id,
        created_by_name=actor.name,
        asked_by_id=actor.member_id,
    )
    with transaction.atomic():
        run.save(force_insert=True)
        made = (ImportRow(run=run, number=number, texts=texts) for number, texts in rows)
        ImportRow.objects.bulk_create(made, batch_size=2000)
        audit.record(run, "create", actor=actor, at=at)
        _go_on(run, actor, at)
    return run


def ask_to_save(*, run_id: UUID, actor: Actor, at: datetime, only_good: bool = False) -> ImportRun:
    """Save the list: all of it, or ``only_good`` rows. Raises CannotImport naming the faults that stand in the way."""
    with transaction.atomic():
        run = _locked(run_id, actor)
        if run.state != RunState.CHECKED:
            raise _not_now(run)
        if run.faulty_count and not only_good:
            raise CannotImport(
                _("Rows that are not right: %(count)s.") % {"count": run.faulty_count},
                field="rows",
                value=run.faulty_count,
                way_out=_("Correct them and send the list again, or save the good rows alone."),
            )
        if not run.good_count:
            raise CannotImport(_("No row is right."), field="rows", way_out=_("Correct the list and send it again."))
        run.state, run.only_good, run.asked_by_id, run.note = RunState.ASKED, only_good, actor.member_id, ""
        run.save(update_fields=["state", "only_good", "asked_by_id", "note"])
        _go_on(run, actor, at)
    return run


def drop_run(*, run_id: UUID, actor: Actor, at: datetime) -> ImportRun:
    """Forget a list that was not saved; its rows go."""
    with transaction.atomic():
        run = _locked(run_id, actor)
        if run.state in {RunState.SAVED, RunState.DROPPED}:
            raise _not_now(run)
        before, run.state = run.state, RunState.DROPPED
        run.save(update_fields=["state"])
        run.rows.all().delete()
        audit.record(run, "drop", actor=actor, at=at, axis="state", before=before, after=run.state)
    return run


def _locked(run_id: UUID, actor: Actor) -> ImportRun:
    run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise NotFoundRefused(_("There is no such import."), value=run_id)
    kind_of(run.kind, actor)
    return run


def _not_now(run: ImportRun) -> IllegalTransition:
    words = _("%(run)s is: %(state)s.") % {"run": run, "state": run.get_state_display()}
    return IllegalTransition(words, field="state", value=run.state)


# --- doing it ------------------------------------------------------------------------------------------------
def _go_on(run: ImportRun, actor: Actor, at: datetime) -> None:
    """Short lists at once, in the same transaction; long ones when a worker comes to it."""
    if run.rows_count <= AT_ONCE:
        _work(run, actor, at)
    else:
        tenancy.on_commit(ask_worker)


def ask_worker() -> None:
    """Have a worker do what waits; without one it is done here."""
    from backend.imports.tasks import work_off_imports

    try:
        work_off_imports.apply_async(retry=False)
    except (OperationalError, OSError):
        work_off(at=clock.now())


def work_off(*, at: datetime) -> int:
    """Check and save the lists that wait, each in a transaction of its own; returns how many."""
    waiting = ImportRun.objects.filter(state__in=[RunState.WAITING, RunState.ASKED]).order_by("pk")
    return sum(_try_one(pk, at) for pk in list(waiting.values_list("pk", flat=True)))


def _try_one(run_id: UUID, at: datetime) -> bool:
    """Work one list off; where the program fails, nothing is saved, and the list says so."""
    try:
        return _work_one(run_id, at)
    except (DatabaseGone, InterfaceError):
        raise
    except Exception:
        log.exception("an import failed", extra={"run_id": str(run_id)})
        _give_up(run_id)
        return False


def _give_up(run_id: UUID) -> None:
    """Nothing of it was saved: whoever asked may look at the list, and ask again."""
    progress.forget(run_id)
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().filter(pk=run_id, state=RunState.ASKED).first()
        if run is not None:
            with translation.override(run.language or None):
                run.state, run.note = RunState.CHECKED, str(_("Something went wrong here, and nothing was saved."))
            run.save(update_fields=["state", "note"])


def _work_one(run_id: UUID, at: datetime) -> bool:
    with transaction.atomic():
        run = ImportRun.objects.select_for_update(skip_locked=True).filter(pk=run_id).first()
        if run is None or not run.is_under_way:
            return False
        with translation.override(run.language or None):
            _work(run, _asker(run), at)
    progress.forget(run.pk)
    return True


def _asker(run: ImportRun) -> Actor:
    """Whoever asked, with the rights of now: who has left has none, and nobody is the product itself."""
    if run.asked_by_id is None:
        return Actor.system("Troika", "import")
    member = Member.objects.prefetch_related("roles").filter(pk=run.asked_by_id, active=True).first()
    if member is None:
        return Actor(kind="staff", name="", member_id=run.asked_by_id, channel="import")
    return actor_for(member, "import")


def _work(run: ImportRun, actor: Actor, at: datetime) -> None:
    """The next step of a run that waits; a refusal while saving is written on it, and nothing is saved."""
    if run.state == RunState.WAITING:
        _pass(run, actor, at, saving=False)
        run.state = RunState.CHECKED
    else:
        try:
            with transaction.atomic():
                kind_of(run.kind, actor)
                run.made = _save(run, actor, at)
        except Refusal as refusal:
            run.state, run.note = RunState.CHECKED, refusal.message[:500]
            _pass(run, actor, at, saving=False)
        else:
            run.state, run.saved_at, run.saved_by_name = RunState.SAVED, at, actor.name
            audit.record(run, "save", actor=actor, at=at, axis="state", before=RunState.ASKED, after=run.state)
    run.save()


def _save(run: ImportRun, actor: Actor, at: datetime) -> list[dict[str, str]]:
    made = _pass(run, actor, at, saving=True)
    if run.faulty_count and not run.only_good:
        raise CannotImport(_("Rows that were right are not right any more; look at them again."))
    return made


def _pass(run: ImportRun, actor: Actor, at: datetime, *, saving: bool) -> list[dict[str, str]]:
    """Go through the rows once: judge each, and save the good ones that change something when ``saving``."""
    kind = KINDS[run.kind]
    columns = [column for column in kind.columns_for(actor) if column.key in run.columns]
    reader = kind.reader(actor=actor, at=at, make_missing=run.make_missing, saving=saving)
    run.good_count = run.faulty_count = run.new_count = run.changed_count = done = 0
    for stored in _portions(run):
        rows = [Row(each.number, each.texts) for each in stored]
        for row in rows:
            row.read(columns)
        reader.check(rows)
        _keep(run, stored, rows)
        todo = [row for row in rows if not row.faults and row.action != RowAction.SAME]
        if saving and todo and (run.only_good or not run.faulty_count):
            reader.save(todo)
        done += len(rows)
        progress.note(run.pk, done)
    _keep_late(run, reader.late_faults())
    return reader.finish() if saving else []


def _portions(run: ImportRun) -> Iterable[list[ImportRow]]:
    every = run.rows.order_by("number")
    last = 0
    while portion := list(every.filter(number__gt=last)[:PORTION]):
        yield portion
        last = portion[-1].number


def _keep_late(run: ImportRun, late: Mapping[int, str]) -> None:
    """Rows that were good until others were read; two statements, none where there are none."""
    rows = list(run.rows.filter(number__in=list(late))) if late else []
    for row in rows:
        run.new_count -= row.action == RowAction.NEW
        run.changed_count -= row.action == RowAction.CHANGE
        row.faults, row.is_faulty, row.action = [{"column": "", "message": late[row.number]}], True, ""
    run.good_count -= len(rows)
    run.faulty_count += len(rows)
    update_rows(rows, ["faults", "is_faulty", "action"])


def _keep(run: ImportRun, stored: Sequence[ImportRow], rows: Sequence[Row]) -> None:
    """Write what was found out about rows, and count."""
    for kept, row in zip(stored, rows, strict=True):
        kept.faults, kept.is_faulty = row.faults, bool(row.faults)
        kept.action = "" if row.faults else row.action
        run.faulty_count += kept.is_faulty
        run.good_count += not kept.is_faulty
        run.new_count += kept.action == RowAction.NEW
        run.changed_count += kept.action == RowAction.CHANGE
    update_rows(stored, ["faults", "is_faulty", "action"])
