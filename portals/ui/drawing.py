"""Server-drawn svg: sparklines, state bars and the related-documents graph. Sizes are svg attributes, never inline styles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portals.ui.components import GraphNode, Part

_GAP = 2.0


def state_bar(parts: Sequence[Part], *, width: int = 108, height: int = 5) -> SafeString:
    """A bar of parts in proportion; parts without a value are left out."""
    shown = [part for part in parts if float(part.value or 0) > 0]
    total = sum(float(part.value) for part in shown)
    if not total:
        return format_html(
            '<svg class="tk-bar" width="{0}" height="{1}" viewBox="0 0 {0} {1}" preserveAspectRatio="none" aria-hidden="true">'
            '<rect class="rest" x="0" y="0" width="{0}" height="{1}" rx="1.5"/></svg>',
            width,
            height,
        )
    room = width - _GAP * (len(shown) - 1)
    x, cells = 0.0, []
    for part in shown:
        share = room * float(part.value) / total
        cells.append((part.look, f"{x:.1f}", f"{share:.1f}", height))
        x += share + _GAP
    rects = format_html_join("", '<rect class="{}" x="{}" y="0" width="{}" height="{}" rx="1.5"/>', cells)
    return format_html(
        '<svg class="tk-bar" width="{0}" height="{1}" viewBox="0 0 {0} {1}" preserveAspectRatio="none"'
        ' aria-hidden="true">{2}</svg>',
        width,
        height,
        rects,
    )


def sparkline(values: Sequence[Any], *, target: Any = None, signal: bool = False) -> SafeString:
    """A line without axes: the last point marked, the target dotted. Fewer than two values draw nothing."""
    numbers = [float(value) for value in values if value is not None]
    if len(numbers) < 2:
        return mark_safe("")
    width, height, top, bottom = 96, 28, 3.0, 25.0
    spread = [*numbers, float(target)] if target is not None else numbers
    low, high = min(spread), max(spread)
    span = (high - low) or 1.0
    step = 91.0 / (len(numbers) - 1)

    def y(value: float) -> float:
        return bottom - (value - low) / span * (bottom - top)

    points = " ".join(f"{1 + step * index:.1f},{y(value):.1f}" for index, value in enumerate(numbers))
    line = (
        ""
        if target is None
        else format_html('<line class="r" x1="0" x2="96" y1="{0}" y2="{0}"/>', f"{y(float(target)):.1f}")
    )
    return format_html(
        '<svg class="tk-spark{}" width="{}" height="{}" viewBox="0 0 96 28" aria-hidden="true">'
        '<polygon class="a" points="1.0,28 {} 92.0,28"/>{}<polyline points="{}"/><circle cx="92.0" cy="{}" r="2.2"/></svg>',
        " sig" if signal else "",
        width,
        height,
        points,
        line,
        points,
        f"{y(numbers[-1]):.1f}",
    )


_GRAPH_WIDTH, _BOX_HEIGHT, _LEVEL_GAP, _COLUMN_GAP = 312, 38, 24, 14


def _box_columns(count: int) -> list[tuple[float, float]]:
    """x and width of the boxes of one level, at most two a row."""
    if count == 1:
        return [(72.0, 168.0)]
    width = (_GRAPH_WIDTH - 20 - _COLUMN_GAP) / 2
    return [(10.0, width), (10.0 + width + _COLUMN_GAP, width)]


def _rows(nodes: Sequence[GraphNode]) -> list[list[GraphNode]]:
    """Levels from up to down, each broken into rows of two boxes."""
    rows: list[list[GraphNode]] = []
    for level in sorted({node.level for node in nodes}):
        of_level = [node for node in nodes if node.level == level]
        rows += [of_level[start : start + 2] for start in range(0, len(of_level), 2)]
    return rows


def _shorten(text: str, width: float) -> str:
    room = int(width / 6.3)
    used, out = 0.0, ""
    for letter in text:
        used += 1.85 if ord(letter) > 0x2E80 else 1.0
        if used > room:
            return out.rstrip(" ·") + "…"
        out += letter
    return text


def _words(node: GraphNode, width: float) -> tuple[str, str]:
    """Both lines of a box. Where kind and number do not fit together, the number stands alone: it is what one looks for."""
    title, sub = str(node.title), str(node.sub)
    kind, _space, number = title.rpartition(" ")
    if kind and _shorten(title, width) != title:
        title, sub = number, f"{kind} · {sub}" if sub else kind
    return _shorten(title, width), _shorten(sub, width)


def _box(node: GraphNode, x: float, y: float, width: float) -> SafeString:
    title_words, sub_words = _words(node, width - 18)
    title = format_html('<text class="tt" x="{}" y="{}">{}</text>', x + 10, y + 16, title_words)
    sub_class = node.sub_look or ("sgx" if node.look == "sg" else "")
    sub = format_html('<text class="{}" x="{}" y="{}">{}</text>', sub_class, x + 10, y + 30, sub_words)
    rect = format_html(
        '<rect class="n {}" x="{}" y="{}" width="{}" height="{}" rx="6"/>', node.look, x, y, f"{width:.1f}", _BOX_HEIGHT
    )
    full = (
        format_html("<title>{} · {}</title>", node.title, node.sub)
        if node.sub
        else format_html("<title>{}</title>", node.title)
    )
    body = format_html("{}{}{}{}", full, rect, title, sub)
    return format_html('<a href="{}">{}</a>', node.url, body) if node.url else format_html("<g>{}</g>", body)


def _edge(x1: float, y1: float, x2: float, y2: float, look: str) -> SafeString:
    css = "e s" if look == "sg" else "e"
    dash = mark_safe(' stroke-dasharray="3 3"') if look == "fu" else ""
    if abs(x1 - x2) < 1:
        path = f"M{x1:.0f} {y1:.0f}V{y2:.0f}"
    else:
        middle, turn = (y1 + y2) / 2, 6 if x2 > x1 else -6
        path = (
            f"M{x1:.0f} {y1:.0f}V{middle - 6:.0f}Q{x1:.0f} {middle:.0f} {x1 + turn:.0f} {middle:.0f}"
            f"H{x2 - turn:.0f}Q{x2:.0f} {middle:.0f} {x2:.0f} {middle + 6:.0f}V{y2:.0f}"
        )
    return format_html('<path class="{}" d="{}"{}/>', css, path, dash)


@dataclass(frozen=True)
class _Placed:
    """A box with its place; edges leave from `foot` and arrive at `head`."""

    node: GraphNode
    x: float
    y: float
    width: float
    row: int

    @property
    def head(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y

    @property
    def foot(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + _BOX_HEIGHT


def _place(nodes: Sequence[GraphNode]) -> list[_Placed]:
    placed = []
    for index, row in enumerate(_rows(nodes)):
        top = 8.0 + index * (_BOX_HEIGHT + _LEVEL_GAP)
        placed += [
            _Placed(node, x, top, width, index) for node, (x, width) in zip(row, _box_columns(len(row)), strict=False)
        ]
    return placed


def _parents(box: _Placed, placed: Sequence[_Placed]) -> list[_Placed]:
    """The boxes this one hangs from: those it names, or the one above it in its column, or all of the row above."""
    if box.node.parents:
        named = {placed_box.node.key: placed_box for placed_box in placed if placed_box.node.key}
        return [named[key] for key in box.node.parents if key in named]
    above = [each for each in placed if each.row == box.row - 1 and each.node.level < box.node.level]
    same_column = [each for each in above if abs(each.head[0] - box.head[0]) < 1]
    return same_column or above


def related_graph(nodes: Sequence[GraphNode], label: Any) -> SafeString:
    """Documents up and down from this one, at most two a row, drawn top to bottom."""
    placed = _place(nodes)
    edges = [
        _edge(*parent.foot, *box.head, box.node.look)
        for box in placed
        for parent in _parents(box, placed)
        if parent.y < box.y
    ]
    boxes = [_box(box.node, box.x, box.y, box.width) for box in placed]
    height = int(max((box.foot[1] for box in placed), default=0) + 8)
    return format_html(
        '<svg class="tk-rgraph" viewBox="0 0 {} {}" role="group" aria-label="{}">{}{}</svg>',
        _GRAPH_WIDTH,
        height,
        label,
        format_html_join("", "{}", ((edge,) for edge in edges)),
        format_html_join("", "{}", ((box,) for box in boxes)),
    )
