"""Tables of the control plane."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tenants.models import DomainMixin, TenantMixin

from backend.kernel.ids import uuid7


class TenantState(models.TextChoices):
    PENDING_EMAIL = "pending_email", _("Waiting for the e-mail link")
    PROVISIONING = "provisioning", _("Being set up")
    TRIAL = "trial", _("Trial")
    ACTIVE = "active", _("Subscribed")
    GRACE = "grace", _("Payment overdue")
    READ_ONLY = "read_only", _("Read only")
    SUSPENDED = "suspended", _("Suspended")


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
    stripe_customer_id = models.CharField(max_length=60, default="", blank=True)
    stripe_subscription_id = models.CharField(max_length=60, default="", blank=True)
    paid_until = models.DateTimeField(null=True)
    migrations_fingerprint = models.CharField(max_length=64, default="", blank=True)
    created_at = models.DateTimeField()

    auto_create_schema = False
    auto_drop_schema = False

    class Meta:
        db_table = "tenants_tenant"

    def __str__(self) -> str:
        return self.name

    def trial_days_left(self, today: date) -> int:
        """Whole days left of the trial; 0 on the last day's end."""
        return max((self.trial_ends_on - today).days, 0) if self.trial_ends_on else 0


class Domain(DomainMixin):
    class Meta:
        db_table = "tenants_domain"


class IdentityManager(BaseUserManager["Identity"]):
    def get_by_natural_key(self, email: str | None) -> "Identity":
        return self.get(email=(email or "").lower())


class Identity(AbstractBaseUser):
    """A person: one e-mail, one password, an optional second factor; any number of memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True, db_collation="C")
    name = models.CharField(max_length=60, blank=True, default="")
    language = models.CharField(max_length=10, default="zh-hans")
    email_verified_at = models.DateTimeField(null=True)
    totp_secret = models.CharField(max_length=64, blank=True, default="")
    totp_confirmed_at = models.DateTimeField(null=True)
    totp_last_step = models.BigIntegerField(default=0)
    recovery_digests = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: Any = IdentityManager()

    class Meta:
        db_table = "tenants_identity"


class Membership(models.Model):
    """That an identity belongs to a company, in one kind; the rights live in the company's own schema."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships")
    kind = models.CharField(max_length=10)
    member_id = models.UUIDField(unique=True)
    party_id = models.UUIDField(null=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_membership"
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "tenant", "kind", "party_id"], nulls_distinct=False, name="membership_once"
            )
        ]


class FaceSession(AbstractBaseSession):
    """A session, bound to one membership of one company on one face; any other use of it is refused."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, db_index=False)
    membership = models.ForeignKey(Membership, models.CASCADE, null=True)
    identity = models.ForeignKey(Identity, models.CASCADE, null=True)
    face = models.CharField(max_length=10, default="")
    user_agent = models.CharField(max_length=300, default="")
    ip_address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "tenants_face_session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from tenants.sessions import SessionStore

        return SessionStore
