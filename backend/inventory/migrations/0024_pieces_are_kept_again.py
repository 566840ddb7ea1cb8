import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0023_work_and_differences_are_owed")]

    operations = [
        migrations.AddField(
            model_name="lineserials",
            name="kept_nos",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=60), db_default=[], default=list, size=None
            ),
        ),
    ]
