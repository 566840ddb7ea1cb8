"""Requests for quotation: who was asked, what they offered, who was awarded.

Quotes, their lines and their steps are sealed by row level security until the request is opened (see
infra/decisions): the database returns them to the supplier that wrote them and, once open, to the company.
Only ``services.sealing`` may name the settings that the policies read.
"""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.currency import HOME
from backend.kernel.document import Document, DocumentLine
from backend.kernel.ids import uuid7


class RfqState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Waiting for quotes")
    CLOSED = "closed", _("To award")
    AWARDED = "awarded", _("Awarded")
    CANCELLED = "cancelled", pgettext_lazy("rfq", "Cancelled")


class Rfq(Document):
    """``opened_at`` is set once, not before the deadline, by the database's own clock: from then on quotes are read."""

    DOC_TYPE = "purchasing.rfq"

    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=RfqState, default=RfqState.DRAFT)
    deadline = models.DateTimeField()
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    buyer_id = models.UUIDField(null=True)
    buyer_name = models.CharField(max_length=60, blank=True, default="")
    published_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    awarded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "purchasing_rfq"
        indexes = [models.Index(fields=["-doc_date", "-id"], name="rfq_newest")]


class RfqLine(DocumentLine):
    document = models.ForeignKey(Rfq, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    description = models.CharField(max_length=300, blank=True, default="")
    qty = fields.qty()
    need_date = models.DateField()
    requisition_line_id = models.UUIDField(null=True)

    class Meta:
        db_table = "purchasing_rfq_line"
        indexes = [
            models.Index(
                fields=["requisition_line_id"],
                name="rfq_line_requisition",
                condition=models.Q(requisition_line_id__isnull=False),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["document", "line_no"], deferrable=models.Deferrable.IMMEDIATE, name="rfq_line_once"
            ),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="rfq_line_positive"),
        ]


class RfqInvitation(models.Model):
    """One supplier that is asked. Rate and duty are the buyer's, for comparing those who deal in another currency."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rfq = models.ForeignKey(Rfq, models.CASCADE, related_name="invitations", db_index=False)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="rfq_invitations")
    revision = models.PositiveSmallIntegerField(default=0)
    quoted_at = models.DateTimeField(null=True)
    keyed_by_name = models.CharField(max_length=120, blank=True, default="", db_default="")  # staff, else the supplier
    seen_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=300, blank=True, default="")
    exchange_rate = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(1))
    duty_pct = fields.rate()

    class Meta:
        db_table = "purchasing_rfq_invitation"
        constraints = [
            models.UniqueConstraint(fields=["rfq", "supplier"], name="rfq_invitation_once"),
            models.CheckConstraint(
                condition=models.Q(exchange_rate__gt=0, duty_pct__gte=0), name="rfq_invitation_positive"
            ),
        ]

    @property
    def is_abroad(self) -> bool:
        """Whether an exchange rate and duty apply: the supplier deals in another currency."""
        return self.supplier.currency != HOME


class QuoteSource(models.TextChoices):
    """How an offer came in: by the supplier itself, or on paper and keyed by staff."""

    PORTAL = "portal", pgettext_lazy("quote", "By the supplier")
    MAIL = "mail", pgettext_lazy("quote", "By mail")
    PHONE = "phone", pgettext_lazy("quote", "By telephone")
    PAPER = "paper", pgettext_lazy("quote", "On paper")


class Quote(models.Model):
    """One revision of a supplier's offer; the newest counts. Never changed, never deleted. Sealed."""

    DOC_TYPE = "purchasing.quote"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rfq = models.ForeignKey(Rfq, models.PROTECT, related_name="quotes", db_index=False)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="supplier_quotes")
    revision = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=80, blank=True, default="")
    currency = models.CharField(max_length=3, default="CNY")
    includes_tax = models.BooleanField(default=True)
    freight = fields.money()
    valid_until = models.DateField()
    note = models.CharField(max_length=300, blank=True, default="")
    source = models.CharField(
        max_length=6, choices=QuoteSource, default=QuoteSource.PORTAL, db_default=QuoteSource.PORTAL
    )
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "purchasing_quote"
        constraints = [
            models.UniqueConstraint(fields=["rfq", "supplier", "revision"], name="quote_revision_once"),
            models.UniqueConstraint(
                fields=["rfq", "supplier", "key"], condition=~models.Q(key=""), name="quote_key_once"
            ),
            models.CheckConstraint(condition=models.Q(freight__gte=0), name="quote_freight_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.rfq.number} · {self.revision}"


class QuoteLine(models.Model):
    """The price of a line; a line without a row was not offered. ``alternate`` describes what is offered instead."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    quote = models.ForeignKey(Quote, models.PROTECT, related_name="lines", db_index=False)
    rfq_line = models.ForeignKey(RfqLine, models.PROTECT, related_name="quote_lines")
    price = fields.price()
    tax_rate = fields.rate()
    lead_days = models.PositiveSmallIntegerField()
    min_qty = fields.qty()
    alternate = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "purchasing_quote_line"
        constraints = [
            models.UniqueConstraint(fields=["quote", "rfq_line"], name="quote_line_once"),
            models.CheckConstraint(condition=models.Q(price__gt=0, min_qty__gte=0), name="quote_line_positive"),
        ]

    def price_for(self, qty: Decimal) -> Decimal:
        """The price of the highest step that the quantity reaches."""
        reached = [step for step in self.steps.all() if step.from_qty <= qty]
        return max(reached, key=lambda step: step.from_qty).price if reached else self.price


class QuoteStep(models.Model):
    """From this quantity on another price."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    line = models.ForeignKey(QuoteLine, models.PROTECT, related_name="steps", db_index=False)
    from_qty = fields.qty()
    price = fields.price()

    class Meta:
        db_table = "purchasing_quote_step"
        constraints = [
            models.UniqueConstraint(fields=["line", "from_qty"], name="quote_step_once"),
            models.CheckConstraint(condition=models.Q(from_qty__gt=0, price__gt=0), name="quote_step_positive"),
        ]


class RfqAward(models.Model):
    """So much of a line to a supplier, with the order line it became and what the decision was based on."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    rfq = models.ForeignKey(Rfq, models.CASCADE, related_name="awards")
    rfq_line = models.ForeignKey(RfqLine, models.PROTECT, related_name="awards")
    quote_line = models.ForeignKey(QuoteLine, models.PROTECT, related_name="awards")
    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="+")
    order = models.ForeignKey("purchasing.PurchaseOrder", models.PROTECT, related_name="awards")
    qty = fields.qty()
    price = fields.price()
    landed = fields.price()
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "purchasing_rfq_award"
        constraints = [
            models.UniqueConstraint(fields=["rfq_line", "supplier"], name="rfq_award_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0), name="rfq_award_positive"),
        ]
