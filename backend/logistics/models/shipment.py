"""Shipments and their milestones."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class MilestoneKind(models.TextChoices):
    PICKED = "picked", _("Picked")
    PACKED = "packed", _("Packed")
    DISPATCHED = "dispatched", _("Shipped")
    IN_TRANSIT = "in_transit", _("In transit")
    OUT_FOR_DELIVERY = "out_for_delivery", _("Out for delivery")
    DELIVERED = "delivered", _("Delivered")
    DAMAGED = "damaged", _("Damaged")


class Shipment(models.Model):
    """Goods of one document under way. ``source`` is the delivery or the shipping notice.

    One that has not set off (``dispatched_at`` is empty) has the milestones of picking and packing alone.
    ``freight`` is what the carrier charged, ``quoted_freight`` what the lane said when the goods set off.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    direction = models.CharField(max_length=3, choices=[("in", _("Inbound")), ("out", _("Outbound"))])
    source_type = models.CharField(max_length=40)
    source_id = models.UUIDField(unique=True)
    source_number = models.CharField(max_length=40)
    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="shipments")
    carrier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="carried")
    carrier_name = models.CharField(max_length=60, blank=True, default="")
    tracking_no = models.CharField(max_length=60, blank=True, default="")
    packages = models.PositiveIntegerField(default=1)
    destination = models.CharField(max_length=250, blank=True, default="")
    freight = fields.money()
    from_region = models.CharField(max_length=40, blank=True, default="", db_default="")
    to_region = models.CharField(max_length=40, blank=True, default="", db_default="")
    pieces = fields.qty(db_default=0)
    weight_kg = fields.qty(db_default=0)
    quoted_freight = fields.money(null=True, default=None)
    dispatched_at = models.DateTimeField(null=True)
    expected_date = models.DateField(null=True)
    delivered_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        db_table = "logistics_shipment"

    def __str__(self) -> str:
        return self.tracking_no or self.source_number


class Milestone(models.Model):
    """Something that happened to a shipment, by whom it was reported."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=20, choices=MilestoneKind)
    at = models.DateTimeField()
    place = models.CharField(max_length=100, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=10, default="web")
    actor_name = models.CharField(max_length=120)

    class Meta:
        db_table = "logistics_milestone"
