"""Bins, and what the database itself keeps true about them.

* A warehouse has bins from its first, its default one: what it holds lies there from that moment.
* Every move of such a warehouse takes its bins in the same statement: those that are named for its line; what is left
  over goes where the item has its place (or lies already, or into the default bin), and leaves in the order people walk.
* So the bins hold what the balance says, lot by lot; it is looked at after every INSERT of moves and entries.
* Goods that are put elsewhere leave one bin and come into another: entries without a move add up to nothing.

A warehouse without bins pays one look into an index per INSERT. No statement names a schema.
"""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

ENTRIES = """
CREATE FUNCTION inventory_check_bins(items uuid[], places uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    bad record;
BEGIN
    SELECT b.item_id, b.on_hand, s.qty INTO bad
    FROM unnest(items, places) AS w (item_id, warehouse_id)
    JOIN inventory_bin d ON d.warehouse_id = w.warehouse_id AND d.is_default
    JOIN inventory_stock_balance b ON b.item_id = w.item_id AND b.warehouse_id = w.warehouse_id
    CROSS JOIN LATERAL (SELECT coalesce(sum(x.on_hand), 0) AS qty FROM inventory_bin_balance x
                        WHERE x.item_id = w.item_id AND x.warehouse_id = w.warehouse_id) s
    WHERE b.on_hand <> s.qty LIMIT 1;
    IF NOT FOUND THEN
        SELECT b.item_id, b.on_hand, s.qty INTO bad
        FROM unnest(items, places) AS w (item_id, warehouse_id)
        JOIN inventory_bin d ON d.warehouse_id = w.warehouse_id AND d.is_default
        JOIN inventory_lot_balance b ON b.item_id = w.item_id AND b.warehouse_id = w.warehouse_id
        CROSS JOIN LATERAL (SELECT coalesce(sum(x.on_hand), 0) AS qty FROM inventory_bin_balance x
                            WHERE x.item_id = w.item_id AND x.warehouse_id = w.warehouse_id AND x.lot_id = b.lot_id) s
        WHERE b.on_hand <> s.qty LIMIT 1;
    END IF;
    IF FOUND THEN
        RAISE EXCEPTION 'Item %: % lie in the warehouse, % in its bins', bad.item_id, bad.on_hand, bad.qty
            USING ERRCODE = 'check_violation', CONSTRAINT = 'bins_equal_stock';
    END IF;
END $$;
CREATE FUNCTION inventory_apply_bin_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh f JOIN inventory_bin b ON b.id = f.bin_id WHERE b.warehouse_id <> f.warehouse_id) THEN
        RAISE EXCEPTION 'A bin of another warehouse' USING ERRCODE = 'check_violation', CONSTRAINT = 'bin_of_the_warehouse';
    END IF;
    INSERT INTO inventory_bin_balance (item_id, warehouse_id, bin_id, lot_id, on_hand)
    SELECT DISTINCT f.item_id, f.warehouse_id, f.bin_id, f.lot_id, 0::numeric FROM fresh f ORDER BY 1, 2, 3, 4
    ON CONFLICT (item_id, warehouse_id, bin_id, lot_id) DO NOTHING;
    UPDATE inventory_bin_balance b SET on_hand = b.on_hand + d.qty
    FROM (SELECT item_id, warehouse_id, bin_id, lot_id, sum(qty) AS qty FROM fresh GROUP BY 1, 2, 3, 4) d
    WHERE b.item_id = d.item_id AND b.warehouse_id = d.warehouse_id AND b.bin_id = d.bin_id
      AND b.lot_id IS NOT DISTINCT FROM d.lot_id AND d.qty <> 0;
    IF pg_trigger_depth() = 1 THEN
        IF EXISTS (SELECT FROM fresh WHERE move_id IS NOT NULL) THEN
            RAISE EXCEPTION 'The bins of a move are taken with it' USING ERRCODE = 'restrict_violation';
        END IF;
        PERFORM inventory_check_bins(array_agg(p.item_id), array_agg(p.warehouse_id))
        FROM (SELECT DISTINCT item_id, warehouse_id FROM fresh) p;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bin_entries_fill_bins AFTER INSERT ON inventory_bin_entry
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION inventory_apply_bin_entries();
CREATE TRIGGER bin_entries_are_facts BEFORE UPDATE OR DELETE ON inventory_bin_entry
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('an entry of a bin is a fact');
CREATE TRIGGER bin_entries_stay BEFORE TRUNCATE ON inventory_bin_entry
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse('an entry of a bin is a fact');
CREATE TRIGGER bin_balances_follow_entries BEFORE UPDATE ON inventory_bin_balance FOR EACH ROW
    WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION inventory_refuse('a bin follows its entries');
CREATE TRIGGER bin_balances_begin_at_zero BEFORE INSERT ON inventory_bin_balance FOR EACH ROW
    WHEN (NEW.on_hand <> 0) EXECUTE FUNCTION inventory_refuse('a balance begins at zero');
CREATE TRIGGER bin_balances_stay BEFORE DELETE ON inventory_bin_balance
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse('a balance stays');
"""

