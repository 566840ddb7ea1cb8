"""What must hold before production does something, as typed refusals."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from backend.kernel.document import Approval, Closing
from backend.kernel.errors import Conflict, WayOut
from backend.kernel.money import plain
from backend.production.models import ProductionComponent, ProductionMaterial, ProductionOrder, ProductReceipt


class CannotEditProduction(Conflict):
    code = "cannot_edit_production"


class CannotUnapproveProduction(Conflict):
    code = "cannot_unapprove_production"


class CannotCloseProduction(Conflict):
    code = "cannot_close_production"


class CannotMoveMaterial(Conflict):
    """Material cannot go to the workshop, or come back from it, like that."""

    code = "cannot_move_material"


class CannotReceiveProduct(Conflict):
    code = "cannot_receive_product"


def require_running(order: ProductionOrder, refusal: type[Conflict]) -> None:
    """The order must be approved and open."""
    if order.is_approved and order.closing == Closing.OPEN:
        return
    axis = "closing" if order.is_approved else "approval"
    raise refusal(
        _("%(order)s is %(state)s.") % {"order": order, "state": order.state_label(axis).lower()},
        document=order.number,
        field=axis,
        value=getattr(order, axis),
        way_out=_("Approve it first.") if axis == "approval" else _("Reopen it first."),
        links=[_link(order)],
    )


def require_not_given_up(order: ProductionOrder, refusal: type[Conflict]) -> None:
    """Papers of an order that was closed by hand stay: it holds nothing, and must not begin to again."""
    if order.closing == Closing.MANUAL_CLOSED:
        require_running(order, refusal)


def require_nothing_booked(order: ProductionOrder) -> None:
    """Raise CannotUnapproveProduction naming the paper that stands in the way, a draft too."""
    found = (
        model._default_manager.filter(order=order).exclude(approval=Approval.VOIDED).order_by("id").first()
        for model in (ProductReceipt, ProductionMaterial)
    )
    other = next((paper for paper in found if paper), None)
    if other is None:
        return
    booked = other.is_approved
    names = {"order": order, "other": other}
    raise CannotUnapproveProduction(
        (_("%(other)s is booked for %(order)s.") if booked else _("%(other)s is written for %(order)s.")) % names,
        document=order.number,
        field="receipt" if isinstance(other, ProductReceipt) else "material",
        value=other.number,
        way_out=(_("Take %(other)s back and void it first.") if booked else _("Void %(other)s first.")) % names,
        links=[_link(other)],
    )


def require_nothing_held(order: ProductionOrder, components: Iterable[ProductionComponent]) -> None:
    """Raise CannotCloseProduction naming the material that still lies in the workshop for the order."""
    held = [row for row in components if row.held_qty > 0]
    if not held:
        return
    listed = ", ".join(f"{row.item.name} {plain(row.held_qty)}" for row in held[:5])
    raise CannotCloseProduction(
        _("Material of %(order)s lies in the workshop: %(items)s.") % {"order": order, "items": listed},
        document=order.number,
        field="components",
        value=held[0].item.code,
        way_out=_("Return it to the warehouse, or write it off as lost."),
    )


def _link(document: ProductionOrder | ProductionMaterial | ProductReceipt) -> WayOut:
    return WayOut(document.number, doc_type=document.DOC_TYPE, number=document.number)
