"""Watching stock: alerts that stand until their cause is gone, and how warehouses are filled up."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class AlertKind(models.TextChoices):
    LOW = "low", _("Low")
    OVER = "over", _("Too much")
    SLOW = "slow", _("Slow-moving")
    EXPIRING = "expiring", _("Expires soon")


class StockAlert(models.Model):
    """Something about an item in a warehouse (or a lot there) that somebody should know; one open row per matter."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=AlertKind)
    item = models.ForeignKey("catalog.Item", models.CASCADE, db_index=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.CASCADE, db_index=False)
    lot = models.ForeignKey("inventory.Lot", models.CASCADE, null=True, db_index=False)
    qty = fields.qty()
    threshold = fields.qty()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inventory_alert"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "item", "warehouse", "lot"],
                condition=models.Q(cleared_at=None),
                nulls_distinct=False,
                name="alert_once_while_open",
            )
        ]
        indexes = [models.Index(fields=["-raised_at"], name="alert_newest")]


class ReplenishmentRule(models.Model):
    """A warehouse is filled up to ``factor`` × what it sold in ``days``: by transfer first, then by purchase.

    ``automatic``: items of class A are filled up without a click as soon as they fall to their reorder point.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    warehouse = models.OneToOneField("inventory.Warehouse", models.CASCADE)
    days = models.PositiveSmallIntegerField(default=30)
    factor = fields.rate(default=1)
    automatic = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "inventory_replenishment_rule"
        constraints = [
            models.CheckConstraint(condition=models.Q(days__gt=0, factor__gt=0), name="replenishment_rule_sound")
        ]
