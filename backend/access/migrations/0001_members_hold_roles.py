"""Members hold roles."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("parties", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Role",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("name", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[("staff", "Staff"), ("supplier", "Supplier user"), ("customer", "Customer user")],
                        max_length=10,
                    ),
                ),
                (
                    "permissions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), default=list, size=None
                    ),
                ),
                ("is_builtin", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "access_role",
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("identity_id", models.UUIDField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("staff", "Staff"), ("supplier", "Supplier user"), ("customer", "Customer user")],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("email", models.EmailField(max_length=254)),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                (
                    "party",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="parties.party",
                    ),
                ),
                (
                    "roles",
                    models.ManyToManyField(db_table="access_member_role", related_name="members", to="access.role"),
                ),
            ],
            options={
                "db_table": "access_member",
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("prefix", models.CharField(max_length=12)),
                ("digest", models.CharField(db_collation="C", max_length=64, unique=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="access.member"
                    ),
                ),
            ],
            options={
                "db_table": "access_api_token",
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[("staff", "Staff"), ("supplier", "Supplier user"), ("customer", "Customer user")],
                        max_length=10,
                    ),
                ),
                ("language", models.CharField(default="zh-hans", max_length=10)),
                ("digest", models.CharField(db_collation="C", max_length=64, unique=True)),
                ("invited_by_name", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "party",
                    models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to="parties.party"),
                ),
                ("roles", models.ManyToManyField(db_table="access_invitation_role", to="access.role")),
            ],
            options={
                "db_table": "access_invitation",
            },
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(
                fields=("identity_id", "kind", "party"), name="member_once_per_party", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "staff"), ("party", None)),
                    models.Q(models.Q(("kind", "staff"), _negated=True), ("party__isnull", False)),
                    _connector="OR",
                ),
                name="partner_members_have_a_party",
            ),
        ),
    ]
