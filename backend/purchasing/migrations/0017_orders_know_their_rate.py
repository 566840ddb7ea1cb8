"""An order in another currency says what one of it is worth in the company's own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("purchasing", "0016_pieces_that_weigh_less_are_complete"),
    ]

    operations = [
        migrations.AddField(
            model_name="purchaseorder",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=6, default=None, max_digits=12, null=True),
        ),
    ]
