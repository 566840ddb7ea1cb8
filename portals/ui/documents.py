"""The page of a document: a subclass gives a `DocumentSheet`, the template lays it out.

Header with number and axis chips, one primary button for the next sensible step, facts, lines whose computed numbers open to
how they came about, totals, and the rail: related documents, voucher, timeline, messages, files. Every part may be left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View

from portals.ui.chips import Chip
from portals.ui.components import (
    Action,
    Banner,
    Crumb,
    ErrorBlock,
    Fact,
    FileRef,
    GraphNode,
    Message,
    RelatedLine,
    TimelineEntry,
    Total,
)
from portals.ui.guards import GuardedView
from portals.ui.lines import Cell, Line, LineColumn, Stock

__all__ = ["Cell", "DocumentPage", "DocumentSheet", "Line", "LineColumn", "Stock", "draw"]


@dataclass(frozen=True)
class DocumentSheet:
    """All that the document page shows. Leave out what does not apply."""

    number: str
    title: Any
    chips: Sequence[Chip] = ()
    crumbs: Sequence[Crumb] = ()
    previous_url: str = ""
    next_url: str = ""
    primary: Action | None = None
    primary_more: Sequence[Action] = ()
    secondary: Sequence[Action] = ()
    more: Sequence[Action] = ()
    print_url: str = ""
    banner: Banner | None = None
    facts: Sequence[Fact] = ()
    columns: Sequence[LineColumn] = ()
    lines: Sequence[Line] = ()
    lines_empty: Any = ""
    totals: Sequence[Total] = ()
    remark: str = ""
    amount_in_words: Any = None
    currency: str = "CNY"
    goods: Sequence[RelatedLine] = ()
    graph: Sequence[GraphNode] = ()
    flow_url: str = ""
    vouchers: Sequence[RelatedLine] | None = None
    voucher_note: Any = ""
    timeline: Sequence[TimelineEntry] = ()
    timeline_more_url: str = ""
    messages: Sequence[Message] | None = None
    message_url: str = ""
    message_audiences: Sequence[tuple[str, Any]] = ()
    files: Sequence[FileRef] | None = None
    upload_url: str = ""
    error: ErrorBlock | None = None


class DocumentPage(GuardedView, View):
    """Subclass, set `permission`, write `sheet()`; override blocks of `ui/document.html` in an own template when needed."""

    template_name: ClassVar[str] = "ui/document.html"

    def sheet(self) -> DocumentSheet:
        """Read the document (self.kwargs has the number) and say what the page shows."""
        raise NotImplementedError

    def extra_context(self) -> Mapping[str, Any]:
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return draw(request, self.sheet(), template=self.template_name, **self.extra_context())


def draw(
    request: HttpRequest, sheet: DocumentSheet, *, template: str = "ui/document.html", **extra: Any
) -> HttpResponse:
    """Answer with a document page, also from a plain function view."""
    status = 409 if sheet.error else 200
    return render(request, template, {"sheet": sheet, **extra}, status=status)
