"""Quotas of items: the shares of one make 100 %, and no day of an item has two. Both are checked at the commit."""

from decimal import Decimal

import django.db.models.deletion
from django.db import migrations, models

import backend.kernel.ids

# The schema is named: at the commit the caller's search path may be another one.
KEPT = """
CREATE FUNCTION purchasing_check_quota() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked uuid; total numeric; twice boolean;
BEGIN
    IF TG_TABLE_NAME = 'purchasing_quota' THEN
        checked := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        checked := OLD.quota_id;
    ELSE
        checked := NEW.quota_id;
    END IF;
    EXECUTE format('SELECT (SELECT coalesce(sum(s.share), 0) FROM %1$I.purchasing_quota_share s WHERE s.quota_id = q.id), '
                   'EXISTS (SELECT 1 FROM %1$I.purchasing_quota o WHERE o.item_id = q.item_id AND o.id <> q.id '
                   'AND o.valid_from <= coalesce(q.valid_to, ''infinity''::date) '
                   'AND q.valid_from <= coalesce(o.valid_to, ''infinity''::date)) '
                   'FROM %1$I.purchasing_quota q WHERE q.id = $1', TG_TABLE_SCHEMA)
        INTO total, twice USING checked;
    IF total IS NOT NULL AND total <> 100 THEN
        RAISE EXCEPTION 'the shares of quota % make %', checked, total USING ERRCODE = '23514';
    END IF;
    IF twice THEN
        RAISE EXCEPTION 'quota % meets another one of its item', checked USING ERRCODE = '23P01';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER quota_is_whole AFTER INSERT OR UPDATE ON purchasing_quota DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION purchasing_check_quota();
CREATE CONSTRAINT TRIGGER quota_shares_are_whole AFTER INSERT OR UPDATE OR DELETE ON purchasing_quota_share
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION purchasing_check_quota();
"""
UNKEPT = """
DROP TRIGGER quota_shares_are_whole ON purchasing_quota_share;
DROP TRIGGER quota_is_whole ON purchasing_quota;
DROP FUNCTION purchasing_check_quota();
"""


def _rate() -> models.DecimalField:
    return models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=9)


def _qty() -> models.DecimalField:
    return models.DecimalField(decimal_places=4, default=Decimal("0"), max_digits=18)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0007_last_prices_say_their_currency"),
        ("parties", "0003_contacts_look_after_something"),
        ("purchasing", "0025_orders_know_where_they_came_from"),
    ]

    operations = [
        migrations.CreateModel(
            name="ItemQuota",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("valid_from", models.DateField()),
                ("valid_to", models.DateField(null=True)),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("next", "Whole, to who is furthest behind"),
                            ("split", "Split among all by their shares"),
                        ],
                        default="next",
                        max_length=5,
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("updated_by_name", models.CharField(blank=True, default="", max_length=60)),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.item",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_quota",
                "constraints": [
                    models.UniqueConstraint(fields=("item", "valid_from"), name="quota_once_from_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_to", None), ("valid_to__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="quota_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuotaShare",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("share", _rate()),
                ("base_qty", _qty()),
                (
                    "quota",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="purchasing.itemquota",
                    ),
                ),
                (
                    "supplier",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.party",
                    ),
                ),
            ],
            options={
                "db_table": "purchasing_quota_share",
                "constraints": [
                    models.UniqueConstraint(fields=("quota", "supplier"), name="quota_share_once"),
                    models.CheckConstraint(
                        condition=models.Q(("base_qty__gte", 0), ("share__gt", 0), ("share__lte", 100)),
                        name="quota_share_is_a_part",
                    ),
                ],
            },
        ),
        migrations.RunSQL(KEPT, UNKEPT),
    ]
