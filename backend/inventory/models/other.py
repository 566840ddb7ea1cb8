"""Goods that come and go without a purchase or a sale: gifts, samples, own use, scrap.

The reason (business type) decides the account on the other side; see ``posting.other_stock``.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class ReceiptReason(models.TextChoices):
    GIFT = "gift", _("Received free of charge")
    FROM_USE = "from_use", _("Returned from own use")
    SAMPLE_BACK = "sample_back", _("Sample returned")
    FOUND = "found", _("Found, to be cleared up")
    CONTRIBUTED = "contributed", _("Contributed by the owners")
    OTHER = "other", _("Other receipt")


class IssueReason(models.TextChoices):
    OWN_USE = "own_use", _("Own use")
    SAMPLE = "sample", _("Sample")
    GIFT = "gift", _("Given away")
    RESEARCH = "research", _("Research and development")
    REPAIR = "repair", _("Repair for customers")
    SCRAP = "scrap", _("Scrapped, to be cleared up")
    DONATION = "donation", _("Donation")
    OTHER = "other", _("Other issue")


class _Other(Document):
    """What both have in common. ``tax_amount`` is VAT on goods given away as if they were sold."""

    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, blank=True)
    total_value = fields.money()

    class Meta:
        abstract = True


class OtherReceipt(_Other):
    DOC_TYPE = "inventory.other_receipt"

    reason = models.CharField(max_length=12, choices=ReceiptReason)

    class Meta:
        db_table = "inventory_other_receipt"


class OtherReceiptLine(DocumentLine):
    document = models.ForeignKey(OtherReceipt, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    unit_cost = fields.price()
    value = fields.money()
    lot_no = models.CharField(max_length=40, blank=True, default="")
    expiry_date = models.DateField(null=True, blank=True)

    class Meta:
        db_table = "inventory_other_receipt_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="other_receipt_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0, value__gte=0), name="other_receipt_positive"),
        ]


class OtherIssue(_Other):
    DOC_TYPE = "inventory.other_issue"

    reason = models.CharField(max_length=12, choices=IssueReason)
    tax_amount = fields.money()

    class Meta:
        db_table = "inventory_other_issue"


class OtherIssueLine(DocumentLine):
    """``value`` is what the goods were worth when they left, and ``tax_amount`` the VAT as if they had been sold."""

    document = models.ForeignKey(OtherIssue, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    qty = fields.qty()
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, blank=True)
    value = fields.money()
    tax_amount = fields.money()

    class Meta:
        db_table = "inventory_other_issue_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="other_issue_line_once"),
            models.CheckConstraint(condition=models.Q(qty__gt=0, value__gte=0), name="other_issue_positive"),
        ]
