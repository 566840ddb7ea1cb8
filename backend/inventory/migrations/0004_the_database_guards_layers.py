"""What the database itself keeps true about cost.

* A layer begins at zero and follows its entries alone; entries are facts. After every INSERT of entries the layers of
  the items touched are worth what lies there, to the piece and to the cent.
* A balance may go below zero where its warehouse says so.
* Nothing moves in a closed month.

No statement names a schema: the caller's search path decides.
"""

from django.db import migrations

LAYERS = """
CREATE FUNCTION inventory_apply_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad record;
BEGIN
    UPDATE inventory_cost_layer l SET qty = l.qty + d.qty, value = l.value + d.value
    FROM (SELECT layer_id, sum(qty) AS qty, sum(value) AS value FROM fresh GROUP BY 1) d WHERE l.id = d.layer_id;
    SELECT b.item_id, b.on_hand, b.value, s.qty AS layer_qty, s.value AS layer_value INTO bad
    FROM (SELECT DISTINCT l.item_id, l.warehouse_id FROM fresh f JOIN inventory_cost_layer l ON l.id = f.layer_id) t
    JOIN inventory_stock_balance b ON b.item_id = t.item_id AND b.warehouse_id = t.warehouse_id
    CROSS JOIN LATERAL (SELECT coalesce(sum(l.qty), 0) AS qty, coalesce(sum(l.value), 0) AS value
                        FROM inventory_cost_layer l
                        WHERE l.item_id = t.item_id AND l.warehouse_id = t.warehouse_id AND l.qty <> 0) s
    WHERE b.on_hand <> s.qty OR b.value <> s.value LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Item %: % worth % lie there, its layers say % worth %',
            bad.item_id, bad.on_hand, bad.value, bad.layer_qty, bad.layer_value
            USING ERRCODE = 'check_violation', CONSTRAINT = 'layers_equal_stock';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entries_fill_layers AFTER INSERT ON inventory_layer_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION inventory_apply_entries();
CREATE TRIGGER entries_are_facts BEFORE UPDATE OR DELETE ON inventory_layer_entry
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('an entry of a layer is a fact');
CREATE TRIGGER entries_stay BEFORE TRUNCATE ON inventory_layer_entry
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse('an entry of a layer is a fact');
CREATE TRIGGER layers_follow_entries BEFORE UPDATE ON inventory_cost_layer FOR EACH ROW
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION inventory_refuse('a layer follows its entries');
CREATE TRIGGER layers_begin_at_zero BEFORE INSERT ON inventory_cost_layer FOR EACH ROW
    WHEN (NEW.qty <> 0 OR NEW.value <> 0) EXECUTE FUNCTION inventory_refuse('a layer begins at zero');
CREATE TRIGGER layers_stay BEFORE DELETE ON inventory_cost_layer
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('a layer stays');
"""

BELOW_ZERO = """
CREATE FUNCTION inventory_ask_warehouse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.allow_negative := coalesce((SELECT w.allow_negative FROM inventory_warehouse w WHERE w.id = NEW.warehouse_id), false);
    RETURN NEW;
END $$;
CREATE TRIGGER balances_ask_their_warehouse BEFORE INSERT ON inventory_stock_balance
    FOR EACH ROW EXECUTE FUNCTION inventory_ask_warehouse();
CREATE FUNCTION inventory_tell_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE inventory_stock_balance SET allow_negative = NEW.allow_negative WHERE warehouse_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER warehouses_tell_their_balances AFTER UPDATE OF allow_negative ON inventory_warehouse FOR EACH ROW
    WHEN (OLD.allow_negative <> NEW.allow_negative) EXECUTE FUNCTION inventory_tell_balances();
"""

CLOSED_MONTHS = """
INSERT INTO inventory_calendar (id, closed_through)
SELECT 1, (SELECT max(end_date) FROM accounting_period WHERE state = 'closed');
CREATE FUNCTION inventory_refuse_closed_days() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad date;
BEGIN
    SELECT min(f.move_date) INTO bad FROM fresh f JOIN inventory_calendar c ON f.move_date <= c.closed_through;
    IF bad IS NOT NULL THEN
        RAISE EXCEPTION 'Stock of % is closed', bad USING ERRCODE = 'check_violation', CONSTRAINT = 'stock_month_open';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER moves_in_open_months AFTER INSERT ON inventory_stock_move
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse_closed_days();
"""

UNDO = """
DROP TRIGGER moves_in_open_months ON inventory_stock_move;
DROP FUNCTION inventory_refuse_closed_days();
DELETE FROM inventory_calendar;
DROP TRIGGER warehouses_tell_their_balances ON inventory_warehouse;
DROP FUNCTION inventory_tell_balances();
DROP TRIGGER balances_ask_their_warehouse ON inventory_stock_balance;
DROP FUNCTION inventory_ask_warehouse();
DROP TRIGGER layers_stay ON inventory_cost_layer;
DROP TRIGGER layers_begin_at_zero ON inventory_cost_layer;
DROP TRIGGER layers_follow_entries ON inventory_cost_layer;
DROP TRIGGER entries_stay ON inventory_layer_entry;
DROP TRIGGER entries_are_facts ON inventory_layer_entry;
DROP TRIGGER entries_fill_layers ON inventory_layer_entry;
DROP FUNCTION inventory_apply_entries();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_stock_is_valued_in_layers"),
        ("accounting", "0002_the_database_keeps_the_books"),
    ]

    operations = [migrations.RunSQL([LAYERS, BELOW_ZERO, CLOSED_MONTHS], reverse_sql=[UNDO])]
