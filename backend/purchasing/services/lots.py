"""Lot numbers and dates as the supplier gives them."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.kernel.errors import Refusal, ValidationRefused


def check_lot(line_no: int, item: Item, lot_no: str, mfg_date: date | None, expiry_date: date | None) -> list[Refusal]:
    """What is missing or wrong: lot-tracked items need a lot number, expiry-tracked ones a date to use them by."""
    problems: list[Refusal] = []
    if item.lot_tracked and not lot_no.strip():
        problems.append(
            ValidationRefused(
                _("%(item)s is kept by lot: its lot number is missing.") % {"item": item},
                code="lot_missing",
                line=line_no,
                field="lot_no",
                way_out=_("Enter the number printed on the goods."),
            )
        )
    expiry = expiry_of(item, mfg_date, expiry_date)
    if item.expiry_tracked and expiry is None:
        problems.append(
            ValidationRefused(
                _("%(item)s expires: say when.") % {"item": item},
                code="expiry_missing",
                line=line_no,
                field="expiry_date",
                way_out=_("Enter the expiry date or the day it was made."),
            )
        )
    if mfg_date and expiry and expiry < mfg_date:
        problems.append(
            ValidationRefused(
                _("It cannot expire before it was made."),
                line=line_no,
                field="expiry_date",
                value=expiry.isoformat(),
            )
        )
    return problems


def expiry_of(item: Item, mfg_date: date | None, expiry_date: date | None) -> date | None:
    """The expiry date given, or made from the production date and the item's shelf life."""
    if expiry_date or not (mfg_date and item.shelf_life_days):
        return expiry_date
    return mfg_date + timedelta(days=item.shelf_life_days)
