"""Promises of demand lines and their revisions. A first promise never changes (trigger)."""

from django.db import models

from backend.availability.models.lines import DemandLine


class Promise(models.Model):
    """The promise that stands for what is still to be shipped, as parts in the order of their dates (``parts.Part``).

    ``promise_date`` is the date of the last part; null when no source is known for a part. Parts are not rewritten when
    goods are shipped: readers take what was shipped off the earliest ones (``parts.trim``).
    """

    demand = models.OneToOneField(DemandLine, models.CASCADE, primary_key=True, related_name="promise")
    parts = models.JSONField(default=list)
    promise_date = models.DateField(null=True)
    first_parts = models.JSONField(default=list)
    first_date = models.DateField(null=True)
    first_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=0)
    revised_at = models.DateTimeField()

    class Meta:
        db_table = "availability_promise"


class PromiseRevision(models.Model):
    """One change of a promise with what caused it, in words of the partner where it has any.

    Only ``customer_reason`` may be written later: the words the seller chooses for the customer.
    """

    id = models.BigAutoField(primary_key=True)
    demand = models.ForeignKey(DemandLine, models.CASCADE, related_name="promise_revisions")
    revision = models.PositiveIntegerField()
    old_parts = models.JSONField(default=list)
    new_parts = models.JSONField(default=list)
    old_date = models.DateField(null=True)
    new_date = models.DateField(null=True)
    cause = models.CharField(max_length=40)
    cause_type = models.CharField(max_length=40, default="")
    cause_id = models.UUIDField(null=True)
    cause_number = models.CharField(max_length=40, default="")
    cause_text = models.CharField(max_length=300, default="")
    customer_reason = models.CharField(max_length=300, default="")
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "availability_promise_revision"
        constraints = [models.UniqueConstraint(fields=["demand", "revision"], name="promise_revision_once")]

    @property
    def days_later(self) -> int | None:
        """By how many days the date moved; negative when the goods come earlier, nothing when a date is not known."""
        return (self.new_date - self.old_date).days if self.new_date and self.old_date else None
