"""The list page itself: a view that subclasses fill with columns, filters and rows; what it reads is in `rows.py`."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from html import escape
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views import View

from backend.kernel.errors import NotFoundRefused, Refusal
from portals.ui import navigation
from portals.ui.components import Action, Crumb, Empty, ErrorBlock, Problem
from portals.ui.errors import problem_of
from portals.ui.guards import GuardedView
from portals.ui.kept import Kept
from portals.ui.lists import export, saved
from portals.ui.lists.columns import Column, Draw
from portals.ui.lists.filters import FlagFilter, TextFilter
from portals.ui.lists.parts import BatchAction, Preset, Tab
from portals.ui.lists.rows import ListRows
from portals.ui.lists.state import LAST_PAGE

_TOOLS = Kept(256)
_HEADS = Kept(256)
_LINES = Kept(2000)
_FREE_CHIPS = 3  # filters that are offered beside those in use; the others lie behind "Filter"


class ListPage(ListRows, GuardedView, View):
    """Subclass, set the class attributes, write `rows()`. See README.md, "List pages"."""

    title: ClassVar[Any] = ""
    noun: ClassVar[Any] = ""
    batch: ClassVar[Sequence[BatchAction]] = ()
    template_name: ClassVar[str] = "ui/list.html"
    fragment_name: ClassVar[str] = "ui/parts/list.html"
    exportable: ClassVar[bool] = True
    # A line's html is kept by its row: right where statements are written once, and what is drawn depends on nothing but the
    # row, what `beside()` tells, the language and the day.
    drawn_once: ClassVar[bool] = False
    refused: ErrorBlock | None = None

    # --- what subclasses write ---------------------------------------------------------------------

    def row_url(self, row: Any) -> str:
        """The page of a row, or nothing."""
        return ""

    def beside(self) -> Mapping[Any, Hashable]:
        """What the lines of `drawn_once` show besides their rows, by primary key."""
        return {}

    def row_mark(self, row: Any) -> str:
        """A class for the row: `need`, `bad`, `off` or nothing."""
        return ""

    def actions(self) -> Sequence[Action]:
        """Buttons of the page head besides export; one of them primary."""
        return ()

    def crumbs(self) -> Sequence[Crumb]:
        return ()

    def subtitle(self) -> Any:
        return ""

    def empty(self) -> Empty:
        """What to do first, shown when there is no row at all."""
        return Empty(_("Nothing here yet"), "", tuple(self.actions()))

    def apply_batch(self, action: str, row: Any) -> None:
        """Do a batch action to one row; raise a Refusal when it is not possible."""
        raise NotImplementedError

    def extra_context(self) -> Mapping[str, Any]:
        return {}

    # --- drawing -------------------------------------------------------------------------------------

    def tabs(self) -> list[Tab]:
        counts = self.preset_counts()
        member_id = getattr(getattr(self.request, "member", None), "pk", None)
        tabs = [
            Tab(
                preset.label,
                f"?{preset.query}&view={preset.key}".replace("?&", "?"),
                self.state.view == preset.key,
                counts.get(preset.key),
                preset.need and bool(counts.get(preset.key)),
            )
            for preset in self.presets
        ]
        for row in self.saved.views:
            own = str(row.pk) if row.member_id == member_id else ""
            url = f"?{row.query}&view={row.pk}".replace("?&", "?")
            tabs.append(Tab(row.name, url, self.state.view == str(row.pk), own_id=own, shared=row.shared))
        everything = self.state.view == "all" or not (self.state.view or self.state.filters)
        return [*tabs, Tab(_("All"), "?view=all", everything)]

    def headers(self) -> list[dict[str, Any]]:
        present = self.state.sort or self.default_sort
        found = []
        for column in self.shown_columns:
            way = "descending" if f"-{column.key}" in present else "ascending" if column.key in present else ""
            found.append(
                {
                    "column": column,
                    "way": way,
                    "url": self.state.sorted_by(column.key).url() if column.order else "",
                    "add_url": self.state.sorted_by(column.key, add=True).url() if column.order else "",
                }
            )
        return found

    def lines(self) -> SafeString:
        """The page's rows as html. Every part is escaped where it is drawn: escaping it again was a third of a page's time."""
        columns = [(self._opening(column), column.drawer()) for column in self.shown_columns]
        box = self._box_of() if self.allowed_batch() else None
        if self.drawn_once and not self.by_lines:
            return mark_safe("".join(self._kept_lines(columns, box)))
        return mark_safe("".join([self._line(row, columns, box) for row in self.page_rows]))

    def _kept_lines(self, columns: Sequence[tuple[str, Draw]], box: Draw | None) -> Iterator[str]:
        """The lines; those that were drawn before, of equal rows, are not drawn again, and their objects are not made."""
        found, beside = self.found, self.beside()
        shown = tuple(column.key for column in self.shown_columns)
        page = (
            type(self),
            shown,
            box is None,
            timezone.localdate(),
            timezone.get_current_timezone_name(),
            get_language(),
        )
        for at, (key, row) in enumerate(zip(found.column(), found.rows, strict=True)):
            draw = partial(self._drawn_line, at, columns, box)
            yield _LINES.get((page, row, beside.get(key)), draw)

    def _drawn_line(self, at: int, columns: Sequence[tuple[str, Draw]], box: Draw | None) -> SafeString:
        return mark_safe(self._line(self.page_rows[at], columns, box))

    def _line(self, row: Any, columns: Sequence[tuple[str, Draw]], box: Draw | None) -> str:
        url = escape(self.row_url(row))
        cells = [(opening, draw(row)) for opening, draw in columns]
        if url:
            cells[0] = columns[0][0], f'<a class="no" href="{url}">{cells[0][1]}</a>'
        target = f' data-tk-href="{url}"' if url else ""
        drawn = "".join([f"{opening}{cell}</td>" for opening, cell in cells])
        return f'<tr class="{self.row_mark(row)}"{target}>{box(row) if box else ""}{drawn}</tr>'

    def _box_of(self) -> Draw:
        """Draws the box that selects a row for the batch bar."""
        words = escape(_("Select %(name)s"))
        start = '<td class="sel"><input class="tk-cb" type="checkbox" name="id" value="'
        middle = '" form="tk-batch" data-tk-row aria-label="'
        return lambda row: f'{start}{escape(str(row.pk))}{middle}{words % {"name": escape(str(row))}}"></td>'

    def _opening(self, column: Column) -> SafeString:
        """The tag that begins every cell of a column: made once for the page, not once for each row."""
        css = [f"p-{self.places[column.key]}"]
        css += ["num"] if column.numeric else ["tn"] if column.kind in {"date", "moment"} else []
        css += ["b"] if column.strong else []
        total = mark_safe(" data-tk-sum") if column.total else ""
        return format_html('<td class="{}" data-l="{}"{}>', " ".join(css), column.label, total)

    @cached_property
    def places(self) -> dict[str, str]:
        """Where each column goes on a phone: only the first text beside the lead is the title."""
        found: dict[str, str] = {}
        titled = False
        for at, column in enumerate(self.shown_columns):
            place = "lead" if at == 0 else column.place
            if place == "title" and not column.phone:
                place, titled = ("meta" if titled else "title"), True
            found[column.key] = place
        return found

    def filter_chips(self) -> list[dict[str, Any]]:
        found = []
        for each in self.filters:
            if isinstance(each, TextFilter):
                continue
            value = self.state.filters.get(each.key, "")
            toggled = self.state.without(each.key) if value else self.state.with_filter(each.key, "1")
            found.append(
                {
                    "filter": each,
                    "value": value,
                    "words": each.words(value) if value else "",
                    "form": each.form(value),
                    "clear_url": self.state.without(each.key).url(),
                    "toggle_url": toggled.url() if isinstance(each, FlagFilter) else "",
                    "hidden": self.state.hidden_fields(each.key),
                }
            )
        return sorted(found, key=lambda chip: not chip["value"])

    def footer(self) -> list[dict[str, Any]]:
        """The total of each shown column, in their order."""
        return [
            {"column": column, "value": self.totals.get(f"sum_{column.key}"), "has": bool(column.total)}
            for column in self.shown_columns
        ]

    def pager(self) -> dict[str, Any]:
        first = (self.state.page - 1) * self.state.size + 1
        last = min(self.count, first + self.state.size - 1)
        more = last < self.count
        return {
            "words": _("%(first)s–%(last)s of %(count)s") % {"first": first, "last": last, "count": self.count}
            if first <= last
            else "",
            "previous_url": replace(self.state, page=self.state.page - 1).url() if self.state.page > 1 else "",
            "next_url": replace(self.state, page=self.state.page + 1).url()
            if more and self.state.page < LAST_PAGE
            else "",
            "too_far": more and self.state.page >= LAST_PAGE,
        }

    @cached_property
    def nothing_at_all(self) -> bool:
        """No row even without filters: then the page says what to do first. Asked only when the page is empty and unfiltered."""
        chosen = self.state.filters and bool(self.request.GET)
        return not self.count and not chosen and not self.rows().exists()

    def allowed_batch(self) -> list[BatchAction]:
        return [each for each in self.batch if navigation.may(self.request, each.permission)]

    def list_context(self) -> dict[str, Any]:
        return {
            "page": self,
            "state": self.state,
            "tabs": self.tabs(),
            "tools": _TOOLS.get(self._tools_key, self._draw_tools),
            "head": _HEADS.get((self._tools_key, bool(self.allowed_batch())), self._draw_head),
            "lines": self.lines(),
            "footer": self.footer(),
            "pager": self.pager(),
            "batch_actions": self.allowed_batch(),
            "count_words": self.count_words(),
            "refused": self.refused,
            "nothing_at_all": self.nothing_at_all,
        }

    @cached_property
    def _tools_key(self) -> Hashable:
        """All that the tools and the headings depend on: address, columns, and names that filters take from the database."""
        state = self.state
        names = tuple(each.outside(state.filters.get(each.key, "")) for each in self.filters)
        columns = tuple(column.key for column in self.all_columns), tuple(column.key for column in self.shown_columns)
        day, language = timezone.localdate(), get_language()
        return type(self), state.url(), state.size, bool(self.line_columns), columns, names, day, language

    def _draw_tools(self) -> SafeString:
        """Search, filters, "by document" or "by line", columns and export."""
        chips = self.filter_chips()
        chips_shown = sum(1 for chip in chips if chip["value"]) + _FREE_CHIPS
        if len(chips) == chips_shown + 1:
            chips_shown += 1
        search = next((each for each in self.filters if isinstance(each, TextFilter)), None)
        context = {
            "page": self,
            "chips": chips[:chips_shown],
            "more_chips": chips[chips_shown:],
            "search": search,
            "search_value": self.state.filters.get(search.key, "") if search else "",
            "search_hidden": self.state.hidden_fields(search.key) if search else [],
            "columns_hidden": self.state.hidden_fields("cols"),
            "shown_keys": {column.key for column in self.shown_columns},
            "documents_url": replace(self.state, by="", columns=(), sort=(), page=1).url(),
            "lines_url": replace(self.state, by="lines", columns=(), sort=(), page=1).url(),
        }
        return render_to_string("ui/parts/list_tools.html", context)

    def _draw_head(self) -> SafeString:
        """The headings of the columns, which sort."""
        context = {"headers": self.headers(), "batch_actions": self.allowed_batch()}
        return render_to_string("ui/parts/list_head.html", context)

    @property
    def own_views(self) -> list[Any]:
        member_id = getattr(getattr(self.request, "member", None), "pk", None)
        return [row for row in self.saved.views if row.member_id == member_id]

    @property
    def reset_columns_url(self) -> str:
        """Back to the default columns; the kept choice is forgotten too."""
        return replace(self.state, columns=(), page=1).url(**({"keep": "columns"} if self.saves_views else {}))

    @property
    def export_xlsx_url(self) -> str:
        return replace(self.state, page=1).url(export="xlsx")

    @property
    def export_csv_url(self) -> str:
        return replace(self.state, page=1).url(export="csv")

    def count_words(self) -> str:
        return ngettext("Total %(count)s row", "Total %(count)s rows", self.count) % {"count": f"{self.count:,}"}

    # --- answers -------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = request.GET.get("export", "")
        if form in {"xlsx", "csv"} and self.exportable:
            return self.export(form)
        if request.GET.get("keep") == "columns" and self.saves_views:
            saved.save_columns(request, self.key, self.state.columns)
            return HttpResponseRedirect(request.path + replace(self.state, columns=()).url())
        return self.respond()

    def respond(self) -> HttpResponse:
        asked = getattr(self.request, "htmx", None)
        swap = bool(asked and not asked.history_restore_request)
        context = self.list_context() | dict(self.extra_context())
        if not swap:
            context |= {"head_actions": self.actions(), "crumbs": self.crumbs(), "subtitle": self.subtitle()}
        if context["nothing_at_all"]:
            context["empty"] = self.empty()
        return render(self.request, self.fragment_name if swap else self.template_name, context)

    def export(self, form: str, wanted: Sequence[str] = ()) -> HttpResponse:
        """The filtered rows as a file, or only the wanted ones."""
        rows = self.filtered.order_by(*self.ordering())
        rows = rows.filter(pk__in=wanted) if wanted else rows[: export.MOST_ROWS]
        name = f"{capfirst(str(self.title))} {timezone.localdate():%Y-%m-%d}"
        if form == "csv":
            return export.csv_file(name, self.shown_columns, rows)
        totals = (
            {}
            if wanted
            else {column.key: self.totals[f"sum_{column.key}"] for column in self.shown_columns if column.total}
        )
        return export.xlsx(name, self.shown_columns, rows, totals)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Save or delete a view, or do a batch action. The address keeps the state."""
        action = request.POST.get("action", "")
        here = request.get_full_path()
        if action == "save_view" and self.saves_views:
            view = saved.save_view(
                request, self.key, self.state, name=request.POST.get("name", ""), shared="shared" in request.POST
            )
            return HttpResponseRedirect(f"{request.path}?{view.query}&view={view.pk}".replace("?&", "?"))
        if action == "delete_view" and self.saves_views:
            saved.delete_view(request, self.key, request.POST.get("view", ""))
            return HttpResponseRedirect(request.path)
        if action == "export" and self.exportable:
            return self.export("xlsx", request.POST.getlist("id"))
        return self.run_batch(action, request.POST.getlist("id"), here)

    def run_batch(self, key: str, ids: Sequence[str], here: str) -> HttpResponse:
        """Each row in its own transaction; what was refused is listed with its reason, the rest is done."""
        action = next((each for each in self.allowed_batch() if each.key == key), None)
        if action is None:
            raise NotFoundRefused(_("This action does not exist here, or your role does not include it."), value=key)
        done, problems = 0, []
        for row in self.rows().filter(pk__in=ids[:500]):
            try:
                self.apply_batch(key, row)
                done += 1
            except Refusal as refusal:
                problems += self._named(row, refusal)
        if done:
            words = ngettext("%(action)s: %(count)s done", "%(action)s: %(count)s done", done)
            messages.success(self.request, words % {"action": action.label, "count": done})
        if not problems:
            return HttpResponseRedirect(here)
        title = ngettext("%(count)s was not done", "%(count)s were not done", len(problems)) % {"count": len(problems)}
        self.refused = ErrorBlock(title, _("The others are done; these are unchanged."), tuple(problems))
        return self.respond()

    @staticmethod
    def _named(row: Any, refusal: Refusal) -> list[Problem]:
        """The problems of a row, each with the row's name in front."""
        found = []
        for problem in refusal.problems:
            made = problem_of(problem)
            found.append(made if problem.document else replace(made, where=f"{row} · {made.where}"))
        return found


__all__ = ["BatchAction", "ListPage", "Preset"]
