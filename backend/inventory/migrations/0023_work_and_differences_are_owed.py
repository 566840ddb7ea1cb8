"""Work on an assembly and differences of cost are owed to a supplier."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_styles_have_variants"),
        ("inventory", "0022_agents_are_found_by_lot"),
        ("parties", "0003_contacts_look_after_something"),
    ]

    operations = [
        migrations.AddField(
            model_name="assembly",
            name="fee",
            field=models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18),
        ),
        migrations.AddField(
            model_name="assembly",
            name="fee_supplier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.party",
            ),
        ),
        migrations.AddField(
            model_name="costadjustment",
            name="supplier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="parties.party",
            ),
        ),
        migrations.AlterField(
            model_name="costadjustment",
            name="reason",
            field=models.CharField(
                choices=[
                    ("cogs", "Cost of sales"),
                    ("mfg_overhead", "Production overhead"),
                    ("admin_expense", "Administrative expenses"),
                    ("pending_loss_gain", "Gains and losses pending"),
                    ("ap_trade", "Payable to a supplier"),
                ],
                default="cogs",
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="assembly",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("fee", 0), ("fee_supplier__isnull", True)),
                    models.Q(("fee__gt", 0), ("fee_supplier__isnull", False)),
                    _connector="OR",
                ),
                name="assembly_fee_owed_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="costadjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason", "ap_trade"), ("supplier__isnull", False)),
                    models.Q(models.Q(("reason", "ap_trade"), _negated=True), ("supplier__isnull", True)),
                    _connector="OR",
                ),
                name="cost_adjustment_owed_to_somebody",
            ),
        ),
    ]
