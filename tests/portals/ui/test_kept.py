"""Html that is kept: drawn once for a key, the oldest forgotten, and never shown for another language or rights."""

from django.utils.safestring import mark_safe
from django.utils.translation import override

from portals.ui.drawn_chips import draw_state
from portals.ui.kept import Kept
from portals.ui.lists.columns import Column
from portals.ui.navigation import Viewer, build


def test_a_part_is_drawn_once_and_the_oldest_goes():
    drawn, kept = [], Kept(2)

    def ask(key):
        return kept.get(key, lambda: drawn.append(key) or mark_safe(f"<b>{key}</b>"))

    assert [ask(key) for key in ("a", "b", "a", "c", "a", "b")] == [f"<b>{key}</b>" for key in "abacab"]
    assert drawn == ["a", "b", "c", "b"]


def test_a_chip_is_kept_for_each_language():
    with override("en"):
        english = draw_state("approval", "approved")
    with override("zh-hans"):
        chinese = draw_state("approval", "approved")
    assert "Approved" in english
    assert "Approved" not in chinese
    with override("en"):
        assert draw_state("approval", "approved") == english


def test_areas_follow_rights_and_the_nearest_page_is_current():
    site = "backend.config.urls_tenant"
    every = Viewer(site, "staff", frozenset({"*"}), "/sales/orders/")
    few = Viewer(site, "staff", frozenset({"sales.order.view"}), "/sales/orders/")
    current = [link.url for group in build(every, {}) for link in group.links if link.current]
    assert current == ["/sales/orders/"]
    assert _links(few) < _links(every)
    assert "/sales/orders/" in _links(few)


def _links(viewer):
    return {link.url for group in build(viewer, {}) for link in group.links}


def test_a_state_of_a_row_is_escaped():
    drawn = Column("state", "State", "chip", axis="none").drawer()({"state": "<script>"})
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
