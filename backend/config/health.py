"""Whether this process can serve: the database answers, the broker answers, the schemas are in step with the code."""

import logging
import time
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader

from backend.kernel.tenancy import in_public
from tenants import schemas, upgrade
from tenants.models import SchemaStep

log = logging.getLogger(__name__)


def readiness() -> dict[str, Any]:
    """``ready`` and, for each part, whether it is well and how long its answer took."""
    parts = {"database": _check(_database), "broker": _check(_broker), "migrations": _check(_migrations)}
    return {"ready": all(part["well"] for part in parts.values()), "parts": parts}


def _check(ask: Any) -> dict[str, Any]:
    begun = time.perf_counter()
    try:
        words = ask()
    except (DatabaseError, redis.RedisError, ImproperlyConfigured, OSError) as problem:
        log.warning("Not ready.", extra={"part": ask.__name__.strip("_"), "problem": str(problem)})
        words = type(problem).__name__
    return {
        "well": not words,
        "ms": round((time.perf_counter() - begun) * 1000, 1),
        **({"why": words} if words else {}),
    }


def _database() -> str:
    with in_public(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def _broker() -> str:
    _client().ping()
    return ""


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(f"{settings.REDIS_URL}/0", socket_timeout=2, socket_connect_timeout=2)


def _migrations() -> str:
    with in_public():
        recorded = set(SchemaStep.objects.values_list("app", "name"))
    if not wanted_steps() <= recorded:
        return "The database has not been prepared for this code: run prepare_database."
    behind = upgrade.tenants_behind()
    return f"{len(behind)} companies are not in step: run migrate_tenants." if behind else ""


@lru_cache(maxsize=1)
def wanted_steps() -> frozenset[tuple[str, str]]:
    """The migrations of companies' schemas that this code comes with."""
    labels = set(schemas.tenant_apps())
    loader = MigrationLoader(None)
    return frozenset(key for key in loader.disk_migrations if key[0] in labels)
