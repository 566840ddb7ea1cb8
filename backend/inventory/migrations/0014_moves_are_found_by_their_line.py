"""Invoices and returns ask what the lines of a document moved: without an index every move was looked at."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0013_goods_lie_in_bins")]

    operations = [
        migrations.AddIndex(
            model_name="stockmove",
            index=models.Index(
                fields=["doc_line_id"], condition=models.Q(("doc_line_id__isnull", False)), name="move_line"
            ),
        ),
    ]
