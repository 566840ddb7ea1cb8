"""Sales and purchase invoices. Lines name the goods line they invoice by plain id: goods live above.

An invoice with a ``transfer`` is a debt taken over from another party: without lines, net amount and tax. So is one with
a ``cause``: what a stock document says that we owe, or are owed (cost adjusted, work on an assembly).
"""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.catalog.models import CountedLine
from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine, Progress
from backend.kernel.ids import uuid7

AHEAD = "purchasing.order"  # what an invoice line over goods that have not come names as its source


class InvoiceKind(models.TextChoices):
    SPECIAL = "vat_special", _("Special VAT invoice")
    ORDINARY = "vat_ordinary", _("Ordinary VAT invoice")


class MatchState(models.TextChoices):
    UNMATCHED = "unmatched", _("Not checked")
    MATCHED = "matched", _("Matches")
    DISCREPANCY = "discrepancy", _("Differs")


class Invoice(Document):
    """What both kinds share. ``external_no`` is the number on the tax invoice."""

    invoice_kind = models.CharField(max_length=12, choices=InvoiceKind, default=InvoiceKind.SPECIAL)
    external_no = models.CharField(max_length=40, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    due_date = models.DateField()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    settled_amount = fields.money()
    settled = models.CharField(max_length=8, choices=Progress, default=Progress.NONE)
    transfer = models.ForeignKey("invoicing.DebtTransfer", models.PROTECT, null=True, related_name="+")

    class Meta:
        abstract = True

    @property
    def kind_label(self) -> str:
        """What kind of invoice it is; a debt taken over from another party is no tax invoice at all."""
        return str(_("Debt taken over") if self.transfer_id else self.get_invoice_kind_display())

    @property
    def is_bare(self) -> bool:
        """A debt without goods, lines and tax: it comes and goes with the document that made it."""
        return bool(self.transfer_id)

    @property
    def open_amount(self) -> Decimal:
        return self.gross_amount - self.settled_amount

    @property
    def is_note(self) -> bool:
        """A credit or debit note: an invoice over goods that went back; its quantities and amounts are negative."""
        return self.gross_amount < 0


class InvoiceLine(CountedLine, DocumentLine):
    """A line with its amounts; ``source_line_id`` is the delivery's or receipt's line.

    ``source_net`` and ``source_tax`` are this line's share of the source line's own amounts: shares of
    all invoices over a source line add up to it exactly.
    """

    item = models.ForeignKey("catalog.Item", models.PROTECT)
    description = models.CharField(max_length=200, blank=True, default="")
    qty = fields.qty()
    unit_price = fields.price()
    tax_incl_price = fields.price()
    tax_rate = fields.rate()
    discount_pct = fields.rate()
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    source_net = fields.money()
    source_tax = fields.money()
    source_type = models.CharField(max_length=40, blank=True, default="")
    source_id = models.UUIDField(null=True)
    source_number = models.CharField(max_length=40, blank=True, default="")
    source_line_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)
    order_number = models.CharField(max_length=40, blank=True, default="")
    order_line_id = models.UUIDField(null=True)

    class Meta:
        abstract = True


class SalesInvoice(Invoice):
    DOC_TYPE = "invoicing.sales_invoice"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="sales_invoices")

    class Meta:
        db_table = "invoicing_sales_invoice"
        indexes = [
            models.Index(fields=["-doc_date", "-id"], name="sales_invoice_newest"),
            models.Index(
                fields=["customer", "due_date"], name="sales_invoice_open", condition=~models.Q(settled="full")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(settled_amount__gte=0, settled_amount__lte=models.F("gross_amount"))
                | models.Q(settled_amount__lte=0, settled_amount__gte=models.F("gross_amount")),
                name="sales_invoice_not_oversettled",
            )
        ]


class SalesInvoiceLine(InvoiceLine):
    """``cost_amount`` is the share of the delivery line's cost."""

    document = models.ForeignKey(SalesInvoice, models.CASCADE, related_name="lines", db_index=False)
    cost_amount = fields.money()

    class Meta:
        db_table = "invoicing_sales_invoice_line"
        constraints = [models.UniqueConstraint(fields=["document", "line_no"], name="sales_invoice_line_once")]
        indexes = [models.Index(fields=["source_line_id"], name="sales_invoice_line_source")]


