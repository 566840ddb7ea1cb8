"""Stock documents over the API: other receipts and issues, transfers and their arrivals."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import Text
from backend.api.shapes import DOCUMENT, shape
from backend.inventory.models import (
    OtherIssue,
    OtherIssueLine,
    OtherReceipt,
    OtherReceiptLine,
    Transfer,
    TransferLine,
    TransferReceipt,
    TransferReceiptLine,
)
from backend.inventory.services import other, transfer_receipts, transfers
from backend.inventory.services.inputs import (
    ArrivalInput,
    OtherIssueLineInput,
    OtherReceiptLineInput,
    TransferLineInput,
)
from backend.kernel.money import ZERO

COST = dict.fromkeys(("value", "total_value", "unit_cost", "tax_amount", "lost_value"), "catalog.cost.view")


class StockDocumentView(DocumentView):
    """Booking, taking back and voiding are alike: ``right`` is the stem of the rights, ``services`` the three steps."""

    right = ""
    services: tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]

    def kept(self, document: Any, version: int | None) -> dict[str, Any]:
        """What every save takes besides the body."""
        return {
            "document_id": document.pk if document else None,
            "version": version,
            "actor": self.actor,
            "at": self.at,
        }

    def book(self) -> Response:
        return self.step(self.services[0], needs=f"{self.right}.approve", name="document_id", as_read=True)

    def take_back(self) -> Response:
        return self.step(self.services[1], needs=f"{self.right}.unapprove", name="document_id")

    def throw_away(self) -> Response:
        return self.step(self.services[2], needs=f"{self.right}.edit", name="document_id", **self.words(Reason))


# --- other receipts and issues -------------------------------------------------------------------
@dataclass(frozen=True)
class OtherReceiptData:
    """Goods that come in without a purchase."""

    doc_date: date
    warehouse_id: UUID
    reason: str
    lines: tuple[OtherReceiptLineInput, ...]
    remark: str = ""


@dataclass(frozen=True)
class OtherIssueData:
    """Goods that leave without a sale."""

    doc_date: date
    warehouse_id: UUID
    reason: str
    lines: tuple[OtherIssueLineInput, ...]
    remark: str = ""


OtherReceiptLineShape = shape(
    OtherReceiptLine,
    ("id", "line_no", "item", "qty", "unit_cost", "value", "lot_no", "expiry_date"),
    depth_names=("item",),
    guarded=COST,
)
OtherReceiptShape = shape(
    OtherReceipt,
    (*DOCUMENT, "warehouse", "reason", "total_value", "lines"),
    depth_names=("warehouse",),
    guarded=COST,
    nested={"lines": OtherReceiptLineShape(many=True, read_only=True)},
)
OtherIssueLineShape = shape(
    OtherIssueLine,
    ("id", "line_no", "item", "qty", "lot", "value", "tax_amount"),
    depth_names=("item", "lot"),
    guarded=COST,
)
OtherIssueShape = shape(
    OtherIssue,
    (*DOCUMENT, "warehouse", "reason", "total_value", "tax_amount", "lines"),
    depth_names=("warehouse",),
    guarded=COST,
    nested={"lines": OtherIssueLineShape(many=True, read_only=True)},
)


@document_view(OtherReceiptData, OtherReceiptShape)
class OtherReceiptView(StockDocumentView):
    """Gifts, returned samples, goods that were found."""

    reads, edits, right = "inventory.other.view", "inventory.other.edit", "inventory.other"
    services = (other.approve_other_receipt, other.unapprove_other_receipt, other.void_other_receipt)

    def rows(self) -> Any:
        return OtherReceipt.objects.select_related("warehouse").prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return other.save_other_receipt(**vars(data), **self.kept(document, version))

    @unsafe(Empty, OtherReceiptShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Put the goods into stock."""
        return self.book()

    @unsafe(None, OtherReceiptShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take the goods out again while they are there."""
        return self.take_back()

    @unsafe(Reason, OtherReceiptShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()


@document_view(OtherIssueData, OtherIssueShape)
class OtherIssueView(StockDocumentView):
    """Samples, own use, scrap."""

    reads, edits, right = "inventory.other.view", "inventory.other.edit", "inventory.other"
    services = (other.approve_other_issue, other.unapprove_other_issue, other.void_other_issue)

    def rows(self) -> Any:
        return OtherIssue.objects.select_related("warehouse").prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return other.save_other_issue(**vars(data), **self.kept(document, version))

    @unsafe(Empty, OtherIssueShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Let the goods leave at their cost."""
        return self.book()

    @unsafe(None, OtherIssueShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Put the goods back at the value they left with."""
        return self.take_back()

    @unsafe(Reason, OtherIssueShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()


# --- transfers -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class TransferData:
    """Goods that go from one warehouse to another."""

    doc_date: date
    source_id: UUID
    destination_id: UUID
    lines: tuple[TransferLineInput, ...]
    expected_date: date | None = None
    one_step: bool = False
    urgent: bool = False
    urgent_cause: str = ""
    freight_amount: Decimal = ZERO
    remark: str = ""


class ArrivalBody(serializers.Serializer[Any]):
    """So much of a line of the transfer has arrived, so much is given up."""

    transfer_line_id = serializers.UUIDField()
    qty = serializers.DecimalField(max_digits=14, decimal_places=4, min_value=0)
    lost_qty = serializers.DecimalField(max_digits=14, decimal_places=4, min_value=0, required=False)


class ReceivingBody(serializers.Serializer[Any]):
    """What has arrived; without lines everything that is under way."""

    lines: Any = ArrivalBody(many=True, required=False, max_length=1000)  # type: ignore[call-arg]
    remark = Text(max_length=4000, allow_blank=True, required=False)


TransferLineShape = shape(
    TransferLine,
    ("id", "line_no", "item", "qty", "lot", "received_qty", "lost_qty", "value"),
    depth_names=("item", "lot"),
    guarded=COST,
)
TransferShape = shape(
    Transfer,
    (
        *DOCUMENT, "source", "destination", "expected_date", "one_step", "urgent", "urgent_cause", "freight_amount",
        "received", "total_value", "lines",
    ),
    depth_names=("source", "destination"),
    guarded=COST,
    nested={"lines": TransferLineShape(many=True, read_only=True)},
)  # fmt: skip
TransferReceiptLineShape = shape(
    TransferReceiptLine,
    ("id", "line_no", "item", "transfer_line", "qty", "lost_qty", "value", "lost_value"),
    depth_names=("item",),
    guarded=COST,
)
TransferReceiptShape = shape(
    TransferReceipt,
    (*DOCUMENT, "transfer", "warehouse", "total_value", "lost_value", "lines"),
    depth_names=("transfer", "warehouse"),
    guarded=COST,
    nested={"lines": TransferReceiptLineShape(many=True, read_only=True)},
)


@document_view(TransferData, TransferShape)
class TransferView(StockDocumentView):
    """Transfers; what has left and not arrived is under way."""

    reads, edits, right = "inventory.transfer.view", "inventory.transfer.edit", "inventory.transfer"
    services = (transfers.approve_transfer, transfers.unapprove_transfer, transfers.void_transfer)

    def rows(self) -> Any:
        found = Transfer.objects.select_related("source", "destination")
        return found.prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return transfers.save_transfer(**vars(data), **self.kept(document, version))

    @unsafe(Empty, TransferShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def submission(self, request: Request, number: str = "") -> Response:
        """Ask for the goods: they are set aside at the source."""
        return self.step(transfers.submit_transfer, needs=self.edits, name="document_id", as_read=True)

    @unsafe(None, TransferShape)
    @submission.mapping.delete
    def withdrawal(self, request: Request, number: str = "") -> Response:
        """Not asked for any more."""
        return self.step(transfers.withdraw_transfer, needs=self.edits, name="document_id")

    @unsafe(Empty, TransferShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Let the goods leave the source."""
        return self.book()

    @unsafe(None, TransferShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Bring the goods back, as long as none have arrived."""
        return self.take_back()

    @unsafe(Reason, TransferShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw it away before anything has left."""
        return self.throw_away()

    @unsafe(ReceivingBody, TransferReceiptShape, status=201)
    @action(detail=True, methods=["post"])
    def receiving(self, request: Request, number: str = "") -> Response:
        """Book what has arrived into the destination."""
        self.require("inventory.transfer.receive")
        document, body = self.get_object(), self.body(ReceivingBody)
        lines = [ArrivalInput(**row) for row in body["lines"]] if body.get("lines") else None

        def run() -> Any:
            made = transfer_receipts.receive_transfer(
                transfer_id=document.pk, lines=lines, remark=body.get("remark", ""), actor=self.actor, at=self.at
            )
            found = TransferReceipt.objects.select_related("transfer", "warehouse").prefetch_related("lines__item")
            return TransferReceiptShape(found.get(pk=made.pk), context=self.get_serializer_context()).data

        return self.act(run, status=201)


@document_view(None, TransferReceiptShape)
class TransferReceiptView(StockDocumentView):
    """What has arrived of transfers."""

    reads, edits, right = "inventory.transfer.view", "inventory.transfer.edit", "inventory.transfer"
    services = (
        transfer_receipts.approve_transfer_receipt,
        transfer_receipts.unapprove_transfer_receipt,
        transfer_receipts.void_transfer_receipt,
    )

    def rows(self) -> Any:
        return TransferReceipt.objects.select_related("transfer", "warehouse").prefetch_related("lines__item")

    @unsafe(Empty, TransferReceiptShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book a receipt that was taken back again."""
        return self.step(self.services[0], needs="inventory.transfer.receive", name="document_id", as_read=True)

    @unsafe(None, TransferReceiptShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """The goods are under way again."""
        return self.take_back()

    @unsafe(Reason, TransferReceiptShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.throw_away()
