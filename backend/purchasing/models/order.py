"""Purchase orders. Quantities done are kept by services: ``shipped_qty`` counts what shipping notices announced.

``returned_qty`` went back for credit; what went back to be replaced lowers ``received_qty`` instead.
"""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.catalog.models import CountedLine
from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine, Progress
from backend.kernel.fields import ZERO


class OrderKind(models.TextChoices):
    """What is bought: goods, or work on material of ours (the price is the fee)."""

    GOODS = "goods", _("Goods")
    SUBCONTRACT = "subcontract", _("Subcontracting")


class Sending(models.TextChoices):
    NOT_SENT = "not_sent", _("Not sent")
    SENT = "sent", _("Sent")
    VIEWED = "viewed", _("Seen by the supplier")


class LineState(models.TextChoices):
    OPEN = "open", _("To confirm")
    COUNTERED = "countered", _("Counter-proposal")
    CONFIRMED = "confirmed", _("Confirmed")
    REJECTED = "rejected", _("Rejected by the supplier")


class PurchaseOrder(Document):
    DOC_TYPE = "purchasing.order"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="purchase_orders", db_index=False)
    kind = models.CharField(max_length=12, choices=OrderKind, default=OrderKind.GOODS, db_default=OrderKind.GOODS)
    supplier_ref = models.CharField(max_length=60, blank=True, default="")
    external_ref = models.CharField(
        max_length=60, blank=True, default="", db_default=""
    )  # its number where it came from
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    buyer_id = models.UUIDField(null=True)
    buyer_name = models.CharField(max_length=60, blank=True, default="")
    requested_date = models.DateField()
    currency = models.CharField(max_length=3, default="CNY")
    exchange_rate = fields.exchange_rate()
    price_includes_tax = models.BooleanField(default=True)
    payment_days = models.PositiveSmallIntegerField(default=30)
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    sending = models.CharField(max_length=10, choices=Sending, default=Sending.NOT_SENT)
    sent_at = models.DateTimeField(null=True)
    viewed_at = models.DateTimeField(null=True)
    confirmed = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    received = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    invoiced = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    paid = models.CharField(max_length=8, choices=Progress, default=Progress.NONE, db_default=Progress.NONE)

    class Meta:
        db_table = "purchasing_order"
        constraints = [
            models.UniqueConstraint(
                fields=["external_ref"],
                name="purchase_order_external_once",
                condition=~models.Q(external_ref="") & ~models.Q(approval="voided"),
            )
        ]
        indexes = [
            models.Index(fields=["-doc_date", "-id"], name="purchase_order_newest"),
            models.Index(fields=["supplier", "-doc_date", "-id"], name="purchase_order_supplier"),
            # what is under way, for the counts of the list: all of them ask for a part of this
            models.Index(
                fields=["id"],
                include=[
                    "approval",
                    "closing",
                    "received",
                    "confirmed",
                    "sending",
                    "gross_amount",
                    "currency",
                    "exchange_rate",
                ],
                name="purchase_order_under_way",
                condition=~models.Q(received="full") | models.Q(approval__in=["draft", "submitted"]),
            ),
        ]


class PurchaseOrderLine(CountedLine, DocumentLine):
    document = models.ForeignKey(PurchaseOrder, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    description = models.CharField(max_length=200, blank=True, default="")
    qty = fields.qty()
    unit_price = fields.price()
    tax_incl_price = fields.price()
    price_source = models.CharField(max_length=20, default="manual")
    price_reason = models.CharField(max_length=200, blank=True, default="", db_default="")  # why more than last time
    discount_pct = fields.rate()
    tax_rate = fields.rate()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    requested_date = models.DateField()
    suggestion_id = models.UUIDField(null=True)
    quote_line_id = models.UUIDField(null=True)  # the offer that was awarded
    requisition_line_id = models.UUIDField(null=True)  # what it was bought for; counted by ``requisition_counts``
    state = models.CharField(max_length=10, choices=LineState, default=LineState.OPEN)
    confirmed_qty = fields.qty()
    shipped_qty = fields.qty()
    received_qty = fields.qty()
    invoiced_qty = fields.qty()
    cancelled_qty = fields.qty()
    light_qty = fields.qty(db_default=0)  # of what is cancelled: all pieces came and weigh so much less
    returned_qty = fields.qty(db_default=0)
    ahead_qty = fields.qty(db_default=0)  # of what is invoiced: what has not come yet
    progress_pct = models.PositiveSmallIntegerField(default=0)
    progress_node = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        db_table = "purchasing_order_line"
        indexes = [
            models.Index(
                fields=["requisition_line_id"],
                name="order_line_requisition",
                condition=models.Q(requisition_line_id__isnull=False),
            ),
            models.Index(fields=["document"], name="order_line_ahead", condition=models.Q(ahead_qty__gt=0)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "line_no"],
                deferrable=models.Deferrable.IMMEDIATE,
                name="purchase_order_line_once",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    qty__gt=0,
                    shipped_qty__gte=0,
                    received_qty__gte=0,
                    invoiced_qty__gte=0,
                    cancelled_qty__gte=0,
                    progress_pct__lte=100,
                ),
                name="purchase_order_line_quantities",
            ),
        ]

    @property
    def wanted_qty(self) -> Decimal:
        """What is ordered and not cancelled."""
        return self.qty - self.cancelled_qty

    @property
    def open_qty(self) -> Decimal:
        """What has not arrived yet."""
        return max(self.wanted_qty - self.received_qty, ZERO)

    @property
    def unshipped_qty(self) -> Decimal:
        """What the supplier has to answer for: neither on its way nor here."""
        return max(self.wanted_qty - max(self.shipped_qty, self.received_qty), ZERO)
