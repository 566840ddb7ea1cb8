"""Every address of a company's host, with its parameters filled in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from tests import addresses, objects


@dataclass(frozen=True)
class Address:
    """A route with its parameters: name → kind of converter."""

    route: str
    parameters: tuple[tuple[str, str], ...]

    def filled(self, *, identifier: UUID, number: str) -> str:
        """The path with every uuid being ``identifier`` and every other text being ``number``."""
        path = self.route
        for name, kind in self.parameters:
            value = {"UUIDConverter": str(identifier), "IntConverter": "1"}.get(kind, number)
            for shape in (
                f"<uuid:{name}>",
                f"<int:{name}>",
                f"<str:{name}>",
                f"<slug:{name}>",
                f"<path:{name}>",
                f"<{name}>",
            ):
                path = path.replace(shape, value)
        return f"/{path}"

    def models(self) -> set[type[Model]]:
        """The models whose objects stand at its parameters, as far as the words before them tell."""
        kinds = tuple((name, kind.removesuffix("Converter").lower()) for name, kind in self.parameters)
        told = addresses.Address("", re.sub(r"<\w+:(\w+)>", r"<\1>", self.route), kinds)
        return {model for name in told.names if (model := objects.model_of(told, name))}


def all_addresses(urlconf: str = "backend.config.urls_tenant") -> list[Address]:
    """Addresses that are written as routes; those written as regular expressions are listed by their pattern."""
    return sorted(set(_walk(get_resolver(urlconf), "", {})), key=lambda address: address.route)


def _walk(resolver: URLResolver, prefix: str, inherited: dict[str, Any]) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = getattr(entry.pattern, "_route", None)
        if route is None:
            continue
        converters = {**inherited, **getattr(entry.pattern, "converters", {})}
        if isinstance(entry, URLResolver):
            yield from _walk(entry, prefix + route, converters)
        elif isinstance(entry, URLPattern):
            kinds = tuple(sorted((name, type(converter).__name__) for name, converter in converters.items()))
            yield Address(prefix + route, kinds)
