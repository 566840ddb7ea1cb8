"""Orders know how far they are paid; those that exist are counted from their invoices."""

from django.db import migrations, models

COUNT = """
UPDATE purchasing_order o SET paid = CASE WHEN o.invoiced = 'full' AND s.complete THEN 'full' ELSE 'partial' END
FROM (SELECT l.order_id, bool_and(i.settled_amount >= i.gross_amount) AS complete
      FROM invoicing_purchase_invoice_line l JOIN invoicing_purchase_invoice i ON i.id = l.document_id
      WHERE i.approval = 'approved' AND l.order_id IS NOT NULL
      GROUP BY l.order_id HAVING bool_or(i.settled_amount > 0)) s
WHERE s.order_id = o.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("purchasing", "0008_suppliers_are_asked_for_prices"),
        ("invoicing", "0005_invoices_find_their_orders"),
    ]

    operations = [
        migrations.AddField(
            model_name="purchaseorder",
            name="paid",
            field=models.CharField(
                choices=[("none", "None"), ("partial", "Partly"), ("full", "Fully")],
                db_default="none",
                default="none",
                max_length=8,
            ),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
