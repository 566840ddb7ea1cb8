"""A requisition's line knows the suggestion it came from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("purchasing", "0017_orders_know_their_rate"),
    ]

    operations = [
        migrations.AddField(
            model_name="requisitionline",
            name="suggestion_id",
            field=models.UUIDField(null=True),
        ),
    ]
