"""Processors have a location where material of ours lies; kits say what is lost when somebody else makes them."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0011_pieces_have_serial_numbers"),
        ("parties", "0002_a_supplier_has_a_reason_for_its_state"),
    ]

    operations = [
        migrations.AddField(
            model_name="kitline",
            name="scrap_pct",
            field=models.DecimalField(db_default=0, decimal_places=4, default=Decimal("0"), max_digits=9),
        ),
        migrations.AddField(
            model_name="warehouse",
            name="party",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.party",
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
                    ("subcontract_out", "Material sent on"),
                    ("subcontract_in", "Material taken in"),
                    ("subcontract_used", "Used in processing"),
                    ("subcontract_loss", "Lost in processing"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="warehouse",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stock", "Warehouse"),
                    ("transit", "Under way between warehouses"),
                    ("supplier", "At a supplier"),
                ],
                db_default="stock",
                default="stock",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "supplier")), fields=("party",), name="warehouse_one_for_a_supplier"
            ),
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "supplier"), ("party__isnull", False)),
                    models.Q(models.Q(("kind", "supplier"), _negated=True), ("party__isnull", True)),
                    _connector="OR",
                ),
                name="warehouse_of_a_supplier",
            ),
        ),
    ]
