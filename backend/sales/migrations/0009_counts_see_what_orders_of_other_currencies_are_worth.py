"""The totals of the list of orders are in the company's own currency: the index of what is under way holds the rate."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0024_pieces_are_kept_again"),
        ("parties", "0003_contacts_look_after_something"),
        ("sales", "0008_goods_are_picked_before_they_leave"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="salesorder",
            name="sales_order_under_way",
        ),
        migrations.AddIndex(
            model_name="salesorder",
            index=models.Index(
                condition=models.Q(
                    models.Q(("shipped", "full"), _negated=True),
                    models.Q(("invoiced", "full"), _negated=True),
                    ("approval", "submitted"),
                    _connector="OR",
                ),
                fields=["id"],
                include=("approval", "closing", "shipped", "invoiced", "gross_amount", "currency", "exchange_rate"),
                name="sales_order_under_way",
            ),
        ),
    ]
