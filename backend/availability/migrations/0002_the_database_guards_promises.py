"""What the database itself keeps true about reservations and promises.

* ``reserved`` on stock balances, balances of lots and demand lines is the sum of the reservations, always.
* A demand line keeps its item and warehouse while it asks for anything. A first promise never changes. A revision of a promise is a fact;
  only the words for the customer may be written later.

No statement names a schema: the caller's search path decides.
"""

from django.db import migrations

APPLY = """
CREATE FUNCTION availability_apply_reservations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    demands uuid[] := '{}';
    lots uuid[] := '{}';
    quantities numeric[] := '{}';
    demands_gone uuid[] := '{}';
    lots_gone uuid[] := '{}';
    quantities_gone numeric[] := '{}';
    wanted integer;
    found_rows integer;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        SELECT array_agg(demand_id), array_agg(lot_id), array_agg(qty) INTO demands, lots, quantities FROM fresh;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        SELECT array_agg(demand_id), array_agg(lot_id), array_agg(-qty)
        INTO demands_gone, lots_gone, quantities_gone FROM gone;
    END IF;
    demands := coalesce(demands, '{}') || coalesce(demands_gone, '{}');
    lots := coalesce(lots, '{}') || coalesce(lots_gone, '{}');
    quantities := coalesce(quantities, '{}') || coalesce(quantities_gone, '{}');
    IF cardinality(demands) = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE availability_demand_line d SET reserved_qty = d.reserved_qty + x.qty
    FROM (SELECT demand_id, sum(qty) AS qty FROM unnest(demands, quantities) AS u (demand_id, qty) GROUP BY 1) x
    WHERE d.id = x.demand_id AND x.qty <> 0;
    UPDATE inventory_stock_balance b SET reserved = b.reserved + x.qty
    FROM (SELECT d.item_id, d.warehouse_id, sum(u.qty) AS qty
          FROM unnest(demands, quantities) AS u (demand_id, qty) JOIN availability_demand_line d ON d.id = u.demand_id
          GROUP BY 1, 2) x
    WHERE b.item_id = x.item_id AND b.warehouse_id = x.warehouse_id;
    GET DIAGNOSTICS found_rows = ROW_COUNT;
    SELECT count(*) INTO wanted
    FROM (SELECT DISTINCT d.item_id, d.warehouse_id FROM availability_demand_line d WHERE d.id = ANY (demands)) p;
    IF wanted <> found_rows THEN
        RAISE EXCEPTION 'There is no stock to reserve' USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_not_oversold';
    END IF;
    IF EXISTS (SELECT FROM unnest(lots) AS u (lot_id) WHERE u.lot_id IS NOT NULL) THEN
        UPDATE inventory_lot_balance b SET reserved = b.reserved + x.qty
        FROM (SELECT d.item_id, d.warehouse_id, u.lot_id, sum(u.qty) AS qty
              FROM unnest(demands, lots, quantities) AS u (demand_id, lot_id, qty)
              JOIN availability_demand_line d ON d.id = u.demand_id WHERE u.lot_id IS NOT NULL GROUP BY 1, 2, 3) x
        WHERE b.item_id = x.item_id AND b.warehouse_id = x.warehouse_id AND b.lot_id = x.lot_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reservations_made AFTER INSERT ON availability_reservation
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION availability_apply_reservations();
CREATE TRIGGER reservations_changed AFTER UPDATE ON availability_reservation
    REFERENCING OLD TABLE AS gone NEW TABLE AS fresh FOR EACH STATEMENT
    EXECUTE FUNCTION availability_apply_reservations();
CREATE TRIGGER reservations_lifted AFTER DELETE ON availability_reservation
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION availability_apply_reservations();
"""

GUARDS = """
CREATE FUNCTION availability_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % is refused, %', TG_TABLE_NAME, TG_OP, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER demands_keep_their_place BEFORE UPDATE ON availability_demand_line FOR EACH ROW
    WHEN (((OLD.item_id <> NEW.item_id OR OLD.warehouse_id <> NEW.warehouse_id)
           AND (OLD.qty <> 0 OR OLD.reserved_qty <> 0))
          OR (pg_trigger_depth() = 0 AND OLD.reserved_qty <> NEW.reserved_qty))
    EXECUTE FUNCTION availability_refuse('a demand keeps its item and warehouse, and follows its reservations');
CREATE TRIGGER demands_begin_unreserved BEFORE INSERT ON availability_demand_line FOR EACH ROW
    WHEN (NEW.reserved_qty <> 0)
    EXECUTE FUNCTION availability_refuse('a demand begins without reservations');
CREATE TRIGGER first_promises_stand BEFORE UPDATE ON availability_promise FOR EACH ROW
    WHEN (OLD.demand_id <> NEW.demand_id OR OLD.first_parts <> NEW.first_parts
          OR OLD.first_date IS DISTINCT FROM NEW.first_date OR OLD.first_at <> NEW.first_at)
    EXECUTE FUNCTION availability_refuse('a first promise stands');
CREATE TRIGGER promises_stay BEFORE DELETE ON availability_promise
    FOR EACH ROW EXECUTE FUNCTION availability_refuse('a first promise stands');
CREATE TRIGGER revisions_are_facts BEFORE UPDATE ON availability_promise_revision FOR EACH ROW
    WHEN ((to_jsonb(OLD) - 'customer_reason') <> (to_jsonb(NEW) - 'customer_reason'))
    EXECUTE FUNCTION availability_refuse('a revision of a promise is a fact');
CREATE TRIGGER revisions_stay BEFORE DELETE ON availability_promise_revision
    FOR EACH ROW EXECUTE FUNCTION availability_refuse('a revision of a promise is a fact');
"""

UNDO = """
DROP TRIGGER revisions_stay ON availability_promise_revision;
DROP TRIGGER revisions_are_facts ON availability_promise_revision;
DROP TRIGGER promises_stay ON availability_promise;
DROP TRIGGER first_promises_stand ON availability_promise;
DROP TRIGGER demands_begin_unreserved ON availability_demand_line;
DROP TRIGGER demands_keep_their_place ON availability_demand_line;
DROP FUNCTION availability_refuse();
DROP TRIGGER reservations_lifted ON availability_reservation;
DROP TRIGGER reservations_changed ON availability_reservation;
DROP TRIGGER reservations_made ON availability_reservation;
DROP FUNCTION availability_apply_reservations();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("availability", "0001_supply_meets_demand"),
        ("inventory", "0002_the_database_guards_stock"),
    ]

    operations = [migrations.RunSQL([APPLY, GUARDS], reverse_sql=[UNDO])]
