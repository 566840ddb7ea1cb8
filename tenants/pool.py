"""Spare schemas: made ahead of time, taken by a sign-up in milliseconds by renaming.

Invariants: a spare belongs to one taker (its row is locked and deleted in the taker's transaction); only spares of the
current release are given out; without one, the taker makes one.
"""

import logging
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backend.kernel.tenancy import in_public
from tenants import schemas
from tenants.models import SpareSchema

log = logging.getLogger(__name__)
_TAKE = """
SELECT name FROM tenants_spare_schema WHERE fingerprint = %s ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED
"""


def make_spare() -> SpareSchema:
    """Build one spare and add it to the pool."""
    name = f"spare_{uuid4().hex[:16]}"
    with in_public(), transaction.atomic():
        fingerprint = schemas.build_schema(name)
        return SpareSchema.objects.create(name=name, fingerprint=fingerprint, created_at=timezone.now())


def take_schema(name: str) -> str:
    """Give a spare schema that name; returns its fingerprint. Call inside the transaction that needs it."""
    fingerprint = schemas.latest_fingerprint()
    with in_public():
        if not _take(name, fingerprint):
            log.warning("The pool of spare schemas is empty; one is made now.")
            _hold_building_lock()
            while not _take(name, fingerprint):
                make_spare()
    return fingerprint


def _take(name: str, fingerprint: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [fingerprint])
        row = cursor.fetchone()
    if row is None:
        return False
    schemas.rename_schema(row[0], name)
    SpareSchema.objects.filter(pk=row[0]).delete()
    return True


def _hold_building_lock() -> None:
    """One builder at a time: a schema takes thousands of lock slots of the server while it is made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('troika:build-schema', 0))")


def fill(wanted: int | None = None) -> int:
    """Bring the pool to ``wanted`` spares of the current release; returns how many were made."""
    wanted = settings.SPARE_SCHEMAS if wanted is None else wanted
    made = 0
    drop_outdated()
    fingerprint = schemas.latest_fingerprint()
    with in_public():
        while fingerprint and SpareSchema.objects.filter(fingerprint=fingerprint).count() < wanted:
            with transaction.atomic():
                _hold_building_lock()
                if SpareSchema.objects.filter(fingerprint=fingerprint).count() < wanted:
                    make_spare()
                    made += 1
    return made


def drop_outdated() -> None:
    """Remove spares of an earlier release."""
    with in_public():
        for name in SpareSchema.objects.exclude(fingerprint=schemas.latest_fingerprint()).values_list(
            "name", flat=True
        ):
            with transaction.atomic():
                if SpareSchema.objects.select_for_update(skip_locked=True).filter(pk=name).exists():
                    schemas.drop_schema(name)
                    SpareSchema.objects.filter(pk=name).delete()
