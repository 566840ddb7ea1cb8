"""What a process remembers for a moment, and when it forgets."""

from backend.kernel import cache as kernel_cache
from backend.kernel.cache import Near


def test_a_memory_forgets_after_its_time(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(kernel_cache.time, "monotonic", lambda: now[0])
    near = Near(1.0)
    near.set("key", "value")
    now[0] = 100.9
    assert near.get("key") == "value"
    now[0] = 101.0
    assert near.get("key") is None


def test_a_memory_drops_one_value_or_all():
    near = Near(60)
    near.set("one", 1)
    near.set("two", 2)
    near.drop("one")
    assert (near.get("one"), near.get("two")) == (None, 2)
    Near.forget_all()
    assert near.get("two") is None


def test_a_full_memory_begins_anew():
    near = Near(60, most=2)
    for number in range(3):
        near.set(number, number + 1)
    assert [near.get(number) for number in range(3)] == [None, None, 3]
