"""Goods in transit are kept by documents, party by party, where nobody has posted there by hand."""

from django.db import migrations, models

CONTROL = """
UPDATE accounting_account a SET control = 'transit', by_party = true
WHERE a.control = '' AND a.is_leaf AND a.parent_id IS NULL
  AND a.id IN (SELECT account_id FROM accounting_account_role WHERE role = 'goods_in_transit')
  AND NOT EXISTS (SELECT 1 FROM accounting_account_balance b WHERE b.account_id = a.id)
"""
FREE = """
UPDATE accounting_account SET control = '', by_party = false
WHERE control = 'transit' AND id IN (SELECT account_id FROM accounting_account_role WHERE role = 'goods_in_transit')
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0004_material_at_processors_is_stock")]

    operations = [
        migrations.AlterField(
            model_name="account",
            name="control",
            field=models.CharField(
                blank=True,
                choices=[
                    ("receivable", "Receivables"),
                    ("payable", "Payables"),
                    ("stock", "Stock"),
                    ("dispatched", "Shipped, not invoiced"),
                    ("estimate", "Received, not invoiced"),
                    ("transit", "Invoiced, not received"),
                ],
                default="",
                max_length=12,
            ),
        ),
        migrations.RunSQL(CONTROL, reverse_sql=FREE),
    ]
