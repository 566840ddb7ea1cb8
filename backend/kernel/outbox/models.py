"""Tables of the outbox (public schema, one per database)."""

from django.db import models


class OutboxDelivery(models.Model):
    """One event for one handler. ``done_at`` is set in the handler's own transaction."""

    id = models.BigAutoField(primary_key=True)
    schema = models.CharField(max_length=63)
    event_id = models.UUIDField()
    event = models.CharField(max_length=80)
    handler = models.CharField(max_length=160)
    aggregate_id = models.UUIDField()
    payload = models.JSONField()
    actor = models.JSONField()
    language = models.CharField(max_length=10, default="")
    written_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField()
    last_error = models.TextField(default="")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_delivery"
        constraints = [models.UniqueConstraint(fields=["event_id", "handler"], name="outbox_once")]
        indexes = [
            models.Index(fields=["not_before", "id"], name="outbox_due", condition=models.Q(done_at=None)),
            models.Index(
                fields=["aggregate_id", "handler", "id"], name="outbox_order", condition=models.Q(done_at=None)
            ),
        ]
