"""Approvals have levels; what was decided is never changed. Companies that exist get the first rules for requisitions."""

from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

GUARD = """
CREATE FUNCTION workflow_guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.decided_at IS NOT NULL AND (TG_OP = 'DELETE' OR
       (NEW.state, NEW.level, NEW.decided_at, NEW.decided_by_id, NEW.decided_by_name, NEW.for_name, NEW.reason)
       IS DISTINCT FROM
       (OLD.state, OLD.level, OLD.decided_at, OLD.decided_by_id, OLD.decided_by_name, OLD.for_name, OLD.reason)) THEN
        RAISE EXCEPTION 'What was decided stands' USING ERRCODE = '23001';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER workflow_guard_decision BEFORE UPDATE OR DELETE ON workflow_approval_step
    FOR EACH ROW EXECUTE FUNCTION workflow_guard_decision();
"""
NO_GUARD = """
DROP TRIGGER workflow_guard_decision ON workflow_approval_step;
DROP FUNCTION workflow_guard_decision();
"""
RULES = """
INSERT INTO workflow_approval_rule (id, doc_type, level, amount_from, role_id, updated_at, updated_by_name)
SELECT gen_random_uuid(), 'purchasing.requisition', n.level, n.amount, r.id, now(), ''
FROM access_role r, (VALUES ('buyer', 1, 0), ('owner', 2, 10000)) AS n (code, level, amount)
WHERE r.code = n.code AND r.is_builtin ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_members_hold_roles"),
        ("workflow", "0001_tasks_and_settings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("subject_type", models.CharField(max_length=40)),
                ("subject_id", models.UUIDField()),
                ("subject_number", models.CharField(max_length=40)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "authors",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Under way"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("asked_by_name", models.CharField(max_length=120)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "workflow_approval",
                "indexes": [models.Index(fields=["subject_id", "-id"], name="approval_subject")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("subject_id",),
                        name="approval_open_once_per_document",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalDelegation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("date_from", models.DateField()),
                ("date_to", models.DateField()),
                ("reason", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField()),
                ("created_by_name", models.CharField(default="", max_length=120)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="access.member"
                    ),
                ),
                (
                    "substitute",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="access.member"
                    ),
                ),
            ],
            options={
                "db_table": "workflow_approval_delegation",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("date_from__lte", models.F("date_to")),
                            models.Q(("person", models.F("substitute")), _negated=True),
                        ),
                        name="approval_delegation_makes_sense",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRule",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("doc_type", models.CharField(db_collation="C", max_length=40)),
                ("level", models.PositiveSmallIntegerField()),
                ("amount_from", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("updated_at", models.DateTimeField()),
                ("updated_by_name", models.CharField(default="", max_length=120)),
                (
                    "member",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.member"
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="access.role"
                    ),
                ),
            ],
            options={
                "db_table": "workflow_approval_rule",
                "constraints": [
                    models.UniqueConstraint(fields=("doc_type", "level", "amount_from"), name="approval_rule_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("member__isnull", False), ("role", None)),
                            models.Q(("member", None), ("role__isnull", False)),
                            _connector="OR",
                        ),
                        name="approval_rule_names_one",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_from__gte", 0), ("level__gte", 1), ("level__lte", 9)),
                        name="approval_rule_bounds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalStep",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.PositiveSmallIntegerField()),
                ("approver", models.CharField(default="", max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Later"),
                            ("open", "To decide"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("dropped", "Not needed any more"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("opened_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by_id", models.UUIDField(null=True)),
                ("decided_by_name", models.CharField(blank=True, default="", max_length=120)),
                ("for_name", models.CharField(blank=True, default="", max_length=120)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "approval",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="workflow.approval",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="access.member"
                    ),
                ),
                (
                    "role",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="access.role"
                    ),
                ),
            ],
            options={
                "db_table": "workflow_approval_step",
                "indexes": [
                    models.Index(condition=models.Q(("state", "open")), fields=["opened_at"], name="approval_step_open")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("approval", "level"), name="approval_step_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")), fields=("approval",), name="approval_one_level_at_a_time"
                    ),
                ],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
