from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0006_agents_report_what_they_sold")]

    operations = [
        migrations.AddField(model_name="salesdeliveryline", name="picked_at", field=models.DateTimeField(null=True)),
    ]
