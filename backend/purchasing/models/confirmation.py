"""What the supplier answers: revisions of a confirmation, the schedule that stands, progress."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7
from backend.purchasing.models.nodes import Node


class ConfirmationState(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    PROPOSED = "proposed", _("Waiting for the buyer")
    DECLINED = "declined", _("Declined")
    SUPERSEDED = "superseded", _("Superseded")


class OrderConfirmation(models.Model):
    """One answer of the supplier to an order. Within tolerance it is accepted by itself, else the buyer decides."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey("purchasing.PurchaseOrder", models.CASCADE, related_name="confirmations", db_index=False)
    revision = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=ConfirmationState)
    note = models.CharField(max_length=300, blank=True, default="")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()
    decided_by_name = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        db_table = "purchasing_confirmation"
        constraints = [models.UniqueConstraint(fields=["order", "revision"], name="confirmation_revision_once")]


class ConfirmationLine(models.Model):
    """A part of the answer for a line: so much on a date, at a price when it differs, or rejected with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    confirmation = models.ForeignKey(OrderConfirmation, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.CASCADE, related_name="confirmation_lines")
    part_no = models.PositiveSmallIntegerField()
    qty = fields.qty()
    date = models.DateField(null=True)
    price = fields.price(null=True, default=None)
    rejected = models.BooleanField(default=False)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "purchasing_confirmation_line"
        constraints = [
            models.UniqueConstraint(fields=["confirmation", "order_line", "part_no"], name="confirmation_part_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="confirmation_part_positive"),
        ]


class ScheduleLine(models.Model):
    """The delivery schedule that stands for an order line (delivery_schedule_line).

    A part that is on its way has ``shipped_qty`` = ``qty`` and ``arrival_date`` from the shipping
    notice; ``date`` stays what was agreed, so that being on time can be measured against it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_line = models.ForeignKey(
        "purchasing.PurchaseOrderLine", models.CASCADE, related_name="schedule", db_index=False
    )
    schedule_no = models.PositiveSmallIntegerField()
    qty = fields.qty()
    date = models.DateField()
    arrival_date = models.DateField(null=True)
    shipped_qty = fields.qty()
    received_qty = fields.qty()
    confirmed = models.BooleanField(default=False)
    revision = models.PositiveSmallIntegerField(default=0)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "purchasing_schedule_line"
        constraints = [
            models.UniqueConstraint(fields=["order_line", "schedule_no"], name="schedule_line_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, shipped_qty__gte=0, received_qty__gte=0), name="schedule_line_positive"
            ),
        ]


class ProgressReport(models.Model):
    """How far the supplier is with a line. ``photo_id`` is a file of the order."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.CASCADE, related_name="progress_reports")
    node = models.CharField(max_length=20, choices=Node)
    percent = models.PositiveSmallIntegerField()
    expected_ship_date = models.DateField(null=True)
    photo_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=10, blank=True, default="", db_default="")
    note = models.CharField(max_length=300, blank=True, default="")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "purchasing_progress_report"
        constraints = [models.CheckConstraint(condition=models.Q(percent__lte=100), name="progress_within_hundred")]
