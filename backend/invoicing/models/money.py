"""Money in and out: fund accounts, receipts and payments with what they settle."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine
from backend.kernel.ids import uuid7


class FundAccount(models.Model):
    """A bank account or cash box with its ledger account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=[("bank", _("Bank")), ("cash", _("Cash"))], default="bank")
    account = models.ForeignKey("accounting.Account", models.PROTECT)
    bank_name = models.CharField(max_length=80, blank=True, default="")
    bank_account_no = models.CharField(max_length=40, blank=True, default="")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "invoicing_fund_account"

    def __str__(self) -> str:
        return self.name


class MoneyDocument(Document):
    """What receipts and payments share; ``unmatched_amount`` is an advance until it is matched."""

    fund_account = models.ForeignKey(FundAccount, models.PROTECT)
    method = models.CharField(
        max_length=20,
        default="transfer",
        choices=[
            ("transfer", _("Bank transfer")),
            ("cash", _("Cash")),
            ("card", _("Card")),
            ("wallet", _("Mobile payment")),
        ],
    )
    reference = models.CharField(max_length=80, blank=True, default="")
    amount = fields.money()
    matched_amount = fields.money()

    class Meta:
        abstract = True

    @property
    def unmatched_amount(self) -> Decimal:
        return self.amount - self.matched_amount


class Receipt(MoneyDocument):
    DOC_TYPE = "invoicing.receipt"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="receipts")

    class Meta:
        db_table = "invoicing_receipt"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="receipt_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, matched_amount__gte=0, matched_amount__lte=models.F("amount")),
                name="receipt_positive",
            )
        ]


class ReceiptLine(DocumentLine):
    """So much of a receipt settles an invoice."""

    document = models.ForeignKey(Receipt, models.CASCADE, related_name="lines", db_index=False)
    invoice = models.ForeignKey("invoicing.SalesInvoice", models.PROTECT, related_name="receipt_lines")
    amount = fields.money()

    class Meta:
        db_table = "invoicing_receipt_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "invoice"], name="receipt_invoice_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="receipt_line_positive"),
        ]


class Payment(MoneyDocument):
    DOC_TYPE = "invoicing.payment"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="payments")

    class Meta:
        db_table = "invoicing_payment"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="payment_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, matched_amount__gte=0, matched_amount__lte=models.F("amount")),
                name="payment_positive",
            )
        ]


class PaymentLine(DocumentLine):
    """So much of a payment settles an invoice."""

    document = models.ForeignKey(Payment, models.CASCADE, related_name="lines", db_index=False)
    invoice = models.ForeignKey("invoicing.PurchaseInvoice", models.PROTECT, related_name="payment_lines")
    amount = fields.money()

    class Meta:
        db_table = "invoicing_payment_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "invoice"], name="payment_invoice_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_line_positive"),
        ]
