"""When sample data were asked for, and how often laying them failed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_companies_people_and_sessions")]

    operations = [
        migrations.AddField("tenant", "sample_data_asked_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "tenant", "sample_data_attempts", models.PositiveSmallIntegerField(default=0, db_default=0)
        ),
    ]
