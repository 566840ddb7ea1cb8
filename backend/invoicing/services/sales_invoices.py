"""Sales invoices: over deliveries (or of services), approved into receivables.

Invariants: no more is invoiced than was delivered; an invoice that money settles is not taken back.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing import sources
from backend.invoicing.events import SalesInvoiceApproved, SalesInvoiceEvent, SalesInvoiceUnapproved
from backend.invoicing.models import SalesInvoice, SalesInvoiceLine
from backend.invoicing.services import notes
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput, save_draft
from backend.invoicing.services.shares import Share, next_share, taken_shares
from backend.invoicing.services.sides import SALES, lock_party
from backend.invoicing.services.undoing import (
    lock_goods_of,
    refuse_while_carried,
    refuse_while_noted,
    refuse_while_settled,
    void_draft,
)
from backend.invoicing.sources import GoodsLine
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.document import load_locked
from backend.kernel.errors import Conflict
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import plain, total
from backend.kernel.prepared import Prepared

__all__ = ["InvoiceData", "InvoiceLineInput", "approve_invoice", "save_invoice", "unapprove_invoice", "void_invoice"]


APPROVED = ("approval", "approved_at", "approved_by_id", "approved_by_name", "updated_at", "version")
SHARE = ("source_net", "source_tax", "cost_amount")


class CannotApproveInvoice(Conflict):
    """More would be invoiced than was delivered, or a delivery was taken back."""

    code = "cannot_approve_invoice"


_lines = Prepared(lambda invoice: SalesInvoiceLine.objects.filter(document_id=invoice).order_by("line_no"))


def save_invoice(
    *,
    data: InvoiceData,
    actor: Actor,
    at: datetime,
    invoice_id: UUID | None = None,
    version: int | None = None,
) -> SalesInvoice:
    """Write a draft; raises ValidationRefused naming every line that is wrong."""
    with transaction.atomic():
        invoice: SalesInvoice = save_draft(SALES, data=data, invoice_id=invoice_id, version=version, actor=actor, at=at)
    return invoice


def approve_invoice(*, invoice_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> SalesInvoice:
    """Make the invoice a receivable; posts in the same transaction."""
    with transaction.atomic():
        invoice = load_locked(SalesInvoice, invoice_id, seen=version)
        before = APPROVAL.advance(invoice, "approve")
        if not invoice.gross_amount:
            raise CannotApproveInvoice(
                _("The invoice comes to %(amount)s.") % {"amount": invoice.gross_amount},
                document=invoice.number,
                field="gross_amount",
                value=invoice.gross_amount,
            )
        lines = _lines(invoice.pk)
        changed = _take_shares(invoice, lines)
        customer_name = lock_party(invoice.customer_id)
        invoice.stamp_approved(actor, at)
        invoice.version += 1
        batch = Batch()
        batch.update([invoice], APPROVED)
        batch.update(changed, SHARE)
        step = audit.entry(
            invoice, "approve", actor=actor, at=at, axis="approval", before=before, after=invoice.approval
        )
        batch.insert([step])
        batch.write()
        events.publish(_event(SalesInvoiceApproved, invoice, lines, customer_name), actor=actor)
        if invoice.is_note:
            notes.use_for_its_invoices(SALES, invoice, actor=actor, at=at)
    return invoice


def unapprove_invoice(*, invoice_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesInvoice:
    """Take the invoice back; raises naming the receipts while money settles it."""
    with transaction.atomic():
        lock_goods_of(SALES, invoice_id)
        invoice = load_locked(SalesInvoice, invoice_id)
        before = APPROVAL.advance(invoice, "unapprove")
        refuse_while_carried(invoice)
        notes.release(SALES, invoice, actor=actor)
        refuse_while_settled(SALES, invoice)
        refuse_while_noted(SALES, invoice)
        lines = list(invoice.lines.order_by("line_no"))
        invoice.approved_at = invoice.approved_by_id = None
        invoice.approved_by_name, invoice.updated_at = "", at
        invoice.version += 1
        invoice.save()
        audit.record(
            invoice,
            "unapprove",
            actor=actor,
            at=at,
            axis="approval",
            before=before,
            after=invoice.approval,
            reason=reason,
        )
        events.publish(_event(SalesInvoiceUnapproved, invoice, lines), actor=actor)
    return invoice


def void_invoice(*, invoice_id: UUID, actor: Actor, at: datetime, reason: str = "") -> SalesInvoice:
    """Throw a draft away; its number stays used."""
    with transaction.atomic():
        return void_draft(SalesInvoice, invoice_id, actor=actor, at=at, reason=reason)


def _take_shares(invoice: SalesInvoice, lines: Sequence[SalesInvoiceLine]) -> list[SalesInvoiceLine]:
    """Set each line's share of its delivery, under the lock of the deliveries; refuse what is too much.

    Returns the lines whose share is another one than the draft had.
    """
    goods = sources.load(((x.source_type, x.source_line_id) for x in lines if x.source_line_id), lock=True)
    taken = taken_shares(SALES, goods, without=invoice.pk)
    problems, changed = [], []
    for line in lines:
        source = goods.get(line.source_line_id) if line.source_line_id else None
        if source is None:
            continue
        before = taken.get(source.line_id, Share())
        share = next_share(source, before, line.qty)
        taken[source.line_id] = before.plus(share)
        if [getattr(line, name) for name in SHARE] != [share.net, share.tax, share.value]:
            line.source_net, line.source_tax, line.cost_amount = share.net, share.tax, share.value
            changed.append(line)
        problems += _problems_of(invoice, line, source, before)
    if problems:
        raise CannotApproveInvoice.many(problems)
    return changed


def _problems_of(
    invoice: SalesInvoice, line: SalesInvoiceLine, source: GoodsLine, before: Share
) -> list[CannotApproveInvoice]:
    if not source.approved:
        words = _("Line %(line)s: delivery %(number)s is not approved.") % {
            "line": line.line_no,
            "number": source.number,
        }
        return [CannotApproveInvoice(words, document=invoice.number, line=line.line_no, value=source.number)]
    left = source.qty - before.qty
    if line.qty <= left and (line.qty > 0 or -line.qty <= -left):
        return []
    return [
        CannotApproveInvoice(
            _("Line %(line)s: %(number)s has %(left)s not invoiced, the line says %(qty)s.")
            % {"line": line.line_no, "number": source.number, "left": plain(left), "qty": plain(line.qty)},
            document=invoice.number,
            line=line.line_no,
            field="qty",
            value=line.qty,
            way_out=_("Lower the quantity to %(left)s.") % {"left": plain(left)} if left else _("Remove the line."),
        )
    ]


def _event(
    kind: type[SalesInvoiceEvent], invoice: SalesInvoice, lines: Sequence[Any], customer_name: str = ""
) -> SalesInvoiceEvent:
    goods: dict[UUID, list[Any]] = defaultdict(list)
    for line in lines:
        if line.source_id:
            goods[line.source_id].append(line)
    return kind(
        aggregate_id=invoice.pk,
        number=invoice.number,
        doc_date=invoice.doc_date,
        due_date=invoice.due_date,
        customer_id=invoice.customer_id,
        customer_name=customer_name,
        net=invoice.net_amount,
        tax=invoice.tax_amount,
        gross=invoice.gross_amount,
        cost=total(line.cost_amount for line in lines),
        goods=tuple((source_id, *_sums(found)) for source_id, found in goods.items()),
        source_lines=tuple((x.source_line_id, x.order_line_id, x.qty) for x in lines if x.source_line_id),
    )


def _sums(lines: Sequence[SalesInvoiceLine]) -> tuple[Decimal, Decimal, Decimal]:
    """Net, tax and cost by the goods' own amounts."""
    return (
        total(line.source_net for line in lines),
        total(line.source_tax for line in lines),
        total(line.cost_amount for line in lines),
    )
