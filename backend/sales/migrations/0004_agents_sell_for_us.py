"""Consignment: goods that lie at agents, come back, or are settled as sold."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

# Companies that exist already number the new document as their language writes it.
NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT 'sales.consignment', CASE WHEN prefix = 'XSDD' THEN 'WTDX' ELSE 'CSG' END, date_format, separator, digits, reset
FROM kernel_numbering_rule WHERE doc_type = 'sales.order'
ON CONFLICT (doc_type) DO NOTHING
"""
FORGET = "DELETE FROM kernel_numbering_rule WHERE doc_type = 'sales.consignment'"


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_items_have_serial_numbers"),
        ("inventory", "0016_goods_lie_at_agents"),
        ("parties", "0003_contacts_look_after_something"),
        ("sales", "0003_lines_keep_their_unit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Consignment",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("out", "Sent on consignment"),
                            ("back", "Returned from consignment"),
                            ("sold", "Consignment settled"),
                        ],
                        max_length=4,
                    ),
                ),
                ("cost_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("customer", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="parties.party")),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "sales_consignment",
            },
        ),
        migrations.CreateModel(
            name="ConsignmentLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("tax_incl_price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("tax_rate", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("cost_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("net_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="sales.consignment",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
                (
                    "lot",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot"
                    ),
                ),
            ],
            options={
                "db_table": "sales_consignment_line",
                "constraints": [
                    models.UniqueConstraint(fields=("document", "line_no"), name="consignment_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("cost_amount__gte", 0), ("qty__gt", 0), ("tax_incl_price__gte", 0)),
                        name="consignment_line_sound",
                    ),
                ],
            },
        ),
        migrations.RunSQL(NUMBERING, FORGET),
    ]
