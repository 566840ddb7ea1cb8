"""What goes back of goods that were received: the lines of receipts and orders that count it, and their shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability.services import planning
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.errors import NotFoundRefused
from backend.kernel.language import in_books
from backend.kernel.money import ZERO, cents, tax_share
from backend.purchasing import schedule
from backend.purchasing.goods import booked_values
from backend.purchasing.models import (
    PurchaseOrderLine,
    PurchaseReceipt,
    PurchaseReceiptLine,
    PurchaseReturn,
    PurchaseReturnLine,
    ReturnOutcome,
)
from backend.purchasing.services import supplies
from backend.purchasing.services.ahead_floor import refuse_below
from backend.purchasing.services.checks import CannotUnapproveReturn
from backend.purchasing.services.invoiced import progress_of_receipt
from backend.purchasing.services.locking import Locked, announce, store_progress

RETURNED = ("returned_qty", "returned_net", "returned_tax", "returned_value")


@dataclass
class Sources:
    """The receipts that a return is made of, locked, with all their lines."""

    receipts: dict[UUID, PurchaseReceipt]
    lines: dict[UUID, PurchaseReceiptLine]

    def of(self, line: PurchaseReceiptLine) -> PurchaseReceipt:
        return self.receipts[line.document_id]


def lock_sources(line_ids: Sequence[UUID]) -> Sources:
    """Lock the receipts of these lines, by id; raises NotFoundRefused."""
    wanted = set(line_ids)
    owners = PurchaseReceiptLine.objects.filter(pk__in=wanted).values("document_id")
    receipts = {
        receipt.pk: receipt
        for receipt in PurchaseReceipt.objects.select_for_update(of=("self",))
        .select_related("warehouse", "supplier")
        .filter(pk__in=owners)
        .order_by("pk")
    }
    found = PurchaseReceiptLine.objects.select_related("item__unit").filter(document__in=receipts)
    lines = {line.pk: line for line in found.order_by("document", "line_no")}
    if not wanted or wanted - lines.keys():
        raise NotFoundRefused(_("There is no such line."), value=min(wanted - lines.keys(), default=None))
    return Sources(receipts, lines)


def price_line(line: PurchaseReturnLine, net: Decimal, source: PurchaseReceiptLine, part: Decimal) -> None:
    """The line's amounts: what belongs to all that went back up to it, less what went back before."""
    line.net_amount = net
    line.tax_amount = tax_share(source.net_amount, source.tax_amount, part) - source.returned_tax
    line.gross_amount = line.net_amount + line.tax_amount


def take_shares(lines: Sequence[PurchaseReturnLine], sources: Sources) -> None:
    """Set each line's amounts, booked value and what of it was invoiced; add them to the receipts' lines."""
    booked = booked_values([line.receipt_line_id for line in lines])
    for line in lines:
        source = sources.lines[line.receipt_line_id]
        part = (source.returned_qty + line.qty) / source.qty
        price_line(line, cents(source.net_amount * part) - source.returned_net, source, part)
        line.booked_value = cents(booked.get(source.pk, ZERO) * part) - source.returned_value
        not_invoiced = max(source.qty - source.returned_qty - source.invoiced_qty, ZERO)
        line.debit_qty = max(line.qty - not_invoiced, ZERO)
        source.returned_qty += line.qty
        source.returned_net += line.net_amount
        source.returned_tax += line.tax_amount
        source.returned_value += line.booked_value


def store_sources(lines: Sequence[PurchaseReturnLine], sources: Sources) -> None:
    touched = {line.receipt_line_id for line in lines}
    update_rows([sources.lines[line_id] for line_id in sorted(touched)], list(RETURNED))
    for receipt in sources.receipts.values():
        receipt.invoiced = progress_of_receipt(
            [line for line in sources.lines.values() if line.document_id == receipt.pk]
        )
    update_rows(sources.receipts.values(), ["invoiced"])


def count_returned(
    document: PurchaseReturn,
    lines: Sequence[PurchaseReturnLine],
    sources: Sources,
    locked: Locked,
    actor: Actor,
    at: datetime,
    *,
    sign: int,
) -> None:
    """The orders know what went back; what is to be replaced is expected again."""
    kind = "purchase_returned" if sign > 0 else "purchase_return_unapproved"
    names = {"number": document, "supplier": locked.supplier.label}
    text = in_books(lambda: _("%(number)s: goods go back to %(supplier)s.") % names)
    if document.outcome == ReturnOutcome.REPLACEMENT:
        for line in lines:
            row = locked.lines[sources.lines[line.receipt_line_id].order_line_id]
            locked.plans[row.pk] = _replanned(locked, row, line.qty, document, sign)
        for order in locked.orders.values() if sign < 0 else ():  # what was to replace them may be invoiced by now
            kept = [(row, row.wanted_qty - _kept(locked, row)) for row in locked.asked_lines(order)]
            refuse_below(order, kept, CannotUnapproveReturn)
        store_progress(locked, at)
        announce(locked, document, kind, text, actor=actor, at=at)
        return
    touched: dict[UUID, PurchaseOrderLine] = {}
    for line in lines:
        row = locked.lines[sources.lines[line.receipt_line_id].order_line_id]
        row.returned_qty += sign * line.qty
        touched[row.pk] = row
    update_rows(touched.values(), ["returned_qty"])
    store_progress(locked, at)
    pairs = {(line.item_id, document.warehouse_id) for line in lines if line.item.is_stocked}
    planning.replan(pairs, cause=supplies.cause_of(document, kind, text), actor=actor, at=at)


def _kept(locked: Locked, row: PurchaseOrderLine) -> Decimal:
    """How much of a line is here after all: so much less is still to come."""
    return schedule.arrived(locked.plans[row.pk]) - row.received_qty


def _replanned(
    locked: Locked, row: PurchaseOrderLine, qty: Decimal, document: PurchaseReturn, sign: int
) -> schedule.Plan:
    plan = locked.plans[row.pk]
    if sign > 0:
        return schedule.send_back(plan, qty, wanted=row.wanted_qty)
    return schedule.keep_after_all(plan, qty, document.doc_date)


def give_back(lines: Sequence[PurchaseReturnLine], sources: Sources) -> None:
    for line in lines:
        source = sources.lines[line.receipt_line_id]
        source.returned_qty -= line.qty
        source.returned_net -= line.net_amount
        source.returned_tax -= line.tax_amount
        source.returned_value -= line.booked_value
