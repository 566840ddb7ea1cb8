"""The map of events is what the code does."""

from backend.kernel import events
from backend.processes import event_map


def test_the_map_is_fresh():
    written = event_map.PATH.read_text(encoding="utf-8")
    assert written == event_map.render(), "Run: python -m backend.manage write_event_map"


def test_every_handler_is_on_it():
    text = event_map.render()
    for row in events.subscriptions().values():
        for handler in [*row["now"], *row["after_commit"]]:
            assert f"`{handler.removeprefix('backend.')}`" in text
