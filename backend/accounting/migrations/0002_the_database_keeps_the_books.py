"""What the database itself holds about the books; no function names a schema, the caller's search path decides.

Deferred checks run at the commit, when the path may point elsewhere: they find their tables through
TG_TABLE_SCHEMA.
"""

from django.db import migrations

PERIODS = """
ALTER TABLE accounting_period ADD CONSTRAINT period_is_a_month CHECK (
    extract(day FROM start_date) = 1
    AND end_date = (start_date + interval '1 month' - interval '1 day')::date
    AND code = lpad(extract(year FROM start_date)::text, 4, '0') || '-' || lpad(extract(month FROM start_date)::text, 2, '0')
);
CREATE FUNCTION accounting_keep_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.start_date <> OLD.start_date OR NEW.end_date <> OLD.end_date OR NEW.code <> OLD.code THEN
        RAISE EXCEPTION 'period % stays what it is', OLD.code USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER period_stays BEFORE UPDATE OR DELETE ON accounting_period
    FOR EACH ROW EXECUTE FUNCTION accounting_keep_period();
"""

FACTS = """
CREATE FUNCTION accounting_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are facts: % is not possible, reverse instead', TG_TABLE_NAME, lower(TG_OP)
        USING ERRCODE = '23001';
END $$;
CREATE TRIGGER voucher_is_a_fact BEFORE UPDATE OR DELETE ON accounting_voucher
    FOR EACH ROW EXECUTE FUNCTION accounting_refuse_change();
CREATE TRIGGER voucher_stays BEFORE TRUNCATE ON accounting_voucher
    FOR EACH STATEMENT EXECUTE FUNCTION accounting_refuse_change();
CREATE TRIGGER voucher_line_is_a_fact BEFORE UPDATE OR DELETE ON accounting_voucher_line
    FOR EACH ROW EXECUTE FUNCTION accounting_refuse_change();
CREATE TRIGGER voucher_line_stays BEFORE TRUNCATE ON accounting_voucher_line
    FOR EACH STATEMENT EXECUTE FUNCTION accounting_refuse_change();
CREATE TRIGGER match_is_a_fact BEFORE UPDATE OR DELETE ON accounting_settlement_match
    FOR EACH ROW EXECUTE FUNCTION accounting_refuse_change();
CREATE TRIGGER match_stays BEFORE TRUNCATE ON accounting_settlement_match
    FOR EACH STATEMENT EXECUTE FUNCTION accounting_refuse_change();
"""

# The period's row is locked FOR SHARE: closing it waits for vouchers under way, and a voucher that
# waited for a closing reads the state anew.
VOUCHERS = """
CREATE FUNCTION accounting_check_voucher() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    period_state text; first_day date; last_day date; first_source uuid; first_reverses uuid;
BEGIN
    SELECT state, start_date, end_date INTO period_state, first_day, last_day
        FROM accounting_period WHERE id = NEW.period_id FOR SHARE;
    IF period_state IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'the period of voucher %-% is not open', NEW.word, NEW.serial USING ERRCODE = '23514';
    END IF;
    IF NEW.voucher_date NOT BETWEEN first_day AND last_day THEN
        RAISE EXCEPTION 'voucher date % lies outside of its period', NEW.voucher_date USING ERRCODE = '23514';
    END IF;
    IF NEW.reverses_id IS NOT NULL THEN
        SELECT source_id, reverses_id INTO first_source, first_reverses FROM accounting_voucher WHERE id = NEW.reverses_id;
        IF first_reverses IS NOT NULL THEN
            RAISE EXCEPTION 'a reversal is not reversed' USING ERRCODE = '23514';
        END IF;
        IF first_source IS DISTINCT FROM NEW.source_id THEN
            RAISE EXCEPTION 'a reversal keeps the source of what it reverses' USING ERRCODE = '23514';
        END IF;
    ELSIF NEW.source_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM accounting_voucher v
        WHERE v.source_id = NEW.source_id AND v.rule = NEW.rule AND v.reverses_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM accounting_voucher r WHERE r.reverses_id = v.id)
    ) THEN
        RAISE EXCEPTION 'source % has a voucher of rule % already', NEW.source_number, NEW.rule USING ERRCODE = '23505';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER voucher_fits BEFORE INSERT ON accounting_voucher
    FOR EACH ROW EXECUTE FUNCTION accounting_check_voucher();

CREATE FUNCTION accounting_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines int; debits numeric; credits numeric;
BEGIN
    EXECUTE format('SELECT count(*), coalesce(sum(debit), 0), coalesce(sum(credit), 0) '
                   'FROM %I.accounting_voucher_line WHERE voucher_id = $1', TG_TABLE_SCHEMA)
        INTO lines, debits, credits USING NEW.id;
    IF lines < 2 THEN
        RAISE EXCEPTION 'voucher %-% has fewer than two lines', NEW.word, NEW.serial USING ERRCODE = '23514';
    END IF;
    IF debits <> credits OR debits <> NEW.total THEN
        RAISE EXCEPTION 'voucher %-% does not balance: debit %, credit %, total %',
            NEW.word, NEW.serial, debits, credits, NEW.total USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER voucher_is_balanced AFTER INSERT ON accounting_voucher DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION accounting_check_balanced();
"""

