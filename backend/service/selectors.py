"""Reading tickets, and what is known around one (M-04, CRM-24)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from backend.accounting import selectors as books
from backend.inventory.models import LotBalance, LotEdge
from backend.inventory.selectors.recall import holders_of
from backend.kernel.actor import Actor
from backend.kernel.money import ZERO
from backend.sales.models import SalesOrder
from backend.service.models import Ticket
from backend.service.states import OPEN_STATES

_JOINED = (
    "customer",
    "item__unit",
    "lot",
    "supplier",
    "carrier",
    "shipment__carrier",
    "order",
    "delivery_line__document",
)


def tickets() -> QuerySet[Ticket]:
    """All tickets with what they are joined to, newest first."""
    return Ticket.objects.select_related(*_JOINED).order_by("-created_at", "-id")


def tickets_visible_to(actor: Actor) -> QuerySet[Ticket]:
    """A customer's users see the tickets of their company, staff see all, suppliers none."""
    if actor.kind == "customer":
        return tickets().filter(customer_id=actor.party_id)
    return tickets() if actor.kind in {"staff", "system"} else Ticket.objects.none()


def open_tickets() -> QuerySet[Ticket]:
    """Tickets somebody must still look after."""
    return tickets().filter(state__in=OPEN_STATES)


@dataclass(frozen=True)
class LotHolder:
    """A customer who got goods of the lot."""

    customer_id: Any
    name: str
    qty: Decimal


@dataclass(frozen=True)
class TicketContext:
    """What staff see beside a ticket. ``lot_on_hand`` is what still lies in our warehouses, ``receivable`` what the
    customer owes; the orders carry their promised dates (CRM-24)."""

    same_lot: list[Ticket]
    holders: list[LotHolder]
    lot_received: Decimal
    lot_on_hand: Decimal
    same_carrier_open: int
    last_orders: list[SalesOrder]
    receivable: Decimal


def ticket_context(ticket: Ticket) -> TicketContext:
    """Other tickets of the lot, who else holds it, how much is left, the customer's last orders and debt; seven statements."""
    same_lot, holders, received, on_hand = [], [], ZERO, ZERO
    if ticket.lot_id:
        same_lot = list(tickets().filter(lot_id=ticket.lot_id).exclude(pk=ticket.pk)[:20])
        holders = _holders(ticket.lot_id)
        edges = LotEdge.objects.filter(lot_id=ticket.lot_id, direction="out", activity_type="purchasing.receipt")
        received = edges.aggregate(total=Sum("qty"))["total"] or ZERO
        on_hand = LotBalance.objects.filter(lot_id=ticket.lot_id).aggregate(total=Sum("on_hand"))["total"] or ZERO
    carrier_open = 0
    if ticket.carrier_id:
        others = Ticket.objects.filter(carrier_id=ticket.carrier_id, category="damage", state__in=OPEN_STATES)
        carrier_open = others.exclude(pk=ticket.pk).count()
    orders = SalesOrder.objects.filter(customer_id=ticket.customer_id).order_by("-doc_date", "-id")[:10]
    receivable = books.party_balance(kind="receivable", party_id=ticket.customer_id)
    return TicketContext(same_lot, holders, received, on_hand, carrier_open, list(orders), receivable)


def _holders(lot_id: UUID) -> list[LotHolder]:
    """Who has how much of the lot, most first: what a recall of it alone would ask for."""
    found = [LotHolder(row.party_id, row.name, row.qty) for row in holders_of([lot_id])]
    return sorted(found, key=lambda row: -row.qty)
