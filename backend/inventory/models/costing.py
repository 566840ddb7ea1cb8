"""Layers of cost: what each arrival that still lies there is worth, for items that leave by arrival or by lot."""

from django.db import models

from backend.kernel import fields


class CostLayer(models.Model):
    """An arrival of goods that are valued one by one. ``qty`` and ``value`` are what is left of it (triggers keep them).

    A layer below zero is goods that left before they came, at a provisional value; the next arrival fills it.
    """

    id = models.BigAutoField(primary_key=True)
    item = models.ForeignKey("catalog.Item", models.PROTECT, db_index=False)
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, db_index=False)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, db_index=False)
    move = models.ForeignKey("inventory.StockMove", models.PROTECT, related_name="layers")
    layer_date = models.DateField()
    qty = fields.qty()
    value = fields.money()

    class Meta:
        db_table = "inventory_cost_layer"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, value__gte=0)
                | models.Q(qty=0, value=0)
                | models.Q(qty__lt=0, value__lte=0),
                name="layer_worth_its_goods",
            )
        ]
        indexes = [
            models.Index(
                fields=["item", "warehouse", "layer_date", "id"], condition=~models.Q(qty=0), name="layer_not_used_up"
            )
        ]


class LayerEntry(models.Model):
    """A fact: a move brought so much to a layer, or took it; both are signed."""

    id = models.BigAutoField(primary_key=True)
    layer = models.ForeignKey(CostLayer, models.PROTECT, related_name="entries")
    move = models.ForeignKey("inventory.StockMove", models.PROTECT, related_name="layer_entries")
    qty = fields.qty()
    value = fields.money()

    class Meta:
        db_table = "inventory_layer_entry"


class StockCalendar(models.Model):
    """One row: the last day that is closed for stock."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    closed_through = models.DateField(null=True)

    class Meta:
        db_table = "inventory_calendar"
