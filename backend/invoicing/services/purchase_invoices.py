"""Purchase invoices: over receipts (or of services), or before the goods come; approved into payables after the match.

Invariants: no more is invoiced than was received, or is still to come of an order; differences beyond the tolerance are
approved only by somebody who may accept them; a supplier's invoice number comes once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing import matching, sources
from backend.invoicing.events import (
    PurchaseInvoiceApproved,
    PurchaseInvoiceDiffers,
    PurchaseInvoiceEvent,
    PurchaseInvoiceUnapproved,
)
from backend.invoicing.matching import Difference
from backend.invoicing.models import (
    MovementKind,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    Statement,
    StatementLine,
    StatementState,
)
from backend.invoicing.services import in_transit, notes
from backend.invoicing.services.drafts import CannotSaveInvoice, InvoiceData, InvoiceLineInput, save_draft
from backend.invoicing.services.shares import Share, next_share, taken_shares
from backend.invoicing.services.sides import PURCHASES, lock_party
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
from backend.kernel.audit import AuditEntry
from backend.kernel.bulk import Batch
from backend.kernel.document import Approval, load_locked
from backend.kernel.errors import Conflict, WayOut
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import plain, total
from backend.kernel.prepared import Prepared
from backend.workflow import parameters

__all__ = [
    "InvoiceData",
    "InvoiceLineInput",
    "approve_invoice",
    "save_invoice",
    "unapprove_invoice",
    "void_invoice",
    "write_invoice",
]

MATCHED = (
    "approval",
    "match_state",
    "version",
    "updated_at",
    "approved_at",
    "approved_by_id",
    "approved_by_name",
)
SHARE = ("source_net", "source_tax", "receipt_net", "match_state", "difference")
ACCEPT = "invoicing.purchase_invoice.accept_difference"


class CannotApproveInvoice(Conflict):
    """The invoice does not match order and receipt."""

    code = "invoice_differs"


_lines = Prepared(
    lambda invoice: PurchaseInvoiceLine.objects.filter(document_id=invoice).select_related("item").order_by("line_no")
)


def save_invoice(
    *,
    data: InvoiceData,
    actor: Actor,
    at: datetime,
    invoice_id: UUID | None = None,
    version: int | None = None,
    statement_id: UUID | None = None,
) -> PurchaseInvoice:
    """Write a draft; raises ValidationRefused naming every line that is wrong."""
    with transaction.atomic():
        return write_invoice(
            data=data, invoice_id=invoice_id, version=version, statement_id=statement_id, actor=actor, at=at
        )


def write_invoice(
    *,
    data: InvoiceData,
    actor: Actor,
    at: datetime,
    invoice_id: UUID | None = None,
    version: int | None = None,
    statement_id: UUID | None = None,
    goods: Mapping[UUID, GoodsLine] | None = None,
) -> PurchaseInvoice:
    """As ``save_invoice``, in the caller's transaction; ``goods`` are the goods lines that it has read in it."""
    data.extra.setdefault("submitted_by_supplier", actor.kind == "supplier")
    if statement_id:
        data.extra["statement_id"] = statement_id
    refuse_same_number(data.party_id, data.external_no, invoice_id)
    invoice: PurchaseInvoice = save_draft(
        PURCHASES, data=data, invoice_id=invoice_id, version=version, actor=actor, at=at, goods=goods
    )
    return invoice


def refuse_same_number(supplier_id: UUID, external_no: str, invoice_id: UUID | None) -> None:
    """Raise naming the invoice that has this number of the supplier already."""
    number = external_no.strip()
    if not number:
        return
    same = PurchaseInvoice.objects.filter(supplier_id=supplier_id, external_no=number).exclude(approval="voided")
    found = next((other for other in same if other.pk != invoice_id), None)
    if found:
        raise CannotSaveInvoice(
            _("Invoice %(external)s of this supplier was entered already as %(number)s.")
            % {"external": number, "number": found.number},
            code="invoice_entered_twice",
            field="external_no",
            value=number,
            links=[WayOut(label=found.number, doc_type=found.DOC_TYPE, number=found.number)],
        )


