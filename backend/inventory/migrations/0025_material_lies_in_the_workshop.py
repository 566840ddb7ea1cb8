"""Material that is issued to production lies in the workshop, one place for the company, and becomes what is made there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0024_pieces_are_kept_again"),
        ("parties", "0003_contacts_look_after_something"),
    ]

    operations = [
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
                    ("consign_back", "Back from the agent"),
                    ("consign_sold", "Sold on consignment"),
                    ("subcontract_out", "Material sent on"),
                    ("subcontract_in", "Material taken in"),
                    ("subcontract_used", "Used in processing"),
                    ("subcontract_loss", "Lost in processing"),
                    ("production_in", "Made in production"),
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
                    ("workshop", "In the workshop"),
                ],
                db_default="stock",
                default="stock",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="warehouse",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "workshop")), fields=("kind",), name="warehouse_one_for_the_workshop"
            ),
        ),
    ]
