"""Receivables set off against payables, and refunds; companies that exist already number both."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT x.doc_type, CASE WHEN r.prefix = 'QCKC' THEN x.chinese ELSE x.english END,
       r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r, (VALUES
    ('invoicing.netting', 'WLCZ', 'NET'), ('invoicing.refund', 'TKD', 'RFD')
) AS x (doc_type, chinese, english)
WHERE r.doc_type = 'inventory.opening_stock'
ON CONFLICT (doc_type) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0001_documents_leave_a_trail"),
        ("invoicing", "0006_lines_keep_their_unit"),
        ("parties", "0002_a_supplier_has_a_reason_for_its_state"),
    ]

    operations = [
        migrations.CreateModel(
            name="Netting",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("doc_date", models.DateField()),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "In approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("voided", "Voided"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "closing",
                    models.CharField(
                        choices=[("open", "Open"), ("auto_closed", "Closed"), ("manual_closed", "Closed manually")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("remark", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(default="", max_length=120)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by_id", models.UUIDField(null=True)),
                ("approved_by_name", models.CharField(default="", max_length=120)),
                ("updated_at", models.DateTimeField()),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "customer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_netting",
            },
        ),
        migrations.CreateModel(
            name="NettingLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.netting",
                    ),
                ),
                (
                    "purchase_invoice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="netting_lines",
                        to="invoicing.purchaseinvoice",
                    ),
                ),
                (
                    "sales_invoice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="netting_lines",
                        to="invoicing.salesinvoice",
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_netting_line",
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("doc_date", models.DateField()),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "In approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("voided", "Voided"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "closing",
                    models.CharField(
                        choices=[("open", "Open"), ("auto_closed", "Closed"), ("manual_closed", "Closed manually")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("remark", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(default="", max_length=120)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by_id", models.UUIDField(null=True)),
                ("approved_by_name", models.CharField(default="", max_length=120)),
                ("updated_at", models.DateTimeField()),
                (
                    "side",
                    models.CharField(
                        choices=[("customer", "To a customer"), ("supplier", "From a supplier")], max_length=8
                    ),
                ),
                ("reference", models.CharField(blank=True, default="", max_length=80)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "fund_account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.fundaccount"
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_refund",
            },
        ),
        migrations.CreateModel(
            name="RefundLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("source_type", models.CharField(max_length=40)),
                ("source_id", models.UUIDField(db_index=True)),
                ("source_number", models.CharField(max_length=40)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="invoicing.refund",
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_refund_line",
            },
        ),
        migrations.AddConstraint(
            model_name="netting",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="netting_positive"),
        ),
        migrations.AddConstraint(
            model_name="nettingline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="netting_line_once"),
        ),
        migrations.AddConstraint(
            model_name="nettingline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    models.Q(
                        models.Q(("purchase_invoice__isnull", True), ("sales_invoice__isnull", False)),
                        models.Q(("purchase_invoice__isnull", False), ("sales_invoice__isnull", True)),
                        _connector="OR",
                    ),
                ),
                name="netting_line_of_one_side",
            ),
        ),
        migrations.AddConstraint(
            model_name="refund",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_positive"),
        ),
        migrations.AddConstraint(
            model_name="refundline",
            constraint=models.UniqueConstraint(fields=("document", "source_id"), name="refund_source_once"),
        ),
        migrations.AddConstraint(
            model_name="refundline",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="refund_line_positive"),
        ),
        migrations.RunSQL(NUMBERING, reverse_sql=migrations.RunSQL.noop),
    ]
