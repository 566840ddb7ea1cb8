"""Subcontracting: orders of that kind, their components, and the papers of material; numbering rules for both."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT x.doc_type, CASE WHEN r.prefix = 'QCKC' THEN x.chinese ELSE x.english END,
       r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r, (VALUES
    ('purchasing.subcontract', 'WWJG', 'SCO'), ('purchasing.material', 'WWFL', 'SCM')
) AS x (doc_type, chinese, english)
WHERE r.doc_type = 'inventory.opening_stock'
ON CONFLICT (doc_type) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0001_documents_leave_a_trail"),
        ("catalog", "0003_items_have_other_units"),
        ("inventory", "0012_material_lies_at_processors"),
        ("parties", "0002_a_supplier_has_a_reason_for_its_state"),
        ("purchasing", "0012_quotes_on_paper_are_keyed"),
    ]

    operations = [
        migrations.AddField(
            model_name="purchaseorder",
            name="kind",
            field=models.CharField(
                choices=[("goods", "Goods"), ("subcontract", "Subcontracting")],
                db_default="goods",
                default="goods",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="purchasereceiptline",
            name="material_value",
            field=models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18),
        ),
        migrations.AddField(
            model_name="purchasereturnline",
            name="material_value",
            field=models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18),
        ),
        migrations.CreateModel(
            name="MaterialMove",
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
                            ("issue", "Issue to the processor"),
                            ("return", "Return from the processor"),
                            ("loss", "Lost at the processor"),
                        ],
                        default="issue",
                        max_length=10,
                    ),
                ),
                (
                    "bearer",
                    models.CharField(
                        choices=[("us", "We do"), ("supplier", "The processor does")], default="us", max_length=10
                    ),
                ),
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="material_moves",
                        to="purchasing.purchaseorder",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
                    ),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.warehouse"
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_material",
            },
        ),
        migrations.CreateModel(
            name="SubcontractComponent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty_per", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("scrap_pct", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("issued_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("returned_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("used_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("lost_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"),
                ),
                (
                    "order_line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="components",
                        to="purchasing.purchaseorderline",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_subcontract_component",
            },
        ),
        migrations.CreateModel(
            name="MaterialMoveLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="purchasing.materialmove",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"),
                ),
                (
                    "lot",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.lot"
                    ),
                ),
                (
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="purchasing.subcontractcomponent",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_material_line",
            },
        ),
        migrations.AddIndex(
            model_name="materialmove",
            index=models.Index(fields=["-doc_date", "-id"], name="material_newest"),
        ),
        migrations.AddConstraint(
            model_name="subcontractcomponent",
            constraint=models.UniqueConstraint(fields=("order_line", "item"), name="subcontract_component_once"),
        ),
        migrations.AddConstraint(
            model_name="subcontractcomponent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("issued_qty__gte", 0),
                    ("lost_qty__gte", 0),
                    ("qty_per__gt", 0),
                    ("returned_qty__gte", 0),
                    ("scrap_pct__gte", 0),
                    ("scrap_pct__lt", 100),
                    ("used_qty__gte", 0),
                ),
                name="subcontract_component_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="materialmoveline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="material_line_once"),
        ),
        migrations.AddConstraint(
            model_name="materialmoveline",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="material_line_positive"),
        ),
        migrations.RunSQL(NUMBERING, reverse_sql=migrations.RunSQL.noop),
    ]
