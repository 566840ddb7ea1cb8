"""Settling without an invoice's own money: receivables set off against payables, debts moved to another party, refunds."""

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class Netting(Document):
    """What a customer owes is set off against what we owe a supplier, mostly the same firm (应收冲应付)."""

    DOC_TYPE = "invoicing.netting"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="+")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="+")
    amount = fields.money()

    class Meta:
        db_table = "invoicing_netting"
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="netting_positive")]


class NettingLine(DocumentLine):
    """So much of an invoice of either side is settled."""

    document = models.ForeignKey(Netting, models.CASCADE, related_name="lines", db_index=False)
    sales_invoice = models.ForeignKey("invoicing.SalesInvoice", models.PROTECT, null=True, related_name="netting_lines")
    purchase_invoice = models.ForeignKey(
        "invoicing.PurchaseInvoice", models.PROTECT, null=True, related_name="netting_lines"
    )
    amount = fields.money()

    class Meta:
        db_table = "invoicing_netting_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="netting_line_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0)
                & (
                    models.Q(sales_invoice__isnull=False, purchase_invoice__isnull=True)
                    | models.Q(sales_invoice__isnull=True, purchase_invoice__isnull=False)
                ),
                name="netting_line_of_one_side",
            ),
        ]


class DebtSide(models.TextChoices):
    CUSTOMER = "customer", _("Receivable: another customer owes it")
    SUPPLIER = "supplier", _("Payable: we owe it to another supplier")


class DebtTransfer(Document):
    """What one customer owes is owed by another from now on, or what we owe one supplier we owe another (应收转应收).

    On approval the invoices of the lines are settled, and each goes on as an invoice of the other party with its due date.
    """

    DOC_TYPE = "invoicing.debt_transfer"

    side = models.CharField(max_length=8, choices=DebtSide)
    from_party = models.ForeignKey("parties.Party", models.PROTECT, related_name="+")
    to_party = models.ForeignKey("parties.Party", models.PROTECT, related_name="+")
    amount = fields.money()

    class Meta:
        db_table = "invoicing_debt_transfer"
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="debt_transfer_positive"),
            models.CheckConstraint(condition=~models.Q(from_party=models.F("to_party")), name="debt_transfer_moves"),
        ]

    @property
    def customer_id(self) -> UUID:
        """Whose invoices are settled, as either side asks for it."""
        return self.from_party_id

    supplier_id = customer_id


class DebtTransferLine(DocumentLine):
    """So much of an invoice goes over to the other party."""

    document = models.ForeignKey(DebtTransfer, models.CASCADE, related_name="lines", db_index=False)
    sales_invoice = models.ForeignKey("invoicing.SalesInvoice", models.PROTECT, null=True, related_name="+")
    purchase_invoice = models.ForeignKey("invoicing.PurchaseInvoice", models.PROTECT, null=True, related_name="+")
    amount = fields.money()

    class Meta:
        db_table = "invoicing_debt_transfer_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="debt_transfer_line_once"),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0)
                & (
                    models.Q(sales_invoice__isnull=False, purchase_invoice__isnull=True)
                    | models.Q(sales_invoice__isnull=True, purchase_invoice__isnull=False)
                ),
                name="debt_transfer_line_of_one_side",
            ),
        ]


class RefundSide(models.TextChoices):
    CUSTOMER = "customer", _("To a customer")
    SUPPLIER = "supplier", _("From a supplier")


class Refund(Document):
    """Money goes back: an advance that was not used, or a note that was not set off."""

    DOC_TYPE = "invoicing.refund"

    side = models.CharField(max_length=8, choices=RefundSide)
    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="+")
    fund_account = models.ForeignKey("invoicing.FundAccount", models.PROTECT, related_name="+")
    reference = models.CharField(max_length=80, blank=True, default="")
    amount = fields.money()

    class Meta:
        db_table = "invoicing_refund"
        constraints = [models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_positive")]


class RefundLine(DocumentLine):
    """So much of a receipt's (payment's) advance, or of a note, is paid back."""

    document = models.ForeignKey(Refund, models.CASCADE, related_name="lines", db_index=False)
    source_type = models.CharField(max_length=40)
    source_id = models.UUIDField(db_index=True)
    source_number = models.CharField(max_length=40)
    amount = fields.money()

    class Meta:
        db_table = "invoicing_refund_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "source_id"], name="refund_source_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="refund_line_positive"),
        ]
