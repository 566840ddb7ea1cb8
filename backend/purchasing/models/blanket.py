"""Blanket orders: a price agreed for a quantity or an amount, called off by purchase orders."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class BlanketOrder(Document):
    """Runs from approval until ``valid_to``. ``limit_amount`` null: only the lines' quantities limit it."""

    DOC_TYPE = "purchasing.blanket"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="blanket_orders")
    supplier_ref = models.CharField(max_length=60, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    price_includes_tax = models.BooleanField(default=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    tolerance_pct = fields.rate()
    limit_amount = fields.money(null=True, blank=True, default=None)
    called_amount = fields.money()
    gross_amount = fields.money()

    class Meta:
        db_table = "purchasing_blanket"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="blanket_newest")]
        constraints = [
            models.CheckConstraint(condition=models.Q(valid_from__lte=models.F("valid_to")), name="blanket_dates"),
        ]


class BlanketLine(DocumentLine):
    document = models.ForeignKey(BlanketOrder, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    description = models.CharField(max_length=200, blank=True, default="")
    qty = fields.qty()
    price = fields.price()
    called_qty = fields.qty()

    class Meta:
        db_table = "purchasing_blanket_line"
        constraints = [
            models.UniqueConstraint(
                fields=["document", "line_no"], deferrable=models.Deferrable.IMMEDIATE, name="blanket_line_once"
            ),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, price__gte=0, called_qty__gte=0), name="blanket_line_positive"
            ),
        ]

    @property
    def left_qty(self) -> Decimal:
        """What may still be called off, before tolerance."""
        return max(self.qty - self.called_qty, Decimal(0))


class CallOff(models.Model):
    """One call-off: the order it became and how much of each line. Undone when that order asks nothing of it any more.

    ``closed_qty`` is what closing the order gave back besides ``qty``, or of a call-off that this undid: reopening the
    order takes it again.
    """

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(BlanketLine, models.PROTECT, related_name="call_offs")
    order = models.ForeignKey("purchasing.PurchaseOrder", models.PROTECT, related_name="call_offs")
    qty = fields.qty()
    closed_qty = fields.qty(db_default=0)
    amount = fields.money()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120)
    reason = models.CharField(max_length=300, blank=True, default="", help_text=_("Why more than agreed"))
    undone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "purchasing_call_off"
        constraints = [
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="call_off_positive"),
            models.CheckConstraint(condition=models.Q(closed_qty__gte=0), name="call_off_gave_back"),
        ]
