"""With many companies: nothing to do costs nothing, one migration is replayed for all in moments.

Of each company there is what the migration touches, its table and its history: how a whole schema is made has tests of its own.
"""

import time
from typing import Any

from django.db import connection
from django.utils import timezone

from backend.kernel.ids import uuid7
from backend.kernel.tenancy import in_public
from tenants import schemas, upgrade
from tenants.models import SchemaStep, Tenant

COMPANIES = 40
SCHEMA = """
CREATE SCHEMA {name};
CREATE TABLE {name}.sales_order (LIKE {template}.sales_order INCLUDING ALL);
CREATE TABLE {name}.django_migrations (LIKE {template}.django_migrations INCLUDING ALL);
"""


def _make_companies() -> None:
    now, fingerprint = timezone.now(), schemas.latest_fingerprint()
    for number in range(COMPANIES):
        key = uuid7()
        with connection.cursor() as cursor:
            cursor.execute(SCHEMA.format(name=f"c_{key.hex}", template=schemas.TEMPLATE))
        Tenant.objects.create(
            id=key,
            schema_name=f"c_{key.hex}",
            slug=f"many-{number}",
            name=f"Company {number}",
            migrations_fingerprint=fingerprint,
            created_at=now,
        )


def test_upgrading_many_companies(committed_tenant: Any) -> None:
    with in_public():
        _make_companies()
        begun = time.monotonic()
        assert upgrade.upgrade_tenants() == []
        assert time.monotonic() - begun < 0.5
        last = SchemaStep.objects.latest("seq")
        SchemaStep.objects.create(
            seq=last.seq + 1,
            app="sales",
            name="0099_more",
            statements=["ALTER TABLE sales_order ADD COLUMN note text NOT NULL DEFAULT '';"],
            fingerprint=f"{last.seq + 1:064d}",
            recorded_at=timezone.now(),
        )
        begun = time.monotonic()
        outcomes = upgrade.upgrade_tenants(workers=4)
        assert len(outcomes) == COMPANIES + 2
        assert {outcome.error for outcome in outcomes} == {""}
        assert time.monotonic() - begun < 10
        assert upgrade.tenants_behind() == []