# Wanted bins of a move: those of the move it reverses, else those named for its line less what that line has taken.
TAKE = """
CREATE FUNCTION inventory_wanted_bins(a_move bigint, reversed bigint, line uuid, OUT bin_id uuid, OUT qty numeric)
RETURNS SETOF record LANGUAGE sql STABLE AS $$
    SELECT e.bin_id, abs(e.qty) FROM inventory_bin_entry e WHERE e.move_id = reversed
    UNION ALL
    SELECT n.bin_id, n.qty - coalesce((SELECT sum(abs(e.qty)) FROM inventory_stock_move m
                                       JOIN inventory_bin_entry e ON e.move_id = m.id
                                       WHERE m.doc_line_id = line AND m.reverses_id IS NULL AND e.bin_id = n.bin_id
                                         AND NOT EXISTS (SELECT FROM inventory_stock_move x WHERE x.reverses_id = m.id)), 0)
    FROM inventory_line_bin n WHERE reversed IS NULL AND n.line_id = line
$$;
CREATE FUNCTION inventory_take_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    m record;
    b record;
    target uuid;
    rest numeric;
    part numeric;
BEGIN
    IF NOT EXISTS (SELECT FROM fresh f JOIN inventory_bin d ON d.warehouse_id = f.warehouse_id AND d.is_default
                   WHERE f.qty_in + f.qty_out > 0) THEN
        RETURN NULL;
    END IF;
    FOR m IN SELECT f.*, d.id AS default_bin FROM fresh f
             JOIN inventory_bin d ON d.warehouse_id = f.warehouse_id AND d.is_default
             WHERE f.qty_in + f.qty_out > 0 ORDER BY f.qty_out > 0, f.id LOOP
        rest := m.qty_in + m.qty_out;
        target := CASE WHEN m.qty_in > 0 THEN inventory_bin_for(m.item_id, m.warehouse_id) END;
        FOR b IN SELECT w.bin_id, least(w.qty, coalesce(x.on_hand, 0)) AS lying, w.qty
                 FROM inventory_wanted_bins(m.id, m.reverses_id, m.doc_line_id) w
                 JOIN inventory_bin i ON i.id = w.bin_id AND i.warehouse_id = m.warehouse_id
                 LEFT JOIN inventory_bin_balance x ON x.bin_id = w.bin_id AND x.item_id = m.item_id
                      AND x.warehouse_id = m.warehouse_id AND x.lot_id IS NOT DISTINCT FROM m.lot_id
                 ORDER BY i.sequence, i.code LOOP
            part := least(rest, CASE WHEN m.qty_in > 0 THEN b.qty ELSE b.lying END);
            CONTINUE WHEN part <= 0;
            INSERT INTO inventory_bin_entry (item_id, warehouse_id, bin_id, lot_id, qty, move_id, at)
            VALUES (m.item_id, m.warehouse_id, b.bin_id, m.lot_id, CASE WHEN m.qty_in > 0 THEN part ELSE -part END, m.id,
                    m.moved_at);
            rest := rest - part;
        END LOOP;
        IF rest > 0 AND m.qty_in > 0 THEN
            INSERT INTO inventory_bin_entry (item_id, warehouse_id, bin_id, lot_id, qty, move_id, at)
            VALUES (m.item_id, m.warehouse_id, target, m.lot_id, rest, m.id, m.moved_at);
        ELSIF rest > 0 THEN
            FOR b IN SELECT x.bin_id, x.on_hand FROM inventory_bin_balance x JOIN inventory_bin i ON i.id = x.bin_id
                     WHERE x.item_id = m.item_id AND x.warehouse_id = m.warehouse_id AND x.on_hand > 0
                       AND x.lot_id IS NOT DISTINCT FROM m.lot_id
                     ORDER BY i.sequence, i.code LOOP
                part := least(rest, b.on_hand);
                EXIT WHEN part <= 0;
                INSERT INTO inventory_bin_entry (item_id, warehouse_id, bin_id, lot_id, qty, move_id, at)
                VALUES (m.item_id, m.warehouse_id, b.bin_id, m.lot_id, -part, m.id, m.moved_at);
                rest := rest - part;
            END LOOP;
        END IF;
    END LOOP;
    PERFORM inventory_check_bins(array_agg(p.item_id), array_agg(p.warehouse_id))
    FROM (SELECT DISTINCT item_id, warehouse_id FROM fresh) p;
    RETURN NULL;
END $$;
CREATE FUNCTION inventory_bin_for(an_item uuid, a_warehouse uuid) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT f.bin_id FROM inventory_fixed_bin f JOIN inventory_bin i ON i.id = f.bin_id AND i.active
         WHERE f.item_id = an_item AND f.warehouse_id = a_warehouse AND i.warehouse_id = a_warehouse),
        (SELECT x.bin_id FROM inventory_bin_balance x JOIN inventory_bin i ON i.id = x.bin_id AND i.active
         WHERE x.item_id = an_item AND x.warehouse_id = a_warehouse AND x.on_hand > 0 AND NOT i.is_default
         ORDER BY x.on_hand DESC, i.sequence, i.code LIMIT 1),
        (SELECT i.id FROM inventory_bin i WHERE i.warehouse_id = a_warehouse AND i.is_default))
$$;
CREATE TRIGGER moves_take_places AFTER INSERT ON inventory_stock_move
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION inventory_take_places();
"""