def approve_invoice(
    *, invoice_id: UUID, actor: Actor, at: datetime, accept_differences: bool = False, version: int | None = None
) -> PurchaseInvoice:
    """Match and make the invoice a payable.

    When it differs beyond what may pass, the differences are kept on its lines, the invoice waits for
    somebody's decision, and CannotApproveInvoice names every difference.
    """
    with transaction.atomic():
        invoice = load_locked(PurchaseInvoice, invoice_id, seen=version)
        lines = _lines(invoice.pk)
        before = APPROVAL.advance(invoice, "approve")
        differences = _take_shares(invoice, lines)
        invoice.match_state = matching.note_differences(lines, differences)
        invoice.version += 1
        if _passes(invoice, differences, accept_differences, actor):
            supplier_name = lock_party(invoice.supplier_id)
            _approve(invoice, lines, differences, before, supplier_name, actor, at)
            return invoice
        _hold(invoice, lines, differences, before, actor, at)
    raise CannotApproveInvoice.many(_refusal_of(invoice, difference) for difference in differences)


def _passes(invoice: PurchaseInvoice, differences: Sequence[Difference], accept: bool, actor: Actor) -> bool:
    if invoice.is_note:
        return not differences
    if invoice.gross_amount <= 0:
        raise CannotApproveInvoice(
            _("The invoice comes to %(amount)s.") % {"amount": invoice.gross_amount},
            document=invoice.number,
            field="gross_amount",
            value=invoice.gross_amount,
        )
    if not differences:
        return True
    if not accept or any(difference.kind not in matching.ACCEPTABLE for difference in differences):
        return False
    actor.require(ACCEPT)
    return True


def _approve(
    invoice: PurchaseInvoice,
    lines: Sequence[PurchaseInvoiceLine],
    differences: Sequence[Difference],
    before: str,
    supplier_name: str,
    actor: Actor,
    at: datetime,
) -> None:
    invoice.stamp_approved(actor, at)
    accepted = {f"{item.line_no} {item.kind}": [str(item.expected), str(item.actual)] for item in differences}
    step = audit.entry(
        invoice, "approve", actor=actor, at=at, axis="approval", before=before, after=invoice.approval, changes=accepted
    )
    _save(invoice, lines, [step])
    if invoice.statement_id and _all_invoiced(invoice.statement_id):
        _mark_statement(invoice, StatementState.INVOICED)
    events.publish(_event(PurchaseInvoiceApproved, invoice, lines, supplier_name), actor=actor)
    if invoice.is_note:
        notes.use_for_its_invoices(PURCHASES, invoice, actor=actor, at=at)


