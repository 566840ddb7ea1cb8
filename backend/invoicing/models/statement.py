"""Statements of account (对账单): opening + movements = closing, agreed by both sides, then locked."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

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
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    closing_amount=models.F("opening_amount")
                    + models.F("received_amount")
                    - models.F("returned_amount")
                    + models.F("adjusted_amount")
                    - models.F("paid_amount")
                ),
                name="statement_adds_up",
            ),
            models.CheckConstraint(
                condition=models.Q(period_from__lte=models.F("period_to")), name="statement_period_in_order"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["agreed", "invoiced"])
                | (
                    ~models.Q(our_signature="")
                    & ~models.Q(their_signature="")
                    & ~models.Q(digest="")
                    & models.Q(our_signed_at__isnull=False, their_signed_at__isnull=False)
                ),
                name="statement_agreed_by_both",
            ),
        ]


class MovementKind(models.TextChoices):
    RECEIPT = "receipt", pgettext_lazy("statement", "Goods")
    RETURN = "return", _("Return")
    ADJUSTMENT = "adjustment", _("Adjustment")
    PAYMENT = "payment", pgettext_lazy("money", "Payment")


class StatementLine(DocumentLine):
    """A movement with both sides' document numbers. ``source_line_id`` is the goods line it stands for.

    Amounts carry their sign: what raises the balance is positive. ``active`` is false in voided
    statements; an active movement stands in one statement only.
    """

    document = models.ForeignKey(Statement, models.CASCADE, related_name="lines", db_index=False)
    kind = models.CharField(max_length=12, choices=MovementKind)
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
        choices=[
            ("open", pgettext_lazy("statement line", "Open")),
            ("accepted", _("Accepted")),
            ("disputed", _("Disputed")),
        ],
        default="open",
    )
    dispute_reason = models.CharField(max_length=300, blank=True, default="")
    their_qty = fields.qty(null=True, default=None)
    their_amount = fields.money(null=True, default=None)
    evidence_id = models.UUIDField(null=True, default=None)
    answer = models.CharField(max_length=300, blank=True, default="")
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "invoicing_statement_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="statement_line_once"),
            models.UniqueConstraint(
                fields=["source_id", "source_line_id"],
                condition=models.Q(active=True),
                nulls_distinct=False,
                name="movement_in_one_statement",
            ),
        ]
        indexes = [models.Index(fields=["source_line_id"], name="statement_line_source")]

    @property
    def unit(self) -> Any:
        """What its quantity is counted in; money has none."""
        return self.item.unit if self.item else ""
