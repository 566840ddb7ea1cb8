"""Price lists for sales and purchases, general or agreed with one party."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.currency import HOME
from backend.kernel.ids import uuid7


class PriceKind(models.TextChoices):
    SALES = "sales", _("Sales")
    PURCHASE = "purchase", _("Purchase")


class PriceList(models.Model):
    """Prices of a kind: for one party, for a customer level, or for all. ``includes_tax`` holds for all lines."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, unique=True, db_collation="C")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=PriceKind)
    party = models.ForeignKey("parties.Party", models.CASCADE, null=True, blank=True)
    customer_level = models.CharField(max_length=20, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    includes_tax = models.BooleanField(default=True)
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_price_list"

    def __str__(self) -> str:
        return self.name


class LastPrice(models.Model):
    """What a party last paid or asked for an item, written when an order is approved."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=PriceKind)
    party = models.ForeignKey("parties.Party", models.CASCADE, db_index=False)
    item = models.ForeignKey("catalog.Item", models.CASCADE, db_index=False)
    price = fields.price()
    currency = models.CharField(max_length=3, default=HOME, db_default=HOME)
    includes_tax = models.BooleanField(default=True)
    doc_number = models.CharField(max_length=40, default="")
    doc_date = models.DateField()

    class Meta:
        db_table = "catalog_last_price"
        constraints = [models.UniqueConstraint(fields=["party", "item", "kind"], name="last_price_once")]
        indexes = [models.Index(fields=["item", "kind"], name="last_price_of_item")]


class PriceListLine(models.Model):
    """The price of an item from a quantity on, within its dates."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    price_list = models.ForeignKey(PriceList, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.CASCADE)
    min_qty = fields.qty()
    price = fields.price()
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "catalog_price_list_line"
        constraints = [
            models.UniqueConstraint(
                fields=["price_list", "item", "min_qty", "valid_from"],
                nulls_distinct=False,
                name="price_once_per_quantity_and_date",
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0, min_qty__gte=0), name="price_not_negative"),
        ]
