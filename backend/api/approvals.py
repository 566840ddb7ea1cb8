"""Setting approvals up over the API: rules by kind and amount, who stands in for whom, and what waits for the caller."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from backend.access.selectors import role_label
from backend.api.base import KEY_HEADER, UUID_PATTERN, ApiView, Page, ReadView, unsafe
from backend.api.inputs import serializer_for
from backend.api.shapes import Shape, shape
from backend.kernel import clock
from backend.workflow.approvals import reads, setup
from backend.workflow.models import ApprovalDelegation, ApprovalRule

RuleBody = serializer_for(setup.RuleData, ApprovalRule)
SubstituteBody = serializer_for(setup.DelegationData, ApprovalDelegation)
GONE = {204: None}


class RuleShape(Shape):
    """From this amount on, in the company's own currency, this level is decided by a role or by one person."""

    approver = serializers.SerializerMethodField()

    class Meta:
        model = ApprovalRule
        fields = (
            "id",
            "doc_type",
            "level",
            "amount_from",
            "role",
            "member",
            "approver",
            "updated_at",
            "updated_by_name",
        )
        read_only_fields = fields

    def get_approver(self, rule: ApprovalRule) -> str:
        return role_label(rule.role) if rule.role else str(rule.member.name) if rule.member else ""


class _Kept(ReadView):
    """Rows that are written, changed and taken away one by one."""

    lookup_value_regex = UUID_PATTERN

    def save(self, **known: Any) -> Any:
        raise TypeError(f"{type(self).__name__} does not save")

    def again(self, row: Any) -> Any:
        return self.shown(self.rows().get(pk=row.pk))

    def gone(self, service: Any, **key: Any) -> Response:
        """Take the row away."""

        def run() -> None:
            service(actor=self.actor, at=self.at, **key)

        return self.act(run, status=204)


class RuleView(_Kept):
    """Rules of approval. Of each level the rule with the highest amount that a document reaches counts; amounts are in
    the company's own currency, tax included, and a document in another one counts at its own rate."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("doc_type", "level", "amount_from", "id")

    serializer_class = RuleShape
    reads = {"staff": "workflow.setting.view"}
    writes = {"staff": setup.MANAGE}

    def rows(self) -> Any:
        return ApprovalRule.objects.select_related("role", "member")

    def save(self, **known: Any) -> Any:
        return self.again(setup.save_rule(data=self.checked(RuleBody), actor=self.actor, at=self.at, **known))

    @unsafe(RuleBody, RuleShape, status=201)
    def create(self, request: Request) -> Response:
        """Write a rule; documents that are in approval keep their levels."""
        return self.act(self.save, status=201)

    @unsafe(RuleBody, RuleShape)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Change a rule whole."""
        rule = self.get_object()
        return self.act(lambda: self.save(rule_id=rule.pk))

    @extend_schema(responses=GONE, parameters=[KEY_HEADER])
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Ask no more for it."""
        return self.gone(setup.delete_rule, rule_id=self.get_object().pk)


SubstituteShape = shape(
    ApprovalDelegation,
    ("id", "person", "substitute", "date_from", "date_to", "reason", "created_at", "created_by_name"),
    depth_names=("person", "substitute"),
)


class SubstituteView(_Kept):
    """Who decides while somebody is away: the caller's own; everybody's for those who manage settings."""

    serializer_class = SubstituteShape

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Any colleague names his own substitute; partners have none."""
        super().initial(request, *args, **kwargs)
        self.require_staff()

    def rows(self) -> Any:
        return reads.substitutions_of(self.actor)

    def save(self, **known: Any) -> Any:
        kept = setup.save_delegation(data=self.checked(SubstituteBody), actor=self.actor, at=self.at, **known)
        return self.again(kept)

    @unsafe(SubstituteBody, SubstituteShape, status=201)
    def create(self, request: Request) -> Response:
        """Name a substitute; to-dos move at once."""
        return self.act(self.save, status=201)

    @unsafe(SubstituteBody, SubstituteShape)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Somebody else stands in, or on other days."""
        kept = self.get_object()
        return self.act(lambda: self.save(delegation_id=kept.pk))

    @extend_schema(responses=GONE, parameters=[KEY_HEADER])
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """The person is back: to-dos are his own again."""
        return self.gone(setup.end_delegation, delegation_id=self.get_object().pk)


class WaitingShape(serializers.Serializer[Any]):
    """A level that waits for the caller; the amount is in the company's own currency."""

    doc_type = serializers.CharField(source="approval.subject_type")
    number = serializers.CharField(source="approval.subject_number")
    level = serializers.IntegerField()
    amount = serializers.DecimalField(source="approval.amount", max_digits=18, decimal_places=2)
    asked_by_name = serializers.CharField(source="approval.asked_by_name")
    opened_at = serializers.DateTimeField()


class WaitingView(ApiView):
    """What waits for the caller's approval, his own and what he stands in for."""

    pagination_class = None

    @extend_schema(responses=WaitingShape(many=True))
    def list(self, request: Request) -> Response:
        """The oldest first."""
        self.require_staff()
        return Response(WaitingShape(reads.waiting_for(self.actor, clock.today()), many=True).data)
