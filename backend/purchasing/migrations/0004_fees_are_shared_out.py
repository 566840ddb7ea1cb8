"""Landed cost: fees told after the goods came, shared out over them.

Companies that exist already get numbering rules for the new documents, in the language of the rules they have.
"""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

RULES = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT n.doc_type, CASE WHEN r.prefix = 'XSDD' THEN n.zh ELSE n.en END, r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r, (VALUES
    ('purchasing.landed_cost', 'CGFY', 'LC')
) AS n (doc_type, zh, en)
WHERE r.doc_type = 'sales.order' ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0002_the_trail_is_never_changed"),
        ("catalog", "0001_items_have_prices"),
        ("invoicing", "0002_agreed_statements_stay"),
        ("parties", "0002_a_supplier_has_a_reason_for_its_state"),
        ("purchasing", "0003_receipts_are_inspected"),
    ]

    operations = [
        migrations.CreateModel(
            name="LandedCost",
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
                ("fee_name", models.CharField(max_length=60)),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("value", "By value"),
                            ("qty", "By quantity"),
                            ("weight", "By weight"),
                            ("volume", "By volume"),
                        ],
                        default="value",
                        max_length=8,
                    ),
                ),
                (
                    "invoice_kind",
                    models.CharField(
                        choices=[("vat_special", "Special VAT invoice"), ("vat_ordinary", "Ordinary VAT invoice")],
                        default="vat_special",
                        max_length=16,
                    ),
                ),
                ("external_no", models.CharField(blank=True, default="", max_length=60)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("stock_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("sold_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "invoice",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="landed_cost",
                        to="invoicing.purchaseinvoice",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="landed_costs", to="parties.party"
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_landed_cost",
            },
        ),
        migrations.CreateModel(
            name="LandedCostLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("receipt_number", models.CharField(max_length=40)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("goods_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("measure", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="purchasing.landedcost",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
                (
                    "receipt_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="landed_costs",
                        to="purchasing.purchasereceiptline",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_landed_cost_line",
            },
        ),
        migrations.AddIndex(
            model_name="landedcost",
            index=models.Index(fields=["-doc_date", "-id"], name="landed_cost_newest"),
        ),
        migrations.AddConstraint(
            model_name="landedcostline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="landed_cost_line_once"),
        ),
        migrations.AddConstraint(
            model_name="landedcostline",
            constraint=models.UniqueConstraint(
                fields=("document", "receipt_line"), name="landed_cost_once_a_receipt_line"
            ),
        ),
        migrations.AddConstraint(
            model_name="landedcostline",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0), ("measure__gte", 0), ("qty__gt", 0)),
                name="landed_cost_line_positive",
            ),
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
