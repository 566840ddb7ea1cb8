"""Sourcing over the API: requests for quotation, quotes, comparison, award, blanket orders.

A supplier's token reads what it was asked, writes its own quotes and reads nobody else's, before and after the
deadline. To the company quotes do not exist before the request was opened: the database seals them.
"""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import PlausibleDate, PlausibleMoment, serializer_for
from backend.api.purchasing import AMOUNTS
from backend.api.shapes import DOCUMENT, shape
from backend.kernel import clock
from backend.purchasing.models import (
    BlanketLine,
    BlanketOrder,
    CallOff,
    PurchaseOrder,
    Quote,
    QuoteLine,
    QuoteSource,
    QuoteStep,
    Rfq,
    RfqAward,
    RfqInvitation,
    RfqLine,
)
from backend.purchasing.selectors import blankets as blanket_reads
from backend.purchasing.selectors import rfqs as reads
from backend.purchasing.selectors.orders import orders_visible_to
from backend.purchasing.services import awards, blankets, quotes, rfqs
from backend.purchasing.services.inputs import (
    AwardInput,
    BlanketData,
    CallOffInput,
    QuoteData,
    RfqData,
)

VIEW, EDIT = {"staff": "purchasing.rfq.view"}, {"staff": "purchasing.rfq.edit"}
READS = {**VIEW, "supplier": "supplier.rfq.view"}
QUOTES = {**EDIT, "supplier": "supplier.rfq.quote"}

RfqLineShape = shape(
    RfqLine, ("id", "line_no", "item", "description", "qty", "need_date"), depth_names=("item",), name="RfqLineShape"
)
InvitationShape = shape(
    RfqInvitation,
    (
        "supplier", "revision", "quoted_at", "keyed_by_name", "seen_at", "declined_at", "decline_reason",
        "exchange_rate", "duty_pct",
    ),
    depth_names=("supplier",),
)  # fmt: skip
_RFQ = (*DOCUMENT, "title", "state", "deadline", "warehouse", "buyer_name", "published_at", "opened_at", "awarded_at")
RfqShape = shape(
    Rfq,
    (*_RFQ, "lines", "invitations"),
    depth_names=("warehouse",),
    guarded={"invitations": "purchasing.rfq.view"},  # a supplier never reads who else was asked
    nested={
        "lines": RfqLineShape(many=True, read_only=True),
        "invitations": InvitationShape(many=True, read_only=True),
    },
)
RfqRow = shape(Rfq, _RFQ, name="RfqRow", depth_names=("warehouse",))
_STEP = shape(QuoteStep, ("from_qty", "price"), guarded=AMOUNTS)
_QUOTE_LINE = shape(
    QuoteLine,
    ("id", "rfq_line", "price", "tax_rate", "lead_days", "min_qty", "alternate", "steps"),
    guarded=AMOUNTS,
    nested={"steps": _STEP(many=True, read_only=True)},
)
QuoteShape = shape(
    Quote,
    (
        "id", "supplier", "revision", "currency", "includes_tax", "freight", "valid_until", "note", "source", "by_name",
        "at", "lines",
    ),
    depth_names=("supplier",),
    guarded={"freight": "catalog.price.view"},
    nested={"lines": _QUOTE_LINE(many=True, read_only=True)},
    name="RfqQuote",
)  # fmt: skip
QuoteReceipt = shape(
    Quote,
    ("id", "supplier", "revision", "currency", "valid_until", "source", "by_name", "at"),
    depth_names=("supplier",),
    name="QuoteReceipt",
)
AwardShape = shape(
    RfqAward,
    ("rfq_line", "supplier", "order", "qty", "price", "landed", "reason"),
    depth_names=("supplier", "order"),
    guarded={"price": "catalog.price.view", "landed": "catalog.price.view"},
)


class DeadlineBody(serializers.Serializer[Any]):
    """Until when quotes are taken from now on: later than before."""

    deadline = PlausibleMoment()


