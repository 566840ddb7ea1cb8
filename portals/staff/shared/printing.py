"""Printing from a document page: the page's own button prints in the reader's language, the menu in the other one."""

from django.utils.translation import gettext as _

from portals.ui import formats
from portals.ui.components import Action


def other_language(url: str) -> Action:
    """Print in the language the reader does not read."""
    if formats.is_chinese():
        return Action(_("Print in English"), f"{url}?lang=en", icon="printer", new_tab=True)
    return Action(_("Print in Chinese"), f"{url}?lang=zh-hans", icon="printer", new_tab=True)
