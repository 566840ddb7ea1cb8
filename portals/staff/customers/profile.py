"""Everything about one customer on one page: money, orders, invoices, tickets, people. A fixed number of statements."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.access.models import Invitation, Member
from backend.access.selectors import members, open_invitations
from backend.invoicing.models import SalesInvoice
from backend.sales.models import SalesOrder
from backend.service.models import Ticket
from backend.workflow import parameters
from portals.staff.sales.scope import visible_orders

_SHOWN = 8

_MONEY = """
SELECT
 coalesce((SELECT sum(open_amount) FROM accounting_open_item
    WHERE party_id = %(party)s AND kind = 'receivable' AND open_amount <> 0), 0),
 coalesce((SELECT sum(open_amount) FROM accounting_open_item
    WHERE party_id = %(party)s AND kind = 'receivable' AND open_amount > 0 AND due_date < %(today)s), 0),
 coalesce((SELECT sum(l.gross_amount * coalesce(o.exchange_rate, 1) * (l.qty - l.shipped_qty - l.cancelled_qty) / l.qty)
    FROM sales_order o JOIN sales_order_line l ON l.document_id = o.id
    WHERE o.customer_id = %(party)s AND o.approval = 'approved' AND o.closing = 'open' AND o.shipped <> 'full'
    AND l.qty > l.shipped_qty + l.cancelled_qty), 0),
 coalesce((SELECT sum(l.gross_amount * (l.qty - l.invoiced_qty - l.returned_qty) / l.qty)
    FROM sales_delivery d JOIN sales_delivery_line l ON l.document_id = d.id
    WHERE d.customer_id = %(party)s AND d.approval = 'approved' AND d.invoiced <> 'full'
    AND l.qty > l.invoiced_qty + l.returned_qty), 0),
 coalesce((SELECT sum(round(net_amount * coalesce(exchange_rate, 1), 2)) FROM sales_order
    WHERE customer_id = %(party)s AND approval = 'approved' AND doc_date >= %(year)s), 0),
 (SELECT count(*) FROM sales_order WHERE customer_id = %(party)s AND approval = 'approved' AND doc_date >= %(year)s),
 (SELECT max(doc_date) FROM sales_order WHERE customer_id = %(party)s AND approval = 'approved')
"""


@dataclass(frozen=True)
class Money:
    """What the customer owes and will owe; exposure is the sum that the credit limit is compared with."""

    owed: Decimal
    overdue: Decimal
    ordered: Decimal
    to_invoice: Decimal
    sold_this_year: Decimal
    orders_this_year: int
    last_order: date | None

    @property
    def exposure(self) -> Decimal:
        return self.owed + self.to_invoice + self.ordered


def money_of(party_id: UUID, today: date) -> Money:
    """The sums of a customer, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_MONEY, {"party": party_id, "today": today, "year": today.replace(month=1, day=1)})
        owed, overdue, ordered, to_invoice, sold, count, last = cursor.fetchone()
    if parameters.get("accounting.settlement_mode") == "delivery":
        to_invoice = Decimal(0)  # deliveries are receivables already
    return Money(owed, overdue, _cents(ordered), _cents(to_invoice), sold, count, last)


def _cents(value: Decimal) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01"))


def recent_orders(actor: Any, party_id: UUID) -> list[SalesOrder]:
    return list(
        visible_orders(actor)
        .filter(customer_id=party_id)
        .exclude(approval="voided")
        .order_by("-doc_date", "-id")[:_SHOWN]
    )


def open_invoices(party_id: UUID) -> list[SalesInvoice]:
    found = SalesInvoice.objects.filter(customer_id=party_id, approval="approved").exclude(settled="full")
    return list(found.order_by("due_date", "id")[:_SHOWN])


def recent_tickets(party_id: UUID) -> list[Ticket]:
    return list(Ticket.objects.filter(customer_id=party_id).order_by("-created_at", "-id")[:_SHOWN])


def people_of(party_id: UUID, kind: str) -> tuple[list[Member], list[Invitation]]:
    """Who signs in for the partner, and who was invited and has not answered."""
    return list(members(kind, party_id=party_id)), list(open_invitations(kind, party_id=party_id))
