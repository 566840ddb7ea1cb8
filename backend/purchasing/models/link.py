"""Links by which a supplier's worker reports on one order line without an account (M-14)."""

from django.db import models

from backend.kernel.ids import uuid7


class ProgressLink(models.Model):
    """Good for one line and seven days, until it is revoked. Only the hash of its token is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order_line = models.ForeignKey("purchasing.PurchaseOrderLine", models.CASCADE, related_name="progress_links")
    token_hash = models.CharField(max_length=64, unique=True)
    sent_to = models.CharField(max_length=254, blank=True, default="")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by_name = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField()
    created_by_name = models.CharField(max_length=120)
    used_at = models.DateTimeField(null=True)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "purchasing_progress_link"
