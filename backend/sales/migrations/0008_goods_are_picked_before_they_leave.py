from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sales", "0007_counts_look_at_what_is_under_way")]

    operations = [
        migrations.AddField(model_name="salesdeliveryline", name="picked_at", field=models.DateTimeField(null=True)),
    ]
