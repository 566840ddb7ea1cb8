"""The read calls on events."""

from __future__ import annotations

from .context import Context, created_within, page
from .routing import readable, route
from .store import Json


@route("GET", "/v1/events")
def list_events(ctx: Context) -> Json:
    p = ctx.params
    p.only(("limit", "starting_after", "ending_before", "created", "type", "types", "delivery_success"))
    wanted = {*p.texts("types"), *p.texts("type")}
    items = [e for e in ctx.store.all("event") if not wanted or _matches(e["type"], wanted)]
    return page(ctx, "/v1/events", created_within(ctx, items))


def _matches(type_: str, wanted: set[str]) -> bool:
    return any(type_ == name or (name.endswith("*") and type_.startswith(name[:-1])) for name in wanted)


readable("event", "/v1/events", listing=False)
