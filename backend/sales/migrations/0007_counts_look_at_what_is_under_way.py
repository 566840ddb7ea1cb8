"""Counts of the list look at orders that are under way, not at all that ever were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0022_agents_are_found_by_lot"),
        ("parties", "0003_contacts_look_after_something"),
        ("sales", "0006_agents_report_what_they_sold"),
    ]

    operations = [
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
                include=["approval", "closing", "shipped", "invoiced", "gross_amount"],
                name="sales_order_under_way",
            ),
        ),
    ]
