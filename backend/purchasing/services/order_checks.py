"""What stands in the way of booking an order, and of taking it back."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from backend.kernel.actor import Actor
from backend.kernel.currency import rate_of
from backend.kernel.document import Approval
from backend.kernel.errors import WayOut
from backend.purchasing.models import Asn, AsnState, MaterialMove, PurchaseOrder, PurchaseOrderLine, PurchaseReceipt
from backend.purchasing.services.checks import (
    CannotApproveOrder,
    CannotUnapproveOrder,
    refuse_ahead,
    refuse_stopped_supplier,
)


def require_approvable(
    order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], actor: Actor, override_reason: str
) -> bool:
    """Raise what stands in the way; returns whether an approver lets an order to a stopped supplier pass."""
    forced = refuse_stopped_supplier(order.supplier, order.number, actor=actor, override_reason=override_reason)
    rate_of(order, binds=False)
    stale = [line for line in lines if not (line.item.active and line.item.purchasable)]
    if not lines or stale:
        raise CannotApproveOrder(
            _("%(item)s is not bought any more.") % {"item": stale[0].item}
            if stale
            else _("An order needs at least one line."),
            document=order.number,
            line=stale[0].line_no if stale else None,
            field="lines",
            way_out=_("Edit the order."),
        )
    return forced


def require_nothing_downstream(order: PurchaseOrder) -> None:
    """Raise CannotUnapproveOrder naming the shipping notice or receipt that stands in the way."""
    receipt = (
        PurchaseReceipt.objects.filter(lines__order_line__document=order)
        .exclude(approval=Approval.VOIDED)
        .order_by("id")
        .first()
    )
    notice = Asn.objects.filter(lines__order_line__document=order).exclude(state=AsnState.CLOSED).order_by("id").first()
    material = MaterialMove.objects.filter(order=order).exclude(approval=Approval.VOIDED).order_by("id").first()
    in_the_way = receipt or notice or material
    if in_the_way is None:
        refuse_ahead(order, CannotUnapproveOrder)
        return
    names = {"order": order, "other": in_the_way}
    words = (
        _("%(order)s was received with %(other)s.") % names
        if receipt
        else _("%(other)s for %(order)s is on its way.") % names
        if notice
        else _("Material for %(order)s was moved with %(other)s.") % names
    )
    raise CannotUnapproveOrder(
        words,
        document=order.number,
        field="received" if receipt else "shipped" if notice else "material",
        value=in_the_way.number,
        way_out=_("Take %(other)s back first, or amend the order.") % {"other": in_the_way},
        links=[WayOut(in_the_way.number, doc_type=in_the_way.DOC_TYPE, number=in_the_way.number)],
    )
