"""Debts move to another party, whose invoices name the transfer; companies that exist already number it."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT 'invoicing.debt_transfer', CASE WHEN r.prefix = 'QCKC' THEN 'WLZY' ELSE 'DTR' END,
       r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r WHERE r.doc_type = 'inventory.opening_stock'
ON CONFLICT (doc_type) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0001_documents_leave_a_trail"),
        ("invoicing", "0007_receivables_and_payables_are_cleared"),
        ("parties", "0003_contacts_look_after_something"),
    ]

    operations = [
        migrations.CreateModel(
            name="DebtTransfer",
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
                        choices=[
                            ("customer", "Receivable: another customer owes it"),
                            ("supplier", "Payable: we owe it to another supplier"),
                        ],
                        max_length=8,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "from_party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "to_party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_debt_transfer",
            },
        ),
        migrations.AddField(
            model_name="purchaseinvoice",
            name="transfer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.debttransfer"
            ),
        ),
        migrations.AddField(
            model_name="salesinvoice",
            name="transfer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="invoicing.debttransfer"
            ),
        ),
        migrations.CreateModel(
            name="DebtTransferLine",
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
                        to="invoicing.debttransfer",
                    ),
                ),
                (
                    "purchase_invoice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="invoicing.purchaseinvoice",
                    ),
                ),
                (
                    "sales_invoice",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="invoicing.salesinvoice",
                    ),
                ),
            ],
            options={
                "db_table": "invoicing_debt_transfer_line",
            },
        ),
        migrations.AddConstraint(
            model_name="debttransfer",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="debt_transfer_positive"),
        ),
        migrations.AddConstraint(
            model_name="debttransfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_party", models.F("to_party")), _negated=True), name="debt_transfer_moves"
            ),
        ),
        migrations.AddConstraint(
            model_name="debttransferline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="debt_transfer_line_once"),
        ),
        migrations.AddConstraint(
            model_name="debttransferline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("amount__gt", 0),
                    models.Q(
                        models.Q(("purchase_invoice__isnull", True), ("sales_invoice__isnull", False)),
                        models.Q(("purchase_invoice__isnull", False), ("sales_invoice__isnull", True)),
                        _connector="OR",
                    ),
                ),
                name="debt_transfer_line_of_one_side",
            ),
        ),
        migrations.RunSQL(NUMBERING, reverse_sql=migrations.RunSQL.noop),
    ]
