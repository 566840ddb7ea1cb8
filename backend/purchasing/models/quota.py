"""Quotas: which part of what is bought of an item each supplier is to get, for a time (SRM-19).

The database keeps it, at the commit: the shares of a quota make 100 %, and no day of an item has two quotas.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel import fields
from backend.kernel.ids import uuid7


class QuotaWay(models.TextChoices):
    """What happens to a quantity that is to be bought."""

    NEXT = "next", _("Whole, to who is furthest behind")
    SPLIT = "split", _("Split among all by their shares")


class ItemQuota(models.Model):
    """The quota of an item from a day on, until one or for good."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey("catalog.Item", models.PROTECT, related_name="+", db_index=False)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    way = models.CharField(max_length=5, choices=QuotaWay, default=QuotaWay.NEXT)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by_name = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        db_table = "purchasing_quota"
        constraints = [
            models.UniqueConstraint(fields=["item", "valid_from"], name="quota_once_from_a_day"),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")),
                name="quota_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return str(self.item)


class QuotaShare(models.Model):
    """A supplier's share in per cent. ``base_qty`` counts as if it had been ordered: who comes new is not given everything."""

    id = models.BigAutoField(primary_key=True)
    quota = models.ForeignKey(ItemQuota, models.CASCADE, related_name="shares", db_index=False)
    supplier = models.ForeignKey("parties.Party", models.PROTECT, related_name="+", db_index=False)
    share = fields.rate()
    base_qty = fields.qty()

    class Meta:
        db_table = "purchasing_quota_share"
        constraints = [
            models.UniqueConstraint(fields=["quota", "supplier"], name="quota_share_once"),
            models.CheckConstraint(
                condition=models.Q(share__gt=0, share__lte=100, base_qty__gte=0), name="quota_share_is_a_part"
            ),
        ]
