"""Landed cost: what it cost to bring goods in, told after they came, and shared out over what came."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.invoicing.models import InvoiceKind
from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class Basis(models.TextChoices):
    VALUE = "value", _("By value")
    QTY = "qty", _("By quantity")
    WEIGHT = "weight", _("By weight")
    VOLUME = "volume", _("By volume")


class LandedCost(Document):
    """A fee of a carrier, broker or forwarder. Approval makes its invoice (the payable) and moves the goods' value."""

    DOC_TYPE = "purchasing.landed_cost"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="landed_costs")
    fee_name = models.CharField(max_length=60)
    basis = models.CharField(max_length=8, choices=Basis, default=Basis.VALUE)
    invoice_kind = models.CharField(max_length=16, choices=InvoiceKind, default=InvoiceKind.SPECIAL)
    external_no = models.CharField(max_length=60, blank=True, default="")
    tax_rate = fields.rate()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    stock_amount = fields.money()
    sold_amount = fields.money()
    invoice = models.OneToOneField(
        "invoicing.PurchaseInvoice", models.PROTECT, null=True, blank=True, related_name="landed_cost"
    )

    class Meta:
        db_table = "purchasing_landed_cost"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="landed_cost_newest")]


class LandedCostLine(DocumentLine):
    """A receipt line that carries a share. ``measure`` is its weight or volume; ``amount`` its share without tax."""

    document = models.ForeignKey(LandedCost, models.CASCADE, related_name="lines", db_index=False)
    receipt_line = models.ForeignKey("purchasing.PurchaseReceiptLine", models.PROTECT, related_name="landed_costs")
    receipt_number = models.CharField(max_length=40)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    goods_amount = fields.money()
    measure = fields.qty()
    amount = fields.money()

    class Meta:
        db_table = "purchasing_landed_cost_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="landed_cost_line_once"),
            models.UniqueConstraint(fields=["document", "receipt_line"], name="landed_cost_once_a_receipt_line"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0, measure__gte=0, amount__gte=0), name="landed_cost_line_positive"
            ),
        ]

    @property
    def weight(self) -> Decimal:
        """What the fee is shared out by."""
        by = {Basis.VALUE: self.goods_amount, Basis.QTY: self.qty}
        return by.get(Basis(self.document.basis), self.measure)
