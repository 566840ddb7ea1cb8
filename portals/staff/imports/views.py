"""Importing a list: the template, the upload, the preview with every fault beside its cell, saving or dropping."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from backend.imports import progress, sheets
from backend.imports.columns import Column
from backend.imports.kinds import KINDS, kinds_for
from backend.imports.models import ImportRun, RunState
from backend.imports.selectors import columns_shown, rows_shown, run_for
from backend.imports.services import ask_to_save, drop_run, start_import
from backend.imports.services.runs import ask_worker, kind_of
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from portals.staff.imports.tables import RIGHT
from portals.staff.shared.acting import step, who_and_when
from portals.ui import formats
from portals.ui.chips import chip
from portals.ui.components import Action, Banner, Crumb, Fact, Progress
from portals.ui.downloads import workbook_answer
from portals.ui.errors import block_of
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address
from portals.ui.typed import count_of

ROWS_SHOWN = 100


def _crumbs(*more: Crumb) -> list[Crumb]:
    return [Crumb(_("Imports"), reverse("staff:import_list")), *more]


@staff_view(RIGHT)
def import_new(request: HttpRequest) -> HttpResponse:
    """Choose what the list is about, take the template, send the filled list."""
    kinds = kinds_for(request.actor)  # type: ignore[attr-defined]
    chosen = request.POST.get("kind") or request.GET.get("kind") or (kinds[0].key if kinds else "")
    error, status = None, 200
    if request.method == "POST":
        try:
            run = _taken_in(request, chosen)
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            error, status = block_of(refusal), refusal.status
        else:
            return HttpResponseRedirect(reverse("staff:import_detail", kwargs={"pk": run.pk}))
    context = {"kinds": kinds, "chosen": chosen, "error": error, "crumbs": _crumbs()}
    return render(request, "staff/imports/new.html", context, status=status)


def _taken_in(request: HttpRequest, kind: str) -> ImportRun:
    upload = request.FILES.get("list")
    if upload is None:
        raise ValidationRefused(_("Choose a file."), field="list")
    make_missing = request.POST.get("make_missing") == "1"
    return start_import(kind=kind, upload=upload, make_missing=make_missing, **who_and_when(request))


@staff_view(RIGHT)
def import_template(request: HttpRequest) -> HttpResponse:
    """The empty list of a kind (``?kind=items``), with its columns explained."""
    found = kind_of(request.GET.get("kind", ""), request.actor)  # type: ignore[attr-defined]
    body = sheets.template_xlsx(found.columns_for(request.actor), str(found.label))  # type: ignore[attr-defined]
    return workbook_answer(body, str(found.label))


@staff_view(RIGHT)
def import_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How the list stands: under way, to decide, or saved."""
    return _page(request, run_for(request.actor, pk))  # type: ignore[attr-defined]


def _page(request: HttpRequest, run: ImportRun, error: Any = None) -> HttpResponse:
    columns = columns_shown(request.actor, run)  # type: ignore[attr-defined]
    only_faulty = bool(run.faulty_count) and request.GET.get("rows") != "all"
    rows = run.rows.order_by("number")
    pages = Paginator(rows.filter(is_faulty=True) if only_faulty else rows, ROWS_SHOWN)
    page = pages.get_page(count_of(request.GET.get("page", "")) or 1)
    context = {
        "run": run,
        "sub": _sub(run),
        "chips": [chip("import", run.state)],
        "banner": Banner(_("Nothing was saved."), run.note, look="bad", icon="alert-triangle") if run.note else None,
        "crumbs": _crumbs(),
        "facts": _facts(run),
        "actions": _steps(run),
        "progress": _progress(run) if run.is_under_way else None,
        "columns": columns,
        "page": page,
        "rows": [_drawn(row, columns) for row in rows_shown(run, columns, page)],
        "only_faulty": only_faulty,
        "made": [(each["label"], document_address(each["doc_type"], each["number"])) for each in run.made],
        "error": error,
    }
    return render(request, "staff/imports/run.html", context)


def _drawn(row: Any, columns: list[Column]) -> dict[str, Any]:
    """A row with what is wrong in the cells it is about; faults of no shown column stand with the row."""
    wrong: dict[str, list[str]] = {}
    for fault in row.faults:
        wrong.setdefault(fault["column"], []).append(fault["message"])
    cells = [(column.label, row.texts.get(column.key, ""), " ".join(wrong.pop(column.key, ()))) for column in columns]
    return {
        "number": row.number,
        "chip": chip("import_row", row.action) if row.action or row.is_faulty else None,
        "cells": cells,
        "others": [" ".join(messages_) for messages_ in wrong.values()],
    }


