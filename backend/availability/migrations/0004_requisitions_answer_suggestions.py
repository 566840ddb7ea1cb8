"""A suggestion may be answered by a requisition before an order is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("availability", "0003_goods_wait_for_inspection"),
    ]

    operations = [
        migrations.AddField(
            model_name="suggestion",
            name="order_type",
            field=models.CharField(db_default="purchasing.order", default="purchasing.order", max_length=40),
        ),
    ]
