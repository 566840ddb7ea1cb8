"""The data that components draw. Views build these small frozen records; templates only lay them out.

Nothing here reads the database or knows a document type. A record with an `url` is a link, without one it is plain text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from portals.ui.chips import Chip

Text = Any  # str or a lazy translation


@dataclass(frozen=True)
class Action:
    """A button or a menu entry. `method="post"` draws a one-button form carrying `fields` (send the version of what is changed).

    `look`: primary (one a page), soft, ghost, danger or empty. `dialog` opens the <dialog> of that id instead of an address.
    """

    label: Text
    url: str = ""
    icon: str = ""
    method: str = "get"
    look: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    dialog: str = ""
    hint: Text = ""
    shortcut: str = ""
    small: bool = False
    wide_only: bool = False
    download: bool = False
    new_tab: bool = False
    disabled: Text = ""


@dataclass(frozen=True)
class Fact:
    """One cell of the header strip: label, value, a quieter second line."""

    label: Text
    value: Any
    sub: Any = ""
    url: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Total:
    label: Text
    value: Any
    grand: bool = False
    hint: Text = ""


@dataclass(frozen=True)
class Rung:
    """A row of the ladder that explains a number. `op` is `+`, `−`, `=` or empty; a result row is tinted."""

    label: Text
    value: Any = ""
    op: str = ""
    note: Text = ""
    url: str = ""
    url_text: str = ""
    result: bool = False
    signal: bool = False
    info: bool = False


@dataclass(frozen=True)
class Why:
    """How a number came to be, opened from the number itself."""

    title: Text
    rungs: Sequence[Rung]
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Part:
    """One part of a state bar or of a promise: `look` is done, go, need, bad or rest."""

    value: Any
    look: str = "done"
    label: Text = ""


@dataclass(frozen=True)
class Promise:
    """The promise cell: what comes when, its share as a bar, its source, and how it was computed."""

    parts: Sequence[Part]
    source: Text = ""
    why: Why | None = None
    source_url: str = ""

    @property
    def is_split(self) -> bool:
        return len(self.parts) > 1


@dataclass(frozen=True)
class Kpi:
    """A tile: label, value, unit, the change with its basis, a sparkline. The whole tile is the drill-down."""

    label: Text
    value: Any
    unit: Text = ""
    url: str = ""
    delta: Any = ""
    delta_good: bool = True
    basis: Text = ""
    lines: Sequence[Any] = ()
    series: Sequence[Any] = ()
    target: Any = None
    signal: bool = False


@dataclass(frozen=True)
class FlowNode:
    """A station of the business flow map. `hot` only where someone must act; `notes` are (number, words, signal) rows."""

    label: Text
    icon: str
    value: Any
    unit: Text = ""
    url: str = ""
    hot: bool = False
    parts: Sequence[Part] = ()
    notes: Sequence["FlowNote"] = ()


@dataclass(frozen=True)
class FlowNote:
    label: Text
    value: Any = ""
    signal: bool = False
    number_first: bool = False


@dataclass(frozen=True)
class Count:
    """A cell of the to-do matrix: zero prints as a dash."""

    value: int
    url: str = ""
    look: str = ""


@dataclass(frozen=True)
class TodoRow:
    label: Text
    icon: str
    cells: Sequence[Count]


@dataclass(frozen=True)
class Alert:
    """Fact, effect, one action. `look` is need, bad or inf."""

    title: Text
    effect: Text = ""
    look: str = "need"
    icon: str = "alert-triangle"
    action: Action | None = None


@dataclass(frozen=True)
class Step:
    """A line of the getting-started list. `state` is done, now or empty."""

    label: Text
    state: str = ""
    note: Text = ""
    url: str = ""
    url_label: Text = ""


@dataclass(frozen=True)
class Banner:
    """At most one above the sheet: the fact in bold, the consequence, actions at the right.

    `look`: empty (amber), info, ok or bad.
    """

    fact: Text
    consequence: Text = ""
    look: str = ""
    icon: str = "alert-triangle"
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class Problem:
    """One refused line: where, why, who, and the ways out."""

    where: Text
    why: Text
    note: Text = ""
    actions: Sequence[Action] = ()


@dataclass(frozen=True)
class ErrorBlock:
    title: Text
    comfort: Text = ""
    problems: Sequence[Problem] = ()


@dataclass(frozen=True)
class GraphNode:
    """A document in the related-documents graph. `level` 0 is upstream, 1 this document, 2 and more downstream.

    `look`: empty, me, sg (needs you), fu (not there yet). `parents` are keys of nodes above it; without them a node
    hangs from the nearest level in the same column.
    """

    title: Text
    sub: Text = ""
    level: int = 1
    look: str = ""
    url: str = ""
    sub_look: str = ""
    key: str = ""
    parents: Sequence[str] = ()


@dataclass(frozen=True)
class TimelineEntry:
    """Who did what, when, by which way in."""

    who: Text
    what: Text
    at: datetime | None = None
    way: Text = ""
    reason: Text = ""
    signal: bool = False


@dataclass(frozen=True)
class Message:
    who: Text
    text: str
    at: datetime | None = None
    mine: bool = False
    note: Text = ""
    new: bool = False


@dataclass(frozen=True)
class FileRef:
    name: str
    url: str
    size: int | None = None
    by: Text = ""
    image: bool = False


@dataclass(frozen=True)
class RelatedLine:
    """A row of a small rail list: a voucher, a source document."""

    label: Text
    url: str = ""
    value: Any = ""
    icon: str = "file"
    chip: Chip | None = None


@dataclass(frozen=True)
class Way:
    """One of the three other ways in under an empty state."""

    title: Text
    text: Text
    url: str
    icon: str = "file-import"


@dataclass(frozen=True)
class Empty:
    """What the page is for and what to do first."""

    title: Text
    text: Text = ""
    actions: Sequence[Action] = ()
    ways: Sequence[Way] = ()


@dataclass(frozen=True)
class Crumb:
    label: Text
    url: str = ""


@dataclass(frozen=True)
class Milestone:
    """A step of a delivery as the portals show it. `state`: done, now, late or empty."""

    title: Text
    state: str = ""
    when: date | datetime | str | None = None
    note: Text = ""


@dataclass(frozen=True)
class Tile:
    """A figure in the portal header band."""

    value: Any
    label: Text
    url: str = ""


@dataclass(frozen=True)
class Series:
    """Numbers for a chart, printed in the table beside it as well."""

    name: Text
    values: Sequence[Decimal | int | float | None]
    kind: str = "bar"
    target: bool = False


@dataclass(frozen=True)
class Progress:
    """Long work as it stands. The page asks `poll_url` again every second until `finished`; `cancel` stops it."""

    title: Text
    done: int
    total: int
    seconds_left: int | None = None
    poll_url: str = ""
    finished: bool = False
    refused: int = 0
    cancel: Action | None = None
    results: Sequence[Action] = ()
