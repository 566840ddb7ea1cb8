"""Keys of calls that must not happen twice."""

from django.db import models


class IdempotencyKey(models.Model):
    """The first answer to a call; the same key with the same request gives it again."""

    key = models.CharField(max_length=200, primary_key=True, db_collation="C")
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    status = models.PositiveSmallIntegerField(default=200)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "kernel_idempotency_key"
