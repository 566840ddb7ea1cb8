"""All that takes goods, or their value, off a line that was invoiced ahead takes no more than the line has."""

from django.db import migrations

FIT = """
CREATE FUNCTION invoicing_arrivals_fit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM invoicing_purchase_invoice_line l
        CROSS JOIN LATERAL (SELECT sum(a.qty) AS qty, sum(a.value) AS value
                            FROM invoicing_arrival a WHERE a.invoice_line_id = l.id) taken
        WHERE l.id IN (SELECT m.invoice_line_id FROM made m) AND (taken.qty > l.qty OR taken.value > l.transit_value)
    ) THEN
        RAISE EXCEPTION 'More is taken off an invoice than it has on its way'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'arrivals_fit';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER invoicing_arrivals_fit AFTER INSERT ON invoicing_arrival
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION invoicing_arrivals_fit();
"""
FIT_NOT = "DROP TRIGGER invoicing_arrivals_fit ON invoicing_arrival; DROP FUNCTION invoicing_arrivals_fit();"


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0012_allowances_lower_what_is_to_come")]

    operations = [migrations.RunSQL(FIT, FIT_NOT)]
