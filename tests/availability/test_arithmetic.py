"""The plain arithmetic of promises and sharing, without a database."""

from datetime import date, timedelta
from decimal import Decimal as D
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from backend.availability import allocation, parts
from backend.availability.allocation import Source
from backend.availability.parts import Part

TODAY = date(2026, 11, 23)
ids = st.integers(1, 99).map(lambda n: UUID(int=n))
quantities = st.integers(1, 50).map(D)
days = st.integers(0, 20).map(lambda n: TODAY + timedelta(days=n))
sources = st.lists(
    st.builds(Source, st.sampled_from(["supply", "suggestion"]), ids, days, quantities), unique_by=lambda s: s.key
)
waiting = st.lists(st.tuples(ids, quantities), unique_by=lambda row: row[0])
some_parts = st.lists(
    st.builds(Part, quantities, st.one_of(st.none(), days), st.sampled_from(["stock", "supply"]))
).map(parts.arrange)


@given(sources, waiting)
def test_sharing_gives_everything_there_is_and_no_more(coming, wanted):
    shares, short = allocation.share_sources(coming, wanted)
    for demand, qty in wanted:
        got = sum((share for _source, share in shares.get(demand, [])), D(0))
        assert got + short.get(demand, D(0)) == qty
    for source in coming:
        used = sum((qty for rows in shares.values() for found, qty in rows if found == source), D(0))
        assert used <= source.capacity
        if short:
            assert used == source.capacity


@given(sources, waiting)
def test_who_comes_first_is_never_served_later(coming, wanted):
    shares, _short = allocation.share_sources(coming, wanted)
    last = date.min
    for demand, _qty in wanted:
        for source, _share in shares.get(demand, []):
            assert source.date >= last
            last = source.date


@given(quantities, waiting)
def test_stock_goes_to_the_first_until_it_is_gone(free, wanted):
    given_out = allocation.share_stock(free, wanted)
    assert sum(given_out.values(), D(0)) == min(free, sum((qty for _id, qty in wanted), D(0)))


@given(some_parts, st.integers(0, 200).map(D))
def test_trimming_leaves_the_latest_parts(promise, open_qty):
    left = parts.trim(promise, open_qty)
    total = sum((part.qty for part in promise), D(0))
    assert sum((part.qty for part in left), D(0)) == min(total, open_qty)
    assert promise[len(promise) - len(left) + 1 :] == left[1:]


@given(some_parts)
def test_parts_survive_being_kept_as_json(promise):
    assert parts.from_json(parts.to_json(promise)) == promise


@given(some_parts, quantities)
def test_what_was_promised_from_stock_keeps_its_day(before, reserved):
    made = parts.from_stock(reserved, before, TODAY)
    assert sum(part.qty for part in made) == reserved
    assert all(part.date == TODAY or part in before or any(part.date == old.date for old in before) for part in made)


def test_order_of_service():
    near, far = TODAY, TODAY + timedelta(days=9)
    one, two = UUID(int=1), UUID(int=2)

    def rank(id, required, first=None, priority=0):
        return allocation.rank(priority=priority, required_date=required, first_date=first, id=id)

    assert rank(two, near) < rank(one, far)
    assert rank(two, far, priority=1) < rank(one, near)
    assert rank(one, near, far) < rank(two, near, far)
    assert rank(two, near, near) < rank(one, near, far)


def test_a_promise_with_an_unknown_part_has_no_date():
    known, unknown = Part(D(1), TODAY, "stock"), Part(D(1), None, "none")
    assert parts.last_date([known]) == TODAY
    assert parts.last_date([known, unknown]) is None
    assert parts.last_date([]) is None
