"""Counts: differences wait on the suspense account until somebody decides what they are."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from backend.accounting.services.vouchers import SourceRef
from backend.inventory.events import StockCountApproved, StockCountEvent, StockCountSettled, StockCountUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import total
from backend.posting import stock_rules
from backend.posting.booking import Facts, book, unbook


def _source(event: StockCountEvent) -> SourceRef:
    return SourceRef("inventory.count", event.aggregate_id, event.number)


def _sum(values: Any) -> Decimal:
    return total(Decimal(value) for _role, value in values)


@subscribe(StockCountApproved, when="now")
def book_differences(event: StockCountApproved, actor: Actor) -> None:
    """Gain: Dr inventory / Cr 1901. Loss: Dr 1901 / Cr inventory."""
    gains = Facts(_source(event), event.doc_date, values=dict(event.gains))  # type: ignore[arg-type]
    losses = Facts(_source(event), event.doc_date, values=dict(event.losses))  # type: ignore[arg-type]
    book(stock_rules.COUNT_GAIN, gains, words=_("Count gain"), actor=actor)
    book(stock_rules.COUNT_LOSS, losses, words=_("Count loss"), actor=actor)


@subscribe(StockCountSettled, when="now")
def settle_differences(event: StockCountSettled, actor: Actor) -> None:
    """From 1901 to what the differences are; an abnormal loss with the input VAT that is not deducted any more."""
    lost, tax = _sum(event.losses), Decimal(event.tax)
    amounts = {"gain": _sum(event.gains), "tax": tax, "borne": lost + tax}
    facts = Facts(_source(event), event.doc_date, amounts)  # type: ignore[arg-type]
    book(stock_rules.settled_rule(event.disposition), facts, words=_("Count differences decided"), actor=actor)


@subscribe(StockCountUnapproved, when="now")
def unbook_differences(event: StockCountUnapproved, actor: Actor) -> None:
    """Red, with what was decided."""
    unbook(event.aggregate_id, actor=actor)
