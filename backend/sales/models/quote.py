"""Quotations."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backend.kernel import fields
from backend.kernel.document import Document
from backend.sales.models.order import PricedLine


class QuoteState(models.TextChoices):
    OPEN = "open", pgettext_lazy("quote", "Open")
    SENT = "sent", _("Sent")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class SalesQuote(Document):
    """An offer. ``accepted_digest`` seals what the customer agreed to: name, time, lines and amounts (SAL-09)."""

    DOC_TYPE = "sales.quote"

    customer = models.ForeignKey("parties.Party", models.PROTECT, related_name="sales_quotes")
    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    valid_until = models.DateField()
    requested_date = models.DateField()
    currency = models.CharField(max_length=3, default="CNY")
    price_includes_tax = models.BooleanField(default=True)
    net_amount = fields.money()
    tax_amount = fields.money()
    gross_amount = fields.money()
    state = models.CharField(max_length=10, choices=QuoteState, default=QuoteState.OPEN)
    accepted_by_name = models.CharField(max_length=120, blank=True, default="")
    accepted_at = models.DateTimeField(null=True)
    accepted_ip = models.GenericIPAddressField(null=True)
    accepted_digest = models.CharField(max_length=64, blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "sales_quote"


class SalesQuoteLine(PricedLine):
    document = models.ForeignKey(SalesQuote, models.CASCADE, related_name="lines", db_index=False)
    ordered_qty = fields.qty()

    class Meta:
        db_table = "sales_quote_line"
        constraints = [models.UniqueConstraint(fields=["document", "line_no"], name="sales_quote_line_once")]
