"""Statements of account (对账单): opening + movements = closing, agreed by both sides, then locked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class StatementState(models.TextChoices):
    OPEN = "open", _("In preparation")
    PROPOSED = "proposed", _("Waiting for the partner")
    DISPUTED = "disputed", _("Disputed")
    AGREED = "agreed", _("Agreed by both")
    INVOICED = "invoiced", _("Invoiced")


class Statement(Document):
    """One period with one party; ``digest`` is the SHA-256 of the agreed lines, signed by both names and times."""

    DOC_TYPE = "invoicing.statement"

    kind = models.CharField(max_length=10, choices=[("supplier", _("Supplier")), ("customer", _("Customer"))])
    party = models.ForeignKey("parties.Party", models.PROTECT, related_name="statements")
    period_from = models.DateField()
    period_to = models.DateField()
    state = models.CharField(max_length=10, choices=StatementState, default=StatementState.OPEN)
    opening_amount = fields.money()
    received_amount = fields.money()
    returned_amount = fields.money()
    adjusted_amount = fields.money()
    paid_amount = fields.money()
    closing_amount = fields.money()
    proposed_at = models.DateTimeField(null=True)
    our_signature = models.CharField(max_length=120, blank=True, default="")
    our_signed_at = models.DateTimeField(null=True)
    their_signature = models.CharField(max_length=120, blank=True, default="")
    their_signed_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        db_table = "invoicing_statement"
        indexes = [models.Index(fields=["party", "-period_to"], name="statement_party")]


class StatementLine(DocumentLine):
    """A movement with both sides' document numbers. ``source_line_id`` is the goods line it stands for."""

    document = models.ForeignKey(Statement, models.CASCADE, related_name="lines", db_index=False)
    kind = models.CharField(max_length=12)
    line_date = models.DateField()
    source_type = models.CharField(max_length=40)
    source_id = models.UUIDField()
    source_number = models.CharField(max_length=40)
    source_line_id = models.UUIDField(null=True)
    their_number = models.CharField(max_length=60, blank=True, default="")
    order_number = models.CharField(max_length=40, blank=True, default="")
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True)
    qty = fields.qty()
    price = fields.price()
    net_amount = fields.money()
    tax_amount = fields.money()
    amount = fields.money()
    verdict = models.CharField(
        max_length=10,
        choices=[("open", _("Open")), ("accepted", _("Accepted")), ("disputed", _("Disputed"))],
        default="open",
    )
    dispute_reason = models.CharField(max_length=300, blank=True, default="")
    their_qty = fields.qty(null=True, default=None)
    their_amount = fields.money(null=True, default=None)
    answer = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "invoicing_statement_line"
        constraints = [models.UniqueConstraint(fields=["document", "line_no"], name="statement_line_once")]
        indexes = [models.Index(fields=["source_line_id"], name="statement_line_source")]
