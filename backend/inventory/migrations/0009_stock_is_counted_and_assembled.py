"""Counts, kits and their assembly; companies that exist already get numbering rules for them."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT x.doc_type, CASE WHEN r.prefix = 'QCKC' THEN x.chinese ELSE x.english END,
       r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r, (VALUES
    ('inventory.count', 'PD', 'CNT'), ('inventory.assembly', 'ZZCX', 'ASM')
) AS x (doc_type, chinese, english)
WHERE r.doc_type = 'inventory.opening_stock'
ON CONFLICT (doc_type) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_items_are_inspected"),
        ("inventory", "0008_the_lot_graph_is_walked"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assembly",
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
                        choices=[("assemble", "Assembly"), ("take_apart", "Disassembly")],
                        default="assemble",
                        max_length=10,
                    ),
                ),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("lot_no", models.CharField(blank=True, default="", max_length=40)),
                ("expiry_date", models.DateField(blank=True, null=True)),
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "inventory_assembly",
            },
        ),
        migrations.CreateModel(
            name="AssemblyLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("ratio", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                ("lot_no", models.CharField(blank=True, default="", max_length=40)),
                ("value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="inventory.assembly",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "inventory_assembly_line",
            },
        ),
        migrations.CreateModel(
            name="KitLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("ratio", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"),
                ),
                (
                    "kit",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.item"),
                ),
            ],
            options={
                "db_table": "inventory_kit_line",
            },
        ),
        migrations.CreateModel(
            name="StockCount",
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
                    "abc",
                    models.CharField(
                        blank=True, choices=[("A", "A"), ("B", "B"), ("C", "C")], default="", max_length=1
                    ),
                ),
                ("item_ids", models.JSONField(blank=True, default=list)),
                ("blind", models.BooleanField(default=True)),
                ("frozen_at", models.DateTimeField(blank=True, null=True)),
                ("gain_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("loss_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("accuracy_qty", models.DecimalField(decimal_places=4, default=None, max_digits=9, null=True)),
                ("accuracy_value", models.DecimalField(decimal_places=4, default=None, max_digits=9, null=True)),
                (
                    "disposition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("non_operating", "Non-operating gain and loss"),
                            ("admin", "Ordinary wastage, an administrative expense"),
                            ("claim", "To be paid by whoever is liable"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="catalog.itemcategory"
                    ),
                ),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "inventory_count",
            },
        ),
        migrations.CreateModel(
            name="StockCountLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("book_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("unit_cost", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("counted_qty", models.DecimalField(decimal_places=4, default=None, max_digits=18, null=True)),
                ("expected_qty", models.DecimalField(decimal_places=4, default=None, max_digits=18, null=True)),
                ("counted_at", models.DateTimeField(null=True)),
                ("counted_by_id", models.UUIDField(null=True)),
                ("counted_by_name", models.CharField(blank=True, default="", max_length=120)),
                ("diff_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="inventory.stockcount",
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
                "db_table": "inventory_count_line",
            },
        ),
        migrations.AddConstraint(
            model_name="assembly",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="assembly_positive"),
        ),
        migrations.AddConstraint(
            model_name="assemblyline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="assembly_line_once"),
        ),
        migrations.AddConstraint(
            model_name="assemblyline",
            constraint=models.CheckConstraint(
                condition=models.Q(("qty__gt", 0), ("ratio__gte", 0)), name="assembly_line_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="kitline",
            constraint=models.UniqueConstraint(fields=("kit", "item"), name="kit_component_once"),
        ),
        migrations.AddConstraint(
            model_name="kitline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("qty__gt", 0), ("ratio__gte", 0), models.Q(("kit", models.F("item")), _negated=True)
                ),
                name="kit_line_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockcountline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="count_line_once"),
        ),
        migrations.AddConstraint(
            model_name="stockcountline",
            constraint=models.UniqueConstraint(
                fields=("document", "item", "lot"), name="count_item_and_lot_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="stockcountline",
            constraint=models.CheckConstraint(
                condition=models.Q(("counted_qty__isnull", True), ("counted_qty__gte", 0), _connector="OR"),
                name="count_not_negative",
            ),
        ),
        migrations.RunSQL(NUMBERING, reverse_sql=migrations.RunSQL.noop),
    ]
