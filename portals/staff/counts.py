"""What the navigation shows beside its entries: a number, or (number, True) when it waits for this member."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from backend.kernel import clock
from portals.staff import figures

# key in the navigation -> (kind, what waits, the right that makes it this member's, what is open otherwise)
_ENTRIES: dict[str, tuple[str, str, str, str]] = {
    "sales.quote": ("sales.quote", "accepted", "sales.order.edit", "open"),
    "sales.order": ("sales.order", "submitted", "sales.order.approve", "open"),
    "sales.delivery": ("sales.delivery", "submitted", "sales.delivery.approve", "under_way"),
    "sales.invoice": ("invoicing.sales_invoice", "submitted", "invoicing.sales_invoice.approve", "open"),
    "purchasing.suggestion": ("purchasing.suggestion", "live", "purchasing.suggestion.edit", "live"),
    "purchasing.requisition": ("purchasing.requisition", "to_order", "purchasing.order.edit", "open"),
    "purchasing.exception": ("purchasing.exception", "open", "purchasing.order.edit", "unsolved"),
    "purchasing.order": ("purchasing.order", "submitted", "purchasing.order.approve", "open"),
    "purchasing.asn": ("purchasing.asn", "arrived", "purchasing.receipt.edit", "open"),
    "purchasing.receipt": ("purchasing.receipt", "submitted", "purchasing.receipt.approve", "draft"),
    "purchasing.inspection": ("purchasing.inspection", "open", "purchasing.inspection.decide", "open"),
    "purchasing.invoice": ("invoicing.purchase_invoice", "differs", "invoicing.purchase_invoice.edit", "draft"),
    "purchasing.statement": ("invoicing.statement", "disputed", "invoicing.statement.edit", "open"),
    "production.order": ("production.order", "late", "production.order.edit", "open"),
    "service.ticket": ("service.ticket", "mine", "service.ticket.edit", "open"),
    "finance.receipt": ("invoicing.receipt", "submitted", "invoicing.receipt.approve", "open"),
    "finance.payment": ("invoicing.payment", "submitted", "invoicing.payment.approve", "open"),
}


def navigation_counts(request: HttpRequest) -> Mapping[str, Any]:
    """The counts for the member of the request; the shell keeps them for a few seconds."""
    actor = request.actor  # type: ignore[attr-defined]
    found = figures.read_figures(actor, now=clock.now(), today=clock.today())
    counts: dict[str, Any] = {
        "notifications": figures.of(found, "notification", "unread"),
        "tasks": figures.of(found, "task", "open"),
    }
    for key, (kind, waits, right, is_open) in _ENTRIES.items():
        waiting = figures.of(found, kind, waits)
        if waiting and actor.may(right):
            counts[key] = (waiting, True)
        else:
            counts[key] = figures.of(found, kind, is_open)
    return counts
