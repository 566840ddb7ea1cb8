"""A claim that was dropped by mistake does not stand in the way of another over the same inspected lot."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_last_prices_say_their_currency"),
        ("inventory", "0024_pieces_are_kept_again"),
        ("parties", "0003_contacts_look_after_something"),
        ("srm", "0004_suppliers_answer_claims"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="qualityclaim",
            name="srm_one_claim_for_an_inspected_lot",
        ),
        migrations.AddConstraint(
            model_name="qualityclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("source_type", "purchasing.inspection"), models.Q(("state", "cancelled"), _negated=True)
                ),
                fields=("source_id", "lot"),
                name="srm_one_claim_for_an_inspected_lot",
            ),
        ),
    ]
