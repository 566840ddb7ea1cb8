"""The way from a list of masters to importing them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from portals.ui.components import Action


def import_actions(actor: Any, kind: str, permission: str) -> tuple[Action, ...]:
    """Importing this kind of list, for those who may."""
    if not (actor.may("imports.run.edit") and actor.may(permission)):
        return ()
    return (Action(_("Import"), f"{reverse('staff:import_new')}?kind={kind}", icon="upload", wide_only=True),)
