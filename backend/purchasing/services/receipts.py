"""Receipts: goods on the ramp become stock, lots, value and kept promises, in one transaction.

From a shipping notice in one call, or from the order. More than ordered is taken only within the
supplier's tolerance (PUR-03). Stock is valued net of VAT for general taxpayers and gross for
small-scale ones. What waited for the goods is reserved by itself. Goods that were invoiced before they came have the
invoice's price.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.services.counting import Weighed, fixed_problems
from backend.inventory.services.bins import hand_bins_on
from backend.kernel import audit, clock, events, links
from backend.kernel.actor import Actor
from backend.kernel.audit import AuditEntry
from backend.kernel.bulk import Batch
from backend.kernel.currency import HOME
from backend.kernel.document import claim_version, load_locked
from backend.kernel.draft_lines import replace_lines
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import ZERO, total
from backend.kernel.numbering import next_number
from backend.logistics.services import shipments
from backend.purchasing.events import PurchaseReceiptApproved
from backend.purchasing.models import Asn, AsnLine, PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.services import ahead, inspections, processing, receiving
from backend.purchasing.services.asn_way import arrive_asn
from backend.purchasing.services.checks import CannotReceiveLine, require_running
from backend.purchasing.services.inputs import ReceiptData, ReceiptLineInput
from backend.purchasing.services.lines import fits_unit, wrong_quantity
from backend.purchasing.services.locking import Locked, lock_orders_of, lock_stock_of
from backend.purchasing.services.lots import check_lot, expiry_of
from backend.purchasing.services.receipt_lines import PRICED, follow_order, links_of, make_lines, sum_up_receipt
from backend.purchasing.services.taking_back import unapprove_receipt
from backend.purchasing.states import ASN

__all__ = [
    "ReceiptData",
    "ReceiptLineInput",
    "approve_receipt",
    "arrive_asn",
    "receive_asn",
    "receive_order",
    "save_receipt",
    "unapprove_receipt",
    "void_receipt",
]


def receive_asn(
    *,
    asn_id: UUID,
    actor: Actor,
    at: datetime,
    quantities: Mapping[UUID, Decimal] | None = None,
    damaged: Mapping[UUID, Decimal] | None = None,
    counts: Mapping[UUID, Decimal] | None = None,
    supplier_note_no: str = "",
) -> PurchaseReceipt:
    """Receive a shipping notice with its lots, as announced or with counted ``quantities`` by notice line.

    ``counts`` say how many of the unit they were ordered in those are.
    What came short is expected again; lines counted as zero are left out. ``damaged`` was refused at the ramp: it is
    noted, and not among what was counted. Raises CannotReceiveLine, Refusal.
    """
    with transaction.atomic():
        notice, rows = _lock_notice(asn_id)
        before = ASN.advance(notice, "receive")
        for row in rows:
            row.damaged_qty = max((damaged or {}).get(row.pk, ZERO), ZERO)
        counted = [_from_notice(row, _good(row, quantities or {}), (counts or {}).get(row.pk)) for row in rows]
        data = ReceiptData(lines=[line for line in counted if line.qty], supplier_note_no=supplier_note_no)
        locked = _lock(data, also=[row.order_line_id for row in rows])
        receipt, lines = _prepare(locked, PurchaseReceipt(asn=notice), data, actor, at)
        batch = Batch()
        receiving.settle_notice(locked, notice, rows, lines, batch)
        entry = audit.entry(notice, "receive", actor=actor, at=at, axis="state", before=before, after=notice.state)
        _insert_booked(locked, receipt, lines, [entry], batch, actor, at)
        shipments.mark_delivered(source_id=notice.pk, signed_by=actor.name, actor=actor, at=at)
    return receipt


def _lock_notice(asn_id: UUID) -> tuple[Asn, list[AsnLine]]:
    """The notice, locked, with its lines: what they announce never changes."""
    found = AsnLine.objects.select_related("document").select_for_update(of=("document",)).filter(document_id=asn_id)
    rows = list(found.order_by("line_no"))
    return (rows[0].document if rows else load_locked(Asn, asn_id)), rows


def _good(row: AsnLine, quantities: Mapping[UUID, Decimal]) -> Decimal:
    """What was counted; without a count what was announced less what is damaged."""
    return quantities.get(row.pk, max(row.qty - row.damaged_qty, ZERO))


def _from_notice(row: AsnLine, qty: Decimal, count: Decimal | None) -> ReceiptLineInput:
    return ReceiptLineInput(
        row.order_line_id,
        qty,
        unit_qty=count,
        lot_no=row.lot_no,
        supplier_lot_no=row.lot_no,
        mfg_date=row.mfg_date,
        expiry_date=row.expiry_date,
        asn_line_id=row.pk,
    )


def receive_order(
    *,
    order_id: UUID,
    lines: Sequence[ReceiptLineInput],
    actor: Actor,
    at: datetime,
    supplier_note_no: str = "",
    remark: str = "",
) -> PurchaseReceipt:
    """Receive goods straight from the order, booked at once."""
    with transaction.atomic():
        data = ReceiptData(lines=lines, supplier_note_no=supplier_note_no, remark=remark)
        locked = _lock(data)
        if set(locked.orders) != {order_id}:
            raise ValidationRefused(_("There is no such line."), field="lines", value=order_id)
        receipt, made = _prepare(locked, PurchaseReceipt(), data, actor, at)
        _insert_booked(locked, receipt, made, [], Batch(), actor, at)
    return receipt


def save_receipt(
    *,
    data: ReceiptData,
    actor: Actor,
    at: datetime,
    receipt_id: UUID | None = None,
    version: int | None = None,
) -> PurchaseReceipt:
    """Write a draft: what was counted, not booked yet. Raises CannotReceiveLine, ValidationRefused."""
    with transaction.atomic():
        if receipt_id:
            receipt = load_locked(PurchaseReceipt, receipt_id)
            receiving.require_draft(receipt)
            claim_version(receipt, version, at)
            links.unlink(receipt.pk)
        else:
            receipt = PurchaseReceipt()
        _refuse_foreign_notice(receipt, data)
        locked = _lock(data)
        receipt, lines = _prepare(locked, receipt, data, actor, at)
        batch = Batch()
        _insert(locked, receipt, lines, batch)
        batch.insert([audit.entry(receipt, "save" if receipt_id else "create", actor=actor, at=at)])
        batch.write()
    return receipt


def _refuse_foreign_notice(receipt: PurchaseReceipt, data: ReceiptData) -> None:
    """A draft's line names a line of its own shipping notice, over the same order line, or none."""
    named = {(line.asn_line_id, line.order_line_id) for line in data.lines if line.asn_line_id}
    if not named:
        return
    rows = AsnLine.objects.filter(document=receipt.asn_id) if receipt.asn_id else AsnLine.objects.none()
    foreign = named - set(rows.values_list("pk", "order_line_id"))
    if foreign:
        raise ValidationRefused(_("There is no such line."), field="asn_line_id", value=min(foreign)[0])


