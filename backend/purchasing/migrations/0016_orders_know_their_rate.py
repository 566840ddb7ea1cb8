"""An order in another currency says what one of it is worth in the company's own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("purchasing", "0015_somebody_needs_something"),
    ]

    operations = [
        migrations.AddField(
            model_name="purchaseorder",
            name="exchange_rate",
            field=models.DecimalField(decimal_places=6, default=None, max_digits=12, null=True),
        ),
    ]
