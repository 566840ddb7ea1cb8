"""A contact says what it looks after, so that mails reach whoever decides."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_a_supplier_has_a_reason_for_its_state")]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("sales", "Orders and quotes"),
                    ("logistics", "Logistics"),
                    ("finance", "Finance"),
                    ("quality", "Quality"),
                    ("management", "Management"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
    ]
