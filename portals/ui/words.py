"""The words the scripts say: translated here with all others, handed to the page as data. `{name}` is filled in the browser."""

from typing import Any

from django.utils.translation import gettext_lazy as _

WORDS: dict[str, Any] = {
    "nothing": _("Nothing matches"),
    "results": _("{count} results"),
    "not_priced": _("Prices and totals are not available now; they are computed on saving"),
    "draft_kept": _("Draft · kept on this device {time}"),
    "draft_found": _("There is unsaved work from {time}."),
    "restore": _("Restore"),
    "discard": _("Discard"),
    "matching": _("{count} match {query}"),
    "shown": _("{count} shown"),
    "available": _("Available"),
    "price": _("Price"),
    "move_take": _("move · take"),
    "new_named": _("New “{query}”"),
    "matches": _("Matching results"),
    "no_match": _("Nothing matches. Check the code or try another word"),
    "selected": _("{count} selected"),
    "choose_file": _("Choose a file"),
    "no_file": _("no file chosen"),
}
