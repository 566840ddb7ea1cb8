"""Purchase requisitions: what somebody needs, agreed to level by level, then ordered or asked for.

``ordered_qty`` and ``asked_qty`` are counted by ``services.requisition_counts`` from the order lines and the lines of
requests for quotation that name the requisition's line; nobody else writes them. A line with a ``suggestion_id`` came
from a suggestion: what of it is not ordered counts as coming to the demands behind (``services.requisition_needs``).
"""

from decimal import Decimal

from django.db import models

from backend.catalog.models.packing import CountedLine
from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine, Progress
from backend.kernel.fields import ZERO


class PurchaseRequisition(Document):
    """Amounts are estimates in the company's own currency, tax included: by them approvals find their levels."""

    DOC_TYPE = "purchasing.requisition"

    requester_id = models.UUIDField(null=True)
    requester_name = models.CharField(max_length=60, blank=True, default="")
    department = models.CharField(max_length=60, blank=True, default="")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    need_date = models.DateField()
    reason = models.CharField(max_length=300, blank=True, default="")
    gross_amount = fields.money()
    ordered = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)

    class Meta:
        db_table = "purchasing_requisition"
        indexes = [
            models.Index(fields=["-doc_date", "-id"], name="requisition_newest"),
            models.Index(fields=["requester_id", "-doc_date"], name="requisition_requester"),
        ]


class RequisitionLine(CountedLine, DocumentLine):
    document = models.ForeignKey(PurchaseRequisition, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    description = models.CharField(max_length=200, blank=True, default="")
    qty = fields.qty()
    price = fields.price()
    price_source = models.CharField(max_length=20, default="manual")
    gross_amount = fields.money()
    requested_date = models.DateField()
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+")
    ordered_qty = fields.qty()
    asked_qty = fields.qty()
    suggestion_id = models.UUIDField(null=True)

    class Meta:
        db_table = "purchasing_requisition_line"
        constraints = [
            models.UniqueConstraint(
                fields=["document", "line_no"], deferrable=models.Deferrable.IMMEDIATE, name="requisition_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, price__gte=0, ordered_qty__gte=0, asked_qty__gte=0),
                name="requisition_line_positive",
            ),
        ]

    @property
    def open_qty(self) -> Decimal:
        """What is neither ordered nor asked for yet."""
        return max(self.qty - self.ordered_qty - self.asked_qty, ZERO)
