"""Purchase orders over the API, and what suppliers answer to them. A supplier's token sees its own."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.conversing import Conversation
from backend.api.deciding import DecidedView, RejectionBody
from backend.api.documents import Empty, Reason, document_view
from backend.api.inputs import PlausibleDate, Text, serializer_for
from backend.api.production import OrderAmendBody, ProductionSteps
from backend.api.shapes import DOCUMENT, shape
from backend.kernel.errors import Conflict
from backend.purchasing.models import (
    ConfirmationLine,
    OrderConfirmation,
    ProgressReport,
    PurchaseOrder,
    PurchaseOrderLine,
    ScheduleLine,
)
from backend.purchasing.selectors import orders as order_reads
from backend.purchasing.services import confirmations, orders, progress
from backend.purchasing.services.inputs import AnswerLine, OrderData, Seen
from backend.purchasing.services.prices import give_price_reasons

AMOUNTS = dict.fromkeys(
    ("unit_price", "tax_incl_price", "discount_pct", "net_amount", "tax_amount", "gross_amount", "price"),
    "catalog.price.view",
)
OURS = dict.fromkeys(("exchange_rate", "external_ref"), "purchasing.order.view")  # no partner reads these
TOTALS = ("net_amount", "tax_amount", "gross_amount")
READS = {"staff": "purchasing.order.view", "supplier": "supplier.order.view"}

ScheduleShape = shape(
    ScheduleLine, ("schedule_no", "qty", "date", "shipped_qty", "received_qty", "confirmed", "revision", "reason")
)
OrderLineShape = shape(
    PurchaseOrderLine,
    (
        "id", "line_no", "item", "description", "qty", "line_unit", "line_qty", "unit_price", "tax_incl_price",
        "discount_pct", "tax_rate", *TOTALS, "price_reason", "requested_date", "state", "confirmed_qty", "shipped_qty",
        "received_qty", "invoiced_qty", "ahead_qty", "cancelled_qty", "light_qty", "progress_pct", "progress_node",
        "schedule",
    ),
    depth_names=("item",),
    guarded={**AMOUNTS, "price_reason": "purchasing.order.view"},  # the company's own affair
    nested={"schedule": ScheduleShape(many=True, read_only=True)},
)  # fmt: skip
ConfirmationLineShape = shape(
    ConfirmationLine, ("order_line", "part_no", "qty", "date", "price", "rejected", "reason"), guarded=AMOUNTS
)
ConfirmationShape = shape(
    OrderConfirmation,
    ("id", "revision", "state", "note", "by_name", "at", "decided_by_name", "decided_at", "lines"),
    nested={"lines": ConfirmationLineShape(many=True, read_only=True)},
)
_ORDER = (
    *DOCUMENT, "supplier", "supplier_ref", "external_ref", "warehouse", "buyer_name", "requested_date", "currency",
    "exchange_rate",
    "price_includes_tax", "payment_days", *TOTALS, "sending", "sent_at", "viewed_at", "confirmed", "received",
    "invoiced", "paid",
)  # fmt: skip
OrderShape = shape(
    PurchaseOrder,
    (*_ORDER, "lines", "confirmations"),
    depth_names=("supplier", "warehouse"),
    guarded=AMOUNTS | OURS,
    nested={
        "lines": OrderLineShape(many=True, read_only=True),
        "confirmations": ConfirmationShape(many=True, read_only=True),
    },
)
OrderRow = shape(
    PurchaseOrder, _ORDER, name="PurchaseOrderRow", depth_names=("supplier", "warehouse"), guarded=AMOUNTS | OURS
)


class Note(serializers.Serializer[Any]):
    """Words that go with an answer."""

    note = Text(max_length=300, allow_blank=True, default="")


class ApprovalBody(serializers.Serializer[Any]):
    """Why an order to a suspended supplier passes all the same; empty for all other orders."""

    override_reason = Text(max_length=300, allow_blank=True, default="")
    level = serializers.IntegerField(min_value=1, max_value=9, required=False, allow_null=True, default=None)


class PriceReason(serializers.Serializer[Any]):
    """Why a line costs more than last time."""

    order_line_id = serializers.UUIDField()
    reason = Text(max_length=200)


class PriceReasonsBody(serializers.Serializer[Any]):
    """Why lines cost more than last time: needed before the order is approved."""

    reasons = PriceReason(many=True, max_length=1000)  # type: ignore[call-arg]


class SeenBody(Note):
    """An answer; with what was seen of the order it is refused (409) when somebody was quicker."""

    seen_revision = serializers.IntegerField(
        min_value=0, max_value=99999, required=False, allow_null=True, default=None
    )
    seen_answer = serializers.IntegerField(min_value=0, max_value=99999, required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        seen = Seen(attrs.pop("seen_revision"), attrs.pop("seen_answer"))
        return {**attrs, "seen": seen}


class AnswerBody(SeenBody):
    """The supplier's answer per line: parts with dates, another price, or a rejection with its reason."""

    lines = serializer_for(AnswerLine)(many=True)


class AnswerDecisionBody(Reason):
    """The buyer's decision about the answer that waits."""

    accept = serializers.BooleanField()


class ProgressBody(Note):
    """How far a line is."""

    order_line_id = serializers.UUIDField()
    node = serializers.ChoiceField(choices=ProgressReport._meta.get_field("node").flatchoices)
    percent = serializers.IntegerField(min_value=0, max_value=100)
    expected_ship_date = PlausibleDate(required=False, allow_null=True, default=None)


