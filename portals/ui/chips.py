"""The vocabulary of status chips: an axis and a state give a look and the words, the same on every page.

A look is one of: `` (not started, grey ring), part (under way, wedge), ok (finished, tick), need (someone must act, amber),
bad (refused or overdue), ghost (draft or void), acc (a mark of kind). Colour never stands alone: a glyph and words go with it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy as _p

Looks = dict[str, tuple[str, Any]]

_STOCK: dict[str, Looks] = {
    "delivery": {"none": ("", _("Not shipped")), "partial": ("part", _("Part shipped")), "full": ("ok", _("Shipped"))},
    "receipt": {"none": ("", _("Not received")), "partial": ("part", _("Partly received")), "full": ("ok", _("Received"))},
    "invoice": {"none": ("", _("Not invoiced")), "partial": ("part", _("Partly invoiced")), "full": ("ok", _("Invoiced"))},
    "settlement": {
        "none": ("", _("Unpaid")),
        "partial": ("part", _("Partly paid")),
        "full": ("ok", _("Paid")),
        "overdue": ("bad", _("Overdue")),
    },
    "execution": {"none": ("", _("Not executed")), "partial": ("part", _("Partly executed")), "full": ("ok", _("Executed"))},
    "order": {"none": ("", _("Not ordered")), "partial": ("part", _("Partly ordered")), "full": ("ok", _("Ordered"))},
}

VOCABULARY: dict[str, Looks] = _STOCK | {
    "approval": {
        "draft": ("ghost", _("Draft")),
        "submitted": ("need", _("To approve")),
        "approved": ("ok", _("Approved")),
        "rejected": ("bad", _("Rejected")),
        "voided": ("ghost", _("Voided")),
    },
    "closing": {
        "open": ("", _p("document", "Open")),
        "auto_closed": ("ok", _("Closed")),
        "manual_closed": ("ghost", _("Closed manually")),
    },
    "confirmation": {
        "none": ("", _("Not sent")),
        "pending": ("need", _("To confirm")),
        "partial": ("part", _("Partly confirmed")),
        "confirmed": ("ok", _("Confirmed")),
        "countered": ("need", _("Change proposed")),
        "rejected": ("bad", _("Rejected")),
    },
    "quote": {
        "draft": ("ghost", _("Draft")),
        "sent": ("need", _("Waiting for the customer")),
        "accepted": ("ok", _("Accepted")),
        "declined": ("bad", _("Declined")),
        "rejected": ("bad", _("Declined")),
        "expired": ("ghost", _("Expired")),
    },
    "shipment": {
        "draft": ("ghost", _("Draft")),
        "announced": ("part", _("Announced")),
        "in_transit": ("part", _("In transit")),
        "shipped": ("part", _("In transit")),
        "arrived": ("part", _("Arrived")),
        "received": ("ok", _("Received")),
        "delivered": ("ok", _("Delivered")),
        "signed": ("ok", _("Signed for")),
        "cancelled": ("ghost", _("Cancelled")),
        "voided": ("ghost", _("Voided")),
    },
    "ticket": {
        "new": ("need", _p("ticket", "New")),
        "open": ("part", _p("ticket", "Open")),
        "assigned": ("part", _("Assigned")),
        "in_progress": ("part", _("In progress")),
        "waiting": ("ghost", _("Waiting for the customer")),
        "resolved": ("ok", _("Resolved")),
        "closed": ("ghost", _("Closed")),
        "reopened": ("need", _("Reopened")),
    },
    "statement": {
        "draft": ("ghost", _("Draft")),
        "sent": ("need", _("To confirm")),
        "disputed": ("bad", _("Disputed")),
        "confirmed": ("ok", _("Confirmed")),
        "settled": ("ok", _("Paid")),
    },
    "matching": {
        "none": ("", _("Not matched")),
        "partial": ("part", _("Partly matched")),
        "full": ("ok", _("Matched")),
        "matched": ("ok", _("Matched")),
        "exception": ("bad", _("Does not match")),
    },
    "credit": {"hold": ("bad", _("Credit hold")), "ok": ("ok", _("Within credit")), "released": ("ok", _("Released"))},
    "period": {"open": ("", _p("period", "Open")), "closed": ("ok", _("Closed"))},
    "posting": {"none": ("", _("Not posted")), "posted": ("ok", _("Posted")), "failed": ("bad", _("Not posted"))},
    "active": {"True": ("ok", _("Active")), "False": ("ghost", _("Inactive"))},
}

_SYNONYMS = {"not": "none", "partly": "partial", "part": "partial", "done": "full", "complete": "full", "true": "True"}


@dataclass(frozen=True)
class Chip:
    """One state on one axis, ready to draw."""

    look: str
    label: Any
    percent: int | None = None
    large: bool = False
    glyph: bool = True

    @property
    def dash(self) -> int:
        """The share of the ring that the wedge fills."""
        return 50 if self.percent is None else max(5, min(95, self.percent))


def chip(axis: str, state: Any, *, percent: Any = None, note: Any = "", large: bool = False) -> Chip:
    """The chip of a state; an unknown state prints as it is, grey, so a new state never breaks a page."""
    key = str(getattr(state, "value", state) if state is not None else "none")
    looks = VOCABULARY.get(axis, {})
    look, label = looks.get(key) or looks.get(_SYNONYMS.get(key, key)) or ("", key)
    share = None if percent is None else int(Decimal(str(percent)))
    if look == "part" and share is not None:
        label = f"{label} {share}%"
    if note:
        label = f"{label} · {note}"
    return Chip(look=look, label=label, percent=share, large=large)
