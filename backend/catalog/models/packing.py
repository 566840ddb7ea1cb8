"""Units that an item is also bought and sold in: a box of twelve."""

from django.db import models

from backend.catalog.models.item import Item, Unit
from backend.kernel import fields
from backend.kernel.ids import uuid7


class ItemUnit(models.Model):
    """``factor`` of the item's own unit make one of this unit; with ``floating`` it may differ from line to line."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="units", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    factor = fields.qty()
    floating = models.BooleanField(default=False)
    barcode = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        db_table = "catalog_item_unit"
        constraints = [
            models.UniqueConstraint(fields=["item", "unit"], name="item_unit_once"),
            models.UniqueConstraint(fields=["barcode"], condition=~models.Q(barcode=""), name="item_unit_barcode_once"),
            models.CheckConstraint(condition=models.Q(factor__gt=0), name="item_unit_factor_positive"),
        ]

    def __str__(self) -> str:
        return str(self.unit)
