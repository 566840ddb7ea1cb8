"""The migrations that guard stock and promises go back and forth."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations import RunSQL

from tests.factories.availability import assert_sound, order
from tests.factories.catalog import make_item
from tests.factories.inventory import numbers_of, stock_up

NAMES = (
    "backend.inventory.migrations.0002_the_database_guards_stock",
    "backend.availability.migrations.0002_the_database_guards_promises",
    "backend.inventory.migrations.0004_the_database_guards_layers",
    "backend.inventory.migrations.0011_pieces_have_serial_numbers",
    "backend.inventory.migrations.0013_goods_lie_in_bins",
)


def run(statements):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for text in statements:
            cursor.execute(text)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def guarding(name):
    """The operation of a migration that makes its triggers."""
    return next(step for step in import_module(name).Migration.operations if isinstance(step, RunSQL))


def guards():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = current_schema() AND NOT tgisinternal"
            " AND (relname LIKE 'inventory%' OR relname LIKE 'availability%')"
        )
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.usefixtures("tenant")
def test_guards_come_back():
    steps = [guarding(name) for name in NAMES]
    before = guards()
    for step in reversed(steps):
        run(step.reverse_sql)
    assert guards() == set()
    for step in steps:
        run(step.sql)
    assert guards() == before
    item = make_item()
    stock_up(item, 5, 5)
    order((item, 3))
    assert numbers_of(item) == (5, 3, 2)
    assert_sound()


def test_sql_names_no_schema():
    for name in NAMES:
        step = guarding(name)
        assert not any("public." in text or "tenant" in text for text in (*step.sql, *step.reverse_sql))
