"""An agent says on the portal what he sold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sales", "0005_orders_know_their_rate"),
    ]

    operations = [
        migrations.AddField(
            model_name="consignment",
            name="reported",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