def _lock(data: ReceiptData, also: Iterable[UUID] = ()) -> Locked:
    if not data.lines:
        raise ValidationRefused(
            _("A receipt needs at least one line."), field="lines", way_out=_("Enter what has arrived.")
        )
    return lock_orders_of([*(line.order_line_id for line in data.lines), *also])


def _prepare(
    locked: Locked, receipt: PurchaseReceipt, data: ReceiptData, actor: Actor, at: datetime
) -> tuple[PurchaseReceipt, list[PurchaseReceiptLine]]:
    """Check what was counted; unsaved header and lines, with the balances locked."""
    _check(locked, data)
    order = next(iter(locked.orders.values()))
    receipt.supplier = locked.supplier
    receipt.warehouse = order.warehouse
    receipt.currency = HOME
    receipt.doc_date = data.doc_date or receipt.doc_date or clock.day_of(at)
    receipt.supplier_note_no = data.supplier_note_no.strip()
    receipt.remark = data.remark
    if not receipt.number:
        receipt.stamp_created(actor, at)
    lines = make_lines(locked, receipt, data.lines)
    sum_up_receipt(receipt, lines)
    lock_stock_of(locked)
    return receipt, lines


def _insert(locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine], batch: Batch) -> None:
    if receipt.number:
        receipt.save()
        replace_lines(receipt, lines, same=lambda line: (line.order_line_id, line.asn_line_id))
    else:
        receipt.number = next_number(receipt.DOC_TYPE, receipt.doc_date)
        batch.insert([receipt])
        batch.insert(lines)
    batch.insert(links_of(locked, receipt, lines))


