"""Production orders, the papers of their material and their receipts; numbering rules for them, and rights for those who
have those of subcontract material."""

from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import backend.kernel.ids

NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT x.doc_type, CASE WHEN r.prefix = 'QCKC' THEN x.chinese ELSE x.english END,
       r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r, (VALUES
    ('production.order', 'SCRW', 'MO'), ('production.material', 'SCLL', 'MI'), ('production.receipt', 'CPRK', 'PRC')
) AS x (doc_type, chinese, english)
WHERE r.doc_type = 'inventory.opening_stock'
ON CONFLICT (doc_type) DO NOTHING;
"""
FORGET = "DELETE FROM kernel_numbering_rule WHERE doc_type LIKE 'production.%'"
GIVE = """
WITH follows (held, given) AS (VALUES
    ('purchasing.material.view', 'production.order.view'), ('purchasing.material.view', 'production.material.view'),
    ('purchasing.material.view', 'production.receipt.view'), ('purchasing.material.edit', 'production.order.edit'),
    ('purchasing.material.edit', 'production.material.edit'), ('purchasing.material.edit', 'production.receipt.edit'),
    ('purchasing.material.approve', 'production.order.approve'),
    ('purchasing.material.approve', 'production.material.approve'),
    ('purchasing.material.approve', 'production.receipt.approve'),
    ('purchasing.receipt.export', 'production.order.export')
)
UPDATE access_role r
SET permissions = r.permissions || ARRAY(
    SELECT f.given::varchar(60) FROM follows f
    WHERE f.held = ANY (r.permissions) AND NOT f.given = ANY (r.permissions) ORDER BY f.given)
WHERE NOT r.is_builtin
"""
TAKE = """
UPDATE access_role SET permissions = ARRAY(
    SELECT code FROM unnest(permissions) WITH ORDINALITY AS p (code, place) WHERE code NOT LIKE 'production.%' ORDER BY place)
WHERE NOT is_builtin
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("access", "0002_roles_keep_consignment"),
        ("kernel", "0001_documents_leave_a_trail"),
        ("catalog", "0007_last_prices_say_their_currency"),
        ("inventory", "0025_material_lies_in_the_workshop"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProductionOrder",
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
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("start_date", models.DateField()),
                ("finish_date", models.DateField()),
                ("received_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                (
                    "issue",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "receipt",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"),
                ),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.warehouse"
                    ),
                ),
            ],
            options={
                "db_table": "production_order",
            },
        ),
        migrations.CreateModel(
            name="ProductionMaterial",
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
                            ("issue", "Issue to the workshop"),
                            ("return", "Return from the workshop"),
                            ("loss", "Lost in the workshop"),
                        ],
                        default="issue",
                        max_length=10,
                    ),
                ),
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "warehouse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.warehouse"
                    ),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="materials",
                        to="production.productionorder",
                    ),
                ),
            ],
            options={
                "db_table": "production_material",
            },
        ),
        migrations.CreateModel(
            name="ProductionComponent",
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
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="components",
                        to="production.productionorder",
                    ),
                ),
            ],
            options={
                "db_table": "production_component",
            },
        ),
        migrations.CreateModel(
            name="ProductReceipt",
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
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("lot_no", models.CharField(blank=True, default="", max_length=40)),
                ("expiry_date", models.DateField(blank=True, null=True)),
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"),
                ),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="production.productionorder",
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
                "db_table": "production_receipt",
            },
        ),
        migrations.CreateModel(
            name="ProductReceiptLine",
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
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="production.productioncomponent",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="production.productreceipt",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.item"),
                ),
            ],
            options={
                "db_table": "production_receipt_line",
            },
        ),
        migrations.CreateModel(
            name="ProductionMaterialLine",
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
                    "component",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="production.productioncomponent",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="production.productionmaterial",
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
            ],
            options={
                "db_table": "production_material_line",
                "constraints": [
                    models.UniqueConstraint(fields=("document", "line_no"), name="production_material_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(("qty__gt", 0)), name="production_material_line_positive"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="productionorder",
            index=models.Index(fields=["-doc_date", "-id"], name="production_order_newest"),
        ),
        migrations.AddConstraint(
            model_name="productionorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("qty__gt", 0), ("received_qty__gte", 0), ("received_qty__lte", models.F("qty"))),
                name="production_order_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="productionorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("finish_date__gte", models.F("start_date"))),
                name="production_order_ends_after_it_starts",
            ),
        ),
        migrations.AddIndex(
            model_name="productionmaterial",
            index=models.Index(fields=["-doc_date", "-id"], name="production_material_newest"),
        ),
        migrations.AddConstraint(
            model_name="productioncomponent",
            constraint=models.UniqueConstraint(fields=("order", "item"), name="production_component_once"),
        ),
        migrations.AddConstraint(
            model_name="productioncomponent",
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
                name="production_component_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="productioncomponent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "issued_qty__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("returned_qty"), "+", models.F("used_qty")
                            ),
                            "+",
                            models.F("lost_qty"),
                        ),
                    )
                ),
                name="production_component_held",
            ),
        ),
        migrations.AddIndex(
            model_name="productreceipt",
            index=models.Index(fields=["-doc_date", "-id"], name="production_receipt_newest"),
        ),
        migrations.AddConstraint(
            model_name="productreceipt",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="production_receipt_positive"),
        ),
        migrations.AddConstraint(
            model_name="productreceiptline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="production_receipt_line_once"),
        ),
        migrations.AddConstraint(
            model_name="productreceiptline",
            constraint=models.CheckConstraint(
                condition=models.Q(("qty__gt", 0)), name="production_receipt_line_positive"
            ),
        ),
        migrations.RunSQL(NUMBERING, FORGET),
        migrations.RunSQL(GIVE, TAKE),
    ]
