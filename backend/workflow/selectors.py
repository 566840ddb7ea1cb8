"""Reads about to-dos and messages: everyone sees what is his or what his rights let him do."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.kernel.actor import Actor
from backend.workflow.models import Notification, SavedView, Task


def open_tasks(actor: Actor) -> QuerySet[Task]:
    """Open to-dos that are the actor's own, or anybody's who holds the right; the most urgent first."""
    found = Task.objects.filter(done_at=None)
    if not actor.may("*"):
        mine = Q(assignee_id=actor.member_id) if actor.member_id else Q(pk=None)
        found = found.filter(mine | Q(assignee_id=None, permission__in=actor.permissions))
    return found.order_by("due_date", "created_at", "id")


@dataclass(frozen=True)
class Matter:
    """A to-do with those of others who may do the same: whoever does it does it for all of them."""

    task: Task
    tasks: tuple[Task, ...]

    @property
    def assignee_ids(self) -> list[UUID]:
        return [task.assignee_id for task in self.tasks if task.assignee_id]


def matters(tasks: Iterable[Task], actor: Actor) -> list[Matter]:
    """To-dos in their order, one for each matter: what several members are asked about one document stands once."""
    found: dict[Any, list[Task]] = {}
    for task in tasks:
        found.setdefault(_matter_of(task), []).append(task)
    return [
        Matter(next((task for task in group if task.assignee_id == actor.member_id), group[0]), tuple(group))
        for group in found.values()
    ]


def _matter_of(task: Task) -> Any:
    """What a to-do is about; one without a document or for everybody stands alone. As counted by the shell's figures."""
    if task.subject_id is None or task.assignee_id is None:
        return task.pk
    return task.kind, task.subject_id, json.dumps(task.params, sort_keys=True)


def tasks_on(subject_id: UUID) -> QuerySet[Task]:
    """To-dos about a document, open ones first."""
    return Task.objects.filter(subject_id=subject_id).order_by("done_at", "-created_at", "-id")


def notifications_of(member_id: UUID, *, unread_only: bool = False) -> QuerySet[Notification]:
    """A member's messages, newest first."""
    found = Notification.objects.filter(member_id=member_id)
    return (found.filter(read_at=None) if unread_only else found).order_by("-created_at", "-id")


def saved_views(member_id: UUID, page: str) -> QuerySet[SavedView]:
    """A member's views of a list and those that colleagues share."""
    return SavedView.objects.filter(Q(member_id=member_id) | Q(shared=True), page=page).order_by("name", "id")
