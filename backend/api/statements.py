"""Statements of account over the API: proposed, checked line by line, compared with a list, signed by both sides.

Partners see their own.
"""

from decimal import Decimal
from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.finance import PurchaseInvoiceShape
from backend.api.inputs import PlausibleDate, Text, serializer_for
from backend.api.shapes import shape
from backend.invoicing import selectors as invoicing
from backend.invoicing.claim_sheets import ClaimInput
from backend.invoicing.models import Statement, StatementClaim, StatementDifference, StatementLine
from backend.invoicing.services import differences, statements
from backend.processes.procure_to_pay import invoice_statement
from backend.processes.statements import (
    answer_statement_dispute,
    propose_customer_statement,
    propose_supplier_statement,
    submit_statement_list,
)

StatementLineShape = shape(
    StatementLine,
    (
        "id", "line_no", "kind", "line_date", "source_number", "their_number", "order_number", "item", "qty", "price",
        "amount", "verdict", "dispute_reason", "their_qty", "their_amount", "answer",
    ),
    depth_names=("item",),
)  # fmt: skip


StatementDifferenceShape = shape(
    StatementDifference,
    (
        "id", "no", "kind", "our_number", "their_number", "item_text", "our_qty", "their_qty", "our_price",
        "their_price", "our_amount", "their_amount", "gap", "why", "state", "comment", "answer", "decided_by_name",
        "decided_at",
    ),
)  # fmt: skip


StatementShape = shape(
    Statement,
    (
        "id", "number", "kind", "party", "period_from", "period_to", "state", "opening_amount", "received_amount",
        "returned_amount", "adjusted_amount", "paid_amount", "closing_amount", "our_signature", "our_signed_at",
        "their_signature", "their_signed_at", "digest", "version", "lines", "differences",
    ),
    depth_names=("party",),
    nested={
        "lines": StatementLineShape(many=True, read_only=True),
        "differences": StatementDifferenceShape(many=True, read_only=True),
    },
)  # fmt: skip


class ProposeBody(serializers.Serializer[Any]):
    """Whose movements of which days."""

    kind = serializers.ChoiceField(choices=["supplier", "customer"])
    party_id = serializers.UUIDField()
    period_from = PlausibleDate()
    period_to = PlausibleDate()


class LinesBody(serializers.Serializer[Any]):
    """Which lines; none named means all that are open."""

    line_ids = serializers.ListField(
        child=serializers.UUIDField(), max_length=1000, required=False, allow_null=True, default=None
    )


class DisputeAnswerBody(serializers.Serializer[Any]):
    """What we say to a disputed line: keep it, take it out, or adjust the sum."""

    line_id = serializers.UUIDField()
    answer = Text(max_length=300)
    take_out = serializers.BooleanField(default=False)
    adjustment = serializers.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))


class StatementInvoiceBody(serializers.Serializer[Any]):
    """The number on the supplier's invoice."""

    external_no = Text(max_length=40, allow_blank=True, default="")
    invoice_kind = serializers.ChoiceField(choices=["vat_special", "vat_ordinary"], default="vat_special")


class ListBody(serializers.Serializer[Any]):
    """The partner's own list, row by row; returns have negative quantities."""

    rows = serializer_for(ClaimInput, StatementClaim)(many=True, max_length=5000)


class SettleBody(serializers.Serializer[Any]):
    """Whose figures hold."""

    difference_id = serializers.UUIDField()
    holds = serializers.ChoiceField(choices=["ours", "theirs"])
    comment = Text(max_length=300, allow_blank=True, default="")


class InsistBody(serializers.Serializer[Any]):
    """Why one's own figures are right."""

    difference_id = serializers.UUIDField()
    comment = Text(max_length=300)


class DisputeBody(serializers.Serializer[Any]):
    """What is wrong with a line, with one's own figures."""

    line_id = serializers.UUIDField()
    reason = Text(max_length=300)
    their_qty = serializers.DecimalField(max_digits=14, decimal_places=4, required=False, allow_null=True)
    their_amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False, allow_null=True)


