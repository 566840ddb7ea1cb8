"""Supplier relations over the API: the steps of a supplier's life, quality claims, scores. A supplier's token sees its own."""

from datetime import date
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.computed import Computed
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import PlausibleDate, Text, serializer_for
from backend.api.shapes import shape
from backend.kernel import clock
from backend.parties.models import SupplierRole
from backend.srm.models import QualityClaim, SupplierScore
from backend.srm.selectors import scores
from backend.srm.selectors.claims import claims_visible_to
from backend.srm.services import claims
from backend.srm.services.claims import ClaimAnswer, ClaimData
from backend.srm.services.life import move_supplier
from backend.srm.states import SUPPLIER

ClaimShape = shape(
    QualityClaim,
    (
        "id", "number", "doc_date", "supplier", "item", "lot", "qty", "description", "due_date", "state",
        "containment", "cause", "corrective", "preventive", "answered_at", "answered_by_name", "review_reason",
        "source_type", "source_number", "version",
    ),
    depth_names=("supplier", "item", "lot"),
)  # fmt: skip
ScoreShape = shape(
    SupplierScore,
    (
        "id", "party", "month", "deliveries", "on_time", "on_time_pct", "quantity_pct", "quality_pct",
        "price_change_pct", "response_hours", "late_claims", "score", "computed_at",
    ),
    depth_names=("party",),
)  # fmt: skip
StateShape = shape(
    SupplierRole, ("party", "state", "state_reason", "blocked_by"), name="SupplierState", depth_names=("party",)
)


ClaimAnswerBody = serializer_for(ClaimAnswer, QualityClaim)


class StepBody(Reason):
    """A step of the supplier's life; some of them ask for a reason."""

    verb = serializers.ChoiceField(choices=sorted(SUPPLIER.steps))


class SupplierStateView(ReadView):
    """Suppliers by their state, with what stands in the way of ordering."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("party_id",)

    serializer_class = StateShape
    lookup_value_regex = UUID_PATTERN
    reads = "parties.supplier.view"

    def rows(self) -> Any:
        return SupplierRole.objects.select_related("party").filter(party__is_supplier=True)

    @unsafe(StepBody, StateShape)
    @action(detail=True, methods=["post"])
    def steps(self, request: Request, pk: Any = None) -> Response:
        """Approve, prefer, watch, suspend, block …; refused naming the documents that are missing."""
        self.require({"staff": "srm.supplier.grade"})
        role, words = self.get_object(), self.body(StepBody)

        def run() -> Any:
            move_supplier(party_id=role.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=role.pk))

        return self.act(run)


@document_view(ClaimData, ClaimShape, replaces=False)
class ClaimView(DocumentView):
    """Quality claims: opened by staff, answered by the supplier, accepted or sent back."""

    reads = {"staff": "srm.claim.view", "supplier": "supplier.claim.answer"}
    edits = {"staff": "srm.claim.edit"}

    def rows(self) -> Any:
        return claims_visible_to(self.actor)

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return claims.open_claim(data=data, actor=self.actor, at=self.at)

    @unsafe(ClaimAnswerBody, ClaimShape)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, number: str = "") -> Response:
        """The supplier's 8D answer."""
        self.require({"staff": "srm.claim.edit", "supplier": "supplier.claim.answer"})
        claim, answer = self.get_object(), self.checked(ClaimAnswerBody)

        def run() -> Any:
            claims.answer_claim(claim_id=claim.pk, answer=answer, actor=self.actor, at=self.at)
            return self.again(claim)

        return self.act(run)

    @unsafe(Empty, ClaimShape)
    @action(detail=True, methods=["post"])
    def acceptance(self, request: Request, number: str = "") -> Response:
        """The answer is enough."""
        return self.step(claims.review_claim, needs={"staff": "srm.claim.review"}, accepted=True)

    @unsafe(Reason, ClaimShape)
    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, number: str = "") -> Response:
        """The answer goes back with what is missing."""
        needs = {"staff": "srm.claim.review"}
        return self.step(claims.review_claim, needs=needs, accepted=False, **self.words(Reason))

    @unsafe(Reason, ClaimShape)
    @action(detail=True, methods=["post"])
    def cancellation(self, request: Request, number: str = "") -> Response:
        """The claim was none."""
        return self.step(claims.cancel_claim, needs={"staff": "srm.claim.review"}, **self.words(Reason))


def _span() -> serializers.ListField:
    """Median and 90th percentile of a stretch in days; null where nothing of it is known."""
    return serializers.ListField(child=serializers.FloatField(allow_null=True), min_length=2, max_length=2)


class CycleShape(Computed):
    """A supplier's buying: order approved, confirmed, received, each as median and 90th percentile in days."""

    party_id = serializers.UUIDField()
    name = Text()
    orders = serializers.IntegerField()
    to_approval = _span()
    to_confirmation = _span()
    to_receipt = _span()
    whole = _span()


SINCE = OpenApiParameter("since", date, description="Orders from this day on; otherwise from the first of the year.")
UNTIL = OpenApiParameter("until", date, description="Orders up to this day; otherwise today.")


class ScoreView(ReadView):
    """Scores by month: all of them for staff, its own for a supplier."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-month", "-id")

    serializer_class = ScoreShape
    lookup_value_regex = "[0-9]{1,18}"
    reads = {"staff": "srm.score.view", "supplier": "supplier.score.view"}

    def rows(self) -> Any:
        found = SupplierScore.objects.select_related("party")
        return found.filter(party=self.actor.party_id) if self.actor.kind == "supplier" else found

    @extend_schema(responses=CycleShape(many=True), parameters=[SINCE, UNTIL])
    @action(detail=False, url_path="cycle-times", pagination_class=None)
    def cycle_times(self, request: Request) -> Response:
        """How long buying took for orders of a period that came whole, in days: from the approved requisition to the goods."""
        self.require_staff()
        asked = self.request.query_params
        until = PlausibleDate().run_validation(asked.get("until", clock.today().isoformat()))
        since = PlausibleDate().run_validation(asked.get("since", until.replace(day=1, month=1).isoformat()))
        return Response(CycleShape.rows(scores.cycle_times(since, until), self.actor))
