"""Goods that come in over the API: shipping notices and receipts. A supplier's token sees its own."""

from typing import Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from backend.api.base import VERSION, unsafe
from backend.api.documents import DocumentView, Empty, Reason, document_view
from backend.api.inputs import PlausibleDate, Text
from backend.api.purchasing import AMOUNTS, TOTALS, Note
from backend.api.shapes import DOCUMENT, shape
from backend.purchasing.models import Asn, AsnLine, AsnOutcome, PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.selectors import asns as asn_reads
from backend.purchasing.selectors import receipts as receipt_reads
from backend.purchasing.services import asn_way, asns, receipts
from backend.purchasing.services.inputs import AsnData, ReceiptData
from backend.purchasing.services.taking_back import unapprove_receipt

AsnLineShape = shape(
    AsnLine,
    (
        "id", "line_no", "order_number", "order_line", "item", "qty", "received_qty", "damaged_qty", "packages", "lot_no",
        "mfg_date", "expiry_date",
    ),
    depth_names=("item",),
)  # fmt: skip


_ASN = (
    *DOCUMENT, "supplier", "warehouse", "state", "outcome", "carrier_name", "tracking_no", "packages", "shipped_at",
    "expected_date",
)  # fmt: skip


_OUTCOME = serializers.ChoiceField(choices=AsnOutcome.choices, allow_blank=True, read_only=True)  # empty until counted


AsnShape = shape(
    Asn,
    (*_ASN, "lines"),
    depth_names=("supplier", "warehouse"),
    nested={"lines": AsnLineShape(many=True, read_only=True), "outcome": _OUTCOME},
)


AsnRow = shape(Asn, _ASN, name="AsnRow", depth_names=("supplier", "warehouse"), nested={"outcome": _OUTCOME})


class CountBody(serializers.Serializer[Any]):
    """What was counted per line of the notice; without it everything is as announced. ``counts``: of the ordered unit."""

    quantities = serializers.DictField(
        child=serializers.DecimalField(max_digits=14, decimal_places=4), required=False, allow_null=True, default=None
    )
    counts = serializers.DictField(
        child=serializers.DecimalField(max_digits=14, decimal_places=4), required=False, allow_null=True, default=None
    )
    supplier_note_no = Text(max_length=60, allow_blank=True, default="")


class AsnDepartureBody(Note):
    """Where the goods are."""

    place = Text(max_length=100, allow_blank=True, default="")


class AsnArrivalBody(Reason):
    """When they arrive instead."""

    expected_date = PlausibleDate()


@document_view(AsnData, AsnShape, AsnRow, replaces=False)
class AsnView(DocumentView):
    """Shipping notices: what is on its way, in which lots."""

    reads = {"staff": "purchasing.asn.view", "supplier": "supplier.order.view"}
    edits = {"staff": "purchasing.asn.edit", "supplier": "supplier.asn.edit"}

    def rows(self) -> Any:
        return asn_reads.asns_visible_to(self.actor).prefetch_related("lines__item")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        return asns.submit_asn(data=data, actor=self.actor, at=self.at)

    @unsafe(Reason, AsnShape)
    @action(detail=True, methods=["post"])
    def withdrawal(self, request: Request, number: str = "") -> Response:
        """The notice was wrong."""
        return self.step(asns.withdraw_asn, needs=self.edits, name="asn_id", **self.words(Reason))

    @unsafe(AsnDepartureBody, AsnShape)
    @action(detail=True, methods=["post"])
    def departure(self, request: Request, number: str = "") -> Response:
        """The goods left, or passed a place."""
        return self.step(asn_way.dispatch_asn, needs=self.edits, name="asn_id", **self.words(AsnDepartureBody))

    @unsafe(AsnArrivalBody, AsnShape)
    @action(detail=True, methods=["post"])
    def arrival(self, request: Request, number: str = "") -> Response:
        """Another day of arrival: every promise that hangs on the goods moves."""
        return self.step(asn_way.move_asn, needs=self.edits, name="asn_id", **self.words(AsnArrivalBody))

    @unsafe(Empty, AsnShape)
    @action(detail=True, methods=["post"])
    def docking(self, request: Request, number: str = "") -> Response:
        """The shipment stands at the gate; it is not counted yet."""
        return self.step(asn_way.arrive_asn, needs={"staff": "purchasing.asn.edit"}, name="asn_id")

    @unsafe(Reason, AsnShape)
    @action(detail=True, methods=["post"])
    def closing(self, request: Request, number: str = "") -> Response:
        """What was counted otherwise than announced is settled."""
        needs = {"staff": "purchasing.asn.edit"}
        return self.step(asn_way.close_asn, needs=needs, name="asn_id", **self.words(Reason))

    @unsafe(CountBody, shape(PurchaseReceipt, ("id", "number"), name="MadeReceipt"), status=201)
    @action(detail=True, methods=["post"])
    def receipt(self, request: Request, number: str = "") -> Response:
        """Receive the shipment: stock, lots and voucher in one transaction."""
        self.require({"staff": "purchasing.receipt.approve"})
        notice, words = self.get_object(), self.words(CountBody)
        ids = serializers.UUIDField()
        by_line = {
            name: {ids.run_validation(key): qty for key, qty in words[name].items()}
            for name in ("quantities", "counts")
            if words[name] is not None
        }

        def run() -> Any:
            made = receipts.receive_asn(
                asn_id=notice.pk,
                **by_line,
                supplier_note_no=words["supplier_note_no"],
                actor=self.actor,
                at=self.at,
            )
            return {"id": str(made.pk), "number": made.number}

        return self.act(run, status=201)


