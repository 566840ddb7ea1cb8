"""What needs buying and what goes wrong with it, over the API: suggestions and exceptions of purchase orders."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.documents import Empty
from backend.api.inputs import PlausibleDate, Text
from backend.api.purchasing import Note
from backend.api.shapes import shape
from backend.availability.models import Suggestion
from backend.availability.services import suggestions
from backend.inventory.models import Transfer
from backend.processes.exceptions import remind_supplier
from backend.processes.replenishment import transfer_first
from backend.purchasing.models import PurchaseException, PurchaseOrder, PurchaseRequisition
from backend.purchasing.services.exceptions import acknowledge_exception
from backend.purchasing.services.from_suggestions import order_from_suggestions
from backend.purchasing.services.requisition_needs import request_suggestions

SuggestionShape = shape(
    Suggestion,
    (
        "id", "item", "warehouse", "supplier", "need_qty", "qty", "need_date", "arrival_date", "explanation", "state",
        "snoozed_until", "reason", "created_at", "updated_at",
    ),
    depth_names=("item", "warehouse", "supplier"),
)  # fmt: skip


class ChosenBody(serializers.Serializer[Any]):
    """Which suggestions."""

    suggestion_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=200)


class AcceptBody(ChosenBody):
    """Which suggestions become orders or requisitions; quantities, by suggestion, where they should differ."""

    quantities = serializers.DictField(
        child=serializers.DecimalField(max_digits=14, decimal_places=4, min_value=Decimal("0.0001")),
        required=False,
        default=dict,
    )
    supplier_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class DismissBody(serializers.Serializer[Any]):
    """Why nothing is bought."""

    reason = Text(max_length=300)


class SnoozeBody(serializers.Serializer[Any]):
    """Until when."""

    until = PlausibleDate()
    reason = Text(max_length=300, allow_blank=True, default="")


class SuggestionView(ReadView):
    """Purchase suggestions with their arithmetic."""

    reads, writes = "purchasing.suggestion.view", "purchasing.suggestion.edit"
    serializer_class = SuggestionShape
    lookup_value_regex = UUID_PATTERN

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("need_date", "id")

    def rows(self) -> Any:
        return Suggestion.objects.select_related("item", "warehouse", "supplier").exclude(state="accepted")

    @unsafe(AcceptBody, shape(PurchaseOrder, ("id", "number"), name="MadeOrder")(many=True), status=201)
    @action(detail=False, methods=["post"], pagination_class=None)
    def acceptance(self, request: Request) -> Response:
        """Make purchase orders of suggestions, one per supplier; refused where the company buys on request."""
        self.require({"staff": "purchasing.order.edit"})
        words = self._chosen()

        def run() -> Any:
            made = order_from_suggestions(actor=self.actor, at=self.at, **words)
            return [{"id": str(order.pk), "number": order.number} for order in made]

        return self.act(run, status=201)

    @unsafe(AcceptBody, shape(PurchaseRequisition, ("id", "number"), name="MadeRequisition")(many=True), status=201)
    @action(detail=False, methods=["post"], pagination_class=None)
    def requisitions(self, request: Request) -> Response:
        """Make draft requisitions of suggestions, one per warehouse."""
        self.require({"staff": "purchasing.requisition.edit"})
        words = self._chosen()

        def run() -> Any:
            made = request_suggestions(actor=self.actor, at=self.at, **words)
            return [{"id": str(document.pk), "number": document.number} for document in made]

        return self.act(run, status=201)

    def _chosen(self) -> dict[str, Any]:
        words, ids = self.body(AcceptBody), serializers.UUIDField()
        return words | {"quantities": {ids.run_validation(key): qty for key, qty in words["quantities"].items()}}

    @unsafe(ChosenBody, shape(Transfer, ("id", "number"), name="AskedTransfer")(many=True), status=201)
    @action(detail=False, methods=["post"], pagination_class=None)
    def transfers(self, request: Request) -> Response:
        """Ask other warehouses for what lies free there; what is left stays to be bought."""
        words = self.body(ChosenBody)

        def run() -> Any:
            made = transfer_first(actor=self.actor, at=self.at, **words)
            return [{"id": str(transfer.pk), "number": transfer.number} for transfer in made]

        return self.act(run, status=201)

    @unsafe(DismissBody, SuggestionShape)
    @action(detail=True, methods=["post"])
    def dismissal(self, request: Request, pk: Any = None) -> Response:
        """Leave the need open, with a reason."""
        return self._decide(suggestions.dismiss_suggestion, **self.body(DismissBody))

    @unsafe(None, SuggestionShape)
    @dismissal.mapping.delete
    def revival(self, request: Request, pk: Any = None) -> Response:
        """Ask again."""
        return self._decide(suggestions.revive_suggestion)

    @unsafe(SnoozeBody, SuggestionShape)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: Any = None) -> Response:
        """Ask again on a day."""
        return self._decide(suggestions.snooze_suggestion, **self.body(SnoozeBody))

    def _decide(self, service: Any, **words: Any) -> Response:
        found = self.get_object()

        def run() -> Any:
            service(suggestion_id=found.pk, actor=self.actor, at=self.at, **words)
            return self.shown(Suggestion.objects.select_related("item", "warehouse", "supplier").get(pk=found.pk))

        return self.act(run)


ExceptionShape = shape(
    PurchaseException,
    (
        "id", "kind", "order", "asn", "supplier", "due_date", "facts", "state", "opened_at", "acknowledged_at",
        "acknowledged_by_name", "note", "risk_date", "risk_lines",
    ),
    depth_names=("order", "asn", "supplier"),
)  # fmt: skip


class ExceptionView(ReadView):
    """What is late, silent or different with orders. It opens and closes by itself; a buyer only takes care of it."""

    reads, writes = "purchasing.order.view", "purchasing.order.edit"
    serializer_class = ExceptionShape
    lookup_value_regex = UUID_PATTERN

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("due_date", "id")

    def rows(self) -> Any:
        return PurchaseException.objects.select_related("order", "asn", "supplier").exclude(state="solved")

    @unsafe(Note, ExceptionShape)
    @action(detail=True, methods=["post"])
    def care(self, request: Request, pk: Any = None) -> Response:
        """Somebody takes care of it."""
        found, words = self.get_object(), self.body(Note)

        def run() -> Any:
            acknowledge_exception(exception_id=found.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=found.pk))

        return self.act(run)

    @unsafe(Empty, ExceptionShape)
    @action(detail=True, methods=["post"])
    def reminder(self, request: Request, pk: Any = None) -> Response:
        """Ask the supplier in the order's messages; that is taking care of it, too."""
        found = self.get_object()

        def run() -> Any:
            remind_supplier(exception_id=found.pk, actor=self.actor, at=self.at)
            return self.shown(self.rows().get(pk=found.pk))

        return self.act(run)
