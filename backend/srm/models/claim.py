"""Quality claims (SCAR, 8D): what went wrong, what the supplier answers, and whether that is enough."""

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document


class ClaimState(models.TextChoices):
    OPEN = "open", _("Waiting for the supplier")
    ANSWERED = "answered", _("Answered")
    RETURNED = "returned", _("Sent back")
    ACCEPTED = "accepted", _("Accepted")
    CANCELLED = "cancelled", _("Dropped")


class QualityClaim(Document):
    """``first_answered_at`` stays what it was when the answer is sent back: being in time is measured once."""

    DOC_TYPE = "srm.claim"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="claims")
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True, related_name="+")
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, related_name="+")
    qty = fields.qty(null=True, default=None)
    description = models.TextField(max_length=2000)
    source_type = models.CharField(max_length=40, blank=True, default="")
    source_id = models.UUIDField(null=True)
    source_number = models.CharField(max_length=40, blank=True, default="")
    due_date = models.DateField()
    state = models.CharField(max_length=9, choices=ClaimState, default=ClaimState.OPEN)
    containment = models.TextField(blank=True, default="")
    cause = models.TextField(blank=True, default="")
    corrective = models.TextField(blank=True, default="")
    preventive = models.TextField(blank=True, default="")
    first_answered_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_name = models.CharField(max_length=120, blank=True, default="")
    review_reason = models.CharField(max_length=300, blank=True, default="")
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "srm_claim"
        indexes = [
            models.Index(fields=["-doc_date", "-id"], name="srm_claim_newest"),
            models.Index(fields=["due_date"], name="srm_claim_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["source_id", "lot"],
                condition=models.Q(source_type="purchasing.inspection") & ~models.Q(state=ClaimState.CANCELLED),
                name="srm_one_claim_for_an_inspected_lot",
            )
        ]

    @property
    def unit(self) -> Any:
        """What its quantity is counted in; a claim about no item has none."""
        return self.item.unit if self.item else ""

    def is_late(self, today: date) -> bool:
        """Whether the first answer did not come by its day."""
        return self.first_answered_at is None and self.due_date < today and self.state != ClaimState.CANCELLED