def _hold(
    invoice: PurchaseInvoice,
    lines: Sequence[PurchaseInvoiceLine],
    differences: Sequence[Difference],
    before: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep what was found; the invoice waits in approval."""
    invoice.approval, invoice.updated_at = Approval.SUBMITTED, at
    step = audit.entry(invoice, "hold", actor=actor, at=at, axis="approval", before=before, after=invoice.approval)
    _save(invoice, lines, [step] if before != Approval.SUBMITTED else [])
    event = PurchaseInvoiceDiffers(
        aggregate_id=invoice.pk,
        number=invoice.number,
        supplier_id=invoice.supplier_id,
        lines=tuple((item.line_no, item.kind) for item in differences),
    )
    events.publish(event, actor=actor)


def _save(invoice: PurchaseInvoice, lines: Sequence[PurchaseInvoiceLine], trail: Sequence[AuditEntry]) -> None:
    """The outcome of the match on invoice and lines, with the step in the trail, in one statement."""
    batch = Batch()
    batch.update([invoice], MATCHED)
    batch.update(lines, SHARE)
    batch.insert(trail)
    batch.write()


def _take_shares(invoice: PurchaseInvoice, lines: Sequence[PurchaseInvoiceLine]) -> list[Difference]:
    """Set each line's share of its receipt, under the lock of the receipts; returns what does not match."""
    goods = sources.load(((x.source_type, x.source_line_id) for x in lines if x.source_line_id), lock=True)
    taken = taken_shares(PURCHASES, goods, without=invoice.pk)
    tolerance = Decimal(parameters.get("purchasing.price_tolerance_pct"))
    differences = matching.match_allowances(lines)
    missing = in_transit.not_to_come(invoice, lines)
    for line in lines:
        if line.pk in missing:
            differences += matching.match_missing(line, missing[line.pk])
            continue
        source = goods.get(line.source_line_id) if line.source_line_id else None
        before = taken.get(source.line_id, Share()) if source else Share()
        share = next_share(source, before, line.qty) if source and line.qty else Share(line.qty)
        if source:
            taken[source.line_id] = before.plus(share)
        line.source_net, line.source_tax, line.receipt_net = share.net, share.tax, share.value
        differences += (
            [] if line.is_allowance else matching.match_line(line, source, before, share, tolerance_pct=tolerance)
        )
    return differences


def _refusal_of(invoice: PurchaseInvoice, difference: Difference) -> CannotApproveInvoice:
    shown = str if difference.kind == matching.PRICE_OVER else plain
    return CannotApproveInvoice(
        _("Line %(line)s: %(what)s: expected %(expected)s, the invoice says %(actual)s (difference %(gap)s).")
        % {
            "line": difference.line_no,
            "what": matching.words_of(difference.kind),
            "expected": shown(difference.expected),
            "actual": shown(difference.actual),
            "gap": shown(difference.gap),
        },
        code=difference.kind,
        document=invoice.number,
        line=difference.line_no,
        field="qty" if difference.kind not in matching.ACCEPTABLE else "price",
        value=difference.actual,
        way_out=matching.way_out_of(difference.kind),
    )


def unapprove_invoice(*, invoice_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseInvoice:
    """Take the invoice back; raises naming the payments while money settles it."""
    with transaction.atomic():
        lock_goods_of(PURCHASES, invoice_id)
        invoice = load_locked(PurchaseInvoice, invoice_id)
        before = APPROVAL.advance(invoice, "unapprove")
        refuse_while_carried(invoice)
        lines = list(invoice.lines.select_related("item").order_by("line_no"))
        in_transit.refuse_while_arrived(invoice, lines)
        if invoice.is_note and any(line.is_ahead for line in lines):
            in_transit.take_back_lowered(invoice)
        notes.release(PURCHASES, invoice, actor=actor)
        refuse_while_settled(PURCHASES, invoice)
        refuse_while_noted(PURCHASES, invoice)
        invoice.approved_at = invoice.approved_by_id = None
        invoice.approved_by_name, invoice.updated_at = "", at
        invoice.version += 1
        invoice.save()
        _mark_statement(invoice, StatementState.AGREED)
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
        events.publish(_event(PurchaseInvoiceUnapproved, invoice, lines), actor=actor)
    return invoice


def void_invoice(*, invoice_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseInvoice:
    """Throw a draft away; its number stays used."""
    with transaction.atomic():
        return void_draft(PurchaseInvoice, invoice_id, actor=actor, at=at, reason=reason)


def _mark_statement(invoice: PurchaseInvoice, state: str) -> None:
    if invoice.statement_id:
        locked = Statement.objects.filter(pk=invoice.statement_id, state__in=["agreed", "invoiced"])
        locked.update(state=state)


def _all_invoiced(statement_id: UUID) -> bool:
    """Whether booked invoices cover all goods of a statement: they may come in parts."""
    rows = StatementLine.objects.filter(document=statement_id, kind=MovementKind.RECEIPT)
    goods = sources.load((line.source_type, line.source_line_id) for line in rows if line.source_line_id)
    taken = taken_shares(PURCHASES, goods)
    return all(taken.get(line_id, Share()).qty >= line.qty for line_id, line in goods.items())


def _event(
    kind: type[PurchaseInvoiceEvent],
    invoice: PurchaseInvoice,
    lines: Sequence[PurchaseInvoiceLine],
    supplier_name: str = "",
) -> PurchaseInvoiceEvent:
    receipt_net = total(line.receipt_net for line in lines)
    return kind(
        aggregate_id=invoice.pk,
        number=invoice.number,
        doc_date=invoice.doc_date,
        due_date=invoice.due_date,
        supplier_id=invoice.supplier_id,
        supplier_name=supplier_name,
        net=invoice.net_amount,
        tax=invoice.tax_amount,
        gross=invoice.gross_amount,
        receipt_net=receipt_net,
        receipt_gross=total(line.source_net + line.source_tax for line in lines),
        invoice_kind=invoice.invoice_kind,
        source_lines=tuple(
            (x.source_line_id, x.order_line_id, x.qty) for x in lines if x.source_line_id and not x.is_ahead
        ),
        ahead_lines=tuple((x.source_line_id, x.qty) for x in lines if x.source_line_id and x.is_ahead),
    )
