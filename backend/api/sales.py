"""Sales over the API: quotations, orders, deliveries. A customer's token sees its own orders and deliveries."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.allocating import AllocationShape, OptionBody
from backend.api.base import VERSION, unsafe
from backend.api.deciding import DecidedView, LevelBody, RejectionBody
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import Text, serializer_for
from backend.api.shapes import DOCUMENT, shape
from backend.availability import selectors as availability
from backend.processes import nearest
from backend.sales import selectors as sales
from backend.sales.models import (
    SalesDelivery,
    SalesDeliveryLine,
    SalesOrder,
    SalesOrderLine,
    SalesQuote,
    SalesQuoteLine,
)
from backend.sales.services import deliveries, handling, orders, quotes
from backend.sales.services.amendments import amend_order
from backend.sales.services.approvals import approve_order
from backend.sales.services.inputs import AmendmentData, DeliveryData, DeliveryLineInput, OrderData, QuoteData
from backend.sales.services.releases import release_credit

AMOUNTS = dict.fromkeys(
    ("unit_price", "tax_incl_price", "discount_pct", "net_amount", "tax_amount", "gross_amount"), "catalog.price.view"
)
COST = {"cost_amount": "catalog.cost.view"}
OURS = dict.fromkeys(("credit_state", "price_source", "exchange_rate"), "sales.order.view")
PRICED = (
    "id", "line_no", "item", "description", "qty", "line_unit", "line_qty", "unit_price", "tax_incl_price",
    "price_source", "discount_pct", "tax_rate", "net_amount", "tax_amount", "gross_amount",
)  # fmt: skip
TOTALS = ("net_amount", "tax_amount", "gross_amount")

OrderLineShape = shape(
    SalesOrderLine,
    (*PRICED, "requested_date", "shipped_qty", "invoiced_qty", "returned_qty", "cancelled_qty"),
    depth_names=("item",),
    guarded=AMOUNTS | OURS,
)
_ORDER = (
    *DOCUMENT, "customer", "customer_ref", "warehouse", "salesperson_name", "ship_to", "requested_date",
    "promise_date", "currency", "exchange_rate", "price_includes_tax", "payment_days", *TOTALS, "credit_state", "shipped",
    "invoiced", "settled",
)  # fmt: skip
OrderRow = shape(
    SalesOrder, _ORDER, name="SalesOrderRow", depth_names=("customer", "warehouse"), guarded=AMOUNTS | OURS
)
OrderShape = shape(
    SalesOrder,
    (*_ORDER, "lines"),
    depth_names=("customer", "warehouse"),
    guarded=AMOUNTS | OURS,
    nested={"lines": OrderLineShape(many=True, read_only=True)},
)


class PartShape(serializers.Serializer[Any]):
    """So much on a date. Which document brings it is the company's own affair: customers do not read it."""

    qty = serializers.DecimalField(max_digits=18, decimal_places=4)
    date = serializers.DateField(allow_null=True)
    firmness = Text()
    source_number = Text(required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(instance)
        if self.context["actor"].kind != "staff":
            shown.pop("source_number", None)
        return shown


class PromiseShape(serializers.Serializer[Any]):
    """What is promised of a line; parts in date order, a date of null is not known yet."""

    line_no = serializers.IntegerField()
    parts = PartShape(many=True)
    open_qty = serializers.DecimalField(max_digits=18, decimal_places=4)
    reserved_qty = serializers.DecimalField(max_digits=18, decimal_places=4)
    promise_date = serializers.DateField(allow_null=True)
    first_date = serializers.DateField(allow_null=True)
    revision = serializers.IntegerField()


class AmendBody(Reason):
    """The order as it shall be, and why."""

    order = serializer_for(AmendmentData, SalesOrder)()


class ShipBody(serializers.Serializer[Any]):
    """What leaves now; without lines all that is reserved."""

    lines = serializer_for(DeliveryLineInput)(many=True, required=False, allow_null=True, default=None)
    details = serializer_for(DeliveryData, SalesDelivery)(required=False)


class SignBody(serializers.Serializer[Any]):
    """Proof of delivery."""

    signed_by = Text(max_length=60)


class ReleaseBody(serializers.Serializer[Any]):
    """Why an order may pass although it exceeds the credit limit."""

    reason = Text(max_length=300)


@document_view(OrderData, OrderShape, OrderRow)
class OrderView(DecidedView):
    """Sales orders with approval, amendment, credit release, closing and shipping."""

    model = SalesOrder
    reads = {"staff": "sales.order.view", "customer": "customer.order.view"}
    edits = {"staff": "sales.order.edit"}

    def rows(self) -> Any:
        return sales.orders_visible_to(self.reader).prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        self.require_members(salesperson_id=data.salesperson_id)
        known = document.pk if document else None
        return orders.save_order(data=data, order_id=known, version=version, actor=self.actor, at=self.at)

    @extend_schema(responses=AllocationShape)
    @action(detail=True)
    def allocation(self, request: Request, number: str = "") -> Response:
        """From which warehouses the order can leave, nearest first, and which way the company's policy takes."""
        self.require({"staff": "sales.order.edit"})
        found = nearest.allocate(self.get_object())
        return Response(AllocationShape(found, context={"actor": self.actor}).data)

    @unsafe(OptionBody, OrderRow(many=True))
    @allocation.mapping.post
    def allocating(self, request: Request, number: str = "") -> Response:
        """Take a way up: the draft leaves from its first warehouse, other parts become drafts beside it."""
        self.require(self.edits)
        order, words = self.get_object(), self.words(OptionBody)

        def run() -> Any:
            made = nearest.take_up(order_id=order.pk, key=words["option"], actor=self.actor, at=self.at)
            rows = sales.orders_visible_to(self.actor).filter(pk__in=[each.pk for each in made])
            return OrderRow(rows, many=True, context=self.get_serializer_context()).data

        return self.act(run)

    @unsafe(Empty, OrderShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def submission(self, request: Request, number: str = "") -> Response:
        """Send the draft for approval."""
        return self.step(orders.submit_order, needs="sales.order.edit", as_read=True)

    @unsafe(LevelBody, OrderShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Approve: stock is reserved, the rest is suggested, dates are promised; over the limit it is held."""
        return self.decide(approve_order, as_read=True, **self.words(LevelBody))

    @unsafe(RejectionBody, OrderShape)
    @action(detail=True, methods=["post"])
    def rejection(self, request: Request, number: str = "") -> Response:
        """Send it back with a reason; whoever wrote it may change it and submit it again."""
        return self.decide(orders.reject_order, **self.words(RejectionBody))

    @unsafe(None, OrderShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the approval back while nothing depends on it."""
        return self.step(orders.unapprove_order, needs="sales.order.unapprove")

    @unsafe(Reason, OrderShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(orders.void_order, needs="sales.order.edit", **self.words(Reason))

    @unsafe(Reason, OrderShape)
    @action(detail=True, methods=["post"])
    def closing(self, request: Request, number: str = "") -> Response:
        """Ship nothing more."""
        return self.step(orders.close_order, needs="sales.order.edit", **self.words(Reason))

    @unsafe(None, OrderShape)
    @closing.mapping.delete
    def reopening(self, request: Request, number: str = "") -> Response:
        """Open again: every guard runs again."""
        return self.step(orders.reopen_order, needs="sales.order.edit")

    @unsafe(AmendBody, OrderShape)
    @action(detail=True, methods=["post"])
    def amendment(self, request: Request, number: str = "") -> Response:
        """Change the approved order as a revision."""
        words = self.words(AmendBody)
        return self.step(amend_order, needs="sales.order.edit", data=words["order"], reason=words["reason"])

    @unsafe(ReleaseBody, OrderShape)
    @action(detail=True, methods=["post"], url_path="credit-release")
    def credit_release(self, request: Request, number: str = "") -> Response:
        """Let the held order pass."""
        return self.step(release_credit, needs="sales.credit.release", **self.words(ReleaseBody))

    @unsafe(ShipBody, shape(SalesDelivery, ("id", "number"), name="ShippedDelivery"), status=201)
    @action(detail=True, methods=["post"])
    def shipment(self, request: Request, number: str = "") -> Response:
        """Ship in one call: the delivery is made and booked."""
        self.require("sales.delivery.approve")
        order, words = self.get_object(), self.words(ShipBody)

        def run() -> Any:
            made = deliveries.ship_order(
                order_id=order.pk,
                lines=words["lines"],
                data=words.get("details") or DeliveryData(),
                actor=self.actor,
                at=self.at,
            )
            return {"id": str(made.pk), "number": made.number}

        return self.act(run, status=201)

    @extend_schema(responses=PromiseShape(many=True))
    @action(detail=True, pagination_class=None)
    def promises(self, request: Request, number: str = "") -> Response:
        """What is promised of each line."""
        found = availability.promises_of_document(self.get_object().pk).values()
        rows = sorted(found, key=lambda promise: promise.line_no)
        return Response(PromiseShape(rows, many=True, context={"actor": self.actor}).data)


QuoteLineShape = shape(SalesQuoteLine, (*PRICED, "ordered_qty"), depth_names=("item",), guarded=AMOUNTS | OURS)
_QUOTE = (
    *DOCUMENT, "customer", "warehouse", "valid_until", "requested_date", "currency", "price_includes_tax", *TOTALS,
    "state", "accepted_by_name", "accepted_at",
)  # fmt: skip
QuoteShape = shape(
    SalesQuote,
    (*_QUOTE, "lines"),
    depth_names=("customer", "warehouse"),
    guarded=AMOUNTS | OURS,
    nested={"lines": QuoteLineShape(many=True, read_only=True)},
)
QuoteRow = shape(
    SalesQuote, _QUOTE, name="SalesQuoteRow", depth_names=("customer", "warehouse"), guarded=AMOUNTS | OURS
)


ANSWERS = {"staff": "sales.quote.edit", "customer": "customer.quote.accept"}


class QuoteAcceptBody(serializers.Serializer[Any]):
    """Who accepts; empty means the caller."""

    accepted_by = Text(max_length=60, allow_blank=True, default="")


@document_view(QuoteData, QuoteShape, QuoteRow)
class QuoteView(DocumentView):
    """Quotations: sent, accepted, turned into orders."""

    reads = {"staff": "sales.quote.view", "customer": "customer.order.view"}
    edits = {"staff": "sales.quote.edit"}

    def rows(self) -> Any:
        return sales.quotes_visible_to(self.actor).prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return quotes.save_quote(data=data, quote_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, QuoteShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def sending(self, request: Request, number: str = "") -> Response:
        """Send it to the customer."""
        return self.step(quotes.send_quote, needs="sales.quote.edit", as_read=True)

    @unsafe(QuoteAcceptBody, QuoteShape)
    @action(detail=True, methods=["post"])
    def acceptance(self, request: Request, number: str = "") -> Response:
        """The customer accepts."""
        by = self.words(QuoteAcceptBody)["accepted_by"].strip() or self.actor.name
        return self.step(quotes.accept_quote, needs=ANSWERS, accepted_by=by)

    @unsafe(Reason, QuoteShape)
    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, number: str = "") -> Response:
        """The customer does not want it."""
        return self.step(quotes.decline_quote, needs=ANSWERS, **self.words(Reason))

    @unsafe(Empty, OrderShape, status=201)
    @action(detail=True, methods=["post"])
    def order(self, request: Request, number: str = "") -> Response:
        """Make an order of it."""
        self.require("sales.order.edit")
        quote = self.get_object()

        def run() -> Any:
            made = quotes.order_from_quote(quote_id=quote.pk, actor=self.actor, at=self.at)
            found = SalesOrder.objects.select_related("customer", "warehouse").prefetch_related("lines__item")
            return OrderShape(found.get(pk=made.pk), context=self.get_serializer_context()).data

        return self.act(run, status=201)


DeliveryLineShape = shape(
    SalesDeliveryLine,
    (*PRICED, "order_number", "order_line", "lot", "picked_at", "cost_amount", "invoiced_qty", "returned_qty"),
    depth_names=("item", "lot"),
    guarded=AMOUNTS | OURS | COST,
)
_DELIVERY = (
    *DOCUMENT, "customer", "warehouse", "ship_to", "carrier", "tracking_no", "expected_date", *TOTALS, "cost_amount",
    "invoiced", "signed_at", "signed_by",
)  # fmt: skip
DeliveryShape = shape(
    SalesDelivery,
    (*_DELIVERY, "lines"),
    depth_names=("customer", "warehouse", "carrier"),
    guarded=AMOUNTS | OURS | COST,
    nested={"lines": DeliveryLineShape(many=True, read_only=True)},
)
DeliveryRow = shape(
    SalesDelivery,
    _DELIVERY,
    name="SalesDeliveryRow",
    depth_names=("customer", "warehouse", "carrier"),
    guarded=AMOUNTS | OURS | COST,
)


class DeliveryBody(serializers.Serializer[Any]):
    """The orders a delivery is made from; without lines all that is reserved."""

    order_ids = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=100)
    lines = serializer_for(DeliveryLineInput)(many=True, required=False, allow_null=True, default=None)
    details = serializer_for(DeliveryData, SalesDelivery)(required=False)


class DeliveryChange(serializers.Serializer[Any]):
    """What a draft shall ship."""

    lines = serializer_for(DeliveryLineInput)(many=True)
    details = serializer_for(DeliveryData, SalesDelivery)(required=False)


class PickBody(serializers.Serializer[Any]):
    """The lines that are picked; all of them when none is named."""

    line_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=1000, required=False, allow_null=True, default=None
    )


@document_view(None, DeliveryShape, DeliveryRow)
class DeliveryView(DocumentView):
    """Deliveries: drafted here or shipped at once from an order, booked, signed for, taken back."""

    reads = {"staff": "sales.delivery.view", "customer": "customer.order.view"}

    def rows(self) -> Any:
        return sales.deliveries_visible_to(self.actor).prefetch_related("lines__item", "lines__lot")

    @unsafe(DeliveryBody, DeliveryShape, status=201)
    def create(self, request: Request) -> Response:
        """Draft a delivery of orders of one customer."""
        self.require("sales.delivery.edit")
        words = self.body(DeliveryBody)
        self.require_visible(sales.orders_visible_to(self.actor), words["order_ids"])
        data = words.pop("details", None) or DeliveryData()
        return self.act(
            lambda: self.again(deliveries.create_delivery(data=data, actor=self.actor, at=self.at, **words)), status=201
        )

    @unsafe(DeliveryChange, DeliveryShape, parameters=[VERSION])
    def update(self, request: Request, number: str = "") -> Response:
        """Replace a draft's lines."""
        words = self.words(DeliveryChange)
        data = words.pop("details", None) or DeliveryData()
        needs, version = "sales.delivery.edit", self.version_asked()
        return self.step(deliveries.save_delivery, needs=needs, name="delivery_id", data=data, version=version, **words)

    @unsafe(Reason, DeliveryShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(deliveries.void_delivery, needs="sales.delivery.edit", **self.words(Reason))

    @unsafe(PickBody, DeliveryShape)
    @action(detail=True, methods=["post"])
    def picking(self, request: Request, number: str = "") -> Response:
        """Tick lines of a draft off as picked; the last one reports the milestone."""
        return self.step(handling.pick_lines, needs="sales.delivery.edit", name="delivery_id", **self.words(PickBody))

    @unsafe(None, DeliveryShape)
    @picking.mapping.delete
    def unpicking(self, request: Request, number: str = "") -> Response:
        """The goods are on their shelves again."""
        return self.step(handling.put_back, needs="sales.delivery.edit", name="delivery_id")

    @unsafe(Empty, DeliveryShape)
    @action(detail=True, methods=["post"])
    def packing(self, request: Request, number: str = "") -> Response:
        """All that is picked is packed."""
        return self.step(handling.pack_delivery, needs="sales.delivery.edit", name="delivery_id")

    @unsafe(Empty, DeliveryShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book a draft: stock, cost and voucher in one transaction."""
        return self.step(deliveries.approve_delivery, needs="sales.delivery.approve", as_read=True)

    @unsafe(None, DeliveryShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back: stock, cost and voucher are reversed."""
        return self.step(deliveries.unapprove_delivery, needs="sales.delivery.unapprove")

    @unsafe(SignBody, DeliveryShape)
    @action(detail=True, methods=["post"])
    def signature(self, request: Request, number: str = "") -> Response:
        """Proof of delivery: who signed."""
        needs = {"staff": "sales.delivery.edit", "customer": "customer.receipt.confirm"}
        return self.step(deliveries.sign_delivery, needs=needs, **self.words(SignBody))
