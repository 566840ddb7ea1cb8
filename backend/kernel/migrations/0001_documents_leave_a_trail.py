"""Documents leave a trail."""

from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Attachment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField(db_index=True)),
                ("name", models.CharField(max_length=200)),
                ("content_type", models.CharField(max_length=100)),
                ("size", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("file", models.FileField(max_length=200, upload_to="attachments/")),
                (
                    "visibility",
                    models.CharField(
                        choices=[("internal", "Internal"), ("supplier", "Supplier"), ("customer", "Customer")],
                        default="internal",
                        max_length=10,
                    ),
                ),
                ("party_id", models.UUIDField(null=True)),
                ("created_at", models.DateTimeField()),
                ("created_by_name", models.CharField(max_length=120)),
            ],
            options={
                "db_table": "kernel_attachment",
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField(db_index=True)),
                ("text", models.TextField(max_length=4000)),
                (
                    "visibility",
                    models.CharField(
                        choices=[("internal", "Internal"), ("supplier", "Supplier"), ("customer", "Customer")],
                        default="internal",
                        max_length=10,
                    ),
                ),
                ("party_id", models.UUIDField(null=True)),
                ("author_kind", models.CharField(max_length=10)),
                ("author_id", models.UUIDField(null=True)),
                ("author_name", models.CharField(max_length=120)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "kernel_comment",
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("key", models.CharField(db_collation="C", max_length=200, primary_key=True, serialize=False)),
                ("fingerprint", models.CharField(max_length=64)),
                ("answer", models.JSONField(null=True)),
                ("status", models.PositiveSmallIntegerField(default=200)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "kernel_idempotency_key",
            },
        ),
        migrations.CreateModel(
            name="NumberingRule",
            fields=[
                ("doc_type", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("prefix", models.CharField(max_length=12)),
                ("date_format", models.CharField(blank=True, default="%Y%m%d", max_length=12)),
                ("separator", models.CharField(blank=True, default="-", max_length=2)),
                ("digits", models.PositiveSmallIntegerField(default=5)),
                (
                    "reset",
                    models.CharField(
                        choices=[("day", "day"), ("month", "month"), ("year", "year"), ("never", "never")],
                        default="day",
                        max_length=5,
                    ),
                ),
            ],
            options={
                "db_table": "kernel_numbering_rule",
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("subject_label", models.CharField(default="", max_length=120)),
                ("verb", models.CharField(max_length=40)),
                ("axis", models.CharField(default="", max_length=20)),
                ("state_before", models.CharField(default="", max_length=20)),
                ("state_after", models.CharField(default="", max_length=20)),
                ("changes", models.JSONField(default=dict)),
                ("reason", models.CharField(default="", max_length=500)),
                ("actor_kind", models.CharField(max_length=10)),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_name", models.CharField(max_length=120)),
                ("channel", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "kernel_audit_entry",
                "indexes": [models.Index(fields=["subject_id", "-id"], name="audit_subject")],
            },
        ),
        migrations.CreateModel(
            name="DocumentLink",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("source_type", models.CharField(max_length=40)),
                ("source_id", models.UUIDField()),
                ("source_line_id", models.UUIDField(null=True)),
                ("target_type", models.CharField(max_length=40)),
                ("target_id", models.UUIDField()),
                ("target_line_id", models.UUIDField(null=True)),
                ("qty", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
            ],
            options={
                "db_table": "kernel_document_link",
                "indexes": [
                    models.Index(fields=["source_id"], name="link_source"),
                    models.Index(fields=["target_id"], name="link_target"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberCounter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("doc_type", models.CharField(max_length=40)),
                ("stretch", models.CharField(max_length=10)),
                ("last", models.BigIntegerField(default=0)),
            ],
            options={
                "db_table": "kernel_number_counter",
                "constraints": [models.UniqueConstraint(fields=("doc_type", "stretch"), name="number_counter_once")],
            },
        ),
    ]
