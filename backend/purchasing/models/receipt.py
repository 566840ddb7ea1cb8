"""Purchase receipts: goods that arrive. Approval books stock, lots and voucher in one transaction."""

from django.db import models

from backend.catalog.models import CountedLine
from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine, Progress


class PurchaseReceipt(Document):
    DOC_TYPE = "purchasing.receipt"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="purchase_receipts")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    asn = models.ForeignKey("purchasing.Asn", models.PROTECT, null=True, related_name="receipts")
    supplier_note_no = models.CharField(max_length=60, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    invoiced = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)

    class Meta:
        db_table = "purchasing_receipt"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="purchase_receipt_newest")]


class PurchaseReceiptLine(CountedLine, DocumentLine):
    document = models.ForeignKey(PurchaseReceipt, models.CASCADE, related_name="lines", db_index=False)
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.PROTECT, related_name="receipt_lines")
    order_number = models.CharField(max_length=40)
    asn_line = models.ForeignKey("purchasing.AsnLine", models.PROTECT, null=True, related_name="receipt_lines")
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    lot_no = models.CharField(max_length=40, blank=True, default="")
    supplier_lot_no = models.CharField(max_length=40, blank=True, default="")
    mfg_date = models.DateField(null=True, blank=True)
    expiry_date = models.DateField(null=True, blank=True)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True)
    unit_price = fields.price()
    tax_incl_price = fields.price()
    tax_rate = fields.rate()
    discount_pct = fields.rate()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    invoiced_qty = fields.qty()
    returned_qty = fields.qty()
    returned_net = fields.money(db_default=0)
    returned_tax = fields.money(db_default=0)
    returned_value = fields.money(db_default=0)
    material_value = fields.money(db_default=0)  # what our material in the goods is worth
    # What of the line was invoiced before it came, with its part of the amounts; ``ahead_value`` came out of goods in
    # transit. ``invoiced_qty`` counts it, too.
    ahead_qty = fields.qty(db_default=0)
    ahead_net = fields.money(db_default=0)
    ahead_tax = fields.money(db_default=0)
    ahead_value = fields.money(db_default=0)

    class Meta:
        db_table = "purchasing_receipt_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="purchase_receipt_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="purchase_receipt_line_positive"),
        ]
