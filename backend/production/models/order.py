"""The order to make something, and what goes into it."""

from decimal import Decimal

from django.db import models

from backend.inventory.models import MakingComponent, component_is_sound
from backend.kernel import fields
from backend.kernel.document import Document, Progress


class ProductionOrder(Document):
    """Make so many of an item between two days. Material is taken from the warehouse, and the goods come into it.

    ``issue`` says how far its material was issued, ``receipt`` how far it is made; both follow from quantities.
    """

    DOC_TYPE = "production.order"

    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    qty = fields.qty()
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    start_date = models.DateField()
    finish_date = models.DateField()
    received_qty = fields.qty()
    issue = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    receipt = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)

    class Meta:
        db_table = "production_order"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, received_qty__gte=0, received_qty__lte=models.F("qty")),
                name="production_order_sound",
            ),
            models.CheckConstraint(
                condition=models.Q(finish_date__gte=models.F("start_date")),
                name="production_order_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["-doc_date", "-id"], name="production_order_newest")]

    @property
    def left_qty(self) -> Decimal:
        """What is still to be made."""
        return self.qty - self.received_qty


class ProductionComponent(MakingComponent):
    """So much of an item goes into one unit of the order's item, with so much lost on top."""

    order = models.ForeignKey(ProductionOrder, models.CASCADE, related_name="components")

    class Meta:
        db_table = "production_component"
        constraints = [
            models.UniqueConstraint(fields=["order", "item"], name="production_component_once"),
            models.CheckConstraint(condition=component_is_sound(), name="production_component_sound"),
            models.CheckConstraint(
                condition=models.Q(
                    issued_qty__gte=models.F("returned_qty") + models.F("used_qty") + models.F("lost_qty")
                ),
                name="production_component_held",
            ),
        ]
