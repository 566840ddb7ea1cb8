"""Bringing companies forward to the release: recorded SQL replayed in parallel, each company by itself.

One query finds those behind. A company's schema and its fingerprint change in one transaction, so a crash leaves it either
before or after; a failure is kept on the company's row and does not stop the others. A lock that is held too long by somebody
at work is given up and tried again, so nobody waits behind a migration.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from backend.kernel.tenancy import PUBLIC, in_public, run_in
from tenants import directory, pool, provisioning, schemas
from tenants.models import SchemaStep, Tenant

log = logging.getLogger(__name__)
TRIES = 5
LOCK_TIMEOUT = "3s"


@dataclass(frozen=True)
class Outcome:
    """What happened to one company; ``error`` is empty when it is in step now."""

    slug: str
    error: str
    seconds: float


@contextmanager
def only_one() -> Iterator[None]:
    """One upgrade of a database at a time; a second one waits."""
    with in_public(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended('troika:upgrade', 0))")
    try:
        yield
    finally:
        with in_public(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended('troika:upgrade', 0))")


def prepare_database(*, workers: int = 4, say: Callable[[str], None] = log.info) -> list[Outcome]:
    """Everything a release needs: public tables, the template's record, all companies, no outdated spares."""
    # The control plane's tables come first: the lock and the record live beside them.
    say(f"Control plane: {schemas.migrate_public()} migrations.")
    with only_one():
        provisioning.ensure_public_host(timezone.now())
        say(f"Template: {schemas.record_history()} migrations.")
        outcomes = upgrade_tenants(workers=workers)
        failed = [outcome for outcome in outcomes if outcome.error]
        say(f"Companies: {len(outcomes) - len(failed)} brought forward, {len(failed)} failed.")
        pool.drop_outdated()
    return outcomes


def tenants_behind() -> list[Tenant]:
    """Companies whose schema is not in step, in one query."""
    with in_public():
        latest = SchemaStep.objects.order_by("-seq").values("fingerprint")[:1]
        return list(Tenant.objects.exclude(schema_name=PUBLIC).exclude(migrations_fingerprint__in=latest))


def upgrade_tenants(*, workers: int = 4) -> list[Outcome]:
    """Bring every company behind forward."""
    steps = schemas.all_steps()
    behind = tenants_behind()
    if not behind:
        return []
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="upgrade") as crew:
        return list(crew.map(lambda tenant: _upgrade_in_thread(tenant, steps), behind))


def _upgrade_in_thread(tenant: Tenant, steps: Sequence[SchemaStep]) -> Outcome:
    try:
        return upgrade_tenant(tenant, steps)
    finally:
        connection.close()


def upgrade_tenant(tenant: Tenant, steps: Sequence[SchemaStep]) -> Outcome:
    """Bring one company forward; the outcome says what went wrong, if anything did."""
    begun, error = time.monotonic(), ""
    try:
        for run in schemas.in_runs(schemas.position_of(tenant.migrations_fingerprint, steps).ahead):
            _with_patience(lambda run=run: _apply(tenant, run))  # type: ignore[misc]
    except Exception as problem:  # whatever it is, the other companies go on and the row tells
        log.exception("A company could not be brought forward.", extra={"company": tenant.slug})
        error = f"{type(problem).__name__}: {problem}"[:2000]
    with in_public():
        Tenant.objects.filter(pk=tenant.pk).update(migration_error=error, migrated_at=timezone.now())
    directory.forget(tenant)
    return Outcome(tenant.slug, error, time.monotonic() - begun)


def _apply(tenant: Any, run: Sequence[SchemaStep]) -> None:
    if len(run) == 1 and (run[0].by_code or not run[0].atomic):
        schemas.apply_step(tenant.schema_name, run[0])
        _note(tenant, run[-1])
        return
    with run_in(tenant), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        cursor.execute(schemas.sql_of(run))
        _note(tenant, run[-1])


def _note(tenant: Any, step: SchemaStep) -> None:
    """Remember how far the company is, inside the transaction of the step where there is one."""
    tenant.migrations_fingerprint = step.fingerprint
    Tenant.objects.filter(pk=tenant.pk).update(migrations_fingerprint=step.fingerprint)


def _with_patience(act: Callable[[], None]) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            act()
            return
        except OperationalError as problem:
            if "lock timeout" not in str(problem) or attempt == TRIES:
                raise
            time.sleep(attempt * 0.5)
