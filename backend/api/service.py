"""Tickets and shipments over the API. A customer's token sees its own."""

from datetime import date, timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import UUID_PATTERN, Page, ReadView, unsafe
from backend.api.documents import APPROVAL, DocumentView, Empty, Reason, document_view
from backend.api.inputs import PlausibleDate, Text
from backend.api.shapes import shape
from backend.kernel import clock
from backend.kernel.comments import comments_on
from backend.kernel.models import Comment
from backend.logistics import selectors as logistics
from backend.logistics.models import Milestone, MilestoneKind, Shipment
from backend.logistics.services import report_milestone
from backend.logistics.services.shipments import charge_freight
from backend.service import selectors as service
from backend.service.models import Ticket
from backend.service.services import tickets
from backend.service.services.tickets import TicketData

_PUBLIC = (
    "id", "number", "doc_date", "customer", "category", "subject", "description", "priority", "state", "affected_qty",
    "contact_name", "item", "lot", "respond_by", "first_response_at", "solved_at", "solution", "created_at",
    "assignee_name",
)  # fmt: skip
_INTERNAL = ("supplier", "carrier", "waiting_for", "version")
TicketShape = shape(
    Ticket,
    (*_PUBLIC, *_INTERNAL),
    depth_names=("customer", "item", "lot", "supplier", "carrier"),
    guarded=dict.fromkeys(_INTERNAL, "service.ticket.view"),
)
MessageShape = shape(Comment, ("id", "text", "visibility", "author_kind", "author_name", "created_at"))
OWN = {"staff": "service.ticket.edit", "customer": "customer.ticket.edit"}


class ReplyBody(serializers.Serializer[Any]):
    """A message on the ticket; internal ones are for staff alone."""

    text = Text(max_length=4000)
    internal = serializers.BooleanField(default=False)


class SolveBody(serializers.Serializer[Any]):
    """What solved it."""

    solution = Text(max_length=4000)


class AssignBody(serializers.Serializer[Any]):
    """Who looks after it."""

    member_id = serializers.UUIDField()


_CAUSES = [key for key, _label in Ticket._meta.get_field("category").choices or ()]
_FILTERS = (
    OpenApiParameter("category", str, enum=_CAUSES),
    OpenApiParameter("since", date, description="Opened on this day or later."),
    OpenApiParameter("until", date, description="Opened on this day or before."),
)


