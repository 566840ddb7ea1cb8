"""Single pieces know the bin that they lie in.

The moves' trigger that gives every move its bins takes the pieces' own bins when pieces leave, and puts the pieces that
come into the bins it chose. The first bin of a warehouse takes all pieces there; pieces that lie in bins already are dealt
out over them. Functions are taken as they stand and the places that change replaced, so that nothing else is written twice.
"""

import django.db.models.deletion
from django.db import migrations, models

_REPLACE = """
DO $do$
DECLARE
    source text := pg_get_functiondef('{name}'::regproc);
BEGIN
    IF position($old${old}$old$ IN source) = 0 THEN
        RAISE EXCEPTION '{name} is another one';
    END IF;
    EXECUTE replace(source, $old${old}$old$, $new${new}$new$);
END $do$;
"""


def change(name: str, old: str, new: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        _REPLACE.format(name=name, old=old, new=new), reverse_sql=_REPLACE.format(name=name, old=new, new=old)
    )


DECLARED = """    part numeric;
BEGIN
"""
SNAPSHOT = """    part numeric;
    was jsonb := '{}';
BEGIN
    IF EXISTS (SELECT FROM fresh WHERE serial_ids IS NOT NULL) THEN
        SELECT coalesce(jsonb_object_agg(s.id, s.bin_id), '{}') INTO was FROM inventory_serial s
        WHERE s.id IN (SELECT unnest(f.serial_ids) FROM fresh f) AND s.bin_id IS NOT NULL;
    END IF;
"""
WANTED = "FROM inventory_wanted_bins(m.id, m.reverses_id, m.doc_line_id) w\n"
OF_PIECES = """FROM (SELECT coalesce(i.id, (was ->> p.id::text)::uuid) AS bin_id, count(*)::numeric AS qty
                       FROM unnest(m.serial_ids) AS p (id) JOIN inventory_serial s ON s.id = p.id
                       LEFT JOIN inventory_bin i ON i.id = s.bin_id AND i.warehouse_id = m.warehouse_id
                       WHERE m.qty_out > 0 GROUP BY 1
                       UNION ALL
                       SELECT n.bin_id, n.qty FROM inventory_wanted_bins(m.id, m.reverses_id, m.doc_line_id) n
                       WHERE m.qty_out = 0 OR m.serial_ids IS NULL) w
"""
ENDED = """            END LOOP;
        END IF;
    END LOOP;
"""
PLACED = """            END LOOP;
        END IF;
        IF m.serial_ids IS NOT NULL AND m.qty_out > 0 THEN
            UPDATE inventory_serial s SET bin_id = NULL FROM inventory_bin i
            WHERE s.id = ANY(m.serial_ids) AND i.id = s.bin_id AND i.warehouse_id = m.warehouse_id;
        ELSIF m.serial_ids IS NOT NULL THEN
            UPDATE inventory_serial s SET bin_id = t.bin_id
            FROM (SELECT p.id, e.bin_id FROM unnest(m.serial_ids) WITH ORDINALITY AS p (id, place)
                  JOIN (SELECT bin_id, qty, sum(qty) OVER (ORDER BY id) AS upto FROM inventory_bin_entry
                        WHERE move_id = m.id) e ON p.place > e.upto - e.qty AND p.place <= e.upto) t
            WHERE s.id = t.id;
        END IF;
    END LOOP;
"""
BEGUN = "    PERFORM inventory_check_bins(array_agg(b.item_id), array_agg(b.warehouse_id))\n    FROM inventory_stock_balance b"
ALL_PIECES = f"    UPDATE inventory_serial SET bin_id = NEW.id WHERE warehouse_id = NEW.warehouse_id;\n{BEGUN}"
DEAL = """
UPDATE inventory_serial s SET bin_id = t.bin_id
FROM (SELECT p.id, b.bin_id
      FROM (SELECT id, item_id, warehouse_id, row_number() OVER (PARTITION BY item_id, warehouse_id ORDER BY serial_no) AS place
            FROM inventory_serial WHERE warehouse_id IS NOT NULL) p
      JOIN (SELECT item_id, warehouse_id, bin_id, on_hand,
                   sum(on_hand) OVER (PARTITION BY item_id, warehouse_id ORDER BY id) AS upto
            FROM inventory_bin_balance WHERE on_hand > 0) b
        ON b.item_id = p.item_id AND b.warehouse_id = p.warehouse_id AND p.place > b.upto - b.on_hand AND p.place <= b.upto) t
WHERE s.id = t.id
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0020_pieces_are_kept_for_orders")]

    operations = [
        migrations.AddField(
            model_name="serial",
            name="bin",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="inventory.bin",
            ),
        ),
        change("inventory_take_places", DECLARED, SNAPSHOT),
        change("inventory_take_places", WANTED, OF_PIECES),
        change("inventory_take_places", ENDED, PLACED),
        change("inventory_begin_bins", BEGUN, ALL_PIECES),
        migrations.RunSQL(DEAL, reverse_sql=migrations.RunSQL.noop),
    ]
