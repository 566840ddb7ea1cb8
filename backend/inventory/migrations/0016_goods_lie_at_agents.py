"""Agents have a location where goods on consignment lie."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0015_losses_are_told_apart_and_items_converted"),
        ("parties", "0003_contacts_look_after_something"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="warehouse",
            name="warehouse_of_a_supplier",
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
                    ("consign_out", "Consignment out"),
                    ("consign_in", "Consignment in"),
                    ("consign_sold", "Sold on consignment"),
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
                    ("customer", "On consignment"),
                ],
                db_default="stock",
                default="stock",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "customer")), fields=("party",), name="warehouse_one_for_a_customer"
            ),
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["supplier", "customer"]), ("party__isnull", False)),
                    models.Q(models.Q(("kind__in", ["supplier", "customer"]), _negated=True), ("party__isnull", True)),
                    _connector="OR",
                ),
                name="warehouse_of_a_partner",
            ),
        ),
    ]
