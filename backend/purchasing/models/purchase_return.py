"""Purchase returns: goods of a receipt that go back to the supplier. Approval books stock, progress and red voucher."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class ReturnOutcome(models.TextChoices):
    CREDIT = "credit", pgettext_lazy("return", "Credit")
    REPLACEMENT = "replacement", _("Replacement")


class ReturnReason(models.TextChoices):
    DAMAGED = "damaged", _("Damaged")
    QUALITY = "quality", _("Quality")
    WRONG = "wrong", _("Wrong goods")
    SURPLUS = "surplus", _("More than ordered")
    EXPIRED = "expired", _("Expired or nearly so")
    OTHER = "other", _("Other")


class PurchaseReturn(Document):
    """``outcome`` says what the supplier owes for it: money, or the same goods again (then the order waits for them)."""

    DOC_TYPE = "purchasing.return"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="purchase_returns")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    outcome = models.CharField(max_length=12, choices=ReturnOutcome, default=ReturnOutcome.CREDIT)
    supplier_ref = models.CharField(max_length=60, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    cost_amount = fields.money()

    class Meta:
        db_table = "purchasing_return"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="purchase_return_newest")]


class PurchaseReturnLine(DocumentLine):
    """So much of a receipt's line.

    ``booked_value`` is its share of what the receipt brought into the books, ``cost_amount`` what left stock;
    ``debit_qty`` is the part that was invoiced already and needs a debit note. Both are set when it is booked.
    """

    document = models.ForeignKey(PurchaseReturn, models.CASCADE, related_name="lines", db_index=False)
    receipt_line = models.ForeignKey("purchasing.PurchaseReceiptLine", models.PROTECT, related_name="return_lines")
    receipt_number = models.CharField(max_length=40)
    order_number = models.CharField(max_length=40)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True)
    qty = fields.qty()
    reason = models.CharField(max_length=12, choices=ReturnReason, default=ReturnReason.QUALITY)
    note = models.CharField(max_length=200, blank=True, default="")
    unit_price = fields.price()
    tax_incl_price = fields.price()
    tax_rate = fields.rate()
    discount_pct = fields.rate()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    booked_value = fields.money()
    cost_amount = fields.money()
    material_value = fields.money(db_default=0)  # what of our material lies at the processor again
    debit_qty = fields.qty()

    class Meta:
        db_table = "purchasing_return_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="purchase_return_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="purchase_return_line_positive"),
        ]
