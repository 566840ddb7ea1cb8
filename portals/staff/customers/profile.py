"""Everything about one customer on one page: money, orders, invoices, tickets, people. A fixed number of statements."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.invoicing.models import SalesInvoice
from backend.kernel.currency import sql_at_home
from backend.sales.models import SalesOrder
from backend.sales.services.credit import Exposure, exposure_of
from backend.service.models import Ticket
from portals.staff.sales.scope import visible_orders

_SHOWN = 8

_MONEY = f"""
SELECT
 coalesce((SELECT sum(open_amount) FROM accounting_open_item
    WHERE party_id = %(party)s AND kind = 'receivable' AND open_amount > 0 AND due_date < %(today)s), 0),
 coalesce((SELECT sum({sql_at_home("net_amount")}) FROM sales_order
    WHERE customer_id = %(party)s AND approval = 'approved' AND doc_date >= %(year)s), 0),
 (SELECT count(*) FROM sales_order WHERE customer_id = %(party)s AND approval = 'approved' AND doc_date >= %(year)s),
 (SELECT max(doc_date) FROM sales_order WHERE customer_id = %(party)s AND approval = 'approved')
"""


@dataclass(frozen=True)
class Money:
    """What the customer owes and will owe, as the credit limit is compared with, and what was sold."""

    credit: Exposure
    overdue: Decimal
    sold_this_year: Decimal
    orders_this_year: int
    last_order: date | None


def money_of(party_id: UUID, today: date) -> Money:
    """The sums of a customer, in two statements."""
    with connection.cursor() as cursor:
        cursor.execute(_MONEY, {"party": party_id, "today": today, "year": today.replace(month=1, day=1)})
        return Money(exposure_of(party_id), *cursor.fetchone())


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
