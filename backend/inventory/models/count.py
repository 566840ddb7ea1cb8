"""Counting while the warehouse works: a snapshot, what was counted when, and what the books said at that moment."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.document import Document, DocumentLine


class Disposition(models.TextChoices):
    """What differences turn out to be, once somebody has decided."""

    NON_OPERATING = "non_operating", _("Non-operating gain and loss")
    ADMIN = "admin", _("Ordinary wastage, an administrative expense")
    CLAIM = "claim", _("To be paid by whoever is liable")


class StockCount(Document):
    """Draft: the scope. Submitted: frozen and being counted. Approved: differences are booked.

    ``accuracy_*`` = 1 − Σ|difference| ÷ Σbook, in per cent, by quantity and by value. What was lost ``abnormal``ly (stolen,
    spoilt for want of care) takes its input VAT along: ``tax_amount``.
    """

    DOC_TYPE = "inventory.count"

    warehouse = models.ForeignKey("inventory.Warehouse", models.PROTECT)
    category = models.ForeignKey("catalog.ItemCategory", models.PROTECT, null=True, blank=True)
    abc = models.CharField(max_length=1, blank=True, default="", choices=[(c, c) for c in "ABC"])
    item_ids = models.JSONField(default=list, blank=True)
    # With a zone or a range of bins only what lies in those is counted.
    zone = models.CharField(max_length=30, blank=True, default="", db_default="")
    bin_from = models.CharField(max_length=30, blank=True, default="", db_default="")
    bin_to = models.CharField(max_length=30, blank=True, default="", db_default="")
    blind = models.BooleanField(default=True)
    frozen_at = models.DateTimeField(null=True, blank=True)
    gain_value = fields.money()
    loss_value = fields.money()
    accuracy_qty = fields.rate(null=True, default=None)
    accuracy_value = fields.rate(null=True, default=None)
    disposition = models.CharField(max_length=16, blank=True, default="", choices=Disposition)
    abnormal = models.BooleanField(default=False, db_default=False)
    tax_amount = fields.money(db_default=0)

    class Meta:
        db_table = "inventory_count"

    @property
    def in_some_bins(self) -> bool:
        """Whether only some bins of the warehouse are counted."""
        return bool(self.zone or self.bin_from or self.bin_to)


class StockCountLine(DocumentLine):
    """``book_qty`` is the snapshot; ``expected_qty`` = snapshot + moves until ``counted_at``: the two are compared there."""

    document = models.ForeignKey(StockCount, models.CASCADE, related_name="lines", db_index=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT)
    lot = models.ForeignKey("inventory.Lot", models.PROTECT, null=True, blank=True)
    bin = models.ForeignKey("inventory.Bin", models.PROTECT, null=True, blank=True, db_index=False)
    book_qty = fields.qty()
    unit_cost = fields.price()
    counted_qty = fields.qty(null=True, default=None)
    expected_qty = fields.qty(null=True, default=None)
    counted_at = models.DateTimeField(null=True)
    counted_by_id = models.UUIDField(null=True)
    counted_by_name = models.CharField(max_length=120, blank=True, default="")
    diff_value = fields.money()

    class Meta:
        db_table = "inventory_count_line"
        constraints = [
            models.UniqueConstraint(fields=["document", "line_no"], name="count_line_once"),
            models.UniqueConstraint(
                fields=["document", "item", "lot", "bin"], nulls_distinct=False, name="count_item_lot_and_bin_once"
            ),
            models.CheckConstraint(
                condition=models.Q(counted_qty__isnull=True) | models.Q(counted_qty__gte=0), name="count_not_negative"
            ),
        ]

    @property
    def moved_qty(self) -> Decimal | None:
        """What came and went between the snapshot and the moment of counting."""
        return None if self.expected_qty is None else self.expected_qty - self.book_qty

    @property
    def diff_qty(self) -> Decimal | None:
        if self.counted_qty is None or self.expected_qty is None:
            return None
        return self.counted_qty - self.expected_qty
