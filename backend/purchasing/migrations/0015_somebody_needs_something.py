"""Purchase requisitions; lines of orders and requests for quotation know which of their lines they serve."""

from decimal import Decimal

import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

# Companies that exist already number the new document as their language writes it.
NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT 'purchasing.requisition', CASE WHEN prefix = 'XSDD' THEN 'CGSQ' ELSE 'PR' END, date_format, separator, digits, reset
FROM kernel_numbering_rule WHERE doc_type = 'sales.order'
ON CONFLICT (doc_type) DO NOTHING
"""
FORGET = "DELETE FROM kernel_numbering_rule WHERE doc_type = 'purchasing.requisition'"


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_items_have_other_units"),
        ("inventory", "0010_stock_is_watched"),
        ("parties", "0002_a_supplier_has_a_reason_for_its_state"),
        ("purchasing", "0014_materials_are_watched"),
    ]

    operations = [
        migrations.CreateModel(
            name="PurchaseRequisition",
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
                ("requester_id", models.UUIDField(null=True)),
                ("requester_name", models.CharField(blank=True, default="", max_length=60)),
                ("department", models.CharField(blank=True, default="", max_length=60)),
                ("need_date", models.DateField()),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                (
                    "ordered",
                    models.CharField(
                        choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                        default="none",
                        max_length=8,
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_requisition",
            },
        ),
        migrations.CreateModel(
            name="RequisitionLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("description", models.CharField(blank=True, default="", max_length=200)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("line_qty", models.DecimalField(decimal_places=4, default=None, max_digits=18, null=True)),
                ("price", models.DecimalField(decimal_places=6, default=Decimal("0"), max_digits=20)),
                ("price_source", models.CharField(default="manual", max_length=20)),
                ("gross_amount", models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=18)),
                ("requested_date", models.DateField()),
                ("ordered_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("asked_qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "purchasing_requisition_line",
            },
        ),
        migrations.AddField(
            model_name="purchaseorderline",
            name="requisition_line_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="rfqline",
            name="requisition_line_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddIndex(
            model_name="purchaseorderline",
            index=models.Index(
                condition=models.Q(("requisition_line_id__isnull", False)),
                fields=["requisition_line_id"],
                name="order_line_requisition",
            ),
        ),
        migrations.AddIndex(
            model_name="rfqline",
            index=models.Index(
                condition=models.Q(("requisition_line_id__isnull", False)),
                fields=["requisition_line_id"],
                name="rfq_line_requisition",
            ),
        ),
        migrations.AddField(
            model_name="purchaserequisition",
            name="warehouse",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"),
        ),
        migrations.AddField(
            model_name="requisitionline",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="purchasing.purchaserequisition",
            ),
        ),
        migrations.AddField(
            model_name="requisitionline",
            name="item",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="requisitionline",
            name="line_unit",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.unit",
            ),
        ),
        migrations.AddField(
            model_name="requisitionline",
            name="supplier",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.party"
            ),
        ),
        migrations.AddIndex(
            model_name="purchaserequisition",
            index=models.Index(fields=["-doc_date", "-id"], name="requisition_newest"),
        ),
        migrations.AddIndex(
            model_name="purchaserequisition",
            index=models.Index(fields=["requester_id", "-doc_date"], name="requisition_requester"),
        ),
        migrations.AddConstraint(
            model_name="requisitionline",
            constraint=models.UniqueConstraint(
                deferrable=django.db.models.constraints.Deferrable["IMMEDIATE"],
                fields=("document", "line_no"),
                name="requisition_line_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="requisitionline",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_qty__gte", 0), ("ordered_qty__gte", 0), ("price__gte", 0), ("qty__gt", 0)),
                name="requisition_line_positive",
            ),
        ),
        migrations.RunSQL(NUMBERING, FORGET),
    ]
