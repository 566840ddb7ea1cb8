"""Orders that were closed before closing gave back to their agreement do so now: what has not come is free again.

The same as ``services.call_offs.free_rest``: the first call-offs keep what has come, reopening takes the rest again.
"""

from django.db import migrations

GIVE_BACK = """
WITH rest AS (
    SELECT c.id, c.line_id, b.document_id, c.qty, c.amount, b.price,
           least(c.qty, greatest(coalesce(came.qty, 0) - (sum(c.qty) OVER before - c.qty), 0)) AS kept
    FROM purchasing_call_off c
    JOIN purchasing_blanket_line b ON b.id = c.line_id
    JOIN purchasing_order o ON o.id = c.order_id AND o.closing = 'manual_closed'
    LEFT JOIN LATERAL (
        SELECT sum(least(l.received_qty, l.qty - l.cancelled_qty)) AS qty FROM purchasing_order_line l
        WHERE l.document_id = o.id AND l.item_id = b.item_id
    ) came ON true
    WHERE c.undone_at IS NULL
      AND NOT EXISTS (SELECT FROM purchasing_call_off x WHERE x.order_id = c.order_id AND x.closed_qty > 0)
    WINDOW before AS (PARTITION BY c.order_id, b.item_id ORDER BY c.id)
), freed AS (
    SELECT *, qty - kept AS free, amount - CASE WHEN kept > 0 THEN round(kept * price, 2) ELSE 0 END AS money
    FROM rest WHERE kept < qty
), calls AS (
    UPDATE purchasing_call_off c
    SET closed_qty = f.free, undone_at = CASE WHEN f.kept > 0 THEN NULL ELSE now() END,
        qty = CASE WHEN f.kept > 0 THEN f.kept ELSE c.qty END,
        amount = CASE WHEN f.kept > 0 THEN c.amount - f.money ELSE c.amount END
    FROM freed f WHERE f.id = c.id
), lines AS (
    UPDATE purchasing_blanket_line b SET called_qty = b.called_qty - f.free
    FROM (SELECT line_id, sum(free) AS free FROM freed GROUP BY line_id) f WHERE f.line_id = b.id
)
UPDATE purchasing_blanket d SET called_amount = d.called_amount - f.money
FROM (SELECT document_id, sum(money) AS money FROM freed GROUP BY document_id) f WHERE f.document_id = d.id;
"""


class Migration(migrations.Migration):
    dependencies = [("purchasing", "0023_closed_orders_give_back_to_their_agreement")]

    operations = [migrations.RunSQL(GIVE_BACK, migrations.RunSQL.noop)]
