"""No line wants less than what is here and what is invoiced before it came; a line that does already may still be put right."""

from django.db import migrations

STAYS = """
CREATE FUNCTION purchasing_invoiced_ahead_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    missing numeric := NEW.received_qty + NEW.ahead_qty - (NEW.qty - NEW.cancelled_qty);
BEGIN
    IF NEW.ahead_qty < 0 OR missing > 0 AND (
        OLD.ahead_qty <= 0 OR missing > OLD.received_qty + OLD.ahead_qty - (OLD.qty - OLD.cancelled_qty)
    ) THEN
        RAISE EXCEPTION 'Line % wants less than is invoiced and has not come', NEW.line_no
            USING ERRCODE = 'check_violation', CONSTRAINT = 'purchase_order_line_invoiced_ahead_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER purchasing_invoiced_ahead_stays BEFORE UPDATE ON purchasing_order_line
    FOR EACH ROW WHEN (NEW.ahead_qty <> 0) EXECUTE FUNCTION purchasing_invoiced_ahead_stays();
"""
STAYS_NOT = """
DROP TRIGGER purchasing_invoiced_ahead_stays ON purchasing_order_line;
DROP FUNCTION purchasing_invoiced_ahead_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0020_orders_know_what_is_invoiced_ahead")]

    operations = [migrations.RunSQL(STAYS, STAYS_NOT)]
