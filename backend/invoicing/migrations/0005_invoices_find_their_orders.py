"""An order finds its purchase invoices without reading all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0004_lists_are_compared"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="purchaseinvoiceline",
            index=models.Index(fields=["order_id"], name="purchase_invoice_line_order"),
        ),
    ]
