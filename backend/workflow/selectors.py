"""Reads about to-dos and messages: everyone sees what is his or what his rights let him do."""

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


def tasks_on(subject_id: UUID) -> QuerySet[Task]:
    """To-dos about a document, open ones first."""
    return Task.objects.filter(subject_id=subject_id).order_by("done_at", "-created_at")


def notifications_of(member_id: UUID, *, unread_only: bool = False) -> QuerySet[Notification]:
    """A member's messages, newest first."""
    found = Notification.objects.filter(member_id=member_id)
    return (found.filter(read_at=None) if unread_only else found).order_by("-created_at", "-id")


def saved_views(member_id: UUID, page: str) -> QuerySet[SavedView]:
    """A member's views of a list and those that colleagues share."""
    return SavedView.objects.filter(Q(member_id=member_id) | Q(shared=True), page=page).order_by("name")