class PurchaseInvoice(Invoice):
    DOC_TYPE = "invoicing.purchase_invoice"

    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="purchase_invoices")
    match_state = models.CharField(max_length=12, choices=MatchState, default=MatchState.UNMATCHED)
    statement = models.ForeignKey("invoicing.Statement", models.PROTECT, null=True, related_name="invoices")
    submitted_by_supplier = models.BooleanField(default=False)
    cause_type = models.CharField(max_length=40, blank=True, default="", db_default="")
    cause_id = models.UUIDField(null=True)
    cause_number = models.CharField(max_length=40, blank=True, default="", db_default="")

    class Meta:
        db_table = "invoicing_purchase_invoice"
        indexes = [
            models.Index(fields=["-doc_date", "-id"], name="purchase_invoice_newest"),
            models.Index(
                fields=["supplier", "due_date"], name="purchase_invoice_open", condition=~models.Q(settled="full")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(settled_amount__gte=0, settled_amount__lte=models.F("gross_amount"))
                | models.Q(settled_amount__lte=0, settled_amount__gte=models.F("gross_amount")),
                name="purchase_invoice_not_oversettled",
            ),
            models.UniqueConstraint(
                fields=["supplier", "external_no"],
                condition=~models.Q(external_no="") & ~models.Q(approval="voided"),
                name="purchase_invoice_no_once",
            ),
            models.UniqueConstraint(
                fields=["cause_id"],
                condition=models.Q(cause_id__isnull=False, approval="approved"),
                name="purchase_invoice_one_for_a_cause",
            ),
        ]

    @property
    def kind_label(self) -> str:
        return str(_("Debt of a stock document")) if self.cause_number else super().kind_label

    @property
    def is_bare(self) -> bool:
        return super().is_bare or bool(self.cause_number)


class PurchaseInvoiceLine(InvoiceLine):
    """``receipt_net`` is the share of the value the receipt was booked at; ``difference`` lists what does not match.

    A line over goods without a quantity is an allowance: these goods cost so much less than they were invoiced at.
    A line ahead of its goods has the line of the order as its source; ``transit_value`` is what it brought into goods
    in transit, which the arrivals of its goods take out again.
    """

    document = models.ForeignKey(PurchaseInvoice, models.CASCADE, related_name="lines", db_index=False)
    receipt_net = fields.money()
    transit_value = fields.money(db_default=0)
    match_state = models.CharField(max_length=12, choices=MatchState, default=MatchState.UNMATCHED)
    difference = models.JSONField(default=list)

    class Meta:
        db_table = "invoicing_purchase_invoice_line"
        constraints = [models.UniqueConstraint(fields=["document", "line_no"], name="purchase_invoice_line_once")]
        indexes = [
            models.Index(fields=["source_line_id"], name="purchase_invoice_line_source"),
            models.Index(fields=["order_id"], name="purchase_invoice_line_order"),
            models.Index(
                fields=["document"],
                name="purchase_invoice_line_ahead",
                condition=models.Q(source_type=AHEAD),
            ),
        ]

    @property
    def is_ahead(self) -> bool:
        """Whether it was invoiced before its goods came."""
        return self.source_type == AHEAD

    @property
    def is_allowance(self) -> bool:
        return bool(self.source_line_id) and not self.qty


class InvoicedArrival(models.Model):
    """So much of a line that was invoiced ahead has come with a receipt's line. Deleted when the receipt is taken back.

    ``net`` and ``tax`` are of the order's own amounts, ``value`` is what left goods in transit for stock. Without a
    quantity, what goods that are still to come cost less: the "receipt" is then the allowance, by its line, as it is for
    goods that will not come.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice_line = models.ForeignKey(  # the database refuses to delete a line that has arrivals
        PurchaseInvoiceLine, models.DO_NOTHING, related_name="arrivals", db_index=False
    )
    receipt_id = models.UUIDField()
    receipt_number = models.CharField(max_length=40)
    receipt_line_id = models.UUIDField()
    qty = fields.qty()
    net = fields.money()
    tax = fields.money()
    value = fields.money()

    class Meta:
        db_table = "invoicing_arrival"
        constraints = [
            models.UniqueConstraint(fields=["invoice_line", "receipt_line_id"], name="arrival_once"),
            models.CheckConstraint(
                condition=models.Q(qty__gt=0) | models.Q(qty=0, net=0, tax=0, value__gt=0), name="arrival_or_allowance"
            ),
        ]
        indexes = [
            models.Index(fields=["receipt_id"], name="arrival_receipt"),
            models.Index(fields=["receipt_line_id"], name="arrival_receipt_line"),
        ]


class SetOff(models.Model):
    """So much of a note used for an invoice of the same party. Undone by deleting the row with its matching."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    side = models.CharField(max_length=8, choices=[("customer", _("Customer")), ("supplier", _("Supplier"))])
    note_id = models.UUIDField()
    note_number = models.CharField(max_length=40)
    invoice_id = models.UUIDField()
    invoice_number = models.CharField(max_length=40)
    amount = fields.money()
    at = models.DateTimeField()
    by_name = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        db_table = "invoicing_set_off"
        constraints = [
            models.UniqueConstraint(fields=["note_id", "invoice_id"], name="set_off_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="set_off_positive"),
        ]
        indexes = [models.Index(fields=["invoice_id"], name="set_off_invoice")]
