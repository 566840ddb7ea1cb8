"""Order lines keep why they cost more than last time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0009_orders_know_that_they_are_paid")]

    operations = [
        migrations.AddField(
            model_name="purchaseorderline",
            name="price_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
