"""What the database itself keeps true about stock.

* ``inventory_lock_balances``: rows of balances, made when missing and locked in the order of their keys.
* Moves are facts: no UPDATE, no DELETE. Each INSERT carries its quantities and values into the balances.
* Balances: ``on_hand``, ``value``, ``reserved`` and ``blocked`` change through triggers alone.
* Lots that are not released, or past their expiry date, do not leave for a customer; what lies in them is blocked.
* Edges of the lot graph are facts too.

No statement names a schema: the caller's search path decides.
"""

from django.db import migrations

LOCK = """
CREATE FUNCTION inventory_lock_balances(items uuid[], warehouses uuid[])
RETURNS SETOF inventory_stock_balance LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO inventory_stock_balance (item_id, warehouse_id, on_hand, reserved, blocked, value)
    SELECT w.item_id, w.warehouse_id, 0, 0, 0, 0
    FROM unnest(items, warehouses) AS w (item_id, warehouse_id)
    WHERE NOT EXISTS (SELECT FROM inventory_stock_balance b
                      WHERE b.item_id = w.item_id AND b.warehouse_id = w.warehouse_id)
    ORDER BY 1, 2
    ON CONFLICT (item_id, warehouse_id) DO NOTHING;
    RETURN QUERY
    SELECT b.* FROM inventory_stock_balance b
    JOIN unnest(items, warehouses) AS w (item_id, warehouse_id)
      ON b.item_id = w.item_id AND b.warehouse_id = w.warehouse_id
    ORDER BY b.item_id, b.warehouse_id
    FOR UPDATE OF b;
END $$;
"""

REFUSE = """
CREATE FUNCTION inventory_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % is refused, %', TG_TABLE_NAME, TG_OP, TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$;
"""

# One pass for all the rows of an INSERT: lock balances, look at the lots, then add the differences.
APPLY_MOVES = """
CREATE FUNCTION inventory_apply_moves() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad record;
BEGIN
    PERFORM 1 FROM inventory_lock_balances(
        ARRAY(SELECT p.item_id FROM (SELECT DISTINCT item_id, warehouse_id FROM fresh) p ORDER BY 1, p.warehouse_id),
        ARRAY(SELECT p.warehouse_id FROM (SELECT DISTINCT item_id, warehouse_id FROM fresh) p ORDER BY p.item_id, 1));
    IF EXISTS (SELECT FROM fresh WHERE lot_id IS NOT NULL) THEN
        SELECT l.lot_no, l.state, l.expiry_date INTO bad
        FROM fresh f JOIN inventory_lot l ON l.id = f.lot_id
        WHERE l.item_id <> f.item_id
           OR (f.qty_out > 0 AND f.kind NOT IN ('reversal', 'purchase_return')
               AND (l.state <> 'released' OR l.expiry_date < f.move_date))
        LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'Lot % (%, expires %) cannot be issued', bad.lot_no, bad.state, bad.expiry_date
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lot_may_be_issued';
        END IF;
        INSERT INTO inventory_lot_balance (item_id, warehouse_id, lot_id, on_hand, reserved)
        SELECT DISTINCT f.item_id, f.warehouse_id, f.lot_id, 0::numeric, 0::numeric FROM fresh f
        WHERE f.lot_id IS NOT NULL ORDER BY 1, 2, 3
        ON CONFLICT (item_id, warehouse_id, lot_id) DO NOTHING;
        UPDATE inventory_lot_balance b SET on_hand = b.on_hand + d.qty
        FROM (SELECT item_id, warehouse_id, lot_id, sum(qty_in - qty_out) AS qty
              FROM fresh WHERE lot_id IS NOT NULL GROUP BY 1, 2, 3) d
        WHERE b.item_id = d.item_id AND b.warehouse_id = d.warehouse_id AND b.lot_id = d.lot_id;
    END IF;
    UPDATE inventory_stock_balance b
    SET on_hand = b.on_hand + d.qty, value = b.value + d.value, blocked = b.blocked + d.blocked
    FROM (SELECT f.item_id, f.warehouse_id, sum(f.qty_in - f.qty_out) AS qty, sum(f.value_in - f.value_out) AS value,
                 coalesce(sum(f.qty_in - f.qty_out) FILTER (WHERE l.state <> 'released'), 0) AS blocked
          FROM fresh f LEFT JOIN inventory_lot l ON l.id = f.lot_id GROUP BY 1, 2) d
    WHERE b.item_id = d.item_id AND b.warehouse_id = d.warehouse_id;
    RETURN NULL;
END $$;
CREATE TRIGGER moves_fill_balances AFTER INSERT ON inventory_stock_move
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION inventory_apply_moves();
CREATE TRIGGER moves_are_facts BEFORE UPDATE OR DELETE ON inventory_stock_move
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('a move is a fact: reverse it');
CREATE TRIGGER moves_stay BEFORE TRUNCATE ON inventory_stock_move
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse('a move is a fact: reverse it');
CREATE TRIGGER lot_edges_are_facts BEFORE UPDATE OR DELETE ON inventory_lot_edge
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('an edge of the lot graph is a fact');
"""

