"""Receivables set off against payables, debts moved to another party, and refunds, over the API."""

from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.shapes import DOCUMENT, shape
from backend.invoicing.models import DebtTransfer, DebtTransferLine, Netting, NettingLine, Refund, RefundLine
from backend.invoicing.services import netting, refunds, transfers
from backend.invoicing.services.netting import NettingData
from backend.invoicing.services.refunds import RefundData
from backend.invoicing.services.transfers import DebtTransferData

NettingLineShape = shape(NettingLine, ("id", "line_no", "sales_invoice", "purchase_invoice", "amount"))
NettingShape = shape(
    Netting,
    (*DOCUMENT, "customer", "supplier", "amount", "lines"),
    depth_names=("customer", "supplier"),
    nested={"lines": NettingLineShape(many=True, read_only=True)},
)
TransferLineShape = shape(DebtTransferLine, ("id", "line_no", "sales_invoice", "purchase_invoice", "amount"))
TransferShape = shape(
    DebtTransfer,
    (*DOCUMENT, "side", "from_party", "to_party", "amount", "lines"),
    depth_names=("from_party", "to_party"),
    nested={"lines": TransferLineShape(many=True, read_only=True)},
)
RefundLineShape = shape(RefundLine, ("id", "line_no", "source_type", "source_id", "source_number", "amount"))
RefundShape = shape(
    Refund,
    (*DOCUMENT, "side", "party", "fund_account", "reference", "amount", "lines"),
    depth_names=("party", "fund_account"),
    nested={"lines": RefundLineShape(many=True, read_only=True)},
)


@document_view(NettingData, NettingShape)
class NettingView(DocumentView):
    """Receivables set off against payables."""

    reads, edits = {"staff": "invoicing.netting.view"}, {"staff": "invoicing.netting.edit"}

    def rows(self) -> Any:
        return Netting.objects.select_related("customer", "supplier").prefetch_related("lines")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return netting.save_netting(data=data, netting_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, NettingShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Settle the invoices of both sides."""
        return self.step(netting.approve_netting, needs={"staff": "invoicing.netting.approve"}, as_read=True)

    @unsafe(None, NettingShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Both sides are open again."""
        return self.step(netting.unapprove_netting, needs={"staff": "invoicing.netting.unapprove"})

    @unsafe(Reason, NettingShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(netting.void_netting, needs=self.edits, **self.words(Reason))


@document_view(DebtTransferData, TransferShape)
class DebtTransferView(DocumentView):
    """Receivables that another customer owes, payables that we owe another supplier."""

    reads, edits = {"staff": "invoicing.debt_transfer.view"}, {"staff": "invoicing.debt_transfer.edit"}

    def rows(self) -> Any:
        return DebtTransfer.objects.select_related("from_party", "to_party").prefetch_related("lines")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return transfers.save_transfer(data=data, transfer_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, TransferShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Settle the invoices of the one party, open them for the other."""
        needs = {"staff": "invoicing.debt_transfer.approve"}
        return self.step(transfers.approve_transfer, needs=needs, name="transfer_id", as_read=True)

    @unsafe(None, TransferShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """The former party has it again."""
        needs = {"staff": "invoicing.debt_transfer.unapprove"}
        return self.step(transfers.unapprove_transfer, needs=needs, name="transfer_id")

    @unsafe(Reason, TransferShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(transfers.void_transfer, needs=self.edits, name="transfer_id", **self.words(Reason))


@document_view(RefundData, RefundShape)
class RefundView(DocumentView):
    """Money that goes back to customers, or comes back from suppliers."""

    reads, edits = {"staff": "invoicing.refund.view"}, {"staff": "invoicing.refund.edit"}

    def rows(self) -> Any:
        return Refund.objects.select_related("party", "fund_account").prefetch_related("lines")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return refunds.save_refund(data=data, refund_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, RefundShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Pay it back."""
        return self.step(refunds.approve_refund, needs={"staff": "invoicing.refund.approve"}, as_read=True)

    @unsafe(None, RefundShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Advances and notes are open as before."""
        return self.step(refunds.unapprove_refund, needs={"staff": "invoicing.refund.unapprove"})

    @unsafe(Reason, RefundShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(refunds.void_refund, needs=self.edits, **self.words(Reason))
