"""The audit trail: who did what to what, when and by which way in. Rows are never changed (trigger)."""

from django.db import models


class AuditEntry(models.Model):
    """One act. ``changes`` maps a field to [before, after]; ``verb`` is the step or the act's name."""

    id = models.BigAutoField(primary_key=True)
    subject_type = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_label = models.CharField(max_length=120, default="")
    verb = models.CharField(max_length=40)
    axis = models.CharField(max_length=20, default="")
    state_before = models.CharField(max_length=20, default="")
    state_after = models.CharField(max_length=20, default="")
    changes = models.JSONField(default=dict)
    reason = models.CharField(max_length=500, default="")
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=120)
    channel = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        db_table = "kernel_audit_entry"
        indexes = [models.Index(fields=["subject_id", "-id"], name="audit_subject")]
