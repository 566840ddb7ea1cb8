"""What a list reads: the state in the address, the rows of a page, totals, and the counts of the presets."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from backend.kernel.prepared import Found, Questions
from portals.ui.lists import saved
from portals.ui.lists.columns import Column
from portals.ui.lists.filters import Filter
from portals.ui.lists.parts import Preset
from portals.ui.lists.state import ListState

_QUESTIONS = Questions()


class ListRows:
    """The reading half of a list page; subclasses of the page set these attributes and write `rows()`."""

    request: HttpRequest
    key: ClassVar[str] = ""
    columns: ClassVar[Sequence[Column]] = ()
    line_columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    presets: ClassVar[Sequence[Preset]] = ()
    default_sort: ClassVar[tuple[str, ...]] = ()
    tie_breaker: ClassVar[str] = "-pk"
    saves_views: ClassVar[bool] = True
    # Totals and the counts of the presets in one look at the table: right where no filter joins rows that may be many.
    counts_at_once: ClassVar[bool] = False
    # The statements of the page are written once for each question: right where `rows()` reads nothing but the actor, the
    # address and the day, and takes no prefetches.
    written_once: ClassVar[bool] = False

    def rows(self) -> QuerySet[Any]:
        """The rows this actor may see, from a selector; filtered, ordered and cut by the page."""
        raise NotImplementedError

    def counted_rows(self) -> QuerySet[Any]:
        """The rows for the counts of the presets; without what only drawing needs, where that costs."""
        return self.rows()

    def line_rows(self) -> QuerySet[Any]:
        """The rows of "by line" when `line_columns` are given."""
        raise NotImplementedError

    # --- state ---------------------------------------------------------------------------------------

    @cached_property
    def state(self) -> ListState:
        state = ListState.parse(self._query, [each.key for each in self.filters])
        return state if state.by in {"", "lines"} else replace(state, by="")

    @cached_property
    def _query(self) -> QueryDict:
        """The address; on the bare page the first preset speaks, so what is open is what people see first."""
        given = self.request.GET
        if not given and self.presets and self.presets[0].query:
            return QueryDict(self.presets[0].query + f"&view={self.presets[0].key}")
        return given

    @cached_property
    def saved(self) -> saved.SavedViews:
        return saved.load(self.request, self.key) if self.saves_views else saved.SavedViews()

    @property
    def by_lines(self) -> bool:
        return self.state.by == "lines" and bool(self.line_columns)

    @cached_property
    def all_columns(self) -> Sequence[Column]:
        return self.line_columns if self.by_lines else self.columns

    @cached_property
    def shown_columns(self) -> list[Column]:
        """The columns of the address, else the member's choice, else the defaults; the first column always."""
        wanted = self.state.columns or (() if self.by_lines else self.saved.columns)
        if not wanted:
            return [column for column in self.all_columns if column.shown]
        return [column for at, column in enumerate(self.all_columns) if at == 0 or column.key in wanted]

    # --- rows ----------------------------------------------------------------------------------------

    def condition(self, filters: Mapping[str, str]) -> Q:
        found = Q()
        for each in self.filters:
            if each.key in filters:
                found &= each.condition(filters[each.key])
        return found

    def ordering(self) -> list[str]:
        orders = {column.key: column.order for column in self.all_columns if column.order}
        chosen = [part for part in (self.state.sort or self.default_sort) if part.lstrip("-") in orders]
        found = [("-" if part.startswith("-") else "") + orders[part.lstrip("-")] for part in chosen]
        return [*found, self.tie_breaker]

    @cached_property
    def filtered(self) -> QuerySet[Any]:
        base = self.line_rows() if self.by_lines else self.rows()
        return base.filter(self.condition(self.state.filters))

    @cached_property
    def totals(self) -> dict[str, Any]:
        """Count and sums over the whole filtered set, in one statement."""
        if self._counts_at_once:
            return self._figures
        return self.filtered.order_by().aggregate(**self._sums(None))

    def _sums(self, condition: Q | None) -> dict[str, Any]:
        """Count and sums of the rows that meet the condition, of the columns that are shown."""
        summed = [column for column in self.shown_columns if column.total]
        sums = {f"sum_{column.key}": Sum(column.total, filter=condition) for column in summed}
        return {"row_count": Count("pk", filter=condition), **sums}

    @property
    def _counts_at_once(self) -> bool:
        return self.counts_at_once and not self.by_lines

    @cached_property
    def _figures(self) -> dict[str, Any]:
        """The totals and the counts of the presets from one look at the rows."""
        if self.written_once:
            return _QUESTIONS.figures(self._question, self._all_figures)
        rows, wanted = self._all_figures()
        return rows.aggregate(**wanted)

    def _all_figures(self) -> tuple[QuerySet[Any], dict[str, Any]]:
        here = self.condition(self.state.filters)
        presets = {key: filters for key, filters in self._counted.items() if filters != self.state.filters}
        some = self._rows_of_any([here, *map(self.condition, presets.values())])
        return some, self._sums(here or None) | self._preset_sums(presets)

    def _rows_of_any(self, conditions: Iterable[Q]) -> QuerySet[Any]:
        """The rows that any figure counts: said once more, so that an index of what is under way can find them."""
        found = self.counted_rows().order_by()
        listed = list(conditions)
        return found.filter(reduce(or_, listed)) if all(listed) else found

    @cached_property
    def _question(self) -> Hashable:
        """All that the statements of this page depend on, its order and place aside."""
        filters = tuple(sorted(self.state.filters.items()))
        columns = tuple(column.key for column in self.all_columns), tuple(column.key for column in self.shown_columns)
        day, zone = timezone.localdate(), timezone.get_current_timezone_name()
        actor = self.request.actor  # type: ignore[attr-defined]
        return type(self), actor, self.by_lines, filters, columns, day, zone

    @property
    def count(self) -> int:
        return int(self.totals["row_count"])

    @cached_property
    def page_rows(self) -> list[Any]:
        return self.found.objects() if self.written_once else list(self._page_query())

    @cached_property
    def found(self) -> Found[Any]:
        """The rows of the page as they came, where statements are written once."""
        place = tuple(self.ordering()), self.state.page, self.state.size
        return _QUESTIONS.rows((self._question, place), self._page_query)

    def _page_query(self) -> QuerySet[Any]:
        start = (self.state.page - 1) * self.state.size
        return self.filtered.order_by(*self.ordering())[start : start + self.state.size]

    @cached_property
    def _counted(self) -> dict[str, Mapping[str, str]]:
        """The filters of each preset that shows a count."""
        keys = [each.key for each in self.filters]
        shown = [preset for preset in self.presets if preset.counted and preset.query]
        return {preset.key: ListState.parse(QueryDict(preset.query), keys).filters for preset in shown}

    def _preset_sums(self, presets: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        return {f"at_{key}": Count("pk", filter=self.condition(filters)) for key, filters in presets.items()}

    def preset_counts(self) -> dict[str, int]:
        """Counts of all presets in one statement."""
        if not self._counted:
            return {}
        if not self._counts_at_once:
            found = self.counted_rows().order_by().aggregate(**self._preset_sums(self._counted))
            return {key: found[f"at_{key}"] for key in self._counted}
        open_now = self.state.filters
        return {
            key: self.count if filters == open_now else self._figures[f"at_{key}"]
            for key, filters in self._counted.items()
        }
