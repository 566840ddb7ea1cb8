"""Serial numbers, and what the database itself keeps true about them.

* Every move of an item that is kept by serial number names as many pieces as it moves; no other move names any.
* A piece lies in one place at most: it comes only from nowhere, or leaves another place in the same statement, and it
  leaves only the place where it lies. ``warehouse_id`` and ``last_move_id`` follow the moves alone.
* So the pieces that lie in a warehouse are as many as its balance says.

No statement names a schema: the caller's search path decides.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

PLACE = """
CREATE FUNCTION inventory_place_serials() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    bad record;
BEGIN
    SELECT i.code, f.qty_in + f.qty_out AS qty, coalesce(cardinality(f.serial_ids), 0) AS named INTO bad
    FROM fresh f JOIN catalog_item i ON i.id = f.item_id
    WHERE CASE WHEN i.serial_tracked THEN f.qty_in + f.qty_out <> coalesce(cardinality(f.serial_ids), 0)
               ELSE f.serial_ids IS NOT NULL END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Item %: % pieces move, % serial numbers are named', bad.code, bad.qty, bad.named
            USING ERRCODE = 'check_violation', CONSTRAINT = 'serials_name_every_piece';
    END IF;
    IF NOT EXISTS (SELECT FROM fresh WHERE serial_ids IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    PERFORM 1 FROM inventory_serial s
    WHERE s.id IN (SELECT unnest(f.serial_ids) FROM fresh f) ORDER BY s.id FOR UPDATE;
    SELECT u.id, s.serial_no INTO bad
    FROM (SELECT u.id, u.item_id, u.warehouse_id, sum(u.step) AS net
          FROM (SELECT unnest(f.serial_ids) AS id, f.item_id, f.warehouse_id,
                       CASE WHEN f.qty_in > 0 THEN 1 ELSE -1 END AS step FROM fresh f) u
          GROUP BY 1, 2, 3) u
    LEFT JOIN inventory_serial s ON s.id = u.id AND s.item_id = u.item_id
    GROUP BY u.id, s.id, s.serial_no, s.warehouse_id
    HAVING s.id IS NULL
        OR bool_or(abs(u.net) > 1)
        OR bool_or(u.net = -1 AND u.warehouse_id IS DISTINCT FROM s.warehouse_id)
        OR count(*) FILTER (WHERE u.net = 1) > 1
        OR (bool_or(u.net = 1) AND s.warehouse_id IS NOT NULL AND NOT bool_or(u.net = -1))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Serial number % is not where it would have to be', coalesce(bad.serial_no, bad.id::text)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'serial_in_one_place';
    END IF;
    UPDATE inventory_serial s
    SET last_move_id = d.last_id,
        warehouse_id = CASE WHEN d.comes IS NOT NULL THEN d.comes WHEN d.leaves THEN NULL ELSE s.warehouse_id END
    FROM (SELECT n.id, max(n.last_id) AS last_id, bool_or(n.net = -1) AS leaves,
                 (array_agg(n.warehouse_id) FILTER (WHERE n.net = 1))[1] AS comes
          FROM (SELECT u.id, u.warehouse_id, sum(u.step) AS net, max(u.move_id) AS last_id
                FROM (SELECT unnest(f.serial_ids) AS id, f.warehouse_id, f.id AS move_id,
                             CASE WHEN f.qty_in > 0 THEN 1 ELSE -1 END AS step FROM fresh f) u
                GROUP BY 1, 2) n
          GROUP BY 1) d
    WHERE s.id = d.id;
    RETURN NULL;
END $$;
CREATE TRIGGER moves_place_serials AFTER INSERT ON inventory_stock_move
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION inventory_place_serials();
CREATE TRIGGER serials_follow_moves BEFORE UPDATE ON inventory_serial FOR EACH ROW
    WHEN (pg_trigger_depth() = 0 AND (OLD.warehouse_id IS DISTINCT FROM NEW.warehouse_id
          OR OLD.last_move_id IS DISTINCT FROM NEW.last_move_id OR OLD.item_id <> NEW.item_id OR OLD.id <> NEW.id))
    EXECUTE FUNCTION inventory_refuse('a piece follows its moves');
CREATE TRIGGER serials_begin_nowhere BEFORE INSERT ON inventory_serial FOR EACH ROW
    WHEN (NEW.warehouse_id IS NOT NULL OR NEW.last_move_id IS NOT NULL)
    EXECUTE FUNCTION inventory_refuse('a piece begins nowhere');
CREATE TRIGGER serials_stay BEFORE DELETE ON inventory_serial FOR EACH ROW
    WHEN (OLD.last_move_id IS NOT NULL) EXECUTE FUNCTION inventory_refuse('a piece stays');
"""

UNDO = """
DROP TRIGGER serials_stay ON inventory_serial;
DROP TRIGGER serials_begin_nowhere ON inventory_serial;
DROP TRIGGER serials_follow_moves ON inventory_serial;
DROP TRIGGER moves_place_serials ON inventory_stock_move;
DROP FUNCTION inventory_place_serials();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0005_items_have_serial_numbers"),
        ("inventory", "0010_stock_is_watched"),
    ]

    operations = [
        migrations.AddField(
            model_name="stockmove",
            name="serial_ids",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None),
        ),
        migrations.AddIndex(
            model_name="stockmove",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("serial_ids__isnull", False)), fields=["serial_ids"], name="move_serials"
            ),
        ),
        migrations.CreateModel(
            name="LineSerials",
            fields=[
                ("line_id", models.UUIDField(primary_key=True, serialize=False)),
                ("doc_id", models.UUIDField()),
                (
                    "item",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
                ),
                (
                    "serial_nos",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None),
                ),
            ],
            options={
                "db_table": "inventory_line_serials",
                "indexes": [models.Index(fields=["doc_id"], name="line_serials_of_document")],
            },
        ),
        migrations.CreateModel(
            name="Serial",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="catalog.item"),
                ),
                ("serial_no", models.CharField(db_collation="C", max_length=60)),
                (
                    "warehouse",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="inventory.warehouse",
                    ),
                ),
                (
                    "last_move",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="inventory.stockmove",
                    ),
                ),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "db_table": "inventory_serial",
                "indexes": [
                    models.Index(fields=["serial_no"], name="serial_by_number"),
                    models.Index(
                        condition=models.Q(("warehouse__isnull", False)),
                        fields=["warehouse", "item"],
                        name="serial_that_lies",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("item", "serial_no"), name="serial_once_per_item")],
            },
        ),
        migrations.RunSQL([PLACE], reverse_sql=[UNDO]),
    ]
