"""Landed cost: a fee that came with goods, shared out over the lines that were received.

Approval makes the fee's purchase invoice, so it is owed, aged and paid like any other; what its voucher puts into stock
and what into cost of sales follows the goods (posting). Taking it back takes the invoice back with it. The shares add up
to the fee exactly; the last line takes the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.inputs import ItemData
from backend.catalog.models import Item, ItemType
from backend.catalog.services import save_item
from backend.inventory.services.drafting import open_draft
from backend.invoicing.models import InvoiceKind
from backend.invoicing.services import purchase_invoices
from backend.invoicing.services.purchase_invoices import InvoiceData, InvoiceLineInput
from backend.invoicing.services.sides import PURCHASES, usable_party
from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, claim_version, load_locked
from backend.kernel.errors import Conflict, Refusal, ValidationRefused, WayOut
from backend.kernel.language import in_books
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.models import DocumentLink
from backend.kernel.money import ZERO, allocate, line_amounts
from backend.kernel.numbering import next_number
from backend.purchasing.models import Basis, LandedCost, LandedCostLine, PurchaseReceipt, PurchaseReceiptLine

FEE_CODE = "FEE"


class CannotSaveLandedCost(ValidationRefused):
    """The fee cannot be shared out like that."""

    code = "landed_cost_invalid"


class CannotUnapproveLandedCost(Conflict):
    """Something stands on it."""

    code = "landed_cost_in_use"


@dataclass(frozen=True)
class FeeLineInput:
    """A receipt line that carries a share; ``measure`` is its weight or volume where those are the basis."""

    receipt_line_id: UUID
    measure: Decimal = ZERO


@dataclass(frozen=True)
class LandedCostData:
    """What is keyed on a landed cost. ``amount`` includes tax when ``includes_tax`` says so."""

    supplier_id: UUID
    doc_date: date
    fee_name: str
    amount: Decimal
    lines: Sequence[FeeLineInput]
    tax_rate: Decimal = ZERO
    includes_tax: bool = True
    basis: str = Basis.VALUE
    invoice_kind: str = InvoiceKind.SPECIAL
    external_no: str = ""
    remark: str = ""


def save_landed_cost(
    *, data: LandedCostData, actor: Actor, at: datetime, document_id: UUID | None = None, version: int | None = None
) -> LandedCost:
    """Write a draft, new or again; its lines are replaced. Raises CannotSaveLandedCost naming every line."""
    with transaction.atomic():
        usable_party(PURCHASES, data.supplier_id)
        document = open_draft(LandedCost, document_id, version, actor, at)
        _fill(document, data)
        lines = _lines(document, data)
        if document_id is None:
            document.number = next_number(document.DOC_TYPE, data.doc_date)
        document.save(force_insert=document_id is None)
        if document_id is not None:
            document.lines.all().delete()
            links.unlink(document.pk)
        LandedCostLine.objects.bulk_create(lines)
        receipts = {line.receipt_line.document_id: line.receipt_line.document for line in lines}
        everything = ((None, None, None),)
        DocumentLink.objects.bulk_create(
            row for receipt in receipts.values() for row in links.rows(receipt, document, everything)
        )
        audit.record(document, "edit" if document_id else "create", actor=actor, at=at)
    return document


def _fill(document: LandedCost, data: LandedCostData) -> None:
    problems = list(_header_problems(data))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    amounts = line_amounts(
        qty=Decimal(1),
        price=data.amount,
        price_includes_tax=data.includes_tax,
        tax_rate=data.tax_rate,
        field="amount",
    )
    document.supplier_id, document.doc_date, document.remark = data.supplier_id, data.doc_date, data.remark
    document.fee_name, document.basis = data.fee_name.strip()[:60], data.basis
    document.invoice_kind, document.external_no = data.invoice_kind, data.external_no.strip()
    document.tax_rate = data.tax_rate
    document.net_amount, document.tax_amount = amounts.net_amount, amounts.tax_amount
    document.gross_amount = amounts.gross_amount


def _header_problems(data: LandedCostData) -> Iterator[Refusal]:
    if not data.fee_name.strip():
        yield CannotSaveLandedCost(_("Say what the fee is for."), field="fee_name")
    if data.amount <= 0:
        yield CannotSaveLandedCost(_("The fee must be more than 0."), field="amount", value=data.amount)
    if data.basis not in Basis.values:
        yield CannotSaveLandedCost(_("Choose how the fee is shared out."), field="basis", value=data.basis)
    if not 0 <= data.tax_rate < 100:
        yield CannotSaveLandedCost(_("The tax rate is not one."), field="tax_rate", value=data.tax_rate)


def _lines(document: LandedCost, data: LandedCostData) -> list[LandedCostLine]:
    wanted = {line.receipt_line_id for line in data.lines}
    rows = PurchaseReceiptLine.objects.select_related("document", "item").filter(pk__in=wanted)
    known = {row.pk: row for row in rows}
    problems = list(_line_problems(data, known))
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]
    made = [
        LandedCostLine(
            document=document,
            line_no=number,
            receipt_line=known[line.receipt_line_id],
            receipt_number=known[line.receipt_line_id].document.number,
            item_id=known[line.receipt_line_id].item_id,
            qty=known[line.receipt_line_id].qty,
            goods_amount=known[line.receipt_line_id].net_amount,
            measure=line.measure,
        )
        for number, line in enumerate(data.lines, start=1)
    ]
    for line, share in zip(made, allocate(document.net_amount, [line.weight for line in made]), strict=True):
        line.amount = share
    return made


def _line_problems(data: LandedCostData, known: dict[UUID, PurchaseReceiptLine]) -> Iterator[Refusal]:
    if not data.lines:
        yield CannotSaveLandedCost(
            _("No goods carry the fee yet."), field="lines", way_out=_("Choose the receipts that it came with.")
        )
    seen: set[UUID] = set()
    for number, line in enumerate(data.lines, start=1):
        row, text = known.get(line.receipt_line_id), ""
        if row is None or not row.document.is_approved or not row.item.is_stocked:
            text = _("Line %(line)s: choose goods of a booked receipt.")
        elif row.pk in seen:
            text = _("Line %(line)s: %(item)s of %(receipt)s is there twice.")
        elif data.basis in {Basis.WEIGHT, Basis.VOLUME} and line.measure <= 0:
            text = _("Line %(line)s: enter the weight or volume of %(item)s.")
        if text:
            values = {"line": number, "item": row.item if row else "", "receipt": row.document if row else ""}
            field = "measure" if row and row.pk not in seen and row.document.is_approved else "receipt_line"
            yield CannotSaveLandedCost(text % values, line=number, field=field)
        seen.add(line.receipt_line_id)


def approve_landed_cost(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> LandedCost:
    """Make the fee a payable and put it where the goods are: stock, or cost of sales."""
    with transaction.atomic():
        document = load_locked(LandedCost, document_id, seen=version)
        before = APPROVAL.advance(document, "approve")
        claim_version(document, None, at)
        _require_booked(document)
        document.stamp_approved(actor, at)
        document.invoice = purchase_invoices.save_invoice(data=_invoice_of(document, actor, at), actor=actor, at=at)
        document.save()
        links.link(document, document.invoice)
        purchase_invoices.approve_invoice(invoice_id=document.invoice.pk, actor=actor, at=at)
        document.refresh_from_db(fields=["stock_amount", "sold_amount"])
        audit.record(document, "approve", actor=actor, at=at, axis="approval", before=before, after=document.approval)
    return document


def _require_booked(document: LandedCost) -> None:
    """Hold the receipts; raise for one that is not booked any more, or was counted anew since the fee was shared out."""
    carried = document.lines.values("receipt_line__document_id")
    held = PurchaseReceipt.objects.select_for_update(of=("self",)).filter(pk__in=carried).order_by("pk")
    receipts = {receipt.pk: receipt for receipt in held}
    for line in document.lines.select_related("receipt_line").order_by("line_no"):
        source = line.receipt_line
        if not receipts[source.document_id].is_approved:
            text = _("%(receipt)s is not booked any more.")
            way_out = _("Book it again, or leave its goods out.")
        elif (line.qty, line.goods_amount) != (source.qty, source.net_amount):
            text = _("%(receipt)s was counted anew since the fee was shared out.")
            way_out = _("Edit it and save it again: the fee is shared out anew.")
        else:
            continue
        raise CannotSaveLandedCost(
            text % {"receipt": line.receipt_number},
            document=document.number,
            line=line.line_no,
            field="receipt_line",
            way_out=way_out,
            links=[WayOut(line.receipt_number, doc_type="purchasing.receipt", number=line.receipt_number)],
        )


def _invoice_of(document: LandedCost, actor: Actor, at: datetime) -> InvoiceData:
    line = InvoiceLineInput(
        item_id=_fee_item(actor, at).pk,
        qty=Decimal(1),
        price=document.gross_amount,
        tax_rate=document.tax_rate,
        description=document.fee_name,
    )
    return InvoiceData(
        party_id=document.supplier_id,
        doc_date=document.doc_date,
        lines=[line],
        invoice_kind=document.invoice_kind,
        external_no=document.external_no,
        remark=f"{document.number} {document.remark}".strip(),
        price_includes_tax=True,
    )


def _fee_item(actor: Actor, at: datetime) -> Item:
    """The service that fees are invoiced as; made with the first of them."""
    found = Item.objects.filter(code=FEE_CODE, item_type=ItemType.SERVICE).first()
    if found is not None:
        return found
    data = ItemData(name=in_books(lambda: _("Purchase fee")), code=FEE_CODE, item_type=ItemType.SERVICE, sellable=False)
    return save_item(actor=actor, at=at, data=data)


def note_split(document_id: UUID, *, stock: Decimal, sold: Decimal) -> None:
    """Keep on the document where its fee went."""
    LandedCost.objects.filter(pk=document_id).update(stock_amount=stock, sold_amount=sold)


def unapprove_landed_cost(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> LandedCost:
    """Take the fee back with its invoice; raises naming the payments while it is paid."""
    with transaction.atomic():
        document = load_locked(LandedCost, document_id, seen=version)
        before = APPROVAL.advance(document, "unapprove")
        claim_version(document, None, at)
        document.approved_at, document.approved_by_id, document.approved_by_name = None, None, ""
        document.save()
        if document.invoice_id:
            purchase_invoices.unapprove_invoice(invoice_id=document.invoice_id, actor=actor, at=at, reason=reason)
            purchase_invoices.void_invoice(invoice_id=document.invoice_id, actor=actor, at=at, reason=reason)
            links.unlink(document.invoice_id)
        document.invoice, document.stock_amount, document.sold_amount = None, ZERO, ZERO
        document.save(update_fields=["invoice", "stock_amount", "sold_amount"])
        audit.record(
            document,
            "unapprove",
            actor=actor,
            at=at,
            axis="approval",
            before=before,
            after=document.approval,
            reason=reason,
        )
    return document


def void_landed_cost(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> LandedCost:
    """Throw a draft away; its number stays taken."""
    with transaction.atomic():
        document = load_locked(LandedCost, document_id)
        before = APPROVAL.advance(document, "void")
        claim_version(document, None, at)
        document.save()
        audit.record(
            document, "void", actor=actor, at=at, axis="approval", before=before, after=Approval.VOIDED, reason=reason
        )
    return document


def refuse_while_landed(*, invoice_id: UUID | None = None, receipt_id: UUID | None = None) -> None:
    """Raise CannotUnapproveLandedCost naming the landed cost that stands on an invoice or a receipt."""
    standing = LandedCost.objects.filter(approval=Approval.APPROVED)
    standing = (
        standing.filter(invoice_id=invoice_id)
        if invoice_id
        else standing.filter(lines__receipt_line__document_id=receipt_id).distinct()
    )
    found = list(standing.order_by("number")[:3])
    if not found:
        return
    raise CannotUnapproveLandedCost(
        _("Landed cost %(documents)s stands on it.") % {"documents": ", ".join(row.number for row in found)},
        document=found[0].number,
        field="approval",
        value=found[0].number,
        way_out=_("Take the landed cost back first."),
        links=[WayOut(row.number, doc_type=row.DOC_TYPE, number=row.number) for row in found],
    )
