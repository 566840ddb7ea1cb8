"""What taking back and voiding have in common on both sides."""

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from backend.invoicing import sources
from backend.invoicing.models import DebtTransfer, Netting, Refund, SetOff
from backend.invoicing.services.sides import Side
from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, Document, load_locked
from backend.kernel.errors import Conflict, WayOut
from backend.kernel.lifecycle import APPROVAL

D = TypeVar("D", bound=Document)


class CannotUnapproveInvoice(Conflict):
    """Money settles the invoice."""

    code = "cannot_unapprove_invoice"


class CannotUnapproveMoney(Conflict):
    """Something of the money was paid back."""

    code = "cannot_unapprove_money"


def lock_goods_of(side: Side, invoice_id: UUID) -> None:
    """Lock the goods of a booked invoice before the invoice: who returns goods locks them, then what was invoiced of them."""
    lines = side.invoice_line.objects.filter(document=invoice_id, document__approval=Approval.APPROVED)
    sources.load(lines.exclude(source_line_id=None).values_list("source_type", "source_line_id"), lock=True)


def refuse_while_settled(side: Side, invoice: Any) -> None:
    """Raise naming the receipts or payments that settle the invoice."""
    if not invoice.settled_amount:
        return
    documents = side.money.objects.filter(lines__invoice=invoice, approval=Approval.APPROVED).order_by("number")
    numbers = list(documents.values_list("number", flat=True))
    numbers += (
        SetOff.objects.filter(invoice_id=invoice.pk).order_by("note_number").values_list("note_number", flat=True)
    )
    numbers += cleared_by(invoice)
    raise CannotUnapproveInvoice(
        _("%(amount)s of %(number)s is settled by %(documents)s.")
        % {"amount": invoice.settled_amount, "number": invoice.number, "documents": ", ".join(numbers)},
        document=invoice.number,
        field="settled_amount",
        value=invoice.settled_amount,
        way_out=_("Take back %(documents)s first, or let it settle something else.")
        % {"documents": ", ".join(numbers)},
        links=[WayOut(label=found.number, doc_type=found.DOC_TYPE, number=found.number) for found in documents],
    )


def cleared_by(document: Any) -> list[str]:
    """The nettings, transfers and refunds that stand on an invoice, a note, a receipt or a payment."""
    of_sides = Q(lines__sales_invoice=document.pk) | Q(lines__purchase_invoice=document.pk)
    standing = (
        Netting.objects.filter(of_sides, approval=Approval.APPROVED),
        DebtTransfer.objects.filter(of_sides, approval=Approval.APPROVED),
        Refund.objects.filter(lines__source_id=document.pk, approval=Approval.APPROVED),
    )
    return [number for found in standing for number in found.distinct().values_list("number", flat=True)]


def refuse_while_carried(invoice: Any) -> None:
    """Raise for a debt without lines: it goes away with the transfer or the stock document it came by."""
    if not invoice.is_bare:
        return
    if invoice.transfer_id:
        doc_type, number = invoice.transfer.DOC_TYPE, invoice.transfer.number
        words = _("%(number)s was taken over with %(transfer)s.")
    else:
        doc_type, number = invoice.cause_type, invoice.cause_number
        words = _("%(number)s was made by %(transfer)s.")
    raise CannotUnapproveInvoice(
        words % {"number": invoice.number, "transfer": number},
        document=invoice.number,
        field="approval",
        value=number,
        way_out=_("Take %(documents)s back first.") % {"documents": number},
        links=[WayOut(label=number, doc_type=doc_type, number=number)],
    )


def refuse_while_refunded(money: Any) -> None:
    """Raise naming the refunds that paid back what a receipt or payment left open."""
    numbers = cleared_by(money)
    if numbers:
        raise CannotUnapproveMoney(
            _("Money of %(number)s was paid back with %(documents)s.")
            % {"number": money.number, "documents": ", ".join(numbers)},
            document=money.number,
            field="matched_amount",
            value=numbers[0],
            way_out=_("Take %(documents)s back first.") % {"documents": ", ".join(numbers)},
            links=[WayOut(label=number, doc_type=Refund.DOC_TYPE, number=number) for number in numbers],
        )


def refuse_while_noted(side: Side, invoice: Any) -> None:
    """Raise naming the note over goods of this invoice that went back: it is taken back first."""
    if invoice.is_note:
        return
    goods = side.invoice_line.objects.filter(document=invoice).exclude(source_line_id=None).values("source_line_id")
    lines = side.invoice_line.objects.filter(
        Q(qty__lt=0) | Q(gross_amount__lt=0), source_line_id__in=goods, document__approval=Approval.APPROVED
    )
    note = side.invoice.objects.filter(pk__in=lines.values("document_id")).order_by("number").first()
    if note:
        raise CannotUnapproveInvoice(
            _("Something of %(number)s was taken off with %(note)s.") % {"number": invoice.number, "note": note.number},
            document=invoice.number,
            field="approval",
            value=note.number,
            way_out=_("Take the return, or the allowance, back first."),
            links=[WayOut(label=note.number, doc_type=note.DOC_TYPE, number=note.number)],
        )


def void_draft(model: type[D], document_id: UUID, *, actor: Actor, at: datetime, reason: str) -> D:
    """Void a draft and forget its links; the caller holds the transaction."""
    document = load_locked(model, document_id)
    before = APPROVAL.advance(document, "void")
    document.updated_at = at
    document.version += 1
    document.save(update_fields=["approval", "updated_at", "version"])
    links.unlink(document.pk)
    audit.record(document, "void", actor=actor, at=at, axis="approval", before=before, after="voided", reason=reason)
    return document