@document_view(TicketData, TicketShape, replaces=False)
class TicketView(DocumentView):
    """Tickets, joined to item, lot, supplier and carrier."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-created_at", "-id")

    reads = {"staff": "service.ticket.view", "customer": "customer.ticket.edit"}
    edits = OWN

    def rows(self) -> Any:
        return service.tickets_visible_to(self.actor)

    def filter_queryset(self, queryset: Any) -> Any:
        """By cause, and by the days on which they were opened."""
        found = super().filter_queryset(queryset)
        if cause := self.choice_asked("category", _CAUSES):
            found = found.filter(category=cause)
        days = {name: self.request.query_params.get(name) for name in ("since", "until")}
        read = {name: PlausibleDate().run_validation(raw) for name, raw in days.items() if raw is not None}
        if "since" in read:
            found = found.filter(created_at__gte=clock.start_of(read["since"]))
        if "until" in read:
            found = found.filter(created_at__lt=clock.start_of(read["until"] + timedelta(days=1)))
        return found

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return tickets.open_ticket(data=data, actor=self.actor, at=self.at)

    @unsafe(ReplyBody, MessageShape(many=True))
    @action(detail=True, methods=["post"], pagination_class=None)
    def messages(self, request: Request, number: str = "") -> Response:
        """Write on the ticket; answered with all messages the caller may read."""
        self.require(OWN)
        ticket, words = self.get_object(), self.words(ReplyBody)

        def run() -> Any:
            tickets.reply_to_ticket(ticket_id=ticket.pk, actor=self.actor, at=self.at, **words)
            shared = "customer" if self.actor.kind == "customer" else None
            return MessageShape(comments_on(ticket.pk, visibility=shared), many=True).data

        return self.act(run)

    @unsafe(AssignBody, TicketShape)
    @action(detail=True, methods=["post"])
    def assignment(self, request: Request, number: str = "") -> Response:
        """Give it to a colleague."""
        return self.step(tickets.assign_ticket, needs={"staff": "service.ticket.edit"}, **self.words(AssignBody))

    @unsafe(SolveBody, TicketShape)
    @action(detail=True, methods=["post"])
    def solution(self, request: Request, number: str = "") -> Response:
        """Say what solved it."""
        return self.step(tickets.solve_ticket, needs={"staff": "service.ticket.edit"}, **self.words(SolveBody))

    @unsafe(Empty, TicketShape)
    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, number: str = "") -> Response:
        """The customer says it is solved."""
        return self.step(tickets.confirm_ticket, needs=OWN)

    @unsafe(Reason, TicketShape)
    @action(detail=True, methods=["post"])
    def reopening(self, request: Request, number: str = "") -> Response:
        """It was not solved."""
        return self.step(tickets.reopen_ticket, needs=OWN, **self.words(Reason))


TicketView.list = extend_schema(parameters=[APPROVAL, *_FILTERS])(TicketView.list)  # type: ignore[method-assign]

MilestoneShape = shape(Milestone, ("kind", "at", "place", "note", "source", "actor_name"))
ShipmentShape = shape(
    Shipment,
    (
        "id", "direction", "source_type", "source_number", "carrier", "carrier_name", "tracking_no", "packages",
        "destination", "dispatched_at", "expected_date", "delivered_at", "signed_by", "quoted_freight", "freight",
        "milestones",
    ),
    depth_names=("carrier",),
    guarded=dict.fromkeys(("quoted_freight", "freight"), "logistics.lane.view"),
    nested={"milestones": MilestoneShape(many=True, read_only=True)},
)  # fmt: skip


class MilestoneBody(serializers.Serializer[Any]):
    """Where a shipment is."""

    kind = serializers.ChoiceField(choices=[kind for kind in MilestoneKind.values if kind != "delivered"])
    place = Text(max_length=100, allow_blank=True, default="")
    note = Text(max_length=200, allow_blank=True, default="")


class FreightBody(serializers.Serializer[Any]):
    """What the carrier charged."""

    freight = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)


class ShipmentView(ReadView):
    """Goods on their way, in and out."""

    class pagination_class(Page):  # noqa: N801 - DRF's name
        ordering = ("-dispatched_at", "-id")

    serializer_class = ShipmentShape
    lookup_value_regex = UUID_PATTERN
    reads = {
        "staff": "logistics.shipment.view",
        "supplier": "supplier.order.view",
        "customer": "customer.order.view",
    }

    def rows(self) -> Any:
        return logistics.shipments_visible_to(self.actor)

    @unsafe(FreightBody, ShipmentShape)
    @action(detail=True, methods=["post"])
    def freight(self, request: Request, pk: Any = None) -> Response:
        """Note what the carrier charged."""
        self.require({"staff": "logistics.shipment.edit"})
        shipment, words = self.get_object(), self.body(FreightBody)

        def run() -> Any:
            charge_freight(shipment_id=shipment.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=shipment.pk))

        return self.act(run)

    @unsafe(MilestoneBody, ShipmentShape)
    @action(detail=True, methods=["post"])
    def milestones(self, request: Request, pk: Any = None) -> Response:
        """Say where the shipment is."""
        self.require({"staff": "logistics.shipment.edit"})
        shipment, words = self.get_object(), self.body(MilestoneBody)

        def run() -> Any:
            report_milestone(shipment_id=shipment.pk, actor=self.actor, at=self.at, **words)
            return self.shown(self.rows().get(pk=shipment.pk))

        return self.act(run)
