"""Orders keep the number that they have in the program they came from; no two that are not voided share one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0024_orders_closed_before_give_back_too")]

    operations = [
        migrations.AddField(
            model_name="purchaseorder",
            name="external_ref",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddConstraint(
            model_name="purchaseorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("external_ref", ""), _negated=True)
                & models.Q(("approval", "voided"), _negated=True),
                fields=("external_ref",),
                name="purchase_order_external_once",
            ),
        ),
    ]
