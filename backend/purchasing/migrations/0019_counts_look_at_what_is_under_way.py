"""Counts of the list look at orders that are under way, not at all that ever were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0022_agents_are_found_by_lot"),
        ("parties", "0003_contacts_look_after_something"),
        ("purchasing", "0018_requisitions_know_what_was_suggested"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="purchaseorder",
            index=models.Index(
                condition=models.Q(
                    models.Q(("received", "full"), _negated=True),
                    ("approval__in", ["draft", "submitted"]),
                    _connector="OR",
                ),
                fields=["id"],
                include=["approval", "closing", "received", "confirmed", "sending", "gross_amount"],
                name="purchase_order_under_way",
            ),
        ),
    ]
