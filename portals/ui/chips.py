"""The vocabulary of status chips: an axis and a state give a look and the words, the same on every page.

A look is one of: `` (not started, grey ring), part (under way, wedge), ok (finished, tick), need (someone must act, amber),
bad (refused or overdue), ghost (draft or void), acc (a mark of kind). Colour never stands alone: a glyph and words go with it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Looks = dict[str, tuple[str, Any]]

_STOCK: dict[str, Looks] = {
    "delivery": {"none": ("", _("Not shipped")), "partial": ("part", _("Part shipped")), "full": ("ok", _("Shipped"))},
    "receipt": {
        "none": ("", _("Not received")),
        "partial": ("part", _("Partly received")),
        "full": ("ok", _("Received")),
    },
    "invoice": {
        "none": ("", _("Not invoiced")),
        "partial": ("part", _("Partly invoiced")),
        "full": ("ok", _("Invoiced")),
    },
    "settlement": {
        "none": ("", _("Unpaid")),
        "partial": ("part", _("Partly paid")),
        "full": ("ok", _("Paid")),
        "overdue": ("bad", _("Overdue")),
    },
    "execution": {
        "none": ("", _("Not executed")),
        "partial": ("part", _("Partly executed")),
        "full": ("ok", _("Executed")),
    },
    "issue": {
        "none": ("", _("Material not issued")),
        "partial": ("part", _("Material partly issued")),
        "full": ("ok", _("Material issued")),
    },
    "made": {
        "none": ("", _("Not made")),
        "partial": ("part", _("Partly made")),
        "full": ("ok", pgettext_lazy("state", "Made")),
    },
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
    "count": {
        "draft": ("ghost", _("Draft")),
        "submitted": ("part", _("Being counted")),
        "approved": ("ok", _("Booked")),
        "voided": ("ghost", _("Voided")),
    },
    "transfer": {
        "none": ("part", pgettext_lazy("transfer", "Under way")),
        "partial": ("part", _("Partly arrived")),
        "full": ("ok", _("Arrived")),
        "urgent": ("need", _("Urgent")),
    },
    "closing": {
        "open": ("", pgettext_lazy("document", "Open")),
        "auto_closed": ("ok", pgettext_lazy("document", "Closed")),
        "manual_closed": ("ghost", _("Closed manually")),
    },
    "credit": {
        "ok": ("ok", _("Within credit")),
        "credit_hold": ("bad", _("Credit hold")),
        "released": ("ok", _("Released")),
    },
    "quote": {
        "open": ("", pgettext_lazy("quote", "Open")),
        "sent": ("part", _("Sent")),
        "accepted": ("ok", _("Accepted")),
        "declined": ("bad", _("Declined")),
        "expired": ("ghost", _("Expired")),
    },
    "return": {
        "requested": ("need", _("Asked for")),
        "authorised": ("part", _("Authorised")),
        "received": ("need", _("In inspection")),
        "done": ("ok", _("Decided")),
        "refused": ("bad", _("Refused")),
    },
    "consignment": {
        "reported": ("need", _("Reported by the agent")),
        "draft": ("need", _("To check")),
        "approved": ("ok", pgettext_lazy("consignment", "Booked")),
        "voided": ("bad", pgettext_lazy("consignment", "Not booked")),
    },
    "sending": {"not_sent": ("", _("Not sent")), "sent": ("part", _("Sent")), "viewed": ("part", _("Seen"))},
    "confirmation": {
        "none": ("", _("Not confirmed")),
        "open": ("need", _("To confirm")),
        "pending": ("need", _("To confirm")),
        "partial": ("part", _("Partly confirmed")),
        "proposed": ("need", _("Change proposed")),
        "countered": ("need", _("Change proposed")),
        "confirmed": ("ok", _("Confirmed")),
        "accepted": ("ok", _("Accepted")),
        "full": ("ok", _("Confirmed")),
        "rejected": ("bad", _("Rejected")),
        "declined": ("bad", _("Declined")),
        "superseded": ("ghost", _("Replaced")),
    },
    "step": {
        "waiting": ("", _("Later")),
        "open": ("need", pgettext_lazy("approval", "To decide")),
        "approved": ("ok", pgettext_lazy("approval", "Agreed")),
        "rejected": ("bad", pgettext_lazy("approval", "Sent back")),
        "dropped": ("ghost", _("Not needed any more")),
    },
    "import": {
        "waiting": ("part", _("Waiting for its check")),
        "checked": ("need", pgettext_lazy("import", "Checked")),
        "asked": ("part", _("Waiting to be saved")),
        "saved": ("ok", pgettext_lazy("import", "Saved")),
        "dropped": ("ghost", _("Dropped")),
    },
    "import_row": {
        "new": ("ok", pgettext_lazy("row", "New")),
        "change": ("part", pgettext_lazy("row", "Changes")),
        "same": ("ghost", pgettext_lazy("row", "As it is")),
        "": ("bad", pgettext_lazy("row", "Not right")),
    },
    "rfq": {
        "draft": ("ghost", _("Draft")),
        "published": ("part", _("Waiting for quotes")),
        "closed": ("need", _("To award")),
        "awarded": ("ok", _("Awarded")),
        "cancelled": ("ghost", pgettext_lazy("rfq", "Cancelled")),
    },
    "bid": {
        "waiting": ("", _("No quote yet")),
        "quoted": ("part", _("Quoted")),
        "declined": ("ghost", _("Does not quote")),
        "won": ("ok", _("Won")),
        "lost": ("ghost", _("Not chosen")),
    },
    "asn": {
        "draft": ("ghost", _("Draft")),
        "submitted": ("part", pgettext_lazy("shipment", "Announced")),
        "in_transit": ("part", _("On the way")),
        "arrived": ("part", _("Arrived")),
        "received": ("ok", _("Received")),
        "closed": ("ghost", _("Closed")),
    },
    "asn_outcome": {
        "match": ("ok", _("As announced")),
        "short": ("bad", _("Came short")),
        "over": ("need", _("Came over")),
        "damaged": ("bad", _("Damaged")),
    },
    "exception": {
        "open": ("need", _("To take care of")),
        "acknowledged": ("part", _("In hand")),
        "solved": ("ok", _("Solved")),
    },
    "node": {
        "planned": ("", _("Planned")),
        "passed": ("ok", _("Passed")),
        "late": ("bad", _("Overdue")),
    },
    "inspection": {
        "open": ("need", _("To inspect")),
        "accepted": ("ok", pgettext_lazy("inspection", "Accepted")),
        "partial": ("bad", _("Partly rejected")),
        "rejected": ("bad", pgettext_lazy("inspection", "Rejected")),
    },
    "shipment": {
        "picked": ("part", _("Picked")),
        "packed": ("part", _("Packed")),
        "dispatched": ("part", _("Shipped")),
        "in_transit": ("part", _("In transit")),
        "out_for_delivery": ("part", _("Out for delivery")),
        "delivered": ("ok", _("Delivered")),
        "signed": ("ok", _("Signed for")),
        "damaged": ("bad", _("Damaged")),
    },
    "difference": {
        "open": ("need", _("To settle")),
        "disputed": ("need", _("Disputed")),
        "answered": ("need", _("Answered")),
        "ours": ("ok", _("Ours holds")),
        "theirs": ("ok", _("Theirs holds")),
    },
    "statement": {
        "open": ("ghost", _("In preparation")),
        "proposed": ("need", _("To confirm")),
        "disputed": ("bad", _("Disputed")),
        "agreed": ("ok", _("Agreed")),
        "invoiced": ("ok", _("Invoiced")),
    },
    "matching": {
        "unmatched": ("", _("Not checked")),
        "matched": ("ok", _("Matches")),
        "discrepancy": ("bad", _("Differs")),
        "none": ("", _("Not matched")),
        "partial": ("part", _("Partly matched")),
        "full": ("ok", _("Matched")),
    },
    "ticket": {
        "new": ("need", pgettext_lazy("ticket", "New")),
        "triaged": ("part", _("In progress")),
        "waiting": ("ghost", _("Waiting")),
        "solved": ("ok", _("Solved")),
        "confirmed": ("ok", _("Confirmed")),
        "closed": ("ghost", _("Closed")),
    },
    "suggestion": {
        "live": ("need", _("To decide")),
        "snoozed": ("ghost", _("Snoozed")),
        "dismissed": ("ghost", _("Dismissed")),
        "accepted": ("ok", _("Accepted")),
    },
    "lot": {
        "quarantine": ("need", _("In inspection")),
        "released": ("ok", pgettext_lazy("lot", "Released")),
        "held": ("bad", _("On hold")),
        "expired": ("bad", _("Expired")),
        "scrapped": ("ghost", _("Scrapped")),
    },
    "serial": {
        "in_stock": ("ok", _("In stock")),
        "transit": ("need", _("On the way")),
        "consignment": ("need", _("At a customer, unsold")),
        "with_customer": ("", _("At the customer")),
        "at_processor": ("need", _("At the processor")),
        "in_workshop": ("need", _("In the workshop")),
        "with_supplier": ("ghost", _("Back at the supplier")),
        "used": ("ghost", _("Used")),
        "lost": ("bad", _("Gone")),
        "none": ("ghost", _("Not in stock")),
    },
    "supplier": {
        "potential": ("", _("Potential")),
        "pending": ("need", _("Waiting for approval")),
        "approved": ("ok", _("Approved supplier")),
        "preferred": ("ok", _("Preferred")),
        "watch": ("need", _("On watch")),
        "suspended": ("bad", _("Suspended")),
        "blocked": ("bad", _("Blocked")),
    },
    "qualification": {
        "absent": ("", _("Not handed in")),
        "missing": ("bad", pgettext_lazy("certificate", "Missing")),
        "waiting": ("need", _("To check")),
        "accepted": ("ok", pgettext_lazy("certificate", "In force")),
        "expiring": ("need", _("Expires soon")),
        "expired": ("bad", pgettext_lazy("certificate", "Expired")),
        "rejected": ("bad", _("Rejected")),
        "replaced": ("ghost", _("Replaced")),
    },
    "bank_account": {
        "waiting": ("need", _("Waiting for finance")),
        "effective": ("ok", _("In effect")),
        "replaced": ("ghost", _("Replaced")),
        "rejected": ("bad", _("Rejected")),
        "withdrawn": ("ghost", _("Withdrawn")),
    },
    "claim": {
        "open": ("need", _("Waiting for the supplier")),
        "answered": ("need", _("To check")),
        "returned": ("bad", _("Sent back")),
        "accepted": ("ok", _("Accepted")),
        "cancelled": ("ghost", _("Dropped")),
        "late": ("bad", _("Overdue")),
    },
    "application": {
        "new": ("need", _("To decide")),
        "accepted": ("ok", _("Taken up")),
        "declined": ("ghost", _("Declined")),
    },
    "period": {"open": ("", pgettext_lazy("period", "Open")), "closed": ("ok", pgettext_lazy("period", "Closed"))},
    "posting": {"none": ("", _("Not posted")), "posted": ("ok", _("Posted")), "failed": ("bad", _("Not posted"))},
    "company": {
        "trial": ("need", _("Trial")),
        "active": ("ok", _("Subscribed")),
        "grace": ("bad", _("Payment overdue")),
        "read_only": ("bad", _("Read only")),
        "suspended": ("bad", _("Suspended")),
    },
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
