"""Units that an item is also bought and sold in: a box of twelve; and how lines remember the one they were keyed in."""

from decimal import Decimal

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


class CountedLine(models.Model):
    """A line whose ``qty`` is in the item's own unit and that may have been counted in another one, too.

    ``line_qty`` of ``line_unit`` is what people read; stock, cost, demand and amounts go by ``qty``.
    """

    line_unit = models.ForeignKey("catalog.Unit", models.PROTECT, null=True, related_name="+", db_index=False)
    line_qty = fields.qty(null=True, default=None)

    class Meta:
        abstract = True

    @property
    def is_counted(self) -> bool:
        """Whether the line was counted in another unit than the item's own."""
        return self.line_unit_id is not None and bool(self.line_qty)

    @property
    def holds(self) -> Decimal:
        """How many of the item's own unit one of the line's unit holds."""
        counted = getattr(self, "qty") if self.is_counted else None  # noqa: B009 - the column of the heir
        return counted / self.line_qty if counted is not None and self.line_qty else Decimal(1)
