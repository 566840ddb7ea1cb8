"""Abnormal losses with their input VAT; one item becomes another, under a number of its own."""

from decimal import Decimal

from django.db import migrations, models

NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT 'inventory.conversion', CASE WHEN prefix = 'QCKC' THEN 'XTZH' ELSE 'CNV' END, date_format, separator, digits, reset
FROM kernel_numbering_rule WHERE doc_type = 'inventory.opening_stock'
ON CONFLICT (doc_type) DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0001_documents_leave_a_trail"),
        ("inventory", "0014_moves_are_found_by_their_line"),
    ]

    operations = [
        migrations.AddField(
            model_name="stockcount",
            name="abnormal",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="stockcount",
            name="tax_amount",
            field=models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0"), max_digits=18),
        ),
        migrations.AlterField(
            model_name="assembly",
            name="kind",
            field=models.CharField(
                choices=[("assemble", "Assembly"), ("take_apart", "Disassembly"), ("convert", "Conversion")],
                default="assemble",
                max_length=10,
            ),
        ),
        migrations.RunSQL(NUMBERING, reverse_sql=migrations.RunSQL.noop),
    ]
