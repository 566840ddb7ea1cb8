"""The lines of a draft that is written again: a line that is still the same keeps its key.

What names a line (a return's draft, a receipt that was voided, serial numbers, bins) goes on naming it; a line that
something names is not dropped.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from django.db.models import F, ProtectedError
from django.utils.translation import gettext as _

from backend.kernel.bulk import update_rows
from backend.kernel.document import Document
from backend.kernel.errors import Conflict, WayOut

FAR = 1_000_000  # numbers of lines move out of each other's way before they change places


class CannotDropLine(Conflict):
    """Another document names the line."""

    code = "line_is_named"


def replace_lines(document: Document, lines: Sequence[Any], *, same: Callable[[Any], Hashable]) -> None:
    """Write these lines in the place of those the draft had; raises CannotDropLine naming what stands in the way.

    Lines with the same ``same`` are the same line. A fixed number of statements.
    """
    old: Any = document.lines  # type: ignore[attr-defined]
    before: dict[Hashable, list[Any]] = defaultdict(list)
    for line in old.order_by("line_no"):
        before[same(line)].append(line)
    kept = [(line, before[same(line)].pop(0)) for line in lines if before[same(line)]]
    for line, known in kept:
        line.pk = known.pk
    _drop(document, [line.pk for rows in before.values() for line in rows])
    if any(line.line_no != known.line_no for line, known in kept):
        old.update(line_no=F("line_no") + FAR)
    columns = [field.name for field in old.model._meta.concrete_fields if field.name not in {"id", "document"}]
    update_rows([line for line, _known in kept], columns)
    known_keys = {line.pk for line, _known in kept}
    old.model._default_manager.bulk_create([line for line in lines if line.pk not in known_keys])


def _drop(document: Document, gone: Sequence[Any]) -> None:
    if not gone:
        return
    try:
        document.lines.filter(pk__in=gone).delete()  # type: ignore[attr-defined]
    except ProtectedError as problem:
        named = min(problem.protected_objects, key=lambda row: str(row.pk))
        other = named.document  # type: ignore[attr-defined]
        raise CannotDropLine(
            _("%(other)s names a line of %(document)s.") % {"other": other, "document": document},
            document=document.number,
            field="lines",
            value=other.number,
            way_out=_("Leave the line and change its quantity, or void %(document)s and write a new one.")
            % {"document": document},
            links=[WayOut(other.number, doc_type=other.DOC_TYPE, number=other.number)],
        ) from problem