# The lock lets moves under way end first and those after it see the bins.
BEGIN = """
CREATE FUNCTION inventory_begin_bins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE inventory_stock_move IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM inventory_warehouse w WHERE w.id = NEW.warehouse_id AND (w.allow_negative OR w.kind <> 'stock'))
       OR EXISTS (SELECT FROM inventory_stock_balance b WHERE b.warehouse_id = NEW.warehouse_id AND b.on_hand < 0) THEN
        RAISE EXCEPTION 'Bins hold what is there' USING ERRCODE = 'check_violation', CONSTRAINT = 'bins_not_below_zero';
    END IF;
    INSERT INTO inventory_bin_entry (item_id, warehouse_id, bin_id, lot_id, qty, at)
    SELECT b.item_id, b.warehouse_id, NEW.id, b.lot_id, b.on_hand, now() FROM inventory_lot_balance b
    WHERE b.warehouse_id = NEW.warehouse_id AND b.on_hand > 0
    UNION ALL
    SELECT b.item_id, b.warehouse_id, NEW.id, NULL, b.on_hand - s.qty, now() FROM inventory_stock_balance b
    CROSS JOIN LATERAL (SELECT coalesce(sum(l.on_hand), 0) AS qty FROM inventory_lot_balance l
                        WHERE l.item_id = b.item_id AND l.warehouse_id = b.warehouse_id) s
    WHERE b.warehouse_id = NEW.warehouse_id AND b.on_hand > s.qty;
    PERFORM inventory_check_bins(array_agg(b.item_id), array_agg(b.warehouse_id))
    FROM inventory_stock_balance b WHERE b.warehouse_id = NEW.warehouse_id;
    RETURN NULL;
END $$;
CREATE TRIGGER first_bin_takes_all AFTER INSERT ON inventory_bin FOR EACH ROW
    WHEN (NEW.is_default) EXECUTE FUNCTION inventory_begin_bins();
CREATE TRIGGER bins_stay BEFORE DELETE ON inventory_bin FOR EACH ROW
    WHEN (OLD.is_default) EXECUTE FUNCTION inventory_refuse('the default bin stays');
CREATE TRIGGER bins_keep_their_warehouse BEFORE UPDATE ON inventory_bin FOR EACH ROW
    WHEN (OLD.warehouse_id <> NEW.warehouse_id OR OLD.is_default <> NEW.is_default)
    EXECUTE FUNCTION inventory_refuse('a bin keeps its warehouse, the default stays the default');
CREATE FUNCTION inventory_refuse_below_bins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM inventory_bin b WHERE b.warehouse_id = NEW.id AND b.is_default) THEN
        RAISE EXCEPTION 'Bins hold what is there' USING ERRCODE = 'check_violation', CONSTRAINT = 'bins_not_below_zero';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bins_not_below_zero BEFORE UPDATE ON inventory_warehouse FOR EACH ROW
    WHEN (NEW.allow_negative AND NOT OLD.allow_negative) EXECUTE FUNCTION inventory_refuse_below_bins();
"""

