"""The account of material at processors follows stock alone, like those of materials and goods."""

from django.db import migrations

CONTROL = """
UPDATE accounting_account SET control = 'stock'
WHERE control = '' AND id IN (SELECT account_id FROM accounting_account_role WHERE role = 'subcontract_material')
"""
FREE = """
UPDATE accounting_account SET control = ''
WHERE control = 'stock' AND id IN (SELECT account_id FROM accounting_account_role WHERE role = 'subcontract_material')
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0003_a_number_is_taken_in_one_call")]

    operations = [migrations.RunSQL(CONTROL, reverse_sql=FREE)]
