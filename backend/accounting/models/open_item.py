"""Open items of customers and suppliers and their matching (核销)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class OpenItemKind(models.TextChoices):
    RECEIVABLE = "receivable", _("Receivable")
    PAYABLE = "payable", _("Payable")


class OpenItem(models.Model):
    """What a document leaves open with a party.

    ``amount`` is positive for what raises the balance (an invoice) and negative for what lowers it
    (a receipt, a payment); ``open_amount`` has the same sign and shrinks to zero: the database moves it
    when matches are written. ``purpose`` tells apart several items of one source: an invoice over goods
    that were billed with their delivery both raises its own amount and lowers the delivery's.
    A ``voided`` item belongs to a document that was taken back; it stays for its history.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=OpenItemKind)
    party = models.ForeignKey("parties.Party", models.PROTECT, db_index=False)
    source_type = models.CharField(max_length=40)
    source_id = models.UUIDField()
    source_number = models.CharField(max_length=40)
    purpose = models.CharField(max_length=12, default="", blank=True)
    item_date = models.DateField()
    due_date = models.DateField()
    amount = fields.money()
    open_amount = fields.money()
    voided = models.BooleanField(default=False)

    class Meta:
        db_table = "accounting_open_item"
        constraints = [
            models.UniqueConstraint(
                fields=["source_id", "kind", "purpose"],
                condition=models.Q(voided=False),
                name="open_item_once_per_source",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, open_amount__gte=0, open_amount__lte=models.F("amount"))
                | models.Q(amount__lt=0, open_amount__lte=0, open_amount__gte=models.F("amount")),
                name="open_item_within_its_amount",
            ),
        ]
        indexes = [
            models.Index(
                fields=["party", "kind", "due_date"], name="open_item_open", condition=~models.Q(open_amount=0)
            )
        ]


class SettlementMatch(models.Model):
    """``amount`` of a raising item settled by a lowering one. Undone by a row with the negative amount."""

    id = models.BigAutoField(primary_key=True)
    raising = models.ForeignKey(OpenItem, models.PROTECT, related_name="settled_by")
    lowering = models.ForeignKey(OpenItem, models.PROTECT, related_name="settles")
    amount = fields.money()
    matched_at = models.DateTimeField()
    matched_by_name = models.CharField(max_length=120)

    class Meta:
        db_table = "accounting_settlement_match"
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="match_not_zero")]