@document_view(OrderData, OrderShape, OrderRow)
class OrderView(Conversation, ProductionSteps, DecidedView):
    """Purchase orders and what the supplier says to them."""

    reads = READS
    edits = {"staff": "purchasing.order.edit"}
    model = PurchaseOrder

    def rows(self) -> Any:
        return order_reads.orders_visible_to(self.reader).prefetch_related(
            "lines__item", "lines__schedule", "confirmations__lines"
        )

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        self.require_members(buyer_id=data.buyer_id)
        known = document.pk if document else None
        return orders.save_order(data=data, order_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(ApprovalBody, OrderShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Approve: the lines become expected supply; sent at once when the company wants that."""
        return self.decide(orders.approve_order, name="order_id", as_read=True, **self.words(ApprovalBody))

    @unsafe(Empty, OrderShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def submission(self, request: Request, number: str = "") -> Response:
        """Hand the draft in: the first level is asked, or whoever may approve."""
        return self.step(orders.submit_order, needs=self.edits, name="order_id", as_read=True)

    @unsafe(None, OrderShape)
    @submission.mapping.delete
    def withdrawal(self, request: Request, number: str = "") -> Response:
        """Take it back before anybody has decided."""
        return self.step(orders.withdraw_order, needs=self.edits, name="order_id")

    @unsafe(RejectionBody, OrderShape)
    @action(detail=True, methods=["post"])
    def rejection(self, request: Request, number: str = "") -> Response:
        """Send it back with a reason."""
        return self.decide(orders.reject_order, name="order_id", **self.words(RejectionBody))

    @unsafe(None, OrderShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the approval back while nothing was shipped."""
        return self.step(orders.unapprove_order, needs={"staff": "purchasing.order.unapprove"})

    @unsafe(PriceReasonsBody, OrderShape)
    @action(detail=True, methods=["post"], url_path="price-reasons")
    def price_reasons(self, request: Request, number: str = "") -> Response:
        """Say why lines cost more than last time, before the order is approved."""
        given = {one["order_line_id"]: one["reason"] for one in self.words(PriceReasonsBody)["reasons"]}
        return self.step(give_price_reasons, needs={"staff": "purchasing.order.edit"}, reasons=given)

    @unsafe(OrderAmendBody, OrderShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def amendment(self, request: Request, number: str = "") -> Response:
        """Change the approved order as a revision; changed lines wait for the supplier's answer again."""
        words, version = self.words(OrderAmendBody), self.version_asked()
        return self.step(orders.amend_order, needs={"staff": "purchasing.order.edit"}, version=version, **words)

    @unsafe(Empty, OrderShape)
    @action(detail=True, methods=["post"])
    def sending(self, request: Request, number: str = "") -> Response:
        """Send the order to the supplier, or remind it."""
        return self.step(orders.send_order, needs={"staff": "purchasing.order.edit"})

    @unsafe(Reason, OrderShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(orders.void_order, needs={"staff": "purchasing.order.edit"}, **self.words(Reason))

    @unsafe(Reason, OrderShape)
    @action(detail=True, methods=["post"])
    def closing(self, request: Request, number: str = "") -> Response:
        """Expect nothing more."""
        return self.step(orders.close_order, needs={"staff": "purchasing.order.edit"}, **self.words(Reason))

    @unsafe(None, OrderShape)
    @closing.mapping.delete
    def reopening(self, request: Request, number: str = "") -> Response:
        """Expect the rest again."""
        return self.step(orders.reopen_order, needs={"staff": "purchasing.order.edit"})

    @unsafe(SeenBody, OrderShape)
    @action(detail=True, methods=["post"])
    def confirmation(self, request: Request, number: str = "") -> Response:
        """The supplier says yes to everything as asked."""
        needs = {"staff": "purchasing.order.edit", "supplier": "supplier.order.confirm"}
        return self.step(confirmations.confirm_order_all, needs=needs, **self.words(SeenBody))

    @unsafe(AnswerBody, OrderShape)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, number: str = "") -> Response:
        """The supplier answers line by line."""
        needs = {"staff": "purchasing.order.edit", "supplier": "supplier.order.confirm"}
        return self.step(confirmations.answer_order, needs=needs, **self.words(AnswerBody))

    @unsafe(AnswerDecisionBody, OrderShape)
    @action(detail=True, methods=["post"])
    def decision(self, request: Request, number: str = "") -> Response:
        """The buyer takes or declines the answer that waits."""
        self.require({"staff": "purchasing.order.edit"})
        order, words = self.get_object(), self.words(AnswerDecisionBody)

        def run() -> Any:
            waiting = order_reads.waiting_confirmation(order)
            if waiting is None:
                raise Conflict(_("Nothing waits for a decision."), code="nothing_waits", document=order.number)
            confirmations.decide_confirmation(confirmation_id=waiting.pk, actor=self.actor, at=self.at, **words)
            return self.again(order)

        return self.act(run)

    @unsafe(ProgressBody, OrderShape)
    @action(detail=True, methods=["post"])
    def progress(self, request: Request, number: str = "") -> Response:
        """The supplier reports how far a line is."""
        self.require({"staff": "purchasing.order.edit", "supplier": "supplier.order.confirm"})
        order, words = self.get_object(), self.words(ProgressBody)
        if words["order_line_id"] not in {line.pk for line in order.lines.all()}:
            raise serializers.ValidationError({"order_line_id": [_("This line is not on the order.")]})

        def run() -> Any:
            progress.report_progress(actor=self.actor, at=self.at, **words)
            return self.again(order)

        return self.act(run)
