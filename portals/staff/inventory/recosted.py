"""The line above a stock document whose goods, or whose follow-up, cost otherwise than when it was booked (INV-11)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backend.inventory.selectors.recosting import Paper, recosting_of
from portals.ui import formats
from portals.ui.components import Action, Banner
from portals.ui.navigation import document_address

_LINKS = 3


def recosted(document: Any) -> Banner | None:
    """What other papers changed in its cost, or else what it changed in theirs; nothing for most documents."""
    if not document.is_approved:
        return None
    found = recosting_of(document)
    if found.met:
        return _met(document, found.met, found.met_amount)
    return _caused(found.caused, found.caused_amount) if found.caused else None


def _met(document: Any, papers: Mapping[Paper, Decimal], amount: Decimal) -> Banner:
    words = _("Its goods cost %(now)s, not %(then)s: papers dated before it, or the costing of the month, came later.")
    worth = getattr(document, "total_value", None)
    if worth is None:
        words = _("Papers dated before it, or the costing of the month, came later.")
    shown = words % {"now": formats.money((worth or 0) + amount), "then": formats.money(worth)}
    fact = _("Valued anew: %(amount)s.") % {"amount": _signed(amount)}
    return Banner(fact, shown, look="info", icon="info", actions=_links(papers))


def _caused(papers: Mapping[Paper, Decimal], amount: Decimal) -> Banner:
    count = len(papers)
    fact = _("It came after papers of later days.")
    words = ngettext(
        "%(count)s of them was valued anew, cost of goods that left: %(amount)s.",
        "%(count)s of them were valued anew, cost of goods that left: %(amount)s.",
        count,
    )
    shown = words % {"count": count, "amount": _signed(amount)}
    return Banner(fact, shown, look="info", icon="info", actions=_links(papers))


def _links(papers: Mapping[Paper, Decimal]) -> list[Action]:
    addresses = [(number, document_address(kind, number)) for kind, number in list(papers)[:_LINKS]]
    return [Action(number, url) for number, url in addresses if url]


def _signed(amount: Decimal) -> str:
    return f"{'+' if amount > 0 else ''}{formats.money(amount)}"
