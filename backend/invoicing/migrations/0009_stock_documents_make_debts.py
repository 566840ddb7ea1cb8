"""Debts that stock documents make are invoices without lines that name them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0008_debts_move_to_another_party"),
        ("parties", "0003_contacts_look_after_something"),
    ]

    operations = [
        migrations.AddField(
            model_name="purchaseinvoice",
            name="cause_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="purchaseinvoice",
            name="cause_number",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddField(
            model_name="purchaseinvoice",
            name="cause_type",
            field=models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AddConstraint(
            model_name="purchaseinvoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("approval", "approved"), ("cause_id__isnull", False)),
                fields=("cause_id",),
                name="purchase_invoice_one_for_a_cause",
            ),
        ),
    ]
