"""Values kept in the cache are true inside a transaction, at once in the process that changes them, soon in others."""

import time

import pytest
from django.core.cache import cache
from django.db import transaction

from backend.kernel import cache as near_cache
from backend.workflow import kept
from backend.workflow.kept import Kept

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def value():
    """A value in a table of its own, and how often it was read from there."""
    table = {"value": 1, "reads": 0}

    def read():
        table["reads"] += 1
        return table["value"]

    return table, Kept("tests.kept", read)


def test_read_once_and_remembered(value):
    table, one = value
    assert [one.get(), one.get()] == [1, 1]
    assert table["reads"] == 1


def test_who_changes_it_reads_the_tables_and_all_here_follow_the_commit(value, django_capture_on_commit_callbacks):
    table, one = value
    one.get()
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        table["value"] = 2
        one.changed()
        assert one.get() == 2
    assert one.get() == 2


def test_a_change_of_another_process_counts_within_a_moment(value, monkeypatch):
    table, one = value
    one.get()
    table["value"] = 2
    cache.delete("tests.kept")  # what the other process does after its commit
    assert one.get() == 1
    later = time.monotonic() + kept.NEAR_SECONDS
    monkeypatch.setattr(near_cache.time, "monotonic", lambda: later)
    assert one.get() == 2
