"""Amending purchase orders and following their production over the API: plans of nodes, and the templates behind them."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.inputs import MOST_LINES, PlausibleDate, Text, serializer_for
from backend.api.shapes import shape
from backend.catalog.models import ItemCategory
from backend.kernel.actor import Actor
from backend.purchasing.models import Node, NodeTemplate, NodeTemplateStep, ProductionNode, PurchaseOrderLine
from backend.purchasing.services import nodes
from backend.purchasing.services.inputs import LineInput

EDIT = {"staff": "purchasing.order.edit"}

NodeShape = shape(ProductionNode, ("id", "order_line", "node", "planned_date", "actual_date"))


class AmendedLine(serializer_for(LineInput, PurchaseOrderLine, frozenset({"suggestion_id"}))):  # type: ignore[misc]
    """A line as it shall be."""


class OrderAmendBody(serializers.Serializer[Any]):
    """Lines as they shall be, by id; a quantity of zero cancels what is open, a line without id is new. The rest stays.
    A rate, of an order in another currency, holds for what is still to come."""

    reason = Text(max_length=300)
    lines = AmendedLine(many=True, max_length=MOST_LINES, required=False, default=list)
    exchange_rate = serializers.DecimalField(
        10, 6, min_value=Decimal("0.000001"), required=False, allow_null=True, default=None
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["lines"] and attrs["exchange_rate"] is None:
            raise serializers.ValidationError({"lines": _("Nothing is changed.")})
        return attrs


class PlanBody(serializers.Serializer[Any]):
    """The template whose nodes are laid on the open lines."""

    template_id = serializers.UUIDField()


class NodeDay(serializers.Serializer[Any]):
    """A node and the day it is planned for."""

    node_id = serializers.UUIDField()
    planned_date = PlausibleDate()


class NodeDaysBody(serializers.Serializer[Any]):
    """Other days for nodes that are not passed."""

    dates = NodeDay(many=True, min_length=1, max_length=500)  # type: ignore[call-arg]


def nodes_of(order: Any) -> Any:
    """The nodes of an order's lines, by line and in the order of the work."""
    rows = ProductionNode.objects.filter(order_line__document=order).select_related("order_line")
    return NodeShape(sorted(rows, key=lambda row: (row.order_line.line_no, row.place)), many=True).data


class ProductionSteps:
    """What purchase orders know of their production; a mixin of their view."""

    actor: Actor
    at: Any
    require: Any
    get_object: Any
    words: Any
    act: Any

    @extend_schema(responses=NodeShape(many=True))
    @action(detail=True, pagination_class=None)
    def nodes(self, request: Request, number: str = "") -> Response:
        """Nodes with the days they are planned for and the days they were passed."""
        return Response(nodes_of(self.get_object()))

    @unsafe(PlanBody, NodeShape(many=True))
    @nodes.mapping.post
    def planning(self, request: Request, number: str = "") -> Response:
        """Lay the nodes of a template on the open lines; what is passed stays."""
        return self._plan(nodes.plan_nodes, **self.words(PlanBody))

    @unsafe(NodeDaysBody, NodeShape(many=True))
    @nodes.mapping.put
    def replanning(self, request: Request, number: str = "") -> Response:
        """Plan nodes for other days."""
        rows = self.words(NodeDaysBody)["dates"]
        return self._plan(nodes.set_node_dates, dates={row["node_id"]: row["planned_date"] for row in rows})

    def _plan(self, service: Any, **words: Any) -> Response:
        self.require(EDIT)
        order = self.get_object()

        def run() -> Any:
            service(order_id=order.pk, actor=self.actor, at=self.at, **words)
            return nodes_of(order)

        found: Response = self.act(run)
        return found


class TemplateBody(serializers.Serializer[Any]):
    """Days before a line is due, by node; nodes that are not named are not planned."""

    name = Text(max_length=60)
    days_before = serializers.DictField(child=serializers.IntegerField(min_value=0, max_value=365), allow_empty=False)
    category_ids = serializers.ListField(child=serializers.UUIDField(), max_length=500, required=False, default=list)
    active = serializers.BooleanField(default=True)

    def validate_days_before(self, value: dict[str, int]) -> dict[str, int]:
        for node in value:
            serializers.ChoiceField(choices=Node.choices).run_validation(node)
        return value

    def validate_category_ids(self, value: list[Any]) -> list[Any]:
        known = set(ItemCategory.objects.filter(pk__in=value).values_list("pk", flat=True))
        for category in value:
            serializers.ChoiceField(choices=sorted(known)).run_validation(category)
        return value


class NodeTemplateView(ReadView):
    """Which nodes are planned how many days before a line is due, and for which categories by themselves."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("name", "id")

    serializer_class = shape(
        NodeTemplate,
        ("id", "name", "active", "version", "categories", "steps"),
        nested={"steps": shape(NodeTemplateStep, ("node", "days_before"))(many=True, read_only=True)},
    )
    lookup_value_regex = UUID_PATTERN
    reads = {"staff": "purchasing.order.view"}
    writes = EDIT

    def rows(self) -> Any:
        return NodeTemplate.objects.prefetch_related("steps", "categories")

    def _saved(self, **known: Any) -> Any:
        data = nodes.TemplateData(**self.body(TemplateBody))
        return self.shown(nodes.save_template(data=data, actor=self.actor, at=self.at, **known))

    @unsafe(TemplateBody, serializer_class, status=201)
    def create(self, request: Request) -> Response:
        """Write a template; a category belongs to one template."""
        return self.act(self._saved, status=201)

    @unsafe(TemplateBody, serializer_class)
    def update(self, request: Request, pk: Any = None) -> Response:
        """Change a template whole."""
        template = self.get_object()
        return self.act(lambda: self._saved(template_id=template.pk))
