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

    One undecided row per item and warehouse. An accepted row counts as supply until the purchase order it led to
    brings its own (``supplied_at``); while a requisition asks for leave to buy, ``order_*`` name that one's line.
    ``arrival_date`` is null when nobody is known who could deliver.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    need_qty = fields.qty()
    qty = fields.qty()
    need_date = models.DateField()
    arrival_date = models.DateField(null=True)
    explanation = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=SuggestionState, default=SuggestionState.LIVE)
    snoozed_until = models.DateField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by_name = models.CharField(max_length=120, blank=True, default="")
    order_type = models.CharField(max_length=40, default="purchasing.order", db_default="purchasing.order")
    order_id = models.UUIDField(null=True)
    order_number = models.CharField(max_length=40, blank=True, default="")
    order_line_id = models.UUIDField(null=True, unique=True)
    supplied_at = models.DateTimeField(null=True)
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
