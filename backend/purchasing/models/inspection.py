"""Incoming inspections: what of a receipt waits in quarantine, what was found, and what was decided of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class InspectionState(models.TextChoices):
    OPEN = "open", _("To inspect")
    ACCEPTED = "accepted", pgettext_lazy("inspection", "Accepted")
    PARTIAL = "partial", _("Partly rejected")
    REJECTED = "rejected", pgettext_lazy("inspection", "Rejected")


class Inspection(Document):
    """The inspection of a receipt: made with its booking, approved by its decision, void when the receipt is taken back."""

    DOC_TYPE = "purchasing.inspection"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="inspections")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    receipt = models.ForeignKey("purchasing.PurchaseReceipt", models.PROTECT, related_name="inspections")
    state = models.CharField(max_length=10, choices=InspectionState, default=InspectionState.OPEN)

    class Meta:
        db_table = "purchasing_inspection"


class InspectionLine(DocumentLine):
    """A lot of a receipt line. What is rejected lies in ``rejected_lot`` (the lot itself when all of it is)."""

    document = models.ForeignKey(Inspection, models.CASCADE, related_name="lines", db_index=False)
    receipt_line_id = models.UUIDField()
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, related_name="+")
    qty = fields.qty()
    sample_qty = fields.qty()
    defect_qty = fields.qty()
    accepted_qty = fields.qty()
    rejected_qty = fields.qty()
    reason = models.CharField(max_length=200, blank=True, default="")
    rejected_lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "purchasing_inspection_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="inspection_line_once"),
            models.CheckConstraint(
                condition=models.Q(
                    qty__gt=0,
                    sample_qty__gte=0,
                    defect_qty__gte=0,
                    accepted_qty__gte=0,
                    rejected_qty__gte=0,
                    qty__gte=models.F("accepted_qty") + models.F("rejected_qty"),
                ),
                name="inspection_line_quantities",
            ),
        ]
