from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0008_debts_move_to_another_party")]

    operations = [
        migrations.AddField(
            model_name="statementline", name="evidence_id", field=models.UUIDField(default=None, null=True)
        ),
    ]
