"""What an item cost last is asked whoever sold it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_items_have_other_units")]

    operations = [
        migrations.AddIndex(
            model_name="lastprice",
            index=models.Index(fields=["item", "kind"], name="last_price_of_item"),
        ),
    ]
