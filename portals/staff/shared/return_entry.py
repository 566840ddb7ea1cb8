"""Entry of goods that go back, to a supplier or from a customer: how much of each line goes, why, and what comes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from backend.kernel import clock
from backend.kernel.errors import Refusal, ValidationRefused
from portals.staff.sales.entry import uuid_of
from portals.staff.shared.acting import version_of, who_and_when
from portals.staff.shared.forms import StaffForm
from portals.staff.shared.grids import kept
from portals.staff.shared.kit import Kit
from portals.staff.shared.quantities import number_of
from portals.ui import formats
from portals.ui.components import Crumb
from portals.ui.errors import block_of
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

_TYPED = ("qty", "note")


@dataclass(frozen=True)
class ReturnEntry:
    """One side's entry. ``data`` and ``line`` are what ``save`` takes; ``nothing`` is said, with the way out, without a line."""

    kit: Kit
    form: type[StaffForm]
    columns: tuple[GridColumn, ...]
    line: Callable[..., Any]
    data: Callable[..., Any]
    save: Callable[..., Any]
    title: Any
    nothing: tuple[Any, Any]
    first: dict[str, Any]

    def grid(self, rows: Sequence[GridRow]) -> LineGrid:
        return LineGrid(self.columns, rows=list(rows), fixed=True)

    def draw(
        self, request: HttpRequest, document: Any, grid: LineGrid, *, partner: Any, crumbs: Sequence[Crumb]
    ) -> HttpResponse:
        """The page of a new return or a draft; a POST saves it."""
        form, error, status = self.form(initial=self._initial(document)), None, 200
        if request.method == "POST":
            form, refusal, status = self.form(request.POST), None, 400
            if form.is_valid():
                try:
                    saved = self._save(request, document, dict(form.cleaned_data))
                except Refusal as caught:
                    refusal, error, status = caught, block_of(caught), caught.status
                else:
                    messages.success(request, _("%(number)s is saved.") % {"number": saved.number})
                    return HttpResponseRedirect(self.kit.url("detail", saved))
            grid = kept(grid, request.POST, refusal, _TYPED)
        context = {
            "form": form,
            "grid": grid,
            "error": error,
            "title": _("Edit %(number)s") % {"number": document.number} if document else self.title,
            "partner": partner,
            "version": request.POST.get("version") or (document.version if document else ""),
            "crumbs": crumbs,
            "cancel_url": self.kit.url("detail", document) if document else self.kit.list_url,
        }
        return render(request, "staff/shared/return_form.html", context, status=status)

    def _save(self, request: HttpRequest, document: Any, clean: dict[str, Any]) -> Any:
        lines = self._read(request, clean.pop("reason"))
        return self.save(
            data=self.data(lines=lines, **clean),
            return_id=document.pk if document else None,
            version=version_of(request) if document else None,
            **who_and_when(request),
        )

    def _read(self, request: HttpRequest, reason: str) -> tuple[Any, ...]:
        problems: list[Refusal] = []
        found = []
        for line in read_lines(request.POST, self.columns):
            qty, line_id = number_of(line, "qty", problems), uuid_of(line.text("id"))
            if qty and line_id:
                found.append(self.line(line_id, qty, reason, line.text("note")[:200]))
        if problems:
            raise Refusal.many(problems)
        if not found:
            words, way_out = map(str, self.nothing)
            raise ValidationRefused(words, field="lines", way_out=way_out)
        return tuple(found)

    def _initial(self, document: Any) -> dict[str, Any]:
        if document is None:
            return {"doc_date": clock.today(), **self.first}
        keyed = {name: getattr(document, name) for name in self.form.base_fields if name != "reason"}
        return keyed | {"reason": document.lines.all()[0].reason}


def row_of(line: Any, source: str, qty: Any, note: str) -> GridRow:
    """What may go back of a line, and what does; ``source`` is the column of the document that it came or went with."""
    cells = {
        "id": str(line.pk),
        source: line.document.number,
        "item": f"{line.item.code} {line.item.name} {line.item.spec}".strip(),
        "lot": line.lot.lot_no if line.lot else "–",
        "unit": str(line.item.unit),
        "left": formats.qty(line.returnable),
        "qty": qty,
        "note": note,
    }
    return GridRow(cells)