class Term(serializers.Serializer[Any]):
    """What the buyer knows of a supplier beside its quote."""

    supplier_id = serializers.UUIDField()
    exchange_rate = serializers.DecimalField(max_digits=12, decimal_places=6)
    duty_pct = serializers.DecimalField(max_digits=7, decimal_places=4)


class TermsBody(serializers.Serializer[Any]):
    """Exchange rate and duty by supplier, for comparing."""

    terms = Term(many=True, max_length=200)  # type: ignore[call-arg]


class KeyedBody(serializers.Serializer[Any]):
    """An offer; staff that keys one from paper says whose it is and how it came in."""

    supplier_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    offer = serializer_for(QuoteData, Quote, frozenset({"source"}))()
    source = serializers.ChoiceField(choices=QuoteSource.choices, default=QuoteSource.PORTAL)  # type: ignore[assignment]


class AwardBody(serializers.Serializer[Any]):
    """Who gets how much of which line; a reason where another offer is cheaper."""

    awards = serializer_for(AwardInput, RfqAward)(many=True, max_length=1000)


class RankedOffer(serializers.Serializer[Any]):
    """One supplier's offer for a whole line, in the company's currency without tax; place 1 is best, 0 has expired."""

    supplier_id = serializers.UUIDField(source="offer.supplier_id")
    quote_line_id = serializers.UUIDField(source="offer.quote_line.pk")
    quoted_price = serializers.DecimalField(20, 6, source="offer.price")
    net = serializers.DecimalField(20, 6, source="offer.net")
    freight = serializers.DecimalField(20, 6, source="offer.freight")
    duty = serializers.DecimalField(20, 6, source="offer.duty")
    risk = serializers.DecimalField(20, 6, source="offer.risk")
    landed = serializers.DecimalField(20, 6, source="offer.landed")
    lead_days = serializers.IntegerField(source="offer.lead_days")
    arrival = serializers.DateField(source="offer.arrival")
    expired = serializers.BooleanField(source="offer.expired")
    by_cost = serializers.IntegerField()
    by_lead = serializers.IntegerField()


class ComparedLine(serializers.Serializer[Any]):
    """The offers for one line, the cheapest once it lies here first."""

    rfq_line_id = serializers.UUIDField()
    line_no = serializers.IntegerField()
    offers = RankedOffer(many=True)