@document_view(None, StatementShape)
class StatementView(DocumentView):
    """Statements of account, agreed by both sides."""

    reads = {
        "staff": "invoicing.statement.view",
        "supplier": "supplier.statement.view",
        "customer": "customer.invoice.view",
    }
    answers = {"supplier": "supplier.statement.answer", "customer": "customer.invoice.view"}

    def rows(self) -> Any:
        return invoicing.statements_visible_to(self.actor).prefetch_related("lines__item", "differences")

    @unsafe(ProposeBody, StatementShape, status=201)
    @action(detail=False, methods=["post"])
    def proposal(self, request: Request) -> Response:
        """Gather a period's movements and ask the partner to check them."""
        self.require({"staff": "invoicing.statement.edit"})
        words = self.body(ProposeBody)
        propose = propose_supplier_statement if words.pop("kind") == "supplier" else propose_customer_statement
        return self.act(lambda: self.again(propose(actor=self.actor, at=self.at, **words)), status=201)

    @unsafe(LinesBody, StatementShape)
    @action(detail=True, methods=["post"])
    def acceptance(self, request: Request, number: str = "") -> Response:
        """Find lines right; without naming any, all that are open."""
        words = self.words(LinesBody)
        return self.step(statements.accept_lines, needs=self.answers, name="statement_id", **words)

    @unsafe(DisputeAnswerBody, StatementShape)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, number: str = "") -> Response:
        """Answer a disputed line."""
        needs = {"staff": "invoicing.statement.edit"}
        return self.step(answer_statement_dispute, needs=needs, name="statement_id", **self.words(DisputeAnswerBody))

    @unsafe(Reason, StatementShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw it away while it is not agreed; its movements are free for another."""
        needs = {"staff": "invoicing.statement.edit"}
        return self.step(statements.void_statement, needs=needs, name="statement_id", **self.words(Reason))

    @unsafe(StatementInvoiceBody, PurchaseInvoiceShape, status=201)
    @action(detail=True, methods=["post"])
    def invoice(self, request: Request, number: str = "") -> Response:
        """The supplier's invoice over an agreed statement, as a draft."""
        self.require({"staff": "invoicing.purchase_invoice.edit", "supplier": "supplier.invoice.edit"})
        statement, words = self.get_object(), self.words(StatementInvoiceBody)

        def run() -> Any:
            made = invoice_statement(statement_id=statement.pk, actor=self.actor, at=self.at, **words)
            found = invoicing.purchase_invoices_visible_to(self.actor).prefetch_related("lines__item").get(pk=made.pk)
            return PurchaseInvoiceShape(found, context=self.get_serializer_context()).data

        return self.act(run, status=201)

    @unsafe(ListBody, StatementShape)
    @action(detail=True, methods=["post"])
    def comparison(self, request: Request, number: str = "") -> Response:
        """Compare the partner's own list with the statement; every difference is named."""
        needs = {"staff": "invoicing.statement.edit", **self.answers}
        rows = self.words(ListBody)["rows"]
        return self.step(submit_statement_list, needs=needs, name="statement_id", claims=rows)

    @unsafe(SettleBody, StatementShape)
    @action(detail=True, methods=["post"])
    def settlement(self, request: Request, number: str = "") -> Response:
        """Settle a difference: the partner may give in, we may say either."""
        needs = {"staff": "invoicing.statement.edit", **self.answers}
        return self.step(differences.settle_difference, needs=needs, name="statement_id", **self.words(SettleBody))

    @unsafe(InsistBody, StatementShape)
    @action(detail=True, methods=["post"])
    def objection(self, request: Request, number: str = "") -> Response:
        """Insist on one's own figures."""
        return self.step(
            differences.dispute_difference, needs=self.answers, name="statement_id", **self.words(InsistBody)
        )

    @unsafe(DisputeBody, StatementShape)
    @action(detail=True, methods=["post"])
    def dispute(self, request: Request, number: str = "") -> Response:
        """Say that a line is wrong."""
        return self.step(statements.dispute_line, needs=self.answers, name="statement_id", **self.words(DisputeBody))

    @unsafe(Empty, StatementShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def signature(self, request: Request, number: str = "") -> Response:
        """Sign for one's own side; with the second signature it is locked."""
        side = "us" if self.actor.kind == "staff" else "them"
        needs, version = {"staff": "invoicing.statement.edit", **self.answers}, self.version_asked()
        return self.step(statements.agree, needs=needs, name="statement_id", side=side, version=version)
