"""The table of API calls: method and path pattern to handler."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .context import Context, created_within, page
from .store import Json

Handler = Callable[..., Any]  # a JSON object, or the reply of a hosted page
_ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Register a handler; ``{name}`` in the pattern is handed over as a keyword."""
    regex = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "$")

    def register(handler: Handler) -> Handler:
        _ROUTES.append((method, regex, handler))
        return handler

    return register


def find(method: str, path: str) -> tuple[Handler, dict[str, Any]] | None:
    for verb, regex, handler in _ROUTES:
        match = regex.match(path)
        if verb == method and match:
            return handler, match.groupdict()
    return None


def readable(kind: str, base: str, *, filters: tuple[str, ...] = (), listing: bool = True) -> None:
    """Register retrieve and list calls of a kind; filters compare a parameter with the field of the same name."""

    def retrieve(ctx: Context, id: str) -> Json:
        ctx.params.only(())
        return ctx.load(kind, id)

    def list_page(ctx: Context) -> Json:
        ctx.params.only(("limit", "starting_after", "ending_before", "created", *filters))
        items = [obj for obj in ctx.store.all(kind) if not obj.get("deleted")]
        for name in filters:
            if name in ctx.params:
                wanted = ctx.params.text(name)
                items = [obj for obj in items if _as_text(obj.get(name)) == wanted]
        return page(ctx, base, created_within(ctx, items))

    if listing:
        route("GET", base)(list_page)
    route("GET", base + "/{id}")(retrieve)


def _as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
