"""A durable PostgreSQL of the benchmark's own, with one company that has items, customers and stock."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.runner.paths import DEFAULT_STATE, State
from infra.runner.postgres import SERVER_SETTINGS, EmbeddedPostgres
from infra.runner.valkey import EmbeddedValkey

SLUG = "bench"
ITEMS = 1000
CUSTOMERS = 50


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """PostgreSQL (fsync on, defaults of durability) and Valkey in a state folder of their own; stopped at the end."""
    state = State(Path(os.environ.get("TROIKA_BENCH_STATE") or DEFAULT_STATE / "bench"))
    state.prepare()
    postgres = EmbeddedPostgres(state, {**SERVER_SETTINGS, "shared_buffers": "512MB", "shared_preload_libraries": ""})
    valkey = EmbeddedValkey(state, persistent=False)
    postgres.start_detached()
    valkey.start_detached()
    environment = {
        "DATABASE_URL": postgres.url(),
        "REDIS_URL": valkey.url(),
        "TROIKA_MODE": "embedded",
        "TROIKA_STATE_DIR": str(state.folder),
        "TROIKA_LOG": "console",
        "DJANGO_SETTINGS_MODULE": "backend.config.settings",
    }
    os.environ.update(environment)
    try:
        yield environment
    finally:
        valkey.stop()
        postgres.stop()


def new_database() -> None:
    """Empty the benchmark's database, make the public schema and one company in it."""
    import django

    django.setup()
    import logging

    logging.disable(logging.WARNING)
    from django.db import connection
    from django.utils import timezone

    from tenants import provisioning, schemas
    from tenants.models import Identity

    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP SCHEMA "{name}" CASCADE')
        cursor.execute("CREATE SCHEMA public")
    now = timezone.now()
    schemas.migrate_public()
    schemas.record_history()
    provisioning.ensure_public_host(now)
    owner = Identity.objects.create(email="bench@example.com", name="Bench", created_at=now)
    plan = provisioning.CompanyPlan(name="Bench", slug=SLUG, language="en")
    provisioning.provision_company(plan=plan, owner=owner, at=now)


def as_after_a_night() -> None:
    """Every table is cleaned and its statistics are there, so that neither is made in the middle of a page."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def company() -> Any:
    """The benchmark's company."""
    from tenants.models import Tenant

    return Tenant.objects.get(slug=SLUG)


def actor() -> Any:
    """Who does everything in the benchmarks."""
    from backend.kernel.actor import Actor

    return Actor(kind="staff", name="Bench", permissions=frozenset({"*"}))


def fill_company(
    *, items: int = ITEMS, customers: int = CUSTOMERS, stock: int = 100_000
) -> tuple[list[Any], list[Any]]:
    """Items with stock and customers without a credit limit, by set-based inserts; returns (items, customers)."""
    from backend.catalog.models import Item, ItemCategory, TaxCode, Unit
    from backend.inventory.models import StockMove, Warehouse
    from backend.kernel.ids import uuid7
    from backend.parties.models import CustomerRole, Party

    at = datetime.now(UTC)
    unit, tax = Unit.objects.get(code="pcs"), TaxCode.objects.get(code="VAT13")
    category, warehouse = ItemCategory.objects.get(code="goods"), Warehouse.objects.get(is_default=True)
    made = Item.objects.bulk_create(
        Item(
            code=f"B{number:05d}",
            name=f"Item {number}",
            category=category,
            unit=unit,
            tax_code=tax,
            sale_price=Decimal("113"),
            created_at=at,
            updated_at=at,
        )
        for number in range(items)
    )
    parties = Party.objects.bulk_create(
        Party(code=f"C{number:04d}", name=f"Customer {number}", is_customer=True, created_at=at, updated_at=at)
        for number in range(customers)
    )
    CustomerRole.objects.bulk_create(CustomerRole(party=party) for party in parties)
    if stock:
        StockMove.objects.bulk_create(
            StockMove(
                item=item,
                warehouse=warehouse,
                kind="opening",
                qty_in=stock,
                value_in=stock * 60,
                move_date=at.date(),
                moved_at=at,
                doc_type="inventory.opening_stock",
                doc_id=uuid7(),
                doc_number="BENCH",
            )
            for item in made
        )
    return made, parties
