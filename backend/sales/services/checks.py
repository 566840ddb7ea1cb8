"""Refusals of sales, and the checks that several services share."""

from uuid import UUID

from django.utils.translation import gettext as _

from backend.inventory.models import Warehouse
from backend.kernel.actor import Actor
from backend.kernel.document import Document, require_seen
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, ValidationRefused, WayOut
from backend.kernel.prepared import Prepared
from backend.parties.models import Party
from backend.sales.models import SalesOrder


class CannotEditOrder(Conflict):
    code = "cannot_edit_order"


class CannotApproveOrder(Conflict):
    code = "cannot_approve_order"


class CannotUnapproveOrder(Conflict):
    code = "cannot_unapprove_order"


class CannotAmendOrder(Conflict):
    code = "cannot_amend_order"


class CannotReleaseCredit(Conflict):
    code = "cannot_release_credit"


class CannotDeliver(Conflict):
    code = "cannot_deliver"


class CannotPick(Conflict):
    code = "cannot_pick"


class CannotUnapproveDelivery(Conflict):
    code = "cannot_unapprove_delivery"


class CannotReturn(Conflict):
    code = "cannot_return"


class CannotUnapproveReturn(Conflict):
    code = "cannot_unapprove_return"


class CannotAcceptQuote(Conflict):
    code = "cannot_accept_quote"


class CreditExceeded(Conflict):
    code = "credit_exceeded"


_customers = Prepared(lambda id: Party.objects.select_related("customer").filter(pk=id, is_customer=True))
_warehouses = Prepared(lambda id: Warehouse.objects.filter(active=True, pk=id))
_usual_warehouse = Prepared(lambda: Warehouse.objects.filter(active=True).order_by("-is_default", "code")[:1])
_orders = Prepared(
    lambda id: SalesOrder.objects.select_for_update(of=("self",)).select_related("customer__customer").filter(pk=id)
)


def customer_of(customer_id: UUID) -> Party:
    """The customer with its terms; raises ValidationRefused when it is none or not active any more."""
    found = _customers.first(customer_id)
    if found is None or not found.active:
        raise ValidationRefused(
            _("%(customer)s is not active any more.") % {"customer": found} if found else _("Choose a customer."),
            field="customer",
            value=found.code if found else customer_id,
            way_out=_("Choose another customer or set this one active again."),
        )
    return found


def warehouse_of(warehouse_id: UUID | None) -> Warehouse:
    """The warehouse named, or the default one; raises ValidationRefused without either."""
    found = _warehouses.first(warehouse_id) if warehouse_id else _usual_warehouse.first()
    if found is None:
        raise ValidationRefused(
            _("Choose a warehouse."), field="warehouse", value=warehouse_id, way_out=_("Add one under Inventory.")
        )
    return found


def require_own(actor: Actor, document: Document, party_id: UUID) -> None:
    """A customer's user touches documents of his own company alone; others do not exist for him."""
    if actor.kind == "customer" and actor.party_id == party_id:
        return
    if actor.kind in {"customer", "supplier"}:
        raise NotFoundRefused(_("There is no such document."), value=document.pk)


def load_order(order_id: UUID, *, seen: int | None = None) -> SalesOrder:
    """The order's row, locked, with its customer and the customer's terms; raises NotFoundRefused, StaleVersion."""
    order = _orders.first(order_id)
    if order is None:
        raise NotFoundRefused(_("There is no such document."), value=order_id)
    require_seen(order, seen)
    return order


def link_to(document: Document) -> WayOut:
    """A link that opens the document in the way."""
    return WayOut(document.number, doc_type=document.DOC_TYPE, number=document.number)


def require_running(order: SalesOrder, refusal: type[Refusal]) -> None:
    """Raise unless the order is approved and open."""
    if order.is_approved and order.closing == "open":
        return
    state = order.state_label("closing" if order.is_approved else "approval")
    raise refusal(
        _("%(order)s is %(state)s.") % {"order": order, "state": state},
        document=order.number,
        field="closing" if order.is_approved else "approval",
        value=order.closing if order.is_approved else order.approval,
        way_out=_("Reopen it first.") if order.is_approved else _("Approve it first."),
    )
