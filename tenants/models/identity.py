"""People, where they belong, and the sessions they hold."""

import hashlib
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from backend.kernel.ids import uuid7
from tenants.models.company import Tenant


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

    @property
    def has_second_factor(self) -> bool:
        return self.totp_confirmed_at is not None


class Membership(models.Model):
    """That an identity belongs to a company, in one kind; the rights live in the company's own schema."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity = models.ForeignKey(Identity, models.CASCADE, related_name="memberships", db_index=False)
    tenant = models.ForeignKey(Tenant, models.CASCADE, related_name="memberships", db_index=False)
    kind = models.CharField(max_length=10)
    member_id = models.UUIDField()
    party_id = models.UUIDField(null=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_membership"
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "tenant", "kind", "party_id"], nulls_distinct=False, name="membership_once"
            ),
            models.UniqueConstraint(fields=["tenant", "member_id"], name="membership_of_member"),
        ]


class FaceSession(AbstractBaseSession):
    """A session, bound to one membership of one company on one face; any other use of it is refused."""

    tenant = models.ForeignKey(Tenant, models.CASCADE, null=True, db_index=False)
    membership = models.ForeignKey(Membership, models.CASCADE, null=True)
    identity = models.ForeignKey(Identity, models.CASCADE, null=True)
    face = models.CharField(max_length=10, default="")
    user_agent = models.CharField(max_length=300, default="")
    ip_address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "tenants_face_session"

    @property
    def mark(self) -> str:
        """Names the session on a page without giving its key away."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:24]

    @classmethod
    def get_session_store_class(cls) -> Any:
        from tenants.sessions import SessionStore

        return SessionStore


class UsedToken(models.Model):
    """A one-time token that was used: the same one again meets this row."""

    nonce = models.CharField(primary_key=True, max_length=64, db_collation="C")
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "tenants_used_token"
