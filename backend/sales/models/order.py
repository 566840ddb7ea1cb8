"""Sales orders. Quantities done (shipped, invoiced, returned) are kept by services, never typed.

``returned_qty`` came back for credit; what came back to be exchanged lowers ``shipped_qty`` instead.
"""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.catalog.models import CountedLine
from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine, Progress


class PricedLine(CountedLine, DocumentLine):
    """A line with an item, a price and its amounts; shared by quotation, order, delivery and return."""

    item = models.ForeignKey("catalog.Item", models.PROTECT)
    description = models.CharField(max_length=200, blank=True, default="")
    qty = fields.qty()
    unit_price = fields.price()
    tax_incl_price = fields.price()
    price_source = models.CharField(max_length=20, default="manual")
    discount_pct = fields.rate()
    tax_rate = fields.rate()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()

    class Meta:
        abstract = True


class CreditState(models.TextChoices):
    OK = "ok", _("Within the limit")
    HOLD = "credit_hold", _("Credit hold")
    RELEASED = "released", _("Released")


class SalesOrder(Document):
    """An order. ``credit_state`` is decided on every way into approval (FIN-14).

    A release of credit holds up to an amount and until a date, so that it cannot be stretched by an amendment.
    """

    DOC_TYPE = "sales.order"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="sales_orders", db_index=False)
    customer_ref = models.CharField(max_length=60, blank=True, default="")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    salesperson_id = models.UUIDField(null=True)
    salesperson_name = models.CharField(max_length=60, blank=True, default="")
    ship_to = models.CharField(max_length=250, blank=True, default="")
    requested_date = models.DateField()
    promise_date = models.DateField(null=True)
    currency = models.CharField(max_length=3, default="CNY")
    exchange_rate = fields.exchange_rate()
    price_includes_tax = models.BooleanField(default=True)
    payment_days = models.PositiveSmallIntegerField(default=30)
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    credit_state = models.CharField(max_length=12, choices=CreditState, default=CreditState.OK)
    credit_note = models.CharField(max_length=300, blank=True, default="")
    credit_released_until = models.DateField(null=True, blank=True)
    credit_released_amount = fields.money(null=True, default=None)
    shipped = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    invoiced = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    settled = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)

    class Meta:
        db_table = "sales_order"
        indexes = [
            models.Index(fields=["-doc_date", "-id"], name="sales_order_newest"),
            models.Index(fields=["customer", "-doc_date", "-id"], name="sales_order_customer"),
            # what is under way, for the counts of the list: all of them ask for a part of this
            models.Index(
                fields=["id"],
                include=["approval", "closing", "shipped", "invoiced", "gross_amount", "currency", "exchange_rate"],
                name="sales_order_under_way",
                condition=~models.Q(shipped="full") | ~models.Q(invoiced="full") | models.Q(approval="submitted"),
            ),
        ]


class SalesOrderLine(PricedLine):
    """A line. ``override_date`` is what a person promised against the computed date, with the reason (G-02)."""

    document = models.ForeignKey(SalesOrder, models.CASCADE, related_name="lines", db_index=False)
    requested_date = models.DateField()
    shipped_qty = fields.qty()
    invoiced_qty = fields.qty()
    returned_qty = fields.qty()
    cancelled_qty = fields.qty()
    override_date = models.DateField(null=True, blank=True)
    override_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "sales_order_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="sales_order_line_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, shipped_qty__gte=0, invoiced_qty__gte=0, cancelled_qty__gte=0),
                name="sales_order_line_quantities",
            ),
        ]

    @property
    def wanted_qty(self) -> Decimal:
        """What is still wanted in all: ordered and not cancelled."""
        return self.qty - self.cancelled_qty

    @property
    def open_qty(self) -> Decimal:
        """What is wanted and not shipped yet."""
        return max(self.wanted_qty - self.shipped_qty, fields.ZERO)
