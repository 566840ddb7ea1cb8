"""Saved views of a list: a member's own, those shared by others, and the member's default columns (a row without a name)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backend.kernel.errors import ValidationRefused
from portals.ui.lists.state import ListState


@dataclass(frozen=True)
class SavedViews:
    """What one statement tells about the views of a page for a member."""

    views: tuple[Any, ...] = ()
    columns: tuple[str, ...] = ()


def _model() -> Any:
    from backend.workflow.models import SavedView

    return SavedView


def _member_id(request: HttpRequest) -> UUID | None:
    return getattr(getattr(request, "member", None), "pk", None)


def load(request: HttpRequest, page: str) -> SavedViews:
    """The views this member sees on the page, and the columns chosen as default."""
    member_id = _member_id(request)
    rows = list(_model().objects.filter(Q(member_id=member_id) | Q(shared=True), page=page).order_by("name"))
    columns = next((tuple(row.columns) for row in rows if not row.name and row.member_id == member_id), ())
    return SavedViews(tuple(row for row in rows if row.name), columns)


def save_view(request: HttpRequest, page: str, state: ListState, *, name: str, shared: bool) -> Any:
    """Keep the present filters, sorting and columns under a name; the same name again replaces it."""
    name = name.strip()
    if not 1 <= len(name) <= 60:
        raise ValidationRefused(
            _("A view has a name of 1 to 60 characters."), field="name", value=name, way_out=_("Give it a name.")
        )
    view, _made = _model().objects.update_or_create(
        member_id=_member_id(request), page=page, name=name, defaults={"query": state.query(), "shared": shared}
    )
    return view


def delete_view(request: HttpRequest, page: str, view_id: str) -> None:
    """Remove a view of one's own."""
    _model().objects.filter(member_id=_member_id(request), page=page, pk=view_id).exclude(name="").delete()


def save_columns(request: HttpRequest, page: str, columns: tuple[str, ...]) -> None:
    """Keep these columns as the member's default for the page."""
    _model().objects.update_or_create(
        member_id=_member_id(request), page=page, name="", defaults={"columns": list(columns), "query": ""}
    )