def _sub(run: ImportRun) -> str:
    words = [str(KINDS[run.kind].label), formats.moment(run.created_at)]
    if run.saved_at:
        saved = {"when": formats.moment(run.saved_at), "who": run.saved_by_name}
        words.append(_("saved %(when)s by %(who)s") % saved)
    return " · ".join(words)


def _facts(run: ImportRun) -> list[Fact]:
    found = [Fact(_("Rows"), str(run.rows_count), run.created_by_name, numeric=True)]
    if run.state in {RunState.CHECKED, RunState.SAVED, RunState.ASKED}:
        found += [
            Fact(pgettext("row", "New"), str(run.new_count), numeric=True),
            Fact(
                pgettext("row", "Changes"),
                str(run.changed_count),
                _("%(count)s as they are") % {"count": run.same_count},
                numeric=True,
            ),
            Fact(_("Not right"), str(run.faulty_count), numeric=True),
        ]
    return found


def _steps(run: ImportRun) -> list[Action]:
    def url(name: str) -> str:
        return reverse(f"staff:import_{name}", kwargs={"pk": run.pk})

    steps: list[Action] = []
    if run.faulty_count:
        steps.append(Action(_("Rows that are not right"), url("faults"), icon="download", download=True))
    if run.state not in {RunState.SAVED, RunState.DROPPED}:
        steps.append(Action(_("Discard the list"), url("drop"), icon="trash", method="post"))
    if run.state == RunState.CHECKED and run.good_count:
        words = ngettext("Save the good row", "Save the %(count)s good rows", run.good_count)
        label = words % {"count": run.good_count} if run.faulty_count else _("Save all")
        fields = {"only_good": "1"} if run.faulty_count else {}
        look = "" if run.faulty_count else "primary"
        steps.append(Action(label, url("save"), icon="check", method="post", look=look, fields=fields))
    return steps


def _progress(run: ImportRun) -> Progress:
    """How far the worker is; nobody at it: it is asked again, what waits is done once."""
    done = progress.done_of(run.pk)
    title = _("Rows are being checked") if run.state == RunState.WAITING else _("Rows are being saved")
    finished = not run.is_under_way
    here = reverse("staff:import_detail", kwargs={"pk": run.pk})
    return Progress(
        title=_("Done") if finished else title,
        done=run.rows_count if finished else done or 0,
        total=run.rows_count,
        poll_url="" if finished else reverse("staff:import_progress", kwargs={"pk": run.pk}),
        finished=finished,
        refused=run.faulty_count if finished else 0,
        results=(Action(_("See the rows"), here, icon="list-check", look="primary"),) if finished else (),
    )


@staff_view(RIGHT)
def import_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that asks again every second."""
    run = run_for(request.actor, pk)  # type: ignore[attr-defined]
    if run.is_under_way and progress.done_of(run.pk) is None:
        ask_worker()
        run.refresh_from_db()
    return render(request, "staff/imports/progress.html", {"progress": _progress(run)})


@staff_view(RIGHT)
def import_faults(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rows that are not right with what is wrong about each, to correct and send in again."""
    actor = request.actor  # type: ignore[attr-defined]
    run = run_for(actor, pk)
    if not run.faulty_count:
        raise NotFoundRefused(_("Every row is right."), value=run.name)
    columns = columns_shown(actor, run)
    rows = rows_shown(run, columns, run.rows.filter(is_faulty=True).order_by("number").iterator())
    name = _("%(name)s – not right") % {"name": run.name.rsplit(".", 1)[0]}
    return workbook_answer(sheets.faults_xlsx(columns, rows), name)


@require_POST
@staff_view(RIGHT)
def import_save(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save all, or the good rows."""
    run = run_for(request.actor, pk)  # type: ignore[attr-defined]
    only_good = request.POST.get("only_good") == "1"
    here = reverse("staff:import_detail", kwargs={"pk": pk})
    return step(
        request,
        lambda: ask_to_save(run_id=pk, only_good=only_good, **who_and_when(request)),
        done=lambda saved: _("Saved.") if saved.state == RunState.SAVED else "",
        back=here,
        refused=lambda block: _page(request, run, block),
    )


@require_POST
@staff_view(RIGHT)
def import_drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    run = run_for(request.actor, pk)  # type: ignore[attr-defined]
    return step(
        request,
        lambda: drop_run(run_id=pk, **who_and_when(request)),
        done=_("Dropped; nothing was saved."),
        back=reverse("staff:import_list"),
        refused=lambda block: _page(request, run, block),
    )
