"""Every address of a URLconf, found by asking it: nobody has to remember to list a new page here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

COMPANY, PUBLIC = "backend.config.urls_tenant", "backend.config.urls_public"
FACES = ("supplier", "customer", "api")


@dataclass(frozen=True)
class Address:
    """A named address: its route for reading, and its parameters with the kind of each."""

    name: str
    route: str
    parameters: tuple[tuple[str, str], ...] = ()
    urlconf: str = COMPANY

    @property
    def face(self) -> str:
        first = self.route.split("/")[0]
        return first if first in FACES else "staff"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _kind in self.parameters)

    def path(self, **values: Any) -> str:
        return reverse(self.name, urlconf=self.urlconf, kwargs={name: values[name] for name in self.names})

    def noun_before(self, parameter: str) -> str:
        """``orders`` of ``sales/orders/<number>/``."""
        before = self.route.split(f"<{parameter}>")[0].rstrip("/")
        return before.split("/")[-1]


def all_addresses(urlconf: str = COMPANY) -> list[Address]:
    """Every address of the URLconf, by route."""
    return sorted(set(_walk(get_resolver(urlconf), "", "", {}, urlconf)), key=lambda address: address.route)


def _walk(resolver: URLResolver, prefix: str, space: str, inherited: dict[str, str], urlconf: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route, kinds = _readable(entry.pattern)
        parameters = {**inherited, **kinds}
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry, prefix + route, inner, parameters, urlconf)
        elif isinstance(entry, URLPattern) and entry.name:
            yield Address(space + entry.name, prefix + route, tuple(sorted(parameters.items())), urlconf)


def _readable(pattern: Any) -> tuple[str, dict[str, str]]:
    """``orders/<number>/`` and its parameters, of a route or of a regular expression."""
    converters = getattr(pattern, "converters", {})
    if converters or hasattr(pattern, "_route"):
        text = str(pattern)
        for name in converters:
            start = text.rindex("<", 0, text.index(f"{name}>") + 1)
            text = text[:start] + f"<{name}>" + text[text.index(f"{name}>") + len(name) + 1 :]
        return text, {name: type(kind).__name__.removesuffix("Converter").lower() for name, kind in converters.items()}
    text = str(pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
    names = dict.fromkeys(getattr(pattern, "regex", None).groupindex, "str") if hasattr(pattern, "regex") else {}
    for name in names:
        start = text.index(f"(?P<{name}>")
        text = f"{text[:start]}<{name}>{text[text.index(')', start) + 1 :]}"
    return text, names
