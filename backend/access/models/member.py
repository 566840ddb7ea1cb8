"""Members, roles, tokens and invitations."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from backend.kernel.ids import uuid7


class MemberKind(models.TextChoices):
    STAFF = "staff", _("Staff")
    SUPPLIER = "supplier", _("Supplier user")
    CUSTOMER = "customer", _("Customer user")


class Role(models.Model):
    """A named set of permission codes for one kind of member. Built-in roles take their label from their code."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True, db_collation="C")
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=MemberKind)
    permissions = ArrayField(models.CharField(max_length=60), default=list)
    is_builtin = models.BooleanField(default=False)

    class Meta:
        db_table = "access_role"

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A person in this company: staff, or a user of a supplier or customer (then ``party`` is set)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    identity_id = models.UUIDField()
    kind = models.CharField(max_length=10, choices=MemberKind)
    party = models.ForeignKey("parties.Party", models.PROTECT, null=True, related_name="members")
    name = models.CharField(max_length=60)
    email = models.EmailField()
    language = models.CharField(max_length=10, default="zh-hans")
    roles = models.ManyToManyField(Role, related_name="members", db_table="access_member_role")
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "access_member"
        constraints = [
            models.UniqueConstraint(
                fields=["identity_id", "kind", "party"], nulls_distinct=False, name="member_once_per_party"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="staff", party=None)
                | (~models.Q(kind="staff") & models.Q(party__isnull=False)),
                name="partner_members_have_a_party",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApiToken(models.Model):
    """A personal token; only the digest is kept, the token itself is shown once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(Member, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_api_token"


class Invitation(models.Model):
    """An invitation by e-mail link; only the token's digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField()
    name = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=10, choices=MemberKind)
    party = models.ForeignKey("parties.Party", models.CASCADE, null=True)
    roles = models.ManyToManyField(Role, db_table="access_invitation_role")
    language = models.CharField(max_length=10, default="zh-hans")
    digest = models.CharField(max_length=64, unique=True, db_collation="C")
    invited_by_name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "access_invitation"