UNDO = """
DROP TRIGGER bins_not_below_zero ON inventory_warehouse;
DROP FUNCTION inventory_refuse_below_bins();
DROP TRIGGER bins_keep_their_warehouse ON inventory_bin;
DROP TRIGGER bins_stay ON inventory_bin;
DROP TRIGGER first_bin_takes_all ON inventory_bin;
DROP FUNCTION inventory_begin_bins();
DROP TRIGGER moves_take_places ON inventory_stock_move;
DROP FUNCTION inventory_bin_for(uuid, uuid);
DROP FUNCTION inventory_take_places();
DROP FUNCTION inventory_wanted_bins(bigint, bigint, uuid);
DROP TRIGGER bin_balances_stay ON inventory_bin_balance;
DROP TRIGGER bin_balances_begin_at_zero ON inventory_bin_balance;
DROP TRIGGER bin_balances_follow_entries ON inventory_bin_balance;
DROP TRIGGER bin_entries_stay ON inventory_bin_entry;
DROP TRIGGER bin_entries_are_facts ON inventory_bin_entry;
DROP TRIGGER bin_entries_fill_bins ON inventory_bin_entry;
DROP FUNCTION inventory_apply_bin_entries();
DROP FUNCTION inventory_check_bins(uuid[], uuid[]);
"""

