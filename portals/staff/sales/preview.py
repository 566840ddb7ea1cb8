"""What an order line could be promised before the order exists: available now, and when the rest comes. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from backend.availability import selectors as availability
from backend.availability.parts import STOCK, SUGGESTION
from backend.catalog.models import Item
from backend.inventory.models import Warehouse
from backend.kernel import clock
from portals.staff.sales import promises
from portals.ui import formats


@dataclass(frozen=True)
class Want:
    """So much of an item, for the row of that index."""

    index: int
    item: Item
    qty: Decimal


@dataclass(frozen=True)
class Seen:
    """The words of a row: what is available, when it can be had, whether it is short."""

    available: str
    promise: str
    short: bool


def look_ahead(wants: Sequence[Want], warehouse: Warehouse, requested: date) -> dict[int, Seen]:
    """What each row could be promised, in three statements; services have no stock."""
    stocked = [want for want in wants if want.item.is_stocked]
    asked = [
        availability.PreviewInput(want.item.pk, warehouse.pk, max(want.qty, Decimal(0)), requested) for want in stocked
    ]
    found = availability.preview_promises(asked, at=clock.now())
    return {want.index: _seen(want, preview) for want, preview in zip(stocked, found, strict=True)}


def _seen(want: Want, preview: availability.Preview) -> Seen:
    available = formats.qty(preview.stock.available)
    if want.qty <= 0 or not preview.parts:
        return Seen(available, "", False)
    words = promises.summary(preview.parts)
    from_stock = sum((part.qty for part in preview.parts if part.source == STOCK), Decimal(0))
    missing = want.qty - from_stock
    if missing > 0:
        words = f"{words} · {_('short %(qty)s') % {'qty': formats.qty(missing)}}"
        if any(part.source == SUGGESTION for part in preview.parts):
            words = _("%(words)s, to be ordered") % {"words": words}
    return Seen(available, words, missing > 0)
