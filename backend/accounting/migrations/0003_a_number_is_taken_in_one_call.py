"""The month of a day and the next voucher number in it, under the company's voucher lock, in one call.

Every statement of the function sees what was committed before it began, so the month read behind the lock is the
month as those left it who held the lock before. ``serial`` is null when the month is not open; no row, no month.
"""

from django.db import migrations

TAKE = """
CREATE FUNCTION accounting_take_number(day date, counter text, lock text)
RETURNS TABLE (id uuid, code text, start_date date, end_date date, state text, serial bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(lock, 0));
    RETURN QUERY
    WITH month AS (
        SELECT p.id, p.code, p.start_date, p.end_date, p.state FROM accounting_period p
        WHERE day BETWEEN p.start_date AND p.end_date FOR SHARE
    ), moved AS (
        INSERT INTO kernel_number_counter AS c (doc_type, stretch, last)
        SELECT counter, m.code, 1 FROM month m WHERE m.state = 'open'
        ON CONFLICT (doc_type, stretch) DO UPDATE SET last = c.last + 1
        RETURNING c.last
    )
    SELECT m.id, m.code::text, m.start_date, m.end_date, m.state::text, v.last::bigint
    FROM month m LEFT JOIN moved v ON true;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0002_the_database_keeps_the_books"), ("kernel", "0001_documents_leave_a_trail")]
    operations = [migrations.RunSQL(TAKE, "DROP FUNCTION accounting_take_number(date, text, text)")]