ReceiptLineShape = shape(
    PurchaseReceiptLine,
    (
        "id", "line_no", "order_number", "order_line", "item", "qty", "line_unit", "line_qty", "lot",
        "supplier_lot_no", "expiry_date",
        "unit_price", "tax_incl_price", "tax_rate", *TOTALS, "invoiced_qty", "ahead_qty", "returned_qty",
    ),
    depth_names=("item", "lot"),
    guarded=AMOUNTS,
)  # fmt: skip


_RECEIPT = (*DOCUMENT, "supplier", "warehouse", "asn", "supplier_note_no", "currency", *TOTALS, "invoiced")


ReceiptShape = shape(
    PurchaseReceipt,
    (*_RECEIPT, "lines"),
    depth_names=("supplier", "warehouse", "asn"),
    guarded=AMOUNTS,
    nested={"lines": ReceiptLineShape(many=True, read_only=True)},
)


ReceiptRow = shape(
    PurchaseReceipt,
    _RECEIPT,
    name="PurchaseReceiptRow",
    depth_names=("supplier", "warehouse", "asn"),
    guarded=AMOUNTS,
)


@document_view(ReceiptData, ReceiptShape, ReceiptRow)
class ReceiptView(DocumentView):
    """Goods received: drafts, booking, taking back."""

    reads = {"staff": "purchasing.receipt.view", "supplier": "supplier.order.view"}
    edits = {"staff": "purchasing.receipt.edit"}

    def rows(self) -> Any:
        return receipt_reads.receipts_visible_to(self.actor).prefetch_related("lines__item", "lines__lot")

    def save(self, data: Any, document: Any = None, version: int | None = None) -> Any:
        known = document.pk if document else None
        return receipts.save_receipt(data=data, receipt_id=known, version=version, actor=self.actor, at=self.at)

    @unsafe(Empty, ReceiptShape, parameters=[VERSION])
    @action(detail=True, methods=["post"])
    def approval(self, request: Request, number: str = "") -> Response:
        """Book the draft."""
        return self.step(receipts.approve_receipt, needs={"staff": "purchasing.receipt.approve"}, as_read=True)

    @unsafe(None, ReceiptShape)
    @approval.mapping.delete
    def unapproval(self, request: Request, number: str = "") -> Response:
        """Take it back while nothing has consumed the goods."""
        return self.step(unapprove_receipt, needs={"staff": "purchasing.receipt.unapprove"})

    @unsafe(Reason, ReceiptShape)
    @action(detail=True, methods=["post"])
    def voiding(self, request: Request, number: str = "") -> Response:
        """Throw the draft away."""
        return self.step(receipts.void_receipt, needs={"staff": "purchasing.receipt.edit"}, **self.words(Reason))
