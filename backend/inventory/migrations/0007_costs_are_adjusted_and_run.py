"""Cost adjustments, the costing run of a month, and the chain of an item valued in one pass.

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
    ('inventory.cost_adjustment', 'CBTZ', 'CA'),
    ('inventory.costing_run', 'CBHS', 'CR')
) AS n (doc_type, zh, en)
WHERE r.doc_type = 'sales.order' ON CONFLICT DO NOTHING;
"""

# The chain of an item: what its moves come to when they are valued one after the other in the order of their days.
# State: quantity, value, and what the row is worth otherwise than booked. Rows: 0 begins, 1 keeps its value, 2 leaves at
# the average, 3 is the costing's own work and is done anew.
CHAIN = """
CREATE FUNCTION inventory_chain_step(s numeric[], what integer, qty_in numeric, qty_out numeric, value_in numeric,
                                     value_out numeric)
RETURNS numeric[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    q numeric := s[1];
    v numeric := s[2];
    after_q numeric := q + qty_in - qty_out;
    after_v numeric;
BEGIN
    IF what = 0 THEN
        RETURN ARRAY[qty_in - qty_out, value_in - value_out, 0];
    ELSIF what = 3 THEN
        after_v := v;
    ELSIF what = 2 AND after_q > 0 THEN
        after_v := v - round(qty_out * v / q, 2);
    ELSIF qty_in > 0 AND q < 0 THEN
        after_v := CASE WHEN after_q > 0 THEN round(value_in * after_q / qty_in, 2) ELSE round(v * after_q / q, 2) END;
    ELSE
        after_v := v + value_in - value_out;
    END IF;
    IF after_q = 0 OR (after_q > 0 AND after_v < 0) OR (after_q < 0 AND after_v > 0) THEN
        after_v := 0;
    END IF;
    RETURN ARRAY[after_q, after_v, after_v - v - (value_in - value_out)];
END $$;
CREATE AGGREGATE inventory_chain(integer, numeric, numeric, numeric, numeric) (
    SFUNC = inventory_chain_step, STYPE = numeric[], INITCOND = '{0,0,0}'
);
"""
UNCHAIN = """
DROP AGGREGATE inventory_chain(integer, numeric, numeric, numeric, numeric);
DROP FUNCTION inventory_chain_step(numeric[], integer, numeric, numeric, numeric, numeric);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0002_the_trail_is_never_changed"),
        ("catalog", "0001_items_have_prices"),
        ("inventory", "0006_goods_move_between_warehouses"),
    ]

    operations = [
        migrations.CreateModel(
            name="CostAdjustment",
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
                    "reason",
                    models.CharField(
                        choices=[
                            ("cogs", "Cost of sales"),
                            ("mfg_overhead", "Production overhead"),
                            ("admin_expense", "Administrative expenses"),
                            ("pending_loss_gain", "Gains and losses pending"),
                        ],
                        default="cogs",
                        max_length=20,
                    ),
                ),
                ("total_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("warehouse", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse")),
            ],
            options={
                "db_table": "inventory_cost_adjustment",
            },
        ),
        migrations.CreateModel(
            name="CostAdjustmentLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("unit_cost", models.DecimalField(decimal_places=6, default=None, max_digits=20, null=True)),
                ("amount", models.DecimalField(decimal_places=2, default=None, max_digits=18, null=True)),
                ("qty_before", models.DecimalField(decimal_places=4, default=None, max_digits=18, null=True)),
                ("value_before", models.DecimalField(decimal_places=2, default=None, max_digits=18, null=True)),
                ("note", models.CharField(blank=True, default="", max_length=120)),
                (
                    "document",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="inventory.costadjustment",
                    ),
                ),
                ("item", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item")),
            ],
            options={
                "db_table": "inventory_cost_adjustment_line",
            },
        ),
        migrations.CreateModel(
            name="CostingRun",
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
                ("month", models.DateField()),
                ("item_count", models.PositiveIntegerField(default=0)),
                ("issue_count", models.PositiveIntegerField(default=0)),
                ("issued_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("difference", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_costing_run",
                "indexes": [models.Index(fields=["month", "id"], name="costing_run_of_month")],
            },
        ),
        migrations.AddIndex(
            model_name="costadjustment",
            index=models.Index(fields=["-doc_date", "-id"], name="cost_adjustment_newest"),
        ),
        migrations.AddConstraint(
            model_name="costadjustmentline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="cost_adjustment_line_once"),
        ),
        migrations.RunSQL(CHAIN, UNCHAIN),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
