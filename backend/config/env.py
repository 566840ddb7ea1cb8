"""Typed reading of the environment: the only place where ``os.environ`` is read for settings.

A value that is missing or malformed stops the start with its name and what it should look like.
"""

import os
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    """The variable's value; raises ImproperlyConfigured when it is unset and has no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"The environment variable {name} is not set.")
    return value


def number(name: str, default: int) -> int:
    """An integer; raises ImproperlyConfigured when the value is not one."""
    raw = os.environ.get(name, str(default))
    try:
        return int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={raw!r} should be a whole number.") from None


def flag(name: str, default: bool = False) -> bool:
    """True for 1, true, yes, on."""
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


@dataclass(frozen=True)
class Address:
    """The parts of an address such as ``postgresql://user:pw@host:5432/name?sslmode=require``."""

    scheme: str
    host: str
    port: int | None
    user: str
    password: str
    path: str
    query: dict[str, str]


def address(name: str, default: str | None = None) -> Address:
    """The variable parsed as an address."""
    parts = urlsplit(text(name, default))
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return Address(
        scheme=parts.scheme,
        host=unquote(parts.hostname or ""),
        port=parts.port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        path=unquote(parts.path),
        query=query,
    )
