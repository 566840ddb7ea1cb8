"""A burst of commits asks for one relay; the relay that begins lets the next commit ask again."""

import pytest

from backend.kernel.outbox import tasks, writing


@pytest.fixture
def asked(monkeypatch):
    """How often a worker was asked."""
    calls = []
    monkeypatch.setattr(tasks.relay_outbox, "apply_async", lambda **_options: calls.append(1))
    return calls


@pytest.mark.usefixtures("tenant")
def test_a_burst_asks_once(asked):
    for _commit in range(5):
        writing.nudge_relay()
    assert len(asked) == 1


@pytest.mark.usefixtures("tenant")
def test_what_is_committed_after_the_relay_began_asks_again(asked, monkeypatch):
    writing.nudge_relay()
    monkeypatch.setattr(tasks.relay, "relay", lambda: writing.nudge_relay() or 0)
    tasks.relay_outbox()
    assert len(asked) == 2


@pytest.mark.usefixtures("tenant")
def test_without_a_cache_nothing_is_refused(asked, monkeypatch):
    def broken(*_args):
        raise ConnectionError

    monkeypatch.setattr(type(writing.caches["installation"]), "add", broken)
    writing.nudge_relay()
    assert asked == []
