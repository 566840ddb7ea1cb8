"""Vouchers: posted only, numbered without gaps per period and word, corrected by reversal."""

from django.db import models

from backend.kernel import fields
from backend.kernel.ids import uuid7


class Voucher(models.Model):
    """A journal entry. ``source`` is the business document; (source, rule) has one voucher that is not reversed."""

    DOC_TYPE = "accounting.voucher"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    period = models.ForeignKey("accounting.Period", models.PROTECT, db_index=False)
    word = models.CharField(max_length=2, default="记")
    serial = models.PositiveIntegerField()
    voucher_date = models.DateField()
    summary = models.CharField(max_length=200)
    source_type = models.CharField(max_length=40, default="")
    source_id = models.UUIDField(null=True)
    source_number = models.CharField(max_length=40, default="")
    rule = models.CharField(max_length=40, default="")
    total = fields.money()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    attachments = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by_id = models.UUIDField(null=True)
    created_by_name = models.CharField(max_length=120)

    class Meta:
        db_table = "accounting_voucher"
        constraints = [models.UniqueConstraint(fields=["period", "word", "serial"], name="voucher_number_once")]
        indexes = [
            models.Index(fields=["source_id"], name="voucher_source"),
            models.Index(fields=["-voucher_date", "-id"], name="voucher_newest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """``记-202611-0007``: the address of the voucher's page."""
        return f"{self.word}-{self.voucher_date:%Y%m}-{self.serial:04d}"


class VoucherLine(models.Model):
    """One line: debit or credit, never both. Red entries are negative on the same side (Chinese practice)."""

    id = models.BigAutoField(primary_key=True)
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="lines", db_index=False)
    line_no = models.PositiveSmallIntegerField()
    account = models.ForeignKey("accounting.Account", models.PROTECT, db_index=False)
    summary = models.CharField(max_length=200)
    debit = fields.money()
    credit = fields.money()
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, null=True, db_index=False)
    qty = fields.qty(null=True, default=None)
    voucher_date = models.DateField()

    class Meta:
        db_table = "accounting_voucher_line"
        constraints = [
            models.UniqueConstraint(fields=["voucher", "line_no"], name="voucher_line_once"),
            models.CheckConstraint(
                condition=(models.Q(debit=0) | models.Q(credit=0)) & ~models.Q(debit=0, credit=0),
                name="voucher_line_one_side",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "voucher_date", "id"], name="voucher_line_account"),
            models.Index(
                fields=["party", "account", "voucher_date", "id"],
                name="voucher_line_party",
                condition=models.Q(party__isnull=False),
            ),
        ]