def _check(locked: Locked, data: ReceiptData) -> None:
    for order in locked.orders.values():
        require_running(order, CannotReceiveLine)
    if len({(order.supplier_id, order.warehouse_id) for order in locked.orders.values()}) > 1:
        raise ValidationRefused(_("One receipt has one supplier and one warehouse."), field="lines")
    problems: list[Refusal] = []
    for number, given in enumerate(data.lines, 1):
        item = locked.lines[given.order_line_id].item
        if given.qty <= 0 or not fits_unit(given.qty, item):
            problems.append(wrong_quantity(number, given.qty, item))
        expiry = expiry_of(item, given.mfg_date, given.expiry_date)
        problems += check_lot(number, item, given.lot_no or given.supplier_lot_no, given.mfg_date, expiry)
    problems += fixed_problems(
        Weighed(number, locked.lines[given.order_line_id].item, _unit_of(locked, given), given.qty, given.unit_qty)
        for number, given in enumerate(data.lines, 1)
        if given.unit_qty is not None
    )
    problems += receiving.over_receipts(locked, _sums(data.lines), _counts(data.lines, "unit_qty"))
    if problems:
        raise CannotReceiveLine.many(problems)


def _sums(lines: Sequence[Any]) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.order_line_id] += line.qty
    return sums


def _counts(lines: Sequence[Any], column: str) -> dict[UUID, Decimal]:
    """How many of their order line's unit were counted."""
    counts: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        counts[line.order_line_id] += getattr(line, column) or ZERO
    return counts


def _unit_of(locked: Locked, given: ReceiptLineInput) -> UUID | None:
    return locked.lines[given.order_line_id].line_unit_id


