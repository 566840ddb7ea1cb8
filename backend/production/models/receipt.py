"""What an order brought: goods in the warehouse, and the material that went into them."""

from django.db import models

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine
from backend.production.models.order import ProductionComponent, ProductionOrder


class ProductReceipt(Document):
    """So many of the order's item are done and lie in the warehouse, worth what they used (``lines``, once it is booked)."""

    DOC_TYPE = "production.receipt"

    order = models.ForeignKey(ProductionOrder, models.PROTECT, related_name="receipts")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT, related_name="+")
    qty = fields.qty()
    lot_no = models.CharField(max_length=40, blank=True, default="")
    expiry_date = models.DateField(null=True, blank=True)
    total_value = fields.money()

    class Meta:
        db_table = "production_receipt"
        constraints = [models.CheckConstraint(condition=models.Q(qty__gt=0), name="production_receipt_positive")]
        indexes = [models.Index(fields=["-doc_date", "-id"], name="production_receipt_newest")]


class ProductReceiptLine(DocumentLine):
    """So much of a component was used for a receipt that is booked."""

    document = models.ForeignKey(ProductReceipt, models.CASCADE, related_name="lines", db_index=False)
    component = models.ForeignKey(ProductionComponent, models.PROTECT, related_name="+")
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+")
    qty = fields.qty()
    value = fields.money()

    class Meta:
        db_table = "production_receipt_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="production_receipt_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="production_receipt_line_positive"),
        ]
