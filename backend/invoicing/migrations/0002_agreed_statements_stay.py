"""Lines of a statement that both sides agreed on are neither changed, removed nor added to."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION invoicing_keep_agreed_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    SELECT state INTO found FROM invoicing_statement
        WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.document_id ELSE OLD.document_id END;
    IF found IN ('agreed', 'invoiced') THEN
        RAISE EXCEPTION 'the statement is agreed: its lines stay' USING ERRCODE = '23001';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER agreed_lines_stay BEFORE INSERT OR UPDATE OR DELETE ON invoicing_statement_line
    FOR EACH ROW EXECUTE FUNCTION invoicing_keep_agreed_lines();

CREATE FUNCTION invoicing_keep_agreed_statement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an agreed statement is not deleted' USING ERRCODE = '23001';
    END IF;
    IF NEW.state NOT IN ('agreed', 'invoiced')
       OR (NEW.party_id, NEW.period_from, NEW.period_to, NEW.opening_amount, NEW.closing_amount, NEW.digest,
           NEW.our_signature, NEW.their_signature, NEW.approval)
       IS DISTINCT FROM
          (OLD.party_id, OLD.period_from, OLD.period_to, OLD.opening_amount, OLD.closing_amount, OLD.digest,
           OLD.our_signature, OLD.their_signature, OLD.approval) THEN
        RAISE EXCEPTION 'the statement is agreed: it stays' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreed_statement_stays BEFORE UPDATE OR DELETE ON invoicing_statement
    FOR EACH ROW WHEN (OLD.state IN ('agreed', 'invoiced')) EXECUTE FUNCTION invoicing_keep_agreed_statement();
"""
BACKWARD = """
DROP TRIGGER agreed_statement_stays ON invoicing_statement;
DROP TRIGGER agreed_lines_stay ON invoicing_statement_line;
DROP FUNCTION invoicing_keep_agreed_statement();
DROP FUNCTION invoicing_keep_agreed_lines();
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_invoices_and_money")]
    operations = [migrations.RunSQL([FORWARD], BACKWARD)]
