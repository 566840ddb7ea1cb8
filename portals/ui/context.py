"""The context processor of the shell: who, which company, which areas, how it should look. Everything that costs is lazy.

Add `portals.ui.context.shell` to the template context processors; templates read it as `shell`.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from portals.ui import navigation
from portals.ui.components import Crumb

THEME_COOKIE = "troika_theme"
DENSITY_COOKIE = "troika_density"
_THEMES = ("auto", "light", "dark")
_DENSITIES = ("compact", "comfortable")
_COUNT_SECONDS = 20


class Shell:
    """What the layouts need, computed when a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def face(self) -> str:
        return str(getattr(self._request, "face", "") or "")

    @property
    def language(self) -> str:
        return translation.get_language() or "en"

    @property
    def html_language(self) -> str:
        return "zh-Hans" if self.language.startswith("zh") else "en"

    @cached_property
    def theme(self) -> str:
        chosen = self._request.COOKIES.get(THEME_COOKIE, "auto")
        return chosen if chosen in _THEMES else "auto"

    @property
    def painted_theme(self) -> str:
        """What the server can paint: automatic is settled by theme.js before the first paint."""
        return "dark" if self.theme == "dark" else "light"

    @cached_property
    def density(self) -> str:
        if self.face in {"supplier", "customer"}:
            return "touch"
        chosen = self._request.COOKIES.get(DENSITY_COOKIE, "compact")
        return chosen if chosen in _DENSITIES else "compact"

    @property
    def tenant(self) -> Any:
        return getattr(self._request, "tenant", None)

    @cached_property
    def company(self) -> str:
        return str(getattr(self.tenant, "name", "") or "")

    @property
    def company_letter(self) -> str:
        return self.company[:1] or "T"

    @property
    def member(self) -> Any:
        return getattr(self._request, "member", None)

    @cached_property
    def person(self) -> str:
        actor = getattr(self._request, "actor", None)
        return str(getattr(actor, "name", "") or getattr(self.member, "name", "") or "")

    @property
    def person_letter(self) -> str:
        return self.person[:1].upper() or "?"

    @cached_property
    def trial_days(self) -> int | None:
        """Days of trial left, when the company is on trial."""
        return getattr(self.tenant, "trial_days_left", None)

    @property
    def trial_urgent(self) -> bool:
        return self.trial_days is not None and self.trial_days <= 3

    @cached_property
    def read_only(self) -> bool:
        can_write = getattr(self.tenant, "can_write", True)
        return not (can_write() if callable(can_write) else can_write)

    @cached_property
    def counts(self) -> Mapping[str, Any]:
        """Live counts of the staff navigation, kept for a few seconds for each member."""
        if self.face != "staff" or self.member is None:
            return {}
        try:
            counted = import_module("portals.staff.counts")
        except ModuleNotFoundError:
            return {}
        key = f"ui:counts:{getattr(self.member, 'pk', '')}"
        return cache.get_or_set(key, lambda: dict(counted.navigation_counts(self._request)), _COUNT_SECONDS) or {}

    def areas(self, crumbs: Sequence[Crumb]) -> SafeString:
        """The areas as html: drawn once for everybody with the same rights, place and counts."""
        counts = frozenset(
            (key, tuple(value) if isinstance(value, list) else value) for key, value in self.counts.items()
        )
        return _drawn_navigation(navigation.viewer_of(self._request, crumbs), counts, self.language)

    @cached_property
    def quick_create(self) -> list[navigation.Link]:
        return navigation.quick_create(self._request)

    @property
    def unread(self) -> int:
        return int(self.counts.get("notifications", 0) or 0)

    @cached_property
    def companies(self) -> list[Any]:
        """The companies this person may switch to: rows with `name` and `url`, given by the tenants app."""
        try:
            selectors = import_module("tenants.selectors")
        except ModuleNotFoundError:
            return []
        lister = getattr(selectors, "companies_for", None)
        return list(lister(self._request)) if lister else []

    @property
    def account(self) -> "_AccountPages":
        return _AccountPages(self._request, self.face)


class _AccountPages:
    """Template access to the account pages of this face: `shell.account.profile` is an address or empty."""

    def __init__(self, request: HttpRequest, face: str) -> None:
        self._request = request
        self._spaces = (f"{face}_accounts", "accounts") if face in {"supplier", "customer"} else ("accounts",)

    def __getitem__(self, name: str) -> str:
        found = (navigation.address(self._request, f"{space}:{name}") for space in self._spaces)
        return next((url for url in found if url), "")


@lru_cache(maxsize=512)
def _drawn_navigation(viewer: navigation.Viewer, counts: frozenset[tuple[str, Any]], _language: str) -> SafeString:
    groups = navigation.build(viewer, dict(counts))
    return render_to_string("ui/shell/navigation.html", {"groups": groups})


def shell(request: HttpRequest) -> dict[str, Any]:
    """The template context of every page."""
    return {"shell": Shell(request)}
