"""Lanes: how long and how dear a carrier is from one region to another; suspended where it breaks too much."""

from decimal import ROUND_CEILING, Decimal

from django.db import models

from backend.kernel import fields
from backend.kernel.ids import uuid7


class Lane(models.Model):
    """``cost`` = base + per kilogram + per piece. A suspended lane stays for what went over it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    carrier = models.ForeignKey("parties.Party", models.PROTECT, related_name="lanes")
    from_region = models.CharField(max_length=40)
    to_region = models.CharField(max_length=40)
    days = models.PositiveSmallIntegerField(default=1)
    base_cost = fields.money()
    cost_per_kg = fields.price()
    cost_per_piece = fields.price()
    suspended_on = models.DateField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "logistics_lane"
        constraints = [
            models.UniqueConstraint(fields=["carrier", "from_region", "to_region"], name="lane_once"),
            models.CheckConstraint(
                condition=models.Q(base_cost__gte=0, cost_per_kg__gte=0, cost_per_piece__gte=0),
                name="lane_costs_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_region} → {self.to_region}"

    @property
    def is_open(self) -> bool:
        return self.suspended_on is None

    def cost_of(self, *, pieces: Decimal = Decimal(0), kilograms: Decimal = Decimal(0)) -> Decimal:
        """What a shipment costs, to the cent; begun kilograms count whole."""
        weight = kilograms.to_integral_value(ROUND_CEILING)
        return (self.base_cost + self.cost_per_kg * weight + self.cost_per_piece * pieces).quantize(Decimal("0.01"))
