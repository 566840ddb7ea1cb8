"""Credit control (FIN-14): what a customer owes and will owe, against the limit.

Exposure = open receivables + delivered and not invoiced + approved open orders + this order. Orders in another
currency count at their rate; one without a rate is worth nobody knows what: it is left out, and said to be. The
customer's row is locked while it is looked at, so two orders cannot both pass. Every way into a
binding order asks here: approval, reopening, an amendment upward, API, import and portal alike.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, DecimalField, ExpressionWrapper, F, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from backend.accounting import selectors as books
from backend.kernel.actor import Actor
from backend.kernel.currency import column_at_home, lacks_rate
from backend.kernel.document import Approval, Closing, Progress
from backend.kernel.money import ZERO, cents
from backend.kernel.prepared import Prepared
from backend.parties.models import CustomerRole
from backend.sales.models import CreditState, SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.services.checks import CreditExceeded
from backend.workflow import parameters
from backend.workflow.services import create_task

RELEASE = "sales.credit.release"
_WANTED = F("qty") - F("cancelled_qty")


@dataclass(frozen=True)
class Exposure:
    """What the customer owes or will owe, part by part, against the limit (None = no limit).

    ``this_order`` is None while its rate is not known; ``unrated`` are other open orders that lack theirs.
    """

    receivable: Decimal
    not_invoiced: Decimal
    open_orders: Decimal
    this_order: Decimal | None
    limit: Decimal | None
    unrated: int = 0

    @property
    def total(self) -> Decimal:
        """What is known of it."""
        return self.receivable + self.not_invoiced + self.open_orders + (self.this_order or ZERO)

    @property
    def is_known(self) -> bool:
        """Whether every order in it has its rate."""
        return self.this_order is not None and not self.unrated

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.total > self.limit

    @property
    def left(self) -> Decimal | None:
        """What may still be ordered; negative when over the limit."""
        return None if self.limit is None else self.limit - self.total


def exposure_of(customer_id: UUID, *, order: SalesOrder | None = None, amount: Decimal | None = ZERO) -> Exposure:
    """The exposure with an order of that amount, without locks (for faces); one statement."""
    return _measure(customer_id, order.pk if order else None, amount)


_limited = Prepared(
    lambda party: (
        CustomerRole.objects.select_for_update(no_key=True)
        .filter(party_id=party)
        .exclude(credit_limit=None)
        .only("credit_limit")
    )
)


def locked_exposure(order: SalesOrder, amount: Decimal) -> Exposure | None:
    """The exposure with the order, the customer's row locked; None without a limit (then nothing is locked)."""
    return None if _limited.first(order.customer_id) is None else _measure(order.customer_id, order.pk, amount)


def _measure(customer_id: UUID, order_id: UUID | None, amount: Decimal | None) -> Exposure:
    """One statement, and one of its own after the lock: it sees what whoever held the lock before has committed."""
    ordered = _open_lines(customer_id, order_id)
    worth = column_at_home(_share(_WANTED - F("shipped_qty"), _WANTED), "document__")
    receivable, not_invoiced, open_orders, unrated, limit = (
        CustomerRole.objects.filter(party_id=customer_id)
        .values_list(
            _sum(books.open_items(kind="receivable", party_id=customer_id), F("open_amount")),
            _sum(_not_invoiced(customer_id), _share(F("qty") - F("invoiced_qty") - F("returned_qty"), F("qty"))),
            _sum(ordered, worth),
            Coalesce(_alone(ordered.filter(lacks_rate("document__")), Count("document", distinct=True)), 0),
            "credit_limit",
        )
        .first()
    ) or (ZERO, ZERO, ZERO, 0, None)
    if parameters.get("accounting.settlement_mode") == "delivery":
        not_invoiced = ZERO  # deliveries are receivables already
    return Exposure(receivable, cents(not_invoiced), cents(open_orders), amount, limit, unrated)


def _not_invoiced(customer_id: UUID) -> QuerySet[Any]:
    found = SalesDeliveryLine.objects.filter(document__customer_id=customer_id, document__approval=Approval.APPROVED)
    return found.exclude(document__invoiced=Progress.FULL)