GUARD_BALANCES = """
CREATE TRIGGER balances_follow_triggers BEFORE UPDATE ON inventory_stock_balance FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND (OLD.on_hand <> NEW.on_hand OR OLD.value <> NEW.value
          OR OLD.reserved <> NEW.reserved OR OLD.blocked <> NEW.blocked
          OR OLD.item_id <> NEW.item_id OR OLD.warehouse_id <> NEW.warehouse_id))
    EXECUTE FUNCTION inventory_refuse('a balance follows its moves, reservations and lots');
CREATE TRIGGER balances_begin_at_zero BEFORE INSERT ON inventory_stock_balance FOR EACH ROW
    WHEN (NEW.on_hand <> 0 OR NEW.value <> 0 OR NEW.reserved <> 0 OR NEW.blocked <> 0)
    EXECUTE FUNCTION inventory_refuse('a balance begins at zero');
CREATE TRIGGER balances_stay BEFORE DELETE ON inventory_stock_balance
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('a balance stays');
CREATE TRIGGER lot_balances_follow_triggers BEFORE UPDATE ON inventory_lot_balance FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION inventory_refuse('a balance of a lot follows its moves and reservations');
CREATE TRIGGER lot_balances_begin_at_zero BEFORE INSERT ON inventory_lot_balance FOR EACH ROW
    WHEN (NEW.on_hand <> 0 OR NEW.reserved <> 0)
    EXECUTE FUNCTION inventory_refuse('a balance begins at zero');
CREATE TRIGGER lot_balances_stay BEFORE DELETE ON inventory_lot_balance
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('a balance stays');
ALTER TABLE inventory_stock_balance SET (fillfactor = 70);
ALTER TABLE inventory_lot_balance SET (fillfactor = 70);
"""

BLOCK_LOTS = """
CREATE FUNCTION inventory_block_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM inventory_stock_balance b
    WHERE (b.item_id, b.warehouse_id) IN (SELECT lb.item_id, lb.warehouse_id FROM inventory_lot_balance lb
                                          JOIN after a ON a.id = lb.lot_id)
    ORDER BY b.item_id, b.warehouse_id FOR UPDATE;
    UPDATE inventory_stock_balance b SET blocked = b.blocked + d.qty
    FROM (SELECT lb.item_id, lb.warehouse_id,
                 sum(CASE WHEN a.state = 'released' THEN -lb.on_hand ELSE lb.on_hand END) AS qty
          FROM after a JOIN before o ON o.id = a.id JOIN inventory_lot_balance lb ON lb.lot_id = a.id
          WHERE (a.state = 'released') <> (o.state = 'released') GROUP BY 1, 2) d
    WHERE b.item_id = d.item_id AND b.warehouse_id = d.warehouse_id;
    RETURN NULL;
END $$;
CREATE TRIGGER lots_block_stock AFTER UPDATE ON inventory_lot
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION inventory_block_lots();
CREATE TRIGGER lots_keep_their_item BEFORE UPDATE OF item_id ON inventory_lot FOR EACH ROW
    WHEN (OLD.item_id <> NEW.item_id) EXECUTE FUNCTION inventory_refuse('a lot keeps its item');
"""

UNDO = """
ALTER TABLE inventory_stock_balance RESET (fillfactor);
ALTER TABLE inventory_lot_balance RESET (fillfactor);
DROP TRIGGER lots_keep_their_item ON inventory_lot;
DROP TRIGGER lots_block_stock ON inventory_lot;
DROP TRIGGER lot_balances_stay ON inventory_lot_balance;
DROP TRIGGER lot_balances_begin_at_zero ON inventory_lot_balance;
DROP TRIGGER lot_balances_follow_triggers ON inventory_lot_balance;
DROP TRIGGER balances_stay ON inventory_stock_balance;
DROP TRIGGER balances_begin_at_zero ON inventory_stock_balance;
DROP TRIGGER balances_follow_triggers ON inventory_stock_balance;
DROP TRIGGER lot_edges_are_facts ON inventory_lot_edge;
DROP TRIGGER moves_stay ON inventory_stock_move;
DROP TRIGGER moves_are_facts ON inventory_stock_move;
DROP TRIGGER moves_fill_balances ON inventory_stock_move;
DROP FUNCTION inventory_block_lots();
DROP FUNCTION inventory_apply_moves();
DROP FUNCTION inventory_refuse();
DROP FUNCTION inventory_lock_balances(uuid[], uuid[]);
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_stock_moves_keep_balances")]

    operations = [
        migrations.RunSQL([LOCK, REFUSE, APPLY_MOVES, GUARD_BALANCES, BLOCK_LOTS], reverse_sql=[UNDO]),
    ]
