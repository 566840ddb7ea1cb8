"""Quotes say how they came in; an invitation says who of the company keyed its newest quote."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0011_receipts_keep_their_count")]

    operations = [
        migrations.AddField(
            model_name="quote",
            name="source",
            field=models.CharField(
                choices=[
                    ("portal", "By the supplier"),
                    ("mail", "By mail"),
                    ("phone", "By telephone"),
                    ("paper", "On paper"),
                ],
                db_default="portal",
                default="portal",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="rfqinvitation",
            name="keyed_by_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=120),
        ),
    ]
