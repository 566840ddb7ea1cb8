"""The account of material in the workshop follows stock alone, where nobody has kept it by hand."""

from django.db import migrations

OF_ROLE = "id IN (SELECT account_id FROM accounting_account_role WHERE role = 'wip_material')"
CONTROL = f"""
UPDATE accounting_account SET control = 'stock'
WHERE control = '' AND {OF_ROLE} AND NOT EXISTS (SELECT FROM accounting_account_balance b
                                                 WHERE b.account_id = accounting_account.id)
"""
FREE = f"UPDATE accounting_account SET control = '' WHERE control = 'stock' AND {OF_ROLE}"


class Migration(migrations.Migration):
    dependencies = [("accounting", "0005_goods_in_transit_follow_invoices")]

    operations = [migrations.RunSQL(CONTROL, reverse_sql=FREE)]
