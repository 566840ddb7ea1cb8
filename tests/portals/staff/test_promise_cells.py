"""Promised dates in words: what comes on one day is one figure, however many documents bring it."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from backend.availability.parts import STOCK, SUPPLY, Part, to_json
from backend.kernel import clock
from portals.staff.sales import promises
from portals.ui.components import Promise

pytestmark = pytest.mark.django_db


def part(qty: int, day: date | None, source: str = SUPPLY, number: str = "") -> Part:
    return Part(Decimal(qty), day, source, source_number=number)


def order_with(parts: list[Part], day: date) -> SimpleNamespace:
    """An order as its list reads it."""
    promise = SimpleNamespace(parts=to_json(parts), promise_date=parts[-1].date)
    demand = SimpleNamespace(promise=promise, open_qty=sum(each.qty for each in parts), required_date=day)
    return SimpleNamespace(open_promises=[demand], promise_date=parts[-1].date)


def test_what_comes_on_one_day_is_one_figure() -> None:
    today = clock.today()
    overdue = [part(2, today - timedelta(days=each), number=f"PO-{each}") for each in (3, 2, 1)]
    parts = [*overdue, part(326, today, STOCK), part(40, today + timedelta(days=1), number="PO-9")]
    cell = promises.cell(parts)
    assert isinstance(cell, Promise)
    assert [(each.value, each.look) for each in cell.parts] == [(6, "go"), (326, "done"), (40, "go")]
    assert promises.summary(parts).startswith("332 ")
    assert promises.summary(parts).count("·") == 1


def test_a_list_shows_the_first_day_and_the_one_that_decides() -> None:
    today = clock.today()
    days = [today, today + timedelta(days=1), today + timedelta(days=2)]
    cell = promises.list_cell(order_with([part(5, day) for day in days], today))
    first, last = cell.split('<span class="d2')
    assert promises.part_words(part(5, today)) in first
    assert f"… {promises.part_words(part(5, days[-1]))}" in last
    assert "c-signal" in first
    assert "c-signal" in last
    whole = promises.list_cell(order_with([part(5, today)], today))
    assert "d2" not in whole
    assert "c-signal" not in whole
