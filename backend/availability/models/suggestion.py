"""Suggestions: what to buy, derived from shortages. Live rows are recomputed as a difference, never twice."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class SuggestionState(models.TextChoices):
    LIVE = "live", _("To decide")
    SNOOZED = "snoozed", _("Snoozed")
    DISMISSED = "dismissed", _("Dismissed")
    ACCEPTED = "accepted", _("Accepted")


class Suggestion(models.Model):
    """Buy so much of an item for a warehouse. ``explanation`` holds the arithmetic shown to people (M-10).

    One undecided row per item and warehouse; an accepted row keeps its pegs until the purchase order
    it led to brings supply of its own.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    need_qty = fields.qty()
    qty = fields.qty()
    need_date = models.DateField()
    arrival_date = models.DateField()
    explanation = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=SuggestionState, default=SuggestionState.LIVE)
    snoozed_until = models.DateField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True, default="")
    order_id = models.UUIDField(null=True)
    order_line_id = models.UUIDField(null=True, unique=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "availability_suggestion"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "warehouse"],
                condition=~models.Q(state="accepted"),
                name="suggestion_one_undecided",
            )
        ]
