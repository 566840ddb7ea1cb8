"""What payment told us, and the notices about the trial's end that were sent."""

from django.db import models

from tenants.models.company import Tenant


class BillingEvent(models.Model):
    """An event of the payment service; its id is unique, so a repetition is recognised."""

    id = models.CharField(primary_key=True, max_length=80, db_collation="C")
    kind = models.CharField(max_length=80)
    tenant = models.ForeignKey(Tenant, models.SET_NULL, null=True, db_index=False)
    received_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_billing_event"


class TrialNotice(models.Model):
    """A mail about the trial's end was sent: ``days_left`` days before it, once."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, db_index=False)
    days_left = models.SmallIntegerField()
    sent_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_trial_notice"
        constraints = [models.UniqueConstraint(fields=["tenant", "days_left"], name="trial_notice_once")]