# All lines of a voucher come with one statement, so its balance is checked once, at the commit, and no line
# can be added to a voucher that stands. Balances are moved in key order: two statements never deadlock.
LINES = """
CREATE FUNCTION accounting_book_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    problem text;
BEGIN
    SELECT CASE
        WHEN NOT a.is_leaf THEN 'account ' || a.code || ' has sub-accounts'
        WHEN NOT a.active AND v.reverses_id IS NULL THEN 'account ' || a.code || ' is not active'
        WHEN a.by_party AND l.party_id IS NULL THEN 'account ' || a.code || ' demands a party'
        WHEN a.control <> '' AND v.source_id IS NULL THEN 'account ' || a.code || ' is kept by documents'
        ELSE 'a line carries another date than its voucher' END INTO problem
    FROM new_lines l JOIN accounting_account a ON a.id = l.account_id JOIN accounting_voucher v ON v.id = l.voucher_id
    WHERE NOT a.is_leaf OR (NOT a.active AND v.reverses_id IS NULL) OR (a.by_party AND l.party_id IS NULL)
       OR (a.control <> '' AND v.source_id IS NULL) OR l.voucher_date <> v.voucher_date
    LIMIT 1;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION '%', problem USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT 1 FROM accounting_voucher_line l WHERE l.voucher_id IN (SELECT voucher_id FROM new_lines)
        HAVING count(*) <> (SELECT count(*) FROM new_lines)
    ) THEN
        RAISE EXCEPTION 'the lines of a voucher are written at once' USING ERRCODE = '23001';
    END IF;
    INSERT INTO accounting_account_balance AS kept
        (account_id, period_id, party_id, debit, credit, closing_debit, closing_credit)
    SELECT l.account_id, v.period_id, CASE WHEN a.by_party THEN l.party_id END, sum(l.debit), sum(l.credit),
           sum(CASE WHEN v.rule = 'profit_transfer' THEN l.debit ELSE 0 END),
           sum(CASE WHEN v.rule = 'profit_transfer' THEN l.credit ELSE 0 END)
    FROM new_lines l JOIN accounting_account a ON a.id = l.account_id JOIN accounting_voucher v ON v.id = l.voucher_id
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, period_id, party_id) DO UPDATE SET
        debit = kept.debit + EXCLUDED.debit, credit = kept.credit + EXCLUDED.credit,
        closing_debit = kept.closing_debit + EXCLUDED.closing_debit,
        closing_credit = kept.closing_credit + EXCLUDED.closing_credit;
    RETURN NULL;
END $$;
CREATE TRIGGER voucher_lines_are_booked AFTER INSERT ON accounting_voucher_line REFERENCING NEW TABLE AS new_lines
    FOR EACH STATEMENT EXECUTE FUNCTION accounting_book_lines();

CREATE FUNCTION accounting_only_by_trigger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% is kept from voucher lines alone', TG_TABLE_NAME USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER balance_is_derived BEFORE INSERT OR UPDATE OR DELETE ON accounting_account_balance
    FOR EACH ROW EXECUTE FUNCTION accounting_only_by_trigger();
"""

