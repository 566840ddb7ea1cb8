"""What a request handler works with: the store, the parameters, the time, and the events it causes."""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import API_VERSION
from .errors import ApiError, invalid_parameter, no_such
from .forms import Params
from .store import Json, Store

_ALPHABET = string.ascii_letters + string.digits
MAX_PAGE = 100


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


@dataclass
class Context:
    store: Store
    base_url: str
    params: Params = field(default_factory=lambda: Params({}))
    endpoints: tuple[str, ...] = ()
    request_id: str | None = None
    idempotency_key: str | None = None
    language: str = "en"
    at: int | None = None  # set while time is being walked forward

    def now(self, customer: str | None = None) -> int:
        """The time a customer lives in: the walked time, its test clock, or the emulator's own clock."""
        if self.at is not None:
            return self.at
        owner = self.store.get(customer) if customer else None
        if owner and owner.get("test_clock"):
            clock = self.store.get(owner["test_clock"])
            if clock:
                return int(clock["frozen_time"])
        return int(time.time()) + int(self.store.setting("clock_offset", 0))

    def load(self, kind: str, id_: str) -> Json:
        obj = self.store.get(id_)
        if obj is None or obj["object"] != kind:
            raise no_such(kind, id_)
        return obj

    def reference(self, kind: str, id_: str, param: str) -> Json:
        """Load what a parameter points at; an unknown id is the caller's mistake (400), not a missing page (404)."""
        obj = self.store.get(id_)
        if obj is None or obj["object"] != kind or obj.get("deleted"):
            raise no_such(kind, id_, param=param, status=400)
        return obj

    def create(self, obj: Json, event: str | None = None) -> Json:
        self.store.put(obj)
        if event:
            self.emit(event, obj)
        return obj

    def change(self, id_: str, event: str | None, **changes: Any) -> Json:
        """Write some fields of the stored object (never a stale copy of the rest) and tell what they were before."""
        obj = self.store.get(id_)
        if obj is None:
            raise LookupError(id_)
        previous = {
            name: obj.get(name)
            for name, value in changes.items()
            if obj.get(name) != value and not name.startswith("_")
        }
        obj.update(changes)
        self.store.put(obj)
        if event and previous:
            self.emit(event, obj, previous if event.endswith(".updated") else None)
        return obj

    def emit(self, type_: str, obj: Json, previous: Json | None = None) -> Json:
        data: Json = {"object": public(obj)}
        if previous is not None:
            data["previous_attributes"] = previous
        customer = obj["id"] if obj["object"] == "customer" else obj.get("customer")
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now(customer),
            "data": data,
            "livemode": False,
            "pending_webhooks": len(self.endpoints),
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": type_,
        }
        self.store.put(event)
        state = "held" if self.store.setting("webhooks_held", False) else "pending"
        for endpoint in self.endpoints:
            for _ in range(int(self.store.setting("webhook_copies", 1))):
                self.store.execute(
                    "INSERT INTO delivery (endpoint, event, type, state, due_at) VALUES (?, ?, ?, ?, ?)",
                    endpoint,
                    event["id"],
                    type_,
                    state,
                    time.time(),
                )
        return event


def public(node: Any) -> Any:
    """The object as the outside sees it: fields that begin with an underscore stay inside."""
    if isinstance(node, list):
        return [public(item) for item in node]
    if isinstance(node, dict):
        return {
            key: value if key == "metadata" else public(value) for key, value in node.items() if not key.startswith("_")
        }
    return node


def list_object(url: str, data: list[Json], *, has_more: bool = False) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def page(ctx: Context, url: str, items: list[Json]) -> Json:
    """One page of a newest-first list, by cursor."""
    limit = ctx.params.integer("limit", 10) or 0
    if not 1 <= limit <= MAX_PAGE:
        raise invalid_parameter("limit", f"This value must be between 1 and {MAX_PAGE}.")
    after, before = ctx.params.text("starting_after"), ctx.params.text("ending_before")
    ids = [item["id"] for item in items]
    for cursor, param in ((after, "starting_after"), (before, "ending_before")):
        if cursor and cursor not in ids:
            raise no_such("object", cursor, param=param, status=400)
    if before:
        newer = items[: ids.index(before)]
        return list_object(url, newer[-limit:], has_more=len(newer) > limit)
    rest = items[ids.index(after) + 1 :] if after else items
    return list_object(url, rest[:limit], has_more=len(rest) > limit)


def created_within(ctx: Context, items: list[Json]) -> list[Json]:
    """Apply the ``created`` filter of list calls (a timestamp, or gt / gte / lt / lte)."""
    if "created" not in ctx.params:
        return items
    if not isinstance(ctx.params.data["created"], dict):
        exact = ctx.params.integer("created")
        return [item for item in items if item["created"] == exact]
    bounds = ctx.params.child("created")
    bounds.only(("gt", "gte", "lt", "lte"))
    tests: dict[str, Callable[[int, int], bool]] = {
        "gt": lambda a, b: a > b,
        "gte": lambda a, b: a >= b,
        "lt": lambda a, b: a < b,
        "lte": lambda a, b: a <= b,
    }
    for name in bounds.data:
        bound = bounds.integer(name) or 0
        items = [item for item in items if tests[name](item["created"], bound)]
    return items


Virtual = Callable[[Context, Json], Any]
VIRTUAL: dict[tuple[str, str], Virtual] = {}  # fields present only when expanded


def expand(ctx: Context, obj: Json, paths: list[str]) -> Json:
    for path in paths:
        _expand(ctx, obj, path.split("."), path)
    return obj


def _expand(ctx: Context, node: Any, parts: list[str], path: str) -> None:
    if isinstance(node, list):
        for item in node:
            _expand(ctx, item, parts, path)
        return
    if not isinstance(node, dict) or not parts:
        return
    head, rest = parts[0], parts[1:]
    virtual = VIRTUAL.get((str(node.get("object")), head))
    if virtual:
        node[head] = virtual(ctx, node)
    elif head not in node:
        raise ApiError(400, f"This property cannot be expanded ({path}).", param="expand")
    else:
        node[head] = _resolve(ctx, node[head])
    _expand(ctx, node[head], rest, path)


def _resolve(ctx: Context, value: Any) -> Any:
    if isinstance(value, str):
        return ctx.store.get(value) or value
    if isinstance(value, list):
        return [_resolve(ctx, item) for item in value]
    return value
