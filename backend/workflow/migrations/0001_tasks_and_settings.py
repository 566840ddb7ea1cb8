"""Tasks and settings."""

from django.db import migrations, models

import backend.kernel.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Setting",
            fields=[
                ("key", models.CharField(db_collation="C", max_length=60, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("updated_at", models.DateTimeField()),
                ("updated_by_name", models.CharField(default="", max_length=120)),
            ],
            options={
                "db_table": "workflow_setting",
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.UUIDField()),
                ("kind", models.CharField(max_length=40)),
                ("params", models.JSONField(default=dict)),
                ("url", models.CharField(default="", max_length=200)),
                ("dedupe_key", models.CharField(db_collation="C", max_length=160, unique=True)),
                ("created_at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "workflow_notification",
                "indexes": [models.Index(fields=["member_id", "-created_at"], name="notification_member")],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("member_id", models.UUIDField()),
                ("page", models.CharField(max_length=60)),
                ("name", models.CharField(blank=True, default="", max_length=60)),
                ("query", models.TextField(blank=True, default="")),
                ("columns", models.JSONField(default=list)),
                ("shared", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "workflow_saved_view",
                "constraints": [models.UniqueConstraint(fields=("member_id", "page", "name"), name="saved_view_once")],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("params", models.JSONField(default=dict)),
                ("assignee_id", models.UUIDField(null=True)),
                ("permission", models.CharField(default="", max_length=60)),
                ("subject_type", models.CharField(default="", max_length=40)),
                ("subject_id", models.UUIDField(null=True)),
                ("subject_number", models.CharField(default="", max_length=40)),
                ("due_date", models.DateField(null=True)),
                ("dedupe_key", models.CharField(db_collation="C", max_length=120)),
                ("created_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("done_by_name", models.CharField(default="", max_length=120)),
            ],
            options={
                "db_table": "workflow_task",
                "indexes": [
                    models.Index(fields=["subject_id"], name="task_subject"),
                    models.Index(condition=models.Q(("done_at", None)), fields=["created_at"], name="task_open"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("done_at", None)), fields=("dedupe_key",), name="task_open_once"
                    )
                ],
            },
        ),
    ]