# Companies that exist already number the new document as their language writes it.
NUMBERING = """
INSERT INTO kernel_numbering_rule (doc_type, prefix, date_format, separator, digits, reset)
SELECT 'inventory.bin_move', CASE WHEN prefix = 'XSDD' THEN 'KWYD' ELSE 'BM' END, date_format, separator, digits, reset
FROM kernel_numbering_rule WHERE doc_type = 'sales.order'
ON CONFLICT (doc_type) DO NOTHING
"""
FORGET = "DELETE FROM kernel_numbering_rule WHERE doc_type = 'inventory.bin_move'"


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_items_have_serial_numbers"),
        ("inventory", "0012_material_lies_at_processors"),
        ("kernel", "0001_documents_leave_a_trail"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bin",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(db_collation="C", max_length=30)),
                ("zone", models.CharField(blank=True, default="", max_length=30)),
                ("sequence", models.PositiveIntegerField(default=0)),
                ("active", models.BooleanField(default=True)),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "inventory_bin",
            },
        ),
        migrations.CreateModel(
            name="BinBalance",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("on_hand", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_bin_balance",
            },
        ),
        migrations.CreateModel(
            name="BinEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
                ("doc_id", models.UUIDField(null=True)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "inventory_bin_entry",
            },
        ),
        migrations.CreateModel(
            name="BinMove",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(db_collation="C", max_length=40, unique=True)),
                ("doc_date", models.DateField()),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("submitted", "In approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("voided", "Voided"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                (
                    "closing",
                    models.CharField(
                        choices=[("open", "Open"), ("auto_closed", "Closed"), ("manual_closed", "Closed manually")],
                        default="open",
                        max_length=16,
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("remark", models.TextField(blank=True, default="")),
                ("created_at", models.DateTimeField()),
                ("created_by_id", models.UUIDField(null=True)),
                ("created_by_name", models.CharField(default="", max_length=120)),
                ("approved_at", models.DateTimeField(blank=True, null=True)),
                ("approved_by_id", models.UUIDField(null=True)),
                ("approved_by_name", models.CharField(default="", max_length=120)),
                ("updated_at", models.DateTimeField()),
            ],
            options={
                "db_table": "inventory_bin_move",
            },
        ),
        migrations.CreateModel(
            name="BinMoveLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_no", models.PositiveIntegerField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_bin_move_line",
            },
        ),
        migrations.CreateModel(
            name="FixedBin",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
            ],
            options={
                "db_table": "inventory_fixed_bin",
            },
        ),
        migrations.CreateModel(
            name="LineBin",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("line_id", models.UUIDField()),
                ("doc_id", models.UUIDField()),
                ("qty", models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)),
            ],
            options={
                "db_table": "inventory_line_bin",
            },
        ),
        migrations.RemoveConstraint(
            model_name="stockcountline",
            name="count_item_and_lot_once",
        ),
        migrations.AddField(
            model_name="bin",
            name="warehouse",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bins",
                to="inventory.warehouse",
            ),
        ),
        migrations.AddField(
            model_name="stockcountline",
            name="bin",
            field=models.ForeignKey(
                blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.bin"
            ),
        ),
        migrations.AddConstraint(
            model_name="stockcountline",
            constraint=models.UniqueConstraint(
                fields=("document", "item", "lot", "bin"), name="count_item_lot_and_bin_once", nulls_distinct=False
            ),
        ),
        migrations.AddField(
            model_name="binbalance",
            name="bin",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="balances", to="inventory.bin"
            ),
        ),
        migrations.AddField(
            model_name="binbalance",
            name="item",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="binbalance",
            name="lot",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot"
            ),
        ),
        migrations.AddField(
            model_name="binbalance",
            name="warehouse",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"
            ),
        ),
        migrations.AddField(
            model_name="binentry",
            name="bin",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="inventory.bin"
            ),
        ),
        migrations.AddField(
            model_name="binentry",
            name="item",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="binentry",
            name="lot",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot"
            ),
        ),
        migrations.AddField(
            model_name="binentry",
            name="move",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="places",
                to="inventory.stockmove",
            ),
        ),
        migrations.AddField(
            model_name="binentry",
            name="warehouse",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"
            ),
        ),
        migrations.AddField(
            model_name="binmove",
            name="warehouse",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="inventory.warehouse"),
        ),
        migrations.AddField(
            model_name="binmoveline",
            name="destination",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.bin"),
        ),
        migrations.AddField(
            model_name="binmoveline",
            name="document",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="lines",
                to="inventory.binmove",
            ),
        ),
        migrations.AddField(
            model_name="binmoveline",
            name="item",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="binmoveline",
            name="lot",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="inventory.lot"
            ),
        ),
        migrations.AddField(
            model_name="binmoveline",
            name="source",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="inventory.bin"),
        ),
        migrations.AddField(
            model_name="fixedbin",
            name="bin",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="fixed", to="inventory.bin"
            ),
        ),
        migrations.AddField(
            model_name="fixedbin",
            name="item",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to="catalog.item"),
        ),
        migrations.AddField(
            model_name="fixedbin",
            name="warehouse",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, to="inventory.warehouse"
            ),
        ),
        migrations.AddField(
            model_name="linebin",
            name="bin",
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="inventory.bin"),
        ),
        migrations.AddIndex(
            model_name="bin",
            index=models.Index(fields=["warehouse", "sequence", "code"], name="bin_walk"),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.UniqueConstraint(fields=("warehouse", "code"), name="bin_once_per_warehouse"),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_default", True)), fields=("warehouse",), name="bin_one_default_per_warehouse"
            ),
        ),
        migrations.AddConstraint(
            model_name="bin",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_default", False), ("active", True), _connector="OR"), name="default_bin_used"
            ),
        ),
        migrations.AddConstraint(
            model_name="binbalance",
            constraint=models.UniqueConstraint(
                fields=("item", "warehouse", "bin", "lot"), name="bin_balance_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="binbalance",
            constraint=models.CheckConstraint(condition=models.Q(("on_hand__gte", 0)), name="bin_not_overdrawn"),
        ),
        migrations.AddIndex(
            model_name="binentry",
            index=models.Index(condition=models.Q(("move__isnull", False)), fields=["move"], name="bin_entry_of_move"),
        ),
        migrations.AddIndex(
            model_name="binentry",
            index=models.Index(fields=["item", "warehouse", "id"], name="bin_entry_item"),
        ),
        migrations.AddConstraint(
            model_name="binentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("qty", 0), _negated=True), name="bin_entry_moves_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="binmoveline",
            constraint=models.UniqueConstraint(fields=("document", "line_no"), name="bin_move_line_once"),
        ),
        migrations.AddConstraint(
            model_name="binmoveline",
            constraint=models.CheckConstraint(
                condition=models.Q(("qty__gt", 0), models.Q(("source", models.F("destination")), _negated=True)),
                name="bin_move_line_sound",
            ),
        ),
        migrations.AddConstraint(
            model_name="fixedbin",
            constraint=models.UniqueConstraint(fields=("item", "warehouse"), name="fixed_bin_once"),
        ),
        migrations.AddIndex(
            model_name="linebin",
            index=models.Index(fields=["doc_id"], name="line_bins_of_document"),
        ),
        migrations.AddConstraint(
            model_name="linebin",
            constraint=models.UniqueConstraint(fields=("line_id", "bin"), name="line_bin_once"),
        ),
        migrations.AddConstraint(
            model_name="linebin",
            constraint=models.CheckConstraint(condition=models.Q(("qty__gt", 0)), name="line_bin_positive"),
        ),
        migrations.RunSQL([ENTRIES, TAKE, BEGIN], reverse_sql=[UNDO]),
        migrations.RunSQL(NUMBERING, FORGET),
    ]
