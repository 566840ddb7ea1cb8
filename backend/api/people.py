"""Who calls, and what waits for them."""

from typing import Any

from django.db.models import Q
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, ApiView, Page, ReadView
from backend.api.errors import RefusalSerializer
from backend.api.inputs import Text
from backend.workflow.models import Task
from backend.workflow.texts import render


class MeShape(serializers.Serializer[Any]):
    """The member behind the token."""

    id = serializers.UUIDField()
    name = Text()
    kind = Text()
    party_id = serializers.UUIDField(allow_null=True)
    permissions = serializers.ListField(child=Text())


class MeView(ApiView):
    """Who the token stands for, and what it may do."""

    pagination_class = None

    @extend_schema(responses={200: forced_singular_serializer(MeShape), 401: RefusalSerializer})
    def list(self, request: Request) -> Response:
        """The member behind the token."""
        actor = self.actor
        return Response(
            MeShape(
                {
                    "id": actor.member_id,
                    "name": actor.name,
                    "kind": actor.kind,
                    "party_id": actor.party_id,
                    "permissions": sorted(actor.permissions),
                }
            ).data
        )


class TaskShape(serializers.ModelSerializer[Task]):
    """A to-do in the reader's language."""

    title = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = ("id", "kind", "title", "subject_type", "subject_number", "due_date", "created_at", "done_at")
        read_only_fields = fields

    def get_title(self, task: Task) -> str:
        return render(task.kind, task.params)[0]


class TaskView(ReadView):
    """To-dos of the member: its own and those of its rights."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("created_at", "id")

    serializer_class = TaskShape
    lookup_value_regex = UUID_PATTERN

    def rows(self) -> Any:
        if self.actor.kind != "staff":
            return Task.objects.none()
        mine = Q(assignee_id=self.actor.member_id)
        if self.actor.may("*"):
            mine |= Q(assignee_id=None)
        else:
            mine |= Q(assignee_id=None, permission__in=self.actor.permissions)
        return Task.objects.filter(mine, done_at=None)
