"""Events: call down, publish up, never sideways.

``publish`` inside the transaction runs the handlers declared ``when="now"`` (they roll back with it)
and writes one outbox row, in the same transaction, when somebody subscribed ``when="after_commit"``.
A handler that needs something below calls it; someone above who cares subscribes.
"""

import dataclasses
import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import transaction

from backend.kernel.actor import Actor

When = Literal["now", "after_commit"]


@dataclass(frozen=True)
class Event:
    """A fact in the past tense: ids and values only. ``version`` is that of the payload's shape."""

    aggregate_id: UUID


Handler = Callable[[Any, Actor], None]
H = TypeVar("H", bound=Handler)
ManyHandler = Callable[[Sequence[Any], Actor], None]
M = TypeVar("M", bound=ManyHandler)

_handlers: dict[When, dict[type[Event], list[Handler]]] = {"now": defaultdict(list), "after_commit": defaultdict(list)}
_many_handlers: dict[type[Event], list[ManyHandler]] = defaultdict(list)
_by_name: dict[str, type[Event]] = {}
_handler_by_name: dict[str, Handler] = {}


def name_of(event: type[Event]) -> str:
    """``sales.SalesOrderApproved``: the area and the class."""
    area = event.__module__.removeprefix("backend.").split(".")[0]
    return f"{area}.{event.__name__}"


def handler_name(handler: Handler | ManyHandler) -> str:
    """The handler's address, as kept in the outbox."""
    return f"{handler.__module__}.{handler.__qualname__}"


def subscribe(event: type[Event], *, when: When) -> Callable[[H], H]:
    """Declare a handler of (event, actor). After-commit handlers may run again: they must be idempotent."""

    def register(handler: H) -> H:
        _handlers[when][event].append(handler)
        _by_name[name_of(event)] = event
        _handler_by_name[handler_name(handler)] = handler
        return handler

    return register


def subscribe_to_many(event: type[Event]) -> Callable[[M], M]:
    """Declare a handler of (events, actor) that is called now, once for all events of the kind that are told together."""

    def register(handler: M) -> M:
        _many_handlers[event].append(handler)
        _by_name[name_of(event)] = event
        return handler

    return register


def publish(event: Event, *, actor: Actor) -> None:
    """Tell those above. Must be called inside a transaction."""
    publish_all([event], actor=actor)


def publish_all(events: Sequence[Event], *, actor: Actor) -> None:
    """Tell several things in their order, with one statement for all that is to be done after the commit."""
    if events and not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{type(events[0]).__name__} was published outside of a transaction.")
    for event in events:
        for handler in _handlers["now"][type(event)]:
            handler(event, actor)
    for kind in dict.fromkeys(map(type, events)):
        for many in _many_handlers[kind]:
            many([event for event in events if type(event) is kind], actor)
    later = [(event, [handler_name(handler) for handler in _handlers["after_commit"][type(event)]]) for event in events]
    if any(handlers for _event, handlers in later):
        from backend.kernel.outbox.writing import write_events

        write_events(later, actor)


def subscriptions() -> dict[str, dict[str, list[str]]]:
    """Event name → when → handler addresses; the generated map of events is made of it."""
    table: dict[str, dict[str, list[str]]] = defaultdict(lambda: {"now": [], "after_commit": []})
    for when, events in _handlers.items():
        for event, handlers in events.items():
            table[name_of(event)][when] += [handler_name(handler) for handler in handlers]
    for event, many in _many_handlers.items():
        table[name_of(event)]["now"] += [handler_name(handler) for handler in many]
    return {name: row for name, row in sorted(table.items()) if row["now"] or row["after_commit"]}


def load_subscribers() -> None:
    """Import ``subscribers`` of every installed app that has one."""
    for config in apps.get_app_configs():
        module = f"{config.name}.subscribers"
        if config.name.split(".")[0] in {"backend", "tenants", "portals"} and importlib.util.find_spec(module):
            importlib.import_module(module)


# --- payloads ----------------------------------------------------------------------------------
def to_payload(event: Event) -> dict[str, Any]:
    """The event as JSON-ready values."""
    return {field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | Decimal | date | datetime):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def from_payload(name: str, payload: dict[str, Any]) -> Event:
    """The event again; fields that the class no longer has are dropped, missing ones take their default."""
    cls = _by_name[name]
    known = {field.name for field in dataclasses.fields(cls)}
    values = {key: value for key, value in payload.items() if key in known}
    values["aggregate_id"] = UUID(values["aggregate_id"])
    return cls(**values)


def handler_called(name: str) -> Handler | None:
    """The handler of that address, or None when the code no longer has it."""
    return _handler_by_name.get(name)
