"""Audit entries are facts: the database refuses to change or delete them."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are facts: % is not possible', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = '23001';
END $$;
CREATE TRIGGER audit_entry_is_a_fact BEFORE UPDATE OR DELETE ON kernel_audit_entry
    FOR EACH ROW EXECUTE FUNCTION kernel_refuse_change();
"""
BACKWARD = """
DROP TRIGGER audit_entry_is_a_fact ON kernel_audit_entry;
DROP FUNCTION kernel_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("kernel", "0001_documents_leave_a_trail")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
