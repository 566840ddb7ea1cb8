"""Order lines keep why they cost more than last time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0008_suppliers_are_asked_for_prices")]

    operations = [
        migrations.AddField(
            model_name="purchaseorderline",
            name="price_reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
    ]
