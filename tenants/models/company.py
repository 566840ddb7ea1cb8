"""Companies and their addresses. Whether a company may write follows from dates alone, so nothing has to run at midnight."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from backend.kernel.ids import uuid7

GRACE = timedelta(days=7)


class TenantState(models.TextChoices):
    PROVISIONING = "provisioning", _("Being set up")
    TRIAL = "trial", _("Trial")
    ACTIVE = "active", _("Subscribed")
    GRACE = "grace", _("Payment overdue")
    READ_ONLY = "read_only", _("Read only")


class Tenant(TenantMixin):
    """A company: one legal entity, one schema, one set of books. ``cell`` is the database it lives in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=40, unique=True, db_collation="C")
    name = models.CharField(max_length=120)
    state = models.CharField(max_length=16, choices=TenantState, default=TenantState.PROVISIONING)
    cell = models.CharField(max_length=20, default="default")
    language = models.CharField(max_length=10, default="zh-hans")
    time_zone = models.CharField(max_length=40, default="Asia/Shanghai")
    industry = models.CharField(max_length=20, default="trade")
    taxpayer_type = models.CharField(max_length=12, default="general")
    trial_ends_on = models.DateField(null=True)
    plan_code = models.CharField(max_length=20, default="", blank=True)
    plan_interval = models.CharField(max_length=5, default="", blank=True)
    stripe_customer_id = models.CharField(max_length=60, default="", blank=True)
    stripe_subscription_id = models.CharField(max_length=60, default="", blank=True)
    subscription_status = models.CharField(max_length=30, default="", blank=True)
    paid_until = models.DateTimeField(null=True)
    cancels_at = models.DateTimeField(null=True)
    has_demo_data = models.BooleanField(default=False)
    sample_data_asked_at = models.DateTimeField(null=True)
    sample_data_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    migrations_fingerprint = models.CharField(max_length=64, default="", blank=True)
    migration_error = models.TextField(default="", blank=True)
    migrated_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    auto_create_schema = False
    auto_drop_schema = False

    class Meta:
        db_table = "tenants_tenant"

    def __str__(self) -> str:
        return self.name

    def day_of(self, at: datetime) -> date:
        """The company's date at a moment."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()

    def trial_days_at(self, at: datetime) -> int | None:
        """Whole days of trial left at a moment, 0 when it has ended; None when the company is not on trial."""
        if self.state != TenantState.TRIAL or self.trial_ends_on is None:
            return None
        return max((self.trial_ends_on - self.day_of(at)).days, 0)

    @property
    def trial_days_left(self) -> int | None:
        return self.trial_days_at(timezone.now())

    def may_write_at(self, at: datetime) -> bool:
        """Trials write until their last day ends, subscribers until a week after the paid time."""
        if self.state == TenantState.TRIAL:
            return bool(self.trial_days_at(at))
        if self.state in {TenantState.ACTIVE, TenantState.GRACE}:
            return self.paid_until is None or at < self.paid_until + GRACE
        return False

    @property
    def can_write(self) -> bool:
        return self.may_write_at(timezone.now())


class Domain(DomainMixin):
    class Meta:
        db_table = "tenants_domain"
