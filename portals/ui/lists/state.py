"""What the address of a list says: filters, sorting, columns, mode, page. The address is the whole state, so it can be shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

RESERVED = {"sort", "cols", "by", "page", "view", "size", "export", "q_view", "keep"}
SIZES = (50, 100, 200)
LAST_PAGE = 200


@dataclass(frozen=True)
class ListState:
    """Immutable; `url(**changes)` gives the address of a neighbour."""

    filters: Mapping[str, str] = field(default_factory=dict)
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    by: str = ""
    page: int = 1
    size: int = SIZES[0]
    view: str = ""

    @classmethod
    def parse(cls, query: QueryDict, keys: Sequence[str]) -> "ListState":
        """Read the address; a list of values for one filter is joined by commas."""
        filters = {}
        for key in keys:
            value = _joined(query, key)
            if value:
                filters[key] = value
        size = _whole(query.get("size"), SIZES[0])
        return cls(
            filters=filters,
            sort=tuple(part for part in query.get("sort", "").split(",") if part),
            columns=tuple(part for part in ",".join(query.getlist("cols")).split(",") if part),
            by=query.get("by", ""),
            page=max(1, min(_whole(query.get("page"), 1), LAST_PAGE)),
            size=size if size in SIZES else SIZES[0],
            view=query.get("view", ""),
        )

    def query(self) -> str:
        """The address without page and view: what a saved view keeps."""
        parts: list[tuple[str, str]] = sorted(self.filters.items())
        if self.sort:
            parts.append(("sort", ",".join(self.sort)))
        if self.columns:
            parts.append(("cols", ",".join(self.columns)))
        if self.by:
            parts.append(("by", self.by))
        if self.size != SIZES[0]:
            parts.append(("size", str(self.size)))
        return urlencode(parts)

    def url(self, **extra: str) -> str:
        """An address relative to the page; `extra` goes last."""
        parts = [self.query()] if self.query() else []
        if self.view:
            parts.append(urlencode({"view": self.view}))
        if self.page > 1:
            parts.append(urlencode({"page": self.page}))
        if extra:
            parts.append(urlencode(extra))
        return "?" + "&".join(parts)

    def without(self, key: str) -> "ListState":
        return replace(self, filters={k: v for k, v in self.filters.items() if k != key}, page=1)

    def with_filter(self, key: str, value: str) -> "ListState":
        return replace(self, filters={**self.filters, key: value}, page=1)

    def sorted_by(self, key: str, *, add: bool = False) -> "ListState":
        """Sort by a column, the other way round when it is the present order; `add` keeps the other columns."""
        present = f"-{key}" if f"-{key}" in self.sort else key if key in self.sort else ""
        wanted = key if present.startswith("-") else f"-{key}" if present else key
        if not add:
            return replace(self, sort=(wanted,), page=1)
        others = tuple(part for part in self.sort if part.lstrip("-") != key)
        return replace(self, sort=(*others, wanted), page=1)

    def hidden_fields(self, *drop: str) -> list[tuple[str, str]]:
        """Hidden inputs of a form that changes one part of the state."""
        parts = [(key, value) for key, value in sorted(self.filters.items()) if key not in drop]
        for name, value in (
            ("sort", ",".join(self.sort)),
            ("cols", ",".join(self.columns)),
            ("by", self.by),
            ("view", self.view),
        ):
            if value and name not in drop:
                parts.append((name, value))
        return parts


def _joined(query: QueryDict, key: str) -> str:
    """One value for a filter, also from a form without script that sends two bounds or several boxes."""
    low, high = query.get(f"{key}_from", ""), query.get(f"{key}_to", "")
    if low or high:
        return f"{low}..{high}"
    return ",".join(part for part in query.getlist(key) if part).strip()


def _whole(text: str | None, fallback: int) -> int:
    try:
        return int(text or fallback)
    except ValueError:
        return fallback
