"""Documents that rules of approval put before people: what they need of them, although their role sees no others.

Whoever holds the level that waits reads this document with its amounts, agrees or sends it back; nothing else.
"""

from dataclasses import replace
from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.documents import DocumentView
from backend.api.inputs import Text
from backend.api.shapes import shape
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.workflow.approvals import engine
from backend.workflow.approvals.reads import progress_of
from backend.workflow.approvals.rules import rules_of
from backend.workflow.models import ApprovalStep

SEES = frozenset({"catalog.price.view", "sales.order.view_all"})
DECIDING = frozenset({"retrieve", "approval", "rejection", "levels"})

StepShape = shape(
    ApprovalStep,
    ("level", "approver", "state", "opened_at", "decided_at", "decided_by_name", "for_name", "reason"),
)


class LevelBody(serializers.Serializer[Any]):
    """The level that the caller saw; another one that waits means 409."""

    level = serializers.IntegerField(min_value=1, max_value=9, required=False, allow_null=True, default=None)


class RejectionBody(LevelBody):
    """Why it goes back."""

    reason = Text(max_length=300)


class DecidedView(DocumentView):
    """Documents with levels of approval; ``model`` is what is decided about."""

    model: Any = None

    @cached_property
    def reader(self) -> Actor:
        """The caller; while a level of this very document waits for him, with what it takes to see it."""
        actor = self.actor
        if self.action not in DECIDING or actor.kind != "staff":
            return actor
        needed = SEES | {self.reads["staff"]}  # type: ignore[index]
        if all(actor.may(code) for code in needed) or not self._waits_for(actor):
            return actor
        return replace(actor, permissions=actor.permissions | needed)

    def _waits_for(self, actor: Actor) -> bool:
        number = self.kwargs[self.lookup_field]
        if not rules_of(self.model.DOC_TYPE) or "\x00" in number:
            return False
        document = self.model.objects.filter(number=number).first()
        progress = progress_of(document, clock.today()) if document else None
        return progress is not None and progress.waits_for(actor)

    def decide(self, service: Any, **words: Any) -> Response:
        """Who decides is said by the rules; without rules by the right."""
        document = self.get_object()
        self.require_staff()
        engine.require_right(document, actor=self.actor, at=self.at)
        return self.step(service, **words)

    @extend_schema(responses=StepShape(many=True))
    @action(detail=True, pagination_class=None)
    def levels(self, request: Request, number: str = "") -> Response:
        """The levels of the last round: who was to decide, who did, for whom. The company's own affair."""
        self.require_staff()
        progress = progress_of(self.get_object(), clock.today())
        return Response(StepShape(progress.steps if progress else (), many=True).data)
