"""A last price is an amount of the order's currency, whatever the party deals in today."""

from django.db import migrations, models

_AS_THE_PARTY_DEALS = """
UPDATE catalog_last_price l SET currency = p.currency FROM party p WHERE p.id = l.party_id AND p.currency <> l.currency
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_styles_have_variants")]

    operations = [
        migrations.AddField(
            model_name="lastprice",
            name="currency",
            field=models.CharField(db_default="CNY", default="CNY", max_length=3),
        ),
        migrations.RunSQL(_AS_THE_PARTY_DEALS, reverse_sql=migrations.RunSQL.noop),
    ]
