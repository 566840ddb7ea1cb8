"""What materials are heard to cost over time, and the alert when one jumps (SRM-09).

Prices are those of the item's own unit, without tax, in the company's currency. An item has one open alert at most.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.ids import uuid7


class PriceSource(models.TextChoices):
    KEYED = "keyed", pgettext_lazy("material price", "Market")
    QUOTE = "quote", pgettext_lazy("material price", "Quote")


class MaterialPrice(models.Model):
    """A price that was heard: keyed from a market, or quoted by a supplier. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    price = fields.price()
    source = models.CharField(max_length=6, choices=PriceSource, default=PriceSource.KEYED)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+", db_index=False)
    reference = models.CharField(max_length=60, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "purchasing_material_price"
        indexes = [models.Index(fields=["item", "-day", "-id"], name="material_price_newest")]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "supplier", "reference"],
                condition=models.Q(source="quote"),
                name="material_price_quoted_once",
            ),
            models.CheckConstraint(condition=models.Q(price__gt=0), name="material_price_positive"),
        ]


class AlertState(models.TextChoices):
    OPEN = "open", pgettext_lazy("price alert", "Open")
    SETTLED = "settled", _("Settled")


class PriceAlert(models.Model):
    """A material jumped above the mean of the days before; somebody decides what it means for our own prices."""

    DOC_TYPE = "purchasing.price_alert"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    price = fields.price()
    mean = fields.price()
    change_pct = fields.rate()
    days = models.PositiveSmallIntegerField()
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=AlertState, default=AlertState.OPEN)
    settled_at = models.DateTimeField(null=True)
    settled_by_name = models.CharField(max_length=120, blank=True, default="")
    note = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "purchasing_price_alert"
        constraints = [
            models.UniqueConstraint(fields=["item"], condition=models.Q(state="open"), name="price_alert_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item.name} {self.change_pct:+.1f} %"