@document_view(RfqData, RfqShape, RfqRow)
class RfqView(DocumentView):
    """Requests for quotation: asked, answered under seal, opened, compared, awarded."""

    reads = READS
    edits = EDIT

    def rows(self) -> Any:
        found = reads.rfqs_visible_to(self.actor).select_related("warehouse").prefetch_related("lines__item")
        return found if self.actor.kind == "supplier" else found.prefetch_related("invitations__supplier")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return rfqs.save_rfq(data=data, rfq_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, RfqShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def publication(self, request: Request, number: str = "") -> Response:
        """Ask the suppliers."""
        return self.step(rfqs.publish_rfq, needs=EDIT, as_read=True)

    @unsafe(DeadlineBody, RfqShape)
    @action(detail=True, methods=["post"])
    def extension(self, request: Request, number: str = "") -> Response:
        """Give everybody more time."""
        return self.step(rfqs.extend_deadline, needs=EDIT, **self.words(DeadlineBody))

    @unsafe(Empty, RfqShape)
    @action(detail=True, methods=["post"])
    def opening(self, request: Request, number: str = "") -> Response:
        """Open the quotes; refused before the deadline, by the database's clock."""
        return self.step(rfqs.open_rfq, needs=EDIT)

    @unsafe(Reason, RfqShape)
    @action(detail=True, methods=["post"])
    def cancellation(self, request: Request, number: str = "") -> Response:
        """Buy nothing by this request."""
        return self.step(rfqs.cancel_rfq, needs=EDIT, **self.words(Reason))

    @unsafe(TermsBody, RfqShape)
    @action(detail=True, methods=["post"])
    def terms(self, request: Request, number: str = "") -> Response:
        """Exchange rate and duty by supplier: the buyer's knowledge, for comparing."""
        given = self.words(TermsBody)["terms"]
        found = {one["supplier_id"]: (one["exchange_rate"], one["duty_pct"]) for one in given}
        return self.step(rfqs.set_terms, needs=EDIT, terms=found)

    @extend_schema(responses=QuoteShape(many=True))
    @action(detail=True, pagination_class=None)
    def quotes(self, request: Request, number: str = "") -> Response:
        """A supplier's own revisions, newest first; for the company everybody's, none before the opening."""
        rfq = self.get_object()
        found = reads.quotes_visible_to(self.actor, rfq)
        return Response(QuoteShape(found, many=True, context=self.get_serializer_context()).data)

    @unsafe(KeyedBody, QuoteReceipt, status=201)
    @quotes.mapping.post
    def offer(self, request: Request, number: str = "") -> Response:
        """Send a quote, or a better one; staff keys one that came on paper. The answer says that it is in, no more."""
        self.require(QUOTES)
        rfq, words = self.get_object(), self.words(KeyedBody)
        data = QuoteData(**{**vars(words["offer"]), "source": words["source"]})

        def run() -> Any:
            made = quotes.submit_quote(
                rfq_id=rfq.pk,
                data=data,
                supplier_id=words["supplier_id"],
                key=request.headers.get("Idempotency-Key", "").strip()[:80],
                actor=self.actor,
                at=self.at,
            )
            return QuoteReceipt(made, context=self.get_serializer_context()).data

        return self.act(run, status=201)

    @unsafe(Reason, RfqShape)
    @action(detail=True, methods=["post"])
    def refusal(self, request: Request, number: str = "") -> Response:
        """The supplier does not quote this time."""
        return self.step(quotes.decline_rfq, needs={"supplier": "supplier.rfq.quote"}, **self.words(Reason))

    @extend_schema(responses=ComparedLine(many=True))
    @action(detail=True, pagination_class=None)
    def comparison(self, request: Request, number: str = "") -> Response:
        """Every line's offers by landed cost; empty before the opening."""
        self.require(VIEW)
        self.require({"staff": "catalog.price.view"})
        compared = reads.compare(reads.rfq_for(self.actor, self.get_object().number), today=clock.today())
        rows = [
            {"rfq_line_id": line.pk, "line_no": line.line_no, "offers": compared.by_line[line.pk]}
            for line in compared.lines.values()
        ]
        return Response(ComparedLine(rows, many=True).data)

    @extend_schema(responses=AwardShape(many=True))
    @action(detail=True, pagination_class=None)
    def award(self, request: Request, number: str = "") -> Response:
        """Who was awarded how much; a supplier reads its own share alone."""
        return Response(self._awarded(self.get_object()))

    def _awarded(self, rfq: Rfq) -> Any:
        found = RfqAward.objects.filter(rfq=rfq).select_related("supplier", "order").order_by("rfq_line__line_no", "id")
        if self.actor.kind == "supplier":
            found = found.filter(supplier=self.actor.party_id, order__in=_sent_orders(self.actor))
        return AwardShape(found, many=True, context=self.get_serializer_context()).data

    @unsafe(AwardBody, AwardShape(many=True), status=201)
    @award.mapping.post
    def awarding(self, request: Request, number: str = "") -> Response:
        """Draft orders with the offer on every line, and its prices in the price lists."""
        self.require({"staff": "purchasing.rfq.award"})
        rfq, words = self.get_object(), self.words(AwardBody)

        def run() -> Any:
            awards.award_rfq(rfq_id=rfq.pk, actor=self.actor, at=self.at, **words)
            return self._awarded(rfq)

        return self.act(run, status=201)

    @unsafe(None, RfqShape)
    @award.mapping.delete
    def unawarding(self, request: Request, number: str = "") -> Response:
        """Take the award back while its orders are drafts."""
        return self.step(awards.unaward_rfq, needs={"staff": "purchasing.rfq.award"})


def _sent_orders(actor: Any) -> Any:
    """A supplier reads of its own orders once they were sent, not before."""
    return orders_visible_to(actor).order_by().values("pk")


# --- blanket orders ----------------------------------------------------------------------------
CallOffShape = shape(
    CallOff,
    ("order", "qty", "amount", "at", "by_name", "reason", "undone_at"),
    depth_names=("order",),
    guarded={"amount": "catalog.price.view"},
)
BlanketLineShape = shape(
    BlanketLine,
    ("id", "line_no", "item", "description", "qty", "price", "called_qty", "left_qty", "call_offs"),
    depth_names=("item",),
    guarded=AMOUNTS,
    nested={
        "call_offs": CallOffShape(many=True, read_only=True),
        "left_qty": serializers.DecimalField(18, 4, read_only=True),
    },
)
_BLANKET = (
    *DOCUMENT, "supplier", "supplier_ref", "currency", "price_includes_tax", "valid_from", "valid_to", "tolerance_pct",
    "limit_amount", "called_amount", "gross_amount",
)  # fmt: skip
_SUMS = dict.fromkeys(("limit_amount", "called_amount", "gross_amount"), "catalog.price.view")
BlanketShape = shape(
    BlanketOrder,
    (*_BLANKET, "lines"),
    depth_names=("supplier",),
    guarded=_SUMS,
    nested={"lines": BlanketLineShape(many=True, read_only=True)},
)
BlanketRow = shape(BlanketOrder, _BLANKET, name="BlanketOrderRow", depth_names=("supplier",), guarded=_SUMS)
CalledOff = shape(PurchaseOrder, ("id", "number"), name="CalledOffOrder")


class CallOffBody(Reason):
    """What is wanted now; the reason is needed above what was agreed, and an approver's right."""

    lines = serializer_for(CallOffInput)(many=True, max_length=1000)
    requested_date = PlausibleDate()
    warehouse_id = serializers.UUIDField(required=False, allow_null=True, default=None)


@document_view(BlanketData, BlanketShape, BlanketRow)
class BlanketView(DocumentView):
    """Blanket orders: a price agreed for a quantity, called off by purchase orders."""

    reads = {"staff": "purchasing.blanket.view"}
    edits = {"staff": "purchasing.blanket.edit"}

    def rows(self) -> Any:
        return blanket_reads.blankets_visible_to(self.actor).prefetch_related("lines__item", "lines__call_offs__order")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return blankets.save_blanket(data=data, blanket_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, BlanketShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """From now on it can be called off."""
        return self.step(blankets.approve_blanket, needs={"staff": "purchasing.blanket.approve"}, as_read=True)

    @unsafe(None, BlanketShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Back to a draft while nothing was called off."""
        return self.step(blankets.unapprove_blanket, needs={"staff": "purchasing.blanket.approve"})

    @unsafe(Reason, BlanketShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw a draft away."""
        return self.step(blankets.void_blanket, needs=self.edits, **self.words(Reason))

    @unsafe(Reason, BlanketShape)
    @action(detail=True, methods=["post"])
    def closing(self, request: Request, number: str = "") -> Response:
        """Nothing more is called off."""
        return self.step(blankets.close_blanket, needs=self.edits, **self.words(Reason))

    @unsafe(None, BlanketShape)
    @closing.mapping.delete
    def reopening(self, request: Request, number: str = "") -> Response:
        """The rest may be called off again."""
        return self.step(blankets.reopen_blanket, needs=self.edits)

    @unsafe(CallOffBody, CalledOff, status=201)
    @action(detail=True, methods=["post"], url_path="call-offs")
    def call_offs(self, request: Request, number: str = "") -> Response:
        """A draft order at the agreed price; refused above what is left, beyond the tolerance."""
        self.require(self.edits)
        blanket, words = self.get_object(), self.words(CallOffBody)

        def run() -> Any:
            made = blankets.call_off(blanket_id=blanket.pk, actor=self.actor, at=self.at, **words)
            return {"id": str(made.pk), "number": made.number}

        return self.act(run, status=201)
