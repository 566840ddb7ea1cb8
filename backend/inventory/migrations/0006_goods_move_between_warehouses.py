"""Other receipts and issues, and transfers with what is under way.

* Moves inside the company and losses may take lots that are not released (the function behind the moves' trigger).
* Companies that exist already get numbering rules for the new documents, in the language of the rules they have.
"""

from decimal import Decimal

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import backend.kernel.ids

_LIST = "'reversal', 'purchase_return'"
_WIDER = "'reversal', 'purchase_return', 'scrap', 'transfer_out', 'transit', 'transfer_loss', 'count_loss'"

# The function is taken as it stands and its list of kinds replaced, so that nothing else of it is written twice.
_REPLACE = """
DO $do$
DECLARE
    source text := pg_get_functiondef('inventory_apply_moves'::regproc);
BEGIN
    IF position($list${old}$list$ IN source) = 0 THEN
        RAISE EXCEPTION 'inventory_apply_moves has another list of kinds';
    END IF;
    EXECUTE replace(source, $list${old}$list$, $list${new}$list$);
END $do$;
"""

NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT x.doc_type, CASE WHEN r.prefix = 'QCKC' THEN x.chinese ELSE x.english END,
       r.date_format, r.separator, r.digits, r.reset
FROM kernel_numbering_rule r, (VALUES
    ('inventory.other_receipt', 'QTRK', 'OR'), ('inventory.other_issue', 'QTCK', 'OI'),
    ('inventory.transfer', 'DBCK', 'TR'), ('inventory.transfer_receipt', 'DBRK', 'TRR')
) AS x (doc_type, chinese, english)
WHERE r.doc_type = 'inventory.opening_stock'
ON CONFLICT (doc_type) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_items_have_prices"),
        ("inventory", "0005_lots_are_split"),
        ("kernel", "0001_documents_leave_a_trail"),
        ("parties", "0001_partners_have_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="OtherIssue",
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
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("own_use", "Own use"),
                            ("sample", "Sample"),
                            ("gift", "Given away"),
                            ("research", "Research and development"),
                            ("repair", "Repair for customers"),
                            ("scrap", "Scrapped, to be cleared up"),
                            ("donation", "Donation"),
                            ("other", "Other issue"),
                        ],
                        max_length=12,
                    ),
                ),
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_other_issue",
            },
        ),
        migrations.CreateModel(
            name="OtherIssueLine",
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
                ("tax_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_other_issue_line",
            },
        ),
        migrations.CreateModel(
            name="OtherReceipt",
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
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("gift", "Received free of charge"),
                            ("from_use", "Returned from own use"),
                            ("sample_back", "Sample returned"),
                            ("found", "Found, to be cleared up"),
                            ("contributed", "Contributed by the owners"),
                            ("other", "Other receipt"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "db_table": "inventory_other_receipt",
            },
        ),
        migrations.CreateModel(
            name="OtherReceiptLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("unit_cost", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("lot_no", models.CharField(blank=True, default="", max_length=40)),
                ("expiry_date", models.DateField(blank=True, null=True)),
            ],
            options={
                "db_table": "inventory_other_receipt_line",
            },
        ),
        migrations.CreateModel(
            name="Transfer",
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
                ("expected_date", models.DateField()),
                ("one_step", models.BooleanField(default=False)),
                ("urgent", models.BooleanField(default=False)),
                (
                    "urgent_cause",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("forecast", "Demand was underestimated"),
                            ("late_supplier", "A supplier was late"),
                            ("wrong_place", "Goods lay in the wrong warehouse"),
                            ("stock_error", "The stock record was wrong"),
                            ("rush_order", "A customer's rush order"),
                            ("other", "Another cause"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("freight_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "received",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
            ],
            options={
                "db_table": "inventory_transfer",
            },
        ),
        migrations.CreateModel(
            name="TransferLine",
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
                ("received_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("lost_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("suggestion_id", models.UUIDField(null=True)),
            ],
            options={
                "db_table": "inventory_transfer_line",
            },
        ),
        migrations.CreateModel(
            name="TransferReceipt",
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
                ("total_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("lost_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_transfer_receipt",
            },
        ),
        migrations.CreateModel(
            name="TransferReceiptLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("lost_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("lost_value", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_transfer_receipt_line",
            },
        ),
        migrations.AddField(
            model_name="warehouse",
            name="kind",
            field=models.CharField(
                choices=[("stock", "Warehouse"), ("transit", "Under way between warehouses")],
                db_default="stock",
                default="stock",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="stockmove",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opening", "Opening stock"),
                    ("purchase_receipt", "Purchase receipt"),
                    ("sales_delivery", "Sales delivery"),
                    ("purchase_return", "Purchase return"),
                    ("sales_return", "Sales return"),
                    ("revaluation", "Cost adjustment"),
                    ("correction", "Recalculated cost"),
                    ("reversal", "Reversal"),
                    ("lot_split", "Lot split"),
                    ("other_receipt", "Other receipt"),
                    ("other_issue", "Other issue"),
                    ("scrap", "Scrapped"),
                    ("transfer_out", "Transfer out"),
                    ("transit", "Under way"),
                    ("transfer_in", "Transfer in"),
                    ("transfer_loss", "Lost on the way"),
                    ("count_gain", "Count gain"),
                    ("count_loss", "Count loss"),
                    ("assembly_out", "Taken for assembly"),
                    ("assembly_in", "Made by assembly"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "transit")), fields=("kind",), name="warehouse_one_for_transit"
            ),
        ),
        migrations.AddField(
            model_name="otherissue",
            name="party",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="parties.party"
            ),
        ),
        migrations.AddField(
            model_name="otherissue",
            name="warehouse",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"),
        ),
        migrations.AddField(
            model_name="otherissueline",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="inventory.otherissue",
            ),
        ),
        migrations.AddField(
            model_name="otherissueline",
            name="item",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="otherissueline",
            name="lot",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot"
            ),
        ),
        migrations.AddField(
            model_name="otherreceipt",
            name="party",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="parties.party"
            ),
        ),
        migrations.AddField(
            model_name="otherreceipt",
            name="warehouse",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"),
        ),
        migrations.AddField(
            model_name="otherreceiptline",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="inventory.otherreceipt",
            ),
        ),
        migrations.AddField(
            model_name="otherreceiptline",
            name="item",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="transfer",
            name="destination",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.warehouse"
            ),
        ),
        migrations.AddField(
            model_name="transfer",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.warehouse"
            ),
        ),
        migrations.AddField(
            model_name="transferline",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="inventory.transfer",
            ),
        ),
        migrations.AddField(
            model_name="transferline",
            name="item",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="transferline",
            name="lot",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot"
            ),
        ),
        migrations.AddField(
            model_name="transferreceipt",
            name="transfer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="inventory.transfer"
            ),
        ),
        migrations.AddField(
            model_name="transferreceipt",
            name="warehouse",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"),
        ),
        migrations.AddField(
            model_name="transferreceiptline",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="inventory.transferreceipt",
            ),
        ),
        migrations.AddField(
            model_name="transferreceiptline",
            name="item",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="transferreceiptline",
            name="transfer_line",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="receipt_lines", to="inventory.transferline"
            ),
        ),
        migrations.AddConstraint(
            model_name="otherissueline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="other_issue_line_once"),
        ),
        migrations.AddConstraint(
            model_name="otherissueline",
            constraint=models.CheckConstraint(
                condition=models.Q(("qty__gt", 0), ("value__gte", 0)), name="other_issue_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="otherreceiptline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="other_receipt_line_once"),
        ),
        migrations.AddConstraint(
            model_name="otherreceiptline",
            constraint=models.CheckConstraint(
                condition=models.Q(("qty__gt", 0), ("value__gte", 0)), name="other_receipt_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", models.F("destination")), _negated=True),
                name="transfer_between_two_places",
            ),
        ),
        migrations.AddConstraint(
            model_name="transfer",
            constraint=models.CheckConstraint(
                condition=models.Q(("urgent", False), models.Q(("urgent_cause", ""), _negated=True), _connector="OR"),
                name="urgent_transfer_has_a_cause",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="transfer_line_once"),
        ),
        migrations.AddConstraint(
            model_name="transferline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lost_qty__gte", 0),
                    ("qty__gt", 0),
                    ("received_qty__gte", 0),
                    ("value__gte", 0),
                    (
                        "qty__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("received_qty"), "+", models.F("lost_qty")
                        ),
                    ),
                ),
                name="transfer_line_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="transferreceiptline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="transfer_receipt_line_once"),
        ),
        migrations.AddConstraint(
            model_name="transferreceiptline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("lost_qty__gte", 0), ("qty__gte", 0), models.Q(("lost_qty", 0), ("qty", 0), _negated=True)
                ),
                name="transfer_receipt_line_positive",
            ),
        ),
        migrations.RunSQL(_REPLACE.format(old=_LIST, new=_WIDER), reverse_sql=_REPLACE.format(old=_WIDER, new=_LIST)),
        migrations.RunSQL(NUMBERING, reverse_sql=migrations.RunSQL.noop),
    ]
