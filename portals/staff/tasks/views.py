"""To-dos and notifications of the member. Their words come from the kind and are read in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from backend.access.models import Member
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.workflow import selectors, texts
from backend.workflow.models import Notification, Task
from backend.workflow.services.notifications import mark_read
from backend.workflow.services.tasks import complete_tasks
from portals.staff.shared.acting import who_and_when
from portals.staff.shared.registry import kind_of
from portals.ui.guards import staff_view
from portals.ui.navigation import document_address
from portals.ui.views import safe_next

_MOST = 200
_RECENT = 8


@dataclass(frozen=True)
class Row:
    """A to-do or a message in words."""

    id: UUID
    title: str
    body: str
    url: str
    icon: str
    button: str
    at: Any
    due: date | None = None
    late: bool = False
    unread: bool = False
    mine: bool = False
    people: str = ""


# To-dos whose next step is a form that is filled in already: (address, what it is told, who may).
_READY = {"purchasing.rejected_goods": ("staff:purchase_return_new", "inspection", "purchasing.return.edit")}

# To-dos about goods: the list where something is done about them.
_PLACES = {"purchasing.shortage": "staff:suggestion_list", "inventory.low": "staff:alert_list"}


def _way_to(task: Task, may: Callable[[str], bool]) -> str:
    """The form that does what is asked, else the document the to-do is about."""
    name, word, permission = _READY.get(task.kind, ("", "", ""))
    if name and may(permission):
        return f"{reverse(name)}?{word}={task.subject_number}"
    if task.kind in _PLACES:
        return reverse(_PLACES[task.kind])
    return document_address(task.subject_type, task.subject_number)


def task_row(matter: selectors.Matter, actor: Actor, today: date, names: Mapping[UUID, str]) -> Row:
    task = matter.task
    kind = kind_of(task.subject_type)
    known = ", ".join(names[each] for each in matter.assignee_ids if each in names and each != actor.member_id)
    others = "" if actor.member_id in matter.assignee_ids else known
    title, body = texts.render(task.kind, task.params, people=others)
    told = bool(others) and task.kind in texts.OF_OTHERS
    return Row(
        id=task.pk,
        title=title,
        body=body,
        url=_way_to(task, actor.may),
        icon=kind.icon if kind else "checklist",
        button=texts.button_of(task.kind),
        at=task.created_at,
        due=task.due_date,
        late=bool(task.due_date and task.due_date < today),
        mine=task.assignee_id == actor.member_id,
        people=_("for %(names)s") % {"names": known} if known and not told else "",
    )


def notification_row(note: Notification) -> Row:
    title, body = texts.render(note.kind, note.params)
    url = reverse("staff:notification_open", kwargs={"pk": note.pk})
    return Row(
        note.pk, title, body, url, "bell", texts.button_of(note.kind), note.created_at, unread=note.read_at is None
    )


@staff_view()
def task_list(request: HttpRequest) -> HttpResponse:
    actor = request.actor  # type: ignore[attr-defined]
    tasks = selectors.open_tasks(actor)
    if request.GET.get("mine"):
        tasks = tasks.filter(assignee_id=actor.member_id)
    matters = selectors.matters(tasks[: 5 * _MOST], actor)[:_MOST]
    asked = {member for matter in matters for member in matter.assignee_ids}
    names = dict(Member.objects.filter(pk__in=asked).values_list("pk", "name")) if asked else {}
    rows = [task_row(matter, actor, clock.today(), names) for matter in matters]
    return render(request, "staff/tasks/tasks.html", {"rows": rows, "only_mine": bool(request.GET.get("mine"))})


@require_POST
@staff_view()
def task_done(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tick a to-do off by hand, for all who are asked the same."""
    actor = request.actor  # type: ignore[attr-defined]
    task = selectors.open_tasks(actor).filter(pk=pk).first()
    if task is None:
        raise NotFoundRefused(_("There is no such open task."), value=pk)
    beside = selectors.open_tasks(actor).filter(Q(pk=pk) | Q(subject_id=task.subject_id, kind=task.kind))
    matter = next(each for each in selectors.matters(beside, actor) if task in each.tasks)
    with transaction.atomic():
        for each in matter.tasks:
            complete_tasks(dedupe_key=each.dedupe_key, **who_and_when(request))
    messages.success(request, _("Ticked off."))
    return HttpResponseRedirect(safe_next(request, reverse("staff:task_list")))


def _mine(request: HttpRequest) -> Any:
    return selectors.notifications_of(request.member.pk)  # type: ignore[attr-defined]


@staff_view()
def notification_list(request: HttpRequest) -> HttpResponse:
    rows = [notification_row(note) for note in _mine(request)[:_MOST]]
    return render(request, "staff/tasks/notifications.html", {"rows": rows, "unread": any(row.unread for row in rows)})


@staff_view()
def notification_recent(request: HttpRequest) -> HttpResponse:
    """The bell's menu."""
    rows = [notification_row(note) for note in _mine(request)[:_RECENT]]
    return render(request, "staff/tasks/bell.html", {"rows": rows})


def _forget_counts(request: HttpRequest) -> None:
    cache.delete(f"ui:counts:{request.member.pk}")  # type: ignore[attr-defined]


@staff_view()
def notification_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go to what a message is about; it counts as read."""
    note = _mine(request).filter(pk=pk).first()
    if note is None:
        raise NotFoundRefused(_("There is no such notification."), value=pk)
    mark_read(member_id=request.member.pk, at=clock.now(), notification_ids=[pk])  # type: ignore[attr-defined]
    _forget_counts(request)
    return HttpResponseRedirect(note.url if note.url.startswith("/") else reverse("staff:notification_list"))


@require_POST
@staff_view()
def notification_read(request: HttpRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_read(member_id=request.member.pk, at=clock.now())  # type: ignore[attr-defined]
    _forget_counts(request)
    return HttpResponseRedirect(reverse("staff:notification_list"))