def _open_lines(customer_id: UUID, order_id: UUID | None) -> QuerySet[Any]:
    found = SalesOrderLine.objects.filter(
        document__customer_id=customer_id, document__approval=Approval.APPROVED, document__closing=Closing.OPEN
    )
    return found.filter(shipped_qty__lt=_WANTED).exclude(document_id=order_id)


def _share(part: Any, whole: Any) -> Any:
    """So much of a line's amount with tax as its quantity is of the whole."""
    return ExpressionWrapper(F("gross_amount") * part / whole, output_field=DecimalField())


def _sum(rows: QuerySet[Any], amount: Any) -> Any:
    """The sum over rows as a column."""
    return Coalesce(_alone(rows, Sum(amount, output_field=DecimalField())), ZERO)


def _alone(rows: QuerySet[Any], figure: Any) -> Subquery:
    """A figure over all rows as a column; empty without rows."""
    return Subquery(rows.order_by().annotate(all=Value(1)).values("all").annotate(one=figure).values("one"))


def passes(order: SalesOrder, exposure: Exposure | None, *, today: date) -> bool:
    """Whether the order may bind us: within the limit, or released for this amount until now."""
    if exposure is None or not exposure.is_over:
        return True
    return covered_by_release(order, exposure.this_order or ZERO, today=today)


def covered_by_release(order: SalesOrder, amount: Decimal, *, today: date) -> bool:
    """Whether somebody's release still holds for that amount."""
    return (
        order.credit_state == CreditState.RELEASED
        and order.credit_released_until is not None
        and order.credit_released_until >= today
        and amount <= (order.credit_released_amount or ZERO)
    )


def settle_state(order: SalesOrder, exposure: Exposure | None) -> None:
    """Set the credit state of an order that passes (not saved); a release stays visible."""
    if exposure is None or not exposure.is_over:
        order.credit_state, order.credit_note = CreditState.OK, ""


def hold(order: SalesOrder, exposure: Exposure, *, at: Any) -> None:
    """Put the order on hold (not saved) and ask those who may release it."""
    order.credit_state = CreditState.HOLD
    order.credit_note = words(exposure)[:300]
    order.credit_released_until = order.credit_released_amount = None
    create_task(
        kind="sales.credit_hold",
        params={
            "number": order.number,
            "customer": order.customer.label,
            "exposure": f"{exposure.total:,.2f}",
            "limit": f"{exposure.limit:,.2f}",
        },
        dedupe_key=task_key(order),
        permission=RELEASE,
        subject=order,
        at=at,
    )


def task_key(order: SalesOrder) -> str:
    """The matter of a hold, for the to-do."""
    return f"sales.credit_hold:{order.pk}"


def words(exposure: Exposure) -> str:
    """The arithmetic of the exposure in the reader's language."""
    return _(
        "Receivables %(receivable)s + delivered, not invoiced %(not_invoiced)s + open orders %(open_orders)s"
        " + this order %(this_order)s = %(total)s, limit %(limit)s."
    ) % {
        "receivable": f"{exposure.receivable:,.2f}",
        "not_invoiced": f"{exposure.not_invoiced:,.2f}",
        "open_orders": f"{exposure.open_orders:,.2f}",
        "this_order": f"{exposure.this_order or ZERO:,.2f}",
        "total": f"{exposure.total:,.2f}",
        "limit": f"{exposure.limit:,.2f}",
    }


def exceeded(order: SalesOrder, exposure: Exposure) -> CreditExceeded:
    """The refusal of a step that would go over the limit."""
    return CreditExceeded(
        _("%(customer)s would be over the credit limit. %(words)s")
        % {"customer": order.customer.label, "words": words(exposure)},
        document=order.number,
        field="credit_limit",
        value=exposure.total,
        way_out=_("Ask somebody who may release credit for this order, or wait for a payment."),
    )


def mind_own_customer(order: SalesOrder, actor: Actor) -> bool:
    """Whether the actor has a hand in the order: then somebody else releases it (separation of duties)."""
    return actor.member_id is not None and actor.member_id in {order.created_by_id, order.salesperson_id}
