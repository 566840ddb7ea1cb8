"""Consignment has rights of its own: a company's own roles keep what they could do with it as deliveries."""

from django.db import migrations

GIVE = """
WITH follows (held, given) AS (VALUES
    ('sales.delivery.view', 'sales.consignment.view'), ('sales.delivery.edit', 'sales.consignment.edit'),
    ('sales.delivery.approve', 'sales.consignment.approve'), ('sales.delivery.unapprove', 'sales.consignment.unapprove'),
    ('inventory.stock.export', 'sales.consignment.export'), ('customer.order.view', 'customer.consignment.view'),
    ('customer.order.edit', 'customer.consignment.report')
)
UPDATE access_role r
SET permissions = r.permissions || ARRAY(
    SELECT f.given::varchar(60) FROM follows f
    WHERE f.held = ANY (r.permissions) AND NOT f.given = ANY (r.permissions) ORDER BY f.given)
WHERE NOT r.is_builtin
"""
TAKE = """
UPDATE access_role SET permissions = ARRAY(
    SELECT code FROM unnest(permissions) WITH ORDINALITY AS p (code, place)
    WHERE code NOT LIKE '%.consignment.%' ORDER BY place)
WHERE NOT is_builtin
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_members_hold_roles")]

    operations = [migrations.RunSQL(GIVE, TAKE)]
