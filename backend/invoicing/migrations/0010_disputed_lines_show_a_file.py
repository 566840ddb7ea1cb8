from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0009_stock_documents_make_debts")]

    operations = [
        migrations.AddField(
            model_name="statementline", name="evidence_id", field=models.UUIDField(default=None, null=True)
        ),
    ]