def approve_receipt(*, receipt_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> PurchaseReceipt:
    """Book a draft; raises IllegalTransition, CannotReceiveLine when the order changed in the meantime."""
    with transaction.atomic():
        receipt = load_locked(PurchaseReceipt, receipt_id, seen=version)
        _refuse_foreign_figures(receipt)
        before = _advance(receipt, actor, at)
        lines = list(receipt.lines.order_by("line_no"))
        notice = load_locked(Asn, receipt.asn_id) if receipt.asn_id else None
        rows = list(notice.lines.order_by("line_no")) if notice else []
        locked = lock_orders_of([*(line.order_line_id for line in lines), *(row.order_line_id for row in rows)])
        for order in locked.orders.values():
            require_running(order, CannotReceiveLine)
        problems = receiving.over_receipts(locked, _sums(lines), _counts(lines, "line_qty"))
        if problems:
            raise CannotReceiveLine.many(problems)
        lock_stock_of(locked)
        batch = Batch()
        if notice:
            ASN.advance(notice, "receive")
            receiving.settle_notice(locked, notice, rows, lines, batch)
        tracked = receiving.assign_lots(locked, receipt, lines, at)
        repriced = follow_order(locked, receipt, lines)
        arrivals = ahead.take_ahead(locked, receipt, lines)
        ahead.write_arrivals(arrivals, receipt, batch)
        priced = dict.fromkeys((*(PRICED if repriced else ()), *(ahead.TAKEN if arrivals else ())))
        batch.update(lines if priced else tracked, ["lot", "lot_no", *priced])
        receipt.save()
        _book(locked, receipt, lines, [_approval(receipt, before, actor, at)], batch, actor, at)
        if notice:
            shipments.mark_delivered(source_id=notice.pk, signed_by=actor.name, actor=actor, at=at)
    return receipt


def _refuse_foreign_figures(receipt: PurchaseReceipt) -> None:
    """Drafts once had the figures of their order; those in another currency are no figures of goods."""
    if receipt.currency != HOME:
        raise CannotReceiveLine(
            _("%(receipt)s has its figures in %(currency)s: goods and books are in %(home)s.")
            % {"receipt": receipt, "currency": receipt.currency, "home": HOME},
            document=receipt.number,
            field="currency",
            value=receipt.currency,
            way_out=_("Edit and save it: its lines take their prices anew."),
        )


def _advance(receipt: PurchaseReceipt, actor: Actor, at: datetime) -> str:
    before = APPROVAL.advance(receipt, "approve")
    receipt.stamp_approved(actor, at)
    receipt.version += 1
    return before


def _approval(receipt: PurchaseReceipt, before: str, actor: Actor, at: datetime) -> AuditEntry:
    return audit.entry(receipt, "approve", actor=actor, at=at, axis="approval", before=before, after=receipt.approval)


def _insert_booked(
    locked: Locked,
    receipt: PurchaseReceipt,
    lines: list[PurchaseReceiptLine],
    entries: list[AuditEntry],
    batch: Batch,
    actor: Actor,
    at: datetime,
) -> None:
    """Made and booked in one go: goods on the ramp need no draft."""
    before = _advance(receipt, actor, at)
    receiving.assign_lots(locked, receipt, lines, at)
    arrivals = ahead.take_ahead(locked, receipt, lines)
    _insert(locked, receipt, lines, batch)
    ahead.write_arrivals(arrivals, receipt, batch)
    _book(locked, receipt, lines, [*entries, _approval(receipt, before, actor, at)], batch, actor, at)


def _book(
    locked: Locked,
    receipt: PurchaseReceipt,
    lines: Sequence[PurchaseReceiptLine],
    entries: list[AuditEntry],
    batch: Batch,
    actor: Actor,
    at: datetime,
) -> None:
    """Write what was collected, then stock, then what follows of it for those who wait."""
    worth = receiving.stock_values(locked, lines)
    hand_bins_on([(line.asn_line_id, line.pk) for line in lines if line.asn_line_id], receipt, batch)
    closed = receiving.book_progress(locked, receipt, lines, actor, at, batch)
    inspected = inspections.open_inspection(receipt, lines, batch, actor, at)
    batch.insert(entries)
    batch.write()
    material = processing.use_material(locked, receipt, lines, actor, at)
    whole = processing.with_material(worth, material)
    receiving.book_stock(locked, receipt, lines, whole, actor, at)
    receiving.announce_arrival(locked, receipt, actor, at, inspected)
    values = receiving.values_by_role(locked, lines, whole)
    approved = receiving.event_of(PurchaseReceiptApproved, locked, receipt, values)
    if locked.ahead_changed:
        transit, transit_tax = ahead.transit_of(lines, worth)
        approved = replace(approved, transit=transit, transit_tax=transit_tax)
    if locked.components:
        fee = processing.fee_of(locked, lines, worth)
        approved = replace(approved, fee=fee, material=total(material.values()))
    events.publish_all([approved, *closed], actor=actor)


def void_receipt(*, receipt_id: UUID, actor: Actor, at: datetime, reason: str = "") -> PurchaseReceipt:
    """Throw a draft away; raises IllegalTransition when it is booked."""
    with transaction.atomic():
        receipt = load_locked(PurchaseReceipt, receipt_id)
        before = APPROVAL.advance(receipt, "void")
        claim_version(receipt, None, at)
        receipt.save()
        links.unlink(receipt.pk)
        audit.record(
            receipt, "void", actor=actor, at=at, axis="approval", before=before, after=receipt.approval, reason=reason
        )
    return receipt
