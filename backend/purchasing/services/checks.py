"""What must hold before purchasing does something, as typed refusals."""

from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.models import AHEAD, PurchaseInvoice, PurchaseInvoiceLine
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Closing
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused, WayOut
from backend.kernel.prepared import Prepared
from backend.parties.models import Party
from backend.parties.services.suppliers import CannotOrderFrom, Purpose, require_orderable, with_standing
from backend.purchasing.models import PurchaseOrder, Sending

__all__ = ["CannotOrderFrom"]


class CannotEditOrder(Conflict):
    code = "cannot_edit_order"


class CannotApproveOrder(Conflict):
    code = "cannot_approve_order"


class CannotUnapproveOrder(Conflict):
    code = "cannot_unapprove_order"


class CannotAnswerOrder(Conflict):
    code = "cannot_answer_order"


class CannotShipLine(Conflict):
    code = "cannot_ship_line"


class CannotReceiveLine(Conflict):
    code = "cannot_receive_line"


class CannotDecideInspection(Conflict):
    code = "cannot_decide_inspection"


class CannotMoveMaterial(Conflict):
    """Material cannot go to the processor, or come back from him, like that."""

    code = "cannot_move_material"


class CannotUnapproveReceipt(Conflict):
    code = "cannot_unapprove_receipt"


class CannotReturnLine(Conflict):
    code = "cannot_return_line"


class CannotUnapproveReturn(Conflict):
    code = "cannot_unapprove_return"


_suppliers = Prepared(
    lambda id: with_standing(Party.objects.select_related("supplier").filter(pk=id, is_supplier=True))
)


def supplier_of(supplier_id: UUID) -> Party:
    """The supplier with its role; raises ValidationRefused when it is none."""
    found = _suppliers.first(supplier_id)
    if found is None or not hasattr(found, "supplier"):
        raise ValidationRefused(
            _("There is no such supplier."),
            field="supplier_id",
            value=supplier_id,
            way_out=_("Choose one of your suppliers."),
        )
    return found


def refuse_stopped_supplier(
    supplier: Party, document: str, *, actor: Actor | None = None, override_reason: str = "", draft: bool = False
) -> bool:
    """Raise CannotOrderFrom when nothing may be bought there; returns whether an approver let it pass with a reason."""
    purpose: Purpose = "draft" if draft else "order"
    return bool(
        require_orderable([supplier], purpose=purpose, document=document, actor=actor, override_reason=override_reason)
    )


def require_own(order: PurchaseOrder, actor: Actor) -> None:
    """A supplier's person acts on the supplier's own sent orders alone; anything else does not exist for them."""
    if actor.kind == "supplier" and (order.supplier_id != actor.party_id or order.sending == Sending.NOT_SENT):
        raise NotFoundRefused(_("There is no such document."), value=order.pk)
    if actor.kind == "customer":
        raise NotFoundRefused(_("There is no such document."), value=order.pk)


def require_running(order: PurchaseOrder, refusal: type[Conflict]) -> None:
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
        links=[WayOut(order.number, doc_type=order.DOC_TYPE, number=order.number)],
    )


def refuse_ahead(order: PurchaseOrder, refusal: type[Conflict]) -> None:
    """Raise naming an invoice, a draft too, over the order that was made before its goods came."""
    lines = PurchaseInvoiceLine.objects.exclude(document__approval=Approval.VOIDED)
    own = lines.filter(order_id=order.pk, source_type=AHEAD).values("document_id")
    invoice = PurchaseInvoice.objects.filter(pk__in=own).order_by("id").first()
    if invoice is None:
        return
    raise refusal(
        _("%(order)s is invoiced with %(other)s, and its goods have not come.") % {"order": order, "other": invoice},
        code="invoiced_before_goods",
        document=order.number,
        field="invoiced",
        value=invoice.number,
        way_out=_("Take %(other)s back first.") % {"other": invoice}
        if invoice.is_approved
        else _("Void %(other)s first.") % {"other": invoice},
        links=[WayOut(invoice.number, doc_type=invoice.DOC_TYPE, number=invoice.number)],
    )
