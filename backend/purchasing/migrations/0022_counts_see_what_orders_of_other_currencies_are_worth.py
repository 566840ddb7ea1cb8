"""The totals of the list of orders are in the company's own currency: the index of what is under way holds the rate."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0024_pieces_are_kept_again"),
        ("parties", "0003_contacts_look_after_something"),
        ("purchasing", "0021_what_is_invoiced_ahead_stays_ordered"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="purchaseorder",
            name="purchase_order_under_way",
        ),
        migrations.AddIndex(
            model_name="purchaseorder",
            index=models.Index(
                condition=models.Q(
                    models.Q(("received", "full"), _negated=True),
                    ("approval__in", ["draft", "submitted"]),
                    _connector="OR",
                ),
                fields=["id"],
                include=(
                    "approval",
                    "closing",
                    "received",
                    "confirmed",
                    "sending",
                    "gross_amount",
                    "currency",
                    "exchange_rate",
                ),
                name="purchase_order_under_way",
            ),
        ),
    ]
