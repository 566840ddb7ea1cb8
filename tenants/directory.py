"""The directory: which company a host belongs to, and addresses of companies.

The answer is cached for a minute under the public schema's keys; whoever changes a company forgets it (``forget``).
Without a cache the directory still answers, from the database.
"""

import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

from backend.kernel.tenancy import PUBLIC, in_public
from tenants.models import Domain, Tenant

log = logging.getLogger(__name__)
SECONDS = 60
_NOBODY = "nobody"


def company_of_host(hostname: str) -> Tenant | None:
    """The company of a host name, or None."""
    with in_public():
        key = f"domain:{hostname}"
        try:
            known = cache.get(key)
        except RedisError:
            log.warning("The cache does not answer; the directory is read from the database.")
            return _read(hostname)
        if known is None:
            known = _read(hostname) or _NOBODY
            cache.set(key, known, SECONDS)
        return None if known == _NOBODY else known


def _read(hostname: str) -> Tenant | None:
    domain = Domain.objects.select_related("tenant").filter(domain=hostname).first()
    return domain.tenant if domain else None


def forget(tenant: Any) -> None:
    """Make the next request read the company anew."""
    with in_public():
        names = list(Domain.objects.filter(tenant_id=tenant.pk).values_list("domain", flat=True))
        try:
            cache.delete_many([f"domain:{name}" for name in names])
        except RedisError:
            log.warning("The cache does not answer; a company's change is seen within a minute.")


def host_of(slug: str) -> str:
    """The host name of a company with that slug."""
    return f"{slug}.{settings.BASE_DOMAIN}"


def company_url(tenant: Any, path: str = "/") -> str:
    """An address on the company's host."""
    base = urlsplit(settings.BASE_URL)
    port = f":{base.port}" if base.port else ""
    return f"{base.scheme}://{host_of(tenant.slug)}{port}{path}"


def public_url(path: str = "/") -> str:
    """An address on the public host."""
    return settings.BASE_URL.rstrip("/") + path


def public_tenant() -> Tenant:
    """The row that stands for the public host."""
    return Tenant.objects.get(schema_name=PUBLIC)
