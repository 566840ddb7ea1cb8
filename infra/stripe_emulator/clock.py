"""Test clocks, the emulator's own clock, and walking due work forward in order.

Every customer lives in its test clock's time or in the emulator's own (the machine's plus an offset). Work that has
fallen due is done one piece at a time, in the order of its due times, each at its own moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from . import checkout, lifecycle
from .context import Context, new_id
from .errors import ApiError, invalid_parameter
from .periods import DAY
from .routing import readable, route
from .store import Json

KIND = "test_helpers.test_clock"
LONGEST_JUMP = 2 * 366 * DAY
Work = tuple[int, Callable[[Context], None]]


@route("POST", "/v1/test_helpers/test_clocks")
def create_clock(ctx: Context) -> Json:
    p = ctx.params
    p.only(("frozen_time", "name"))
    p.require("frozen_time")
    return ctx.create(
        {
            "id": new_id("clock"),
            "object": KIND,
            "created": ctx.now(),
            "deletes_after": ctx.now() + 30 * DAY,
            "frozen_time": p.integer("frozen_time"),
            "livemode": False,
            "name": p.text("name"),
            "status": "ready",
            "status_details": {},
        },
        "test_helpers.test_clock.created",
    )


@route("POST", "/v1/test_helpers/test_clocks/{id}/advance")
def advance_clock(ctx: Context, id: str) -> Json:
    clock, p = ctx.load(KIND, id), ctx.params
    p.only(("frozen_time",))
    p.require("frozen_time")
    target = p.integer("frozen_time") or 0
    if target <= clock["frozen_time"]:
        raise invalid_parameter("frozen_time", "The time to advance to must be after the current frozen time.")
    if target > clock["frozen_time"] + LONGEST_JUMP:
        raise invalid_parameter("frozen_time", "A test clock cannot be advanced by more than two years at once.")
    ctx.emit("test_helpers.test_clock.advancing", {**clock, "status": "advancing"})
    walk(ctx, target, clock=id)
    clock = ctx.change(id, None, frozen_time=target, status="ready")
    ctx.emit("test_helpers.test_clock.ready", clock)
    return clock


@route("DELETE", "/v1/test_helpers/test_clocks/{id}")
def delete_clock(ctx: Context, id: str) -> Json:
    clock = ctx.load(KIND, id)
    for customer in ctx.store.all("customer"):
        if customer.get("test_clock") == id:
            for kind in ("subscription", "invoice", "payment_method"):
                for owned in ctx.store.all(kind, customer=customer["id"]):
                    ctx.store.delete(owned["id"])
            ctx.store.delete(customer["id"])
    ctx.store.delete(id)
    ctx.emit("test_helpers.test_clock.deleted", clock)
    return {"id": id, "object": KIND, "deleted": True}


def walk(ctx: Context, until: int, *, clock: str | None) -> None:
    """Do everything that falls due up to a moment for the customers of one clock (None: those without one)."""
    before = ctx.at
    try:
        while (work := _next(ctx, clock)) and work[0] <= until:
            ctx.at = work[0]
            work[1](ctx)
    finally:
        ctx.at = before


def _next(ctx: Context, clock: str | None) -> Work | None:
    found: list[Work] = []
    for subscription in ctx.store.all("subscription"):
        if subscription["test_clock"] == clock and (work := lifecycle.next_work(ctx, subscription)):
            found.append(work)
    if clock is None:
        found.extend(checkout.expiries(ctx))
    return min(found, key=lambda work: work[0], default=None)


def tick(ctx: Context) -> None:
    """Catch up with the emulator's own clock."""
    walk(ctx, ctx.now(), clock=None)


def shift(ctx: Context, seconds: int) -> int:
    """Move the emulator's own clock forward and do what falls due on the way."""
    if seconds < 0 or seconds > LONGEST_JUMP:
        raise ApiError(400, "The clock moves forward only, by at most two years.", param="seconds")
    offset = int(ctx.store.setting("clock_offset", 0)) + seconds
    walk(ctx, int(time.time()) + offset, clock=None)
    ctx.store.set_setting("clock_offset", offset)
    return int(time.time()) + offset


readable(KIND, "/v1/test_helpers/test_clocks")
