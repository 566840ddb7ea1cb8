"""What the three-way match found on a line, as people read it: in the queue, on the invoice and in the supplier's portal.

A figure is written as its kind is: pieces with their unit, money with cents, a rate in per cent.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from backend.invoicing import matching
from portals.ui import formats

_MONEY = frozenset({matching.PRICE_OVER, matching.ALLOWED_OVER})


def figure(found: Mapping[str, str], key: str, unit: Any = "") -> str:
    """``expected``, ``actual`` or ``gap`` of a difference; a gap upwards says so."""
    value = Decimal(found[key])
    if found["kind"] in _MONEY:
        shown = formats.money(value)
    elif found["kind"] == matching.TAX_RATE:
        shown = formats.percent(value)
    else:
        shown = f"{formats.qty(value)} {unit}".rstrip()
    return f"+{shown}" if key == "gap" and value > 0 else shown


def in_words(found: Mapping[str, str], unit: Any = "") -> str:
    """One difference: what it is, what was expected, what stands on the invoice, by how much they differ."""
    return _("%(what)s: %(expected)s expected, %(actual)s invoiced, %(gap)s") % {
        "what": matching.words_of(found["kind"]),
        **{key: figure(found, key, unit) for key in ("expected", "actual", "gap")},
    }
