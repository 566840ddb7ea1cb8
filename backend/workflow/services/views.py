"""Saved views of lists."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.workflow.models import SavedView

NOBODY = UUID(int=0)


def save_view(
    *, actor: Actor, page: str, name: str = "", query: str = "", columns: list[Any] | None = None, shared: bool = False
) -> SavedView:
    """Keep a list's filters and columns under a name; without a name it is how the member opens the page."""
    if actor.member_id is None:
        raise ValidationRefused(_("Only a member keeps views."), field="name")
    if shared:
        actor.require("workflow.view.share")
    with transaction.atomic():
        view, _made = SavedView.objects.update_or_create(
            member_id=actor.member_id,
            page=page,
            name=name.strip()[:60],
            defaults={"query": query, "columns": columns or [], "shared": shared},
        )
    return view


def delete_view(*, view_id: UUID, actor: Actor) -> None:
    """Forget a view of one's own."""
    gone, _rows = SavedView.objects.filter(pk=view_id, member_id=actor.member_id or NOBODY).delete()
    if not gone:
        raise NotFoundRefused(_("There is no such view of yours."), value=view_id)
