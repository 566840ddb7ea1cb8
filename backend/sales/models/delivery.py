"""Deliveries: goods that leave. Approval books stock, cost and voucher in one transaction."""

from django.db import models

from backend.kernel import fields
from backend.kernel.document import Document, Progress
from backend.sales.models.order import PricedLine


class SalesDelivery(Document):
    DOC_TYPE = "sales.delivery"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="sales_deliveries")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    ship_to = models.CharField(max_length=250, blank=True, default="")
    carrier = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="+")
    tracking_no = models.CharField(max_length=60, blank=True, default="")
    expected_date = models.DateField(null=True)
    currency = models.CharField(max_length=3, default="CNY")
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    cost_amount = fields.money()
    invoiced = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        db_table = "sales_delivery"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="sales_delivery_newest")]


class SalesDeliveryLine(PricedLine):
    """One order line (and lot) on a delivery. ``lot`` is chosen first-expired-first-out when left empty.

    ``picked_at`` when somebody took it off the shelf, before it left.
    """

    document = models.ForeignKey(SalesDelivery, models.CASCADE, related_name="lines", db_index=False)
    order_line = models.ForeignKey("sales.SalesOrderLine", models.PROTECT, related_name="delivery_lines")
    order_number = models.CharField(max_length=40)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True)
    cost_amount = fields.money()
    invoiced_qty = fields.qty()
    returned_qty = fields.qty()
    returned_net = fields.money(db_default=0)
    returned_tax = fields.money(db_default=0)
    returned_cost = fields.money(db_default=0)
    picked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sales_delivery_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="sales_delivery_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="sales_delivery_line_positive"),
        ]
