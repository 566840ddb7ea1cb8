"""Shipping notices: the supplier says what is on its way, in which lots, with whom and when it arrives.

One notice may cover lines of several orders to one warehouse. It never announces more than is
confirmed and not yet sent, beyond the tolerance for over-receipt.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.language import in_books
from backend.kernel.models import DocumentLink
from backend.kernel.money import HUNDRED, ZERO
from backend.kernel.numbering import next_number
from backend.logistics.services import shipments
from backend.purchasing import schedule
from backend.purchasing.events import AsnSubmitted, AsnWithdrawn
from backend.purchasing.models import Asn, AsnLine, AsnState, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services import supplies
from backend.purchasing.services.asn_way import load_own, past_arrival
from backend.purchasing.services.checks import CannotShipLine, require_own, require_running
from backend.purchasing.services.inputs import AsnData, AsnLineInput
from backend.purchasing.services.lines import fits_unit, wrong_quantity
from backend.purchasing.services.locking import Locked, announce, lock_orders_of, lock_stock_of, store_progress
from backend.purchasing.services.lots import check_lot, expiry_of
from backend.purchasing.states import ASN

__all__ = ["AsnData", "AsnLineInput", "submit_asn", "withdraw_asn"]


def submit_asn(*, data: AsnData, actor: Actor, at: datetime) -> Asn:
    """Announce a shipment; raises CannotShipLine or ValidationRefused for every line that cannot be."""
    line_ids = [line.order_line_id for line in data.lines]
    if not line_ids:
        raise ValidationRefused(_("A shipping notice needs at least one line."), field="lines")
    with transaction.atomic():
        locked = lock_orders_of(line_ids)
        _check(locked, data, actor, clock.day_of(at))
        lock_stock_of(locked)
        notice = _make(locked, data, actor, at)
        lines = _make_lines(locked, notice, data)
        _ship(locked, data)
        store_progress(locked, at)
        _link(lines, locked)
        _announce(locked, notice, actor, at)
        _dispatch(notice, actor, at)
        audit.record(notice, "submit", actor=actor, at=at, axis="state", after=notice.state)
        events.publish(
            AsnSubmitted(
                notice.pk, notice.number, notice.supplier_id, tuple(locked.orders), expected_date=notice.expected_date
            ),
            actor=actor,
        )
    return notice


def _check(locked: Locked, data: AsnData, actor: Actor, today: date) -> None:
    orders = list(locked.orders.values())
    for order in orders:
        require_own(order, actor)
        require_running(order, CannotShipLine)
    if len({(order.supplier_id, order.warehouse_id) for order in orders}) > 1:
        raise ValidationRefused(
            _("One shipment comes from one supplier and goes to one warehouse."),
            field="lines",
            way_out=_("Write a notice for each warehouse."),
        )
    asked: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    problems: list[Refusal] = list(past_arrival(data.expected_date, today))
    for number, given in enumerate(data.lines, 1):
        line = locked.lines[given.order_line_id]
        asked[line.pk] += given.qty
        if given.qty <= 0 or not fits_unit(given.qty, line.item):
            problems.append(wrong_quantity(number, given.qty, line.item))
        problems += check_lot(number, line.item, given.lot_no, given.mfg_date, given.expiry_date)
    problems += [found for line_id, qty in asked.items() for found in _check_open(locked, locked.lines[line_id], qty)]
    if problems:
        raise CannotShipLine.many(problems)


def _check_open(locked: Locked, line: PurchaseOrderLine, qty: Decimal) -> list[Refusal]:
    """At most what is confirmed and not sent, plus the tolerance on the whole line."""
    order = locked.order_of(line)
    sent = max(line.shipped_qty, line.received_qty)
    open_qty = max(line.confirmed_qty - sent, ZERO)
    allowed = line.confirmed_qty * (1 + locked.supplier.supplier.over_receipt_pct / HUNDRED) - sent
    if qty <= allowed:
        return []
    return [
        CannotShipLine(
            _("%(order)s line %(line)s: %(open)s are confirmed and not sent yet, the notice says %(qty)s.")
            % {
                "order": order,
                "line": line.line_no,
                "open": supplies.quantity(open_qty),
                "qty": supplies.quantity(qty),
            },
            code="more_than_confirmed",
            document=order.number,
            line=line.line_no,
            field="qty",
            value=qty,
            way_out=_("Confirm the line first.") if not open_qty else _("Send what is confirmed."),
        )
    ]


def _make(locked: Locked, data: AsnData, actor: Actor, at: datetime) -> Asn:
    order = next(iter(locked.orders.values()))
    notice = Asn(
        supplier=locked.supplier,
        warehouse=order.warehouse,
        doc_date=clock.day_of(at),
        approval=Approval.APPROVED,
        state=AsnState.SUBMITTED,
        carrier_name=data.carrier_name.strip(),
        tracking_no=data.tracking_no.strip(),
        packages=data.packages,
        shipped_at=at,
        expected_date=data.expected_date,
        remark=data.remark,
    )
    notice.stamp_created(actor, at)
    notice.stamp_approved(actor, at)
    notice.number = next_number(Asn.DOC_TYPE, notice.doc_date)
    notice.save(force_insert=True)
    return notice


def _make_lines(locked: Locked, notice: Asn, data: AsnData) -> list[AsnLine]:
    made = []
    for number, given in enumerate(data.lines, 1):
        line = locked.lines[given.order_line_id]
        made.append(
            AsnLine(
                document=notice,
                line_no=number,
                order_line=line,
                order_number=locked.order_of(line).number,
                item=line.item,
                qty=given.qty,
                lot_no=given.lot_no.strip(),
                packages=given.packages,
                mfg_date=given.mfg_date,
                expiry_date=expiry_of(line.item, given.mfg_date, given.expiry_date),
            )
        )
    AsnLine.objects.bulk_create(made)
    return made


def _ship(locked: Locked, data: AsnData) -> None:
    for given in data.lines:
        plan = locked.plans[given.order_line_id]
        locked.plans[given.order_line_id] = schedule.ship(plan, given.qty, data.expected_date)


def _link(lines: Sequence[AsnLine], locked: Locked) -> None:
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=PurchaseOrder.DOC_TYPE,
            source_id=locked.lines[line.order_line_id].document_id,
            source_line_id=line.order_line_id,
            target_type=Asn.DOC_TYPE,
            target_id=line.document_id,
            target_line_id=line.pk,
            qty=line.qty,
        )
        for line in lines
    )


def _announce(locked: Locked, notice: Asn, actor: Actor, at: datetime) -> None:
    names = {"supplier": locked.supplier.label, "notice": notice, "date": notice.expected_date.isoformat()}
    text = in_books(lambda: _("%(supplier)s sent %(notice)s, expected on %(date)s.") % names)
    reason = in_books(lambda: _("Goods on their way to us arrive on another day than planned."))
    announce(locked, notice, "asn_submitted", text, actor=actor, at=at, customer_reason=reason)


def _dispatch(notice: Asn, actor: Actor, at: datetime) -> None:
    data = shipments.ShipmentData(
        carrier_name=notice.carrier_name,
        tracking_no=notice.tracking_no,
        packages=notice.packages,
        destination=str(notice.warehouse),
        expected_date=notice.expected_date,
    )
    shipments.create_shipment(source=notice, direction="in", party_id=notice.supplier_id, data=data, actor=actor, at=at)


def withdraw_asn(*, asn_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Asn:
    """The notice was wrong: its quantities are to be sent again; raises IllegalTransition once it was received."""
    with transaction.atomic():
        notice = load_own(asn_id, actor)
        before = ASN.advance(notice, "withdraw")
        rows = list(notice.lines.all())
        locked = lock_orders_of([row.order_line_id for row in rows])
        lock_stock_of(locked)
        notice.save(update_fields=["state"])
        for row in rows:
            plan = locked.plans[row.order_line_id]
            locked.plans[row.order_line_id] = schedule.unship(plan, row.qty, notice.expected_date)
        store_progress(locked, at)
        names = {"supplier": locked.supplier.label, "notice": notice}
        text = in_books(lambda: _("%(supplier)s withdrew %(notice)s.") % names)
        announce(locked, notice, "asn_withdrawn", text, actor=actor, at=at)
        shipments.cancel_shipment(source_id=notice.pk)
        audit.record(
            notice, "withdraw", actor=actor, at=at, axis="state", before=before, after=notice.state, reason=reason
        )
        events.publish(AsnWithdrawn(notice.pk, notice.number, notice.supplier_id, tuple(locked.orders)), actor=actor)
    return notice