OPEN_ITEMS = """
CREATE FUNCTION accounting_book_matches() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM new_matches m
        JOIN accounting_open_item r ON r.id = m.raising_id JOIN accounting_open_item l ON l.id = m.lowering_id
        WHERE r.kind <> l.kind OR r.party_id <> l.party_id OR r.amount < 0 OR l.amount > 0 OR r.voided OR l.voided
    ) THEN
        RAISE EXCEPTION 'items of different parties or of the same side are not matched' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (
        SELECT 1 FROM accounting_settlement_match m
        WHERE (m.raising_id, m.lowering_id) IN (SELECT raising_id, lowering_id FROM new_matches)
        GROUP BY m.raising_id, m.lowering_id HAVING sum(m.amount) < 0
    ) THEN
        RAISE EXCEPTION 'more is undone than was matched' USING ERRCODE = '23514';
    END IF;
    PERFORM 1 FROM accounting_open_item
        WHERE id IN (SELECT raising_id FROM new_matches UNION SELECT lowering_id FROM new_matches)
        ORDER BY id FOR UPDATE;
    UPDATE accounting_open_item i SET open_amount = i.open_amount - moved.amount
    FROM (SELECT id, sum(amount) AS amount FROM (
              SELECT raising_id AS id, amount FROM new_matches
              UNION ALL SELECT lowering_id, -amount FROM new_matches) both_sides
          GROUP BY id) moved
    WHERE i.id = moved.id;
    RETURN NULL;
END $$;
CREATE TRIGGER matches_are_booked AFTER INSERT ON accounting_settlement_match REFERENCING NEW TABLE AS new_matches
    FOR EACH STATEMENT EXECUTE FUNCTION accounting_book_matches();

CREATE FUNCTION accounting_keep_open_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.open_amount <> NEW.amount OR NEW.voided THEN
            RAISE EXCEPTION 'a new item is wholly open' USING ERRCODE = '23514';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'open items are voided, not deleted' USING ERRCODE = '23001';
    END IF;
    IF (NEW.kind, NEW.party_id, NEW.source_id, NEW.amount, NEW.purpose) IS DISTINCT FROM
       (OLD.kind, OLD.party_id, OLD.source_id, OLD.amount, OLD.purpose) OR (OLD.voided AND NOT NEW.voided) THEN
        RAISE EXCEPTION 'what an open item stands for does not change' USING ERRCODE = '23001';
    END IF;
    IF NEW.voided AND NOT OLD.voided THEN
        IF OLD.open_amount <> OLD.amount OR NEW.open_amount <> 0 THEN
            RAISE EXCEPTION 'an item that is matched is not voided' USING ERRCODE = '23514';
        END IF;
    ELSIF NEW.open_amount <> OLD.open_amount AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'open amounts are kept from matches alone' USING ERRCODE = '23001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER open_item_is_kept BEFORE INSERT OR UPDATE OR DELETE ON accounting_open_item
    FOR EACH ROW EXECUTE FUNCTION accounting_keep_open_item();
"""

BACKWARD = """
DROP TRIGGER open_item_is_kept ON accounting_open_item;
DROP TRIGGER matches_are_booked ON accounting_settlement_match;
DROP TRIGGER match_is_a_fact ON accounting_settlement_match;
DROP TRIGGER match_stays ON accounting_settlement_match;
DROP TRIGGER balance_is_derived ON accounting_account_balance;
DROP TRIGGER voucher_lines_are_booked ON accounting_voucher_line;
DROP TRIGGER voucher_line_is_a_fact ON accounting_voucher_line;
DROP TRIGGER voucher_line_stays ON accounting_voucher_line;
DROP TRIGGER voucher_is_balanced ON accounting_voucher;
DROP TRIGGER voucher_fits ON accounting_voucher;
DROP TRIGGER voucher_is_a_fact ON accounting_voucher;
DROP TRIGGER voucher_stays ON accounting_voucher;
DROP TRIGGER period_stays ON accounting_period;
DROP FUNCTION accounting_keep_open_item();
DROP FUNCTION accounting_book_matches();
DROP FUNCTION accounting_only_by_trigger();
DROP FUNCTION accounting_book_lines();
DROP FUNCTION accounting_check_balanced();
DROP FUNCTION accounting_check_voucher();
DROP FUNCTION accounting_refuse_change();
DROP FUNCTION accounting_keep_period();
ALTER TABLE accounting_period DROP CONSTRAINT period_is_a_month;
"""


class Migration(migrations.Migration):
    dependencies = [("accounting", "0001_vouchers_post_to_accounts")]
    operations = [migrations.RunSQL([PERIODS, FACTS, VOUCHERS, LINES, OPEN_ITEMS], BACKWARD)]
