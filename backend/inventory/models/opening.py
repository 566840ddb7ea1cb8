"""Opening stock: the first quantities and values, booked with their voucher."""

from django.db import models

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class OpeningStock(Document):
    DOC_TYPE = "inventory.opening_stock"

    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    total_value = fields.money()

    class Meta:
        db_table = "inventory_opening_stock"


class OpeningStockLine(DocumentLine):
    document = models.ForeignKey(OpeningStock, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    unit_cost = fields.price()
    value = fields.money()
    lot_no = models.CharField(max_length=40, blank=True, default="")
    expiry_date = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "inventory_opening_stock_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="opening_stock_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0, value__gte=0), name="opening_stock_positive"),
        ]
