"""The only door to the current company.

Invariants: nothing else touches ``connection.tenant`` or ``connection.schema_name``; the schema is
switched only through ``run_in`` (the library's own ``with tenant:`` keeps its stack on the class,
which restores the wrong schema between threads); cache keys, files, locks and jobs carry the schema.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection as _any_connection
from django.db import transaction
from django_tenants.utils import schema_context, tenant_context

PUBLIC = "public"
connection: Any = _any_connection  # django-tenants adds to it what its types do not know


def schema_name() -> str:
    """The schema the connection works in; ``public`` outside of any company."""
    return str(connection.schema_name)


def current() -> Any:
    """The tenant row (or a stand-in that knows only its schema) of the current context."""
    return connection.tenant


def in_company() -> bool:
    """Whether a company is active."""
    return schema_name() != PUBLIC


def time_zone() -> ZoneInfo:
    """The company's time zone."""
    return ZoneInfo(getattr(current(), "time_zone", "") or settings.TIME_ZONE)


class OutsideCompany(RuntimeError):
    """Something that works on a company's data was called outside of any company."""


def require_company() -> None:
    """For jobs: raises OutsideCompany in the public schema, before anything is read or sent."""
    if not in_company():
        raise OutsideCompany("This needs a company; send it from within one.")


@contextmanager
def run_in(where: Any) -> Iterator[None]:
    """Work inside a company, given its tenant row or the name of its schema; the former context comes back after."""
    context = schema_context(where) if isinstance(where, str) else tenant_context(where)
    with context:
        yield


def enter(tenant: Any) -> None:
    """Make a company current for the rest of a request (the next one begins in public); everybody else uses ``run_in``."""
    connection.set_tenant(tenant)


def leave() -> None:
    """Back to the public schema, at the beginning of a request."""
    connection.set_schema_to_public()


def in_public() -> Any:
    """Work in the public schema."""
    return run_in(PUBLIC)


def on_commit(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Call after the commit, in the same company, with values captured now."""
    where = current() if in_company() else PUBLIC
    transaction.on_commit(partial(_call_in, where, function, args, kwargs))


def _call_in(where: Any, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    with run_in(where):
        function(*args, **kwargs)


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION: the schema is part of every cache key."""
    return f"{key_prefix}:{version}:{schema_name()}:{key}"


def lock_key(name: str) -> str:
    """The text of an advisory lock of this company."""
    return f"{schema_name()}:{name}"


def address_of(path: str) -> str:
    """The full address of a page of the current company, for links in mails and on prints."""
    scheme, _, host = str(settings.BASE_URL).partition("://")
    slug = getattr(current(), "slug", "")
    return f"{scheme}://{slug}.{host}{path}" if slug else f"{settings.BASE_URL}{path}"
