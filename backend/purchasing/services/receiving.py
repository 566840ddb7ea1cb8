"""What the booking of a receipt does: stock and lots, the order's progress, the supply that has come."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.availability.services.supply import SupplyInput
from backend.inventory.models import LotBalance, LotState
from backend.inventory.services import lots, moves, naming
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.errors import Refusal, WayOut
from backend.kernel.language import in_books
from backend.kernel.money import HUNDRED, ZERO
from backend.purchasing import schedule
from backend.purchasing.events import PurchaseOrderClosed, PurchaseReceiptEvent
from backend.purchasing.models import Asn, AsnLine, PurchaseReceipt, PurchaseReceiptLine
from backend.purchasing.services import pieces, supplies
from backend.purchasing.services.ahead import values_of
from backend.purchasing.services.asn_way import outcome_of
from backend.purchasing.services.checks import CannotReceiveLine
from backend.purchasing.services.locking import Locked, announce, store_progress
from backend.workflow import parameters

Values = tuple[tuple[str, Decimal], ...]


def require_draft(receipt: PurchaseReceipt) -> None:
    """Raise when the receipt is booked or void."""
    if not receipt.is_draft:
        raise CannotReceiveLine(
            _("%(receipt)s is %(state)s and is not edited any more.")
            % {"receipt": receipt, "state": receipt.state_label("approval").lower()},
            code="cannot_edit_receipt",
            document=receipt.number,
            field="approval",
            value=receipt.approval,
            way_out=_("Take it back first."),
        )


def over_receipts(locked: Locked, sums: Mapping[UUID, Decimal], counts: Mapping[UUID, Decimal]) -> list[Refusal]:
    """A refusal for each order line that would be received beyond the supplier's tolerance.

    What is ordered by the carton and weighed is measured by the carton: ``counts``.
    """
    factor = 1 + locked.supplier.supplier.over_receipt_pct / HUNDRED
    most_of = {pk: locked.lines[pk].wanted_qty * factor - locked.lines[pk].received_qty for pk in sums}
    over = [pk for pk, qty in sums.items() if qty > most_of[pk]]
    fitting = pieces.fits_pieces(locked, {pk: counts.get(pk, ZERO) for pk in over}, factor)
    problems: list[Refusal] = []
    for line_id in over:
        if line_id in fitting:
            continue
        line, qty, most = locked.lines[line_id], sums[line_id], most_of[line_id]
        order = locked.order_of(line)
        problems.append(
            CannotReceiveLine(
                _("%(order)s line %(line)s: %(qty)s arrive, at most %(most)s are taken (tolerance %(pct)s %%).")
                % {
                    "order": order,
                    "line": line.line_no,
                    "qty": supplies.quantity(qty),
                    "most": supplies.quantity(max(most, Decimal(0))),
                    "pct": supplies.quantity(locked.supplier.supplier.over_receipt_pct),
                },
                code="over_receipt",
                document=order.number,
                line=line.line_no,
                field="qty",
                value=qty,
                way_out=_("Receive less and return the rest, or amend the order."),
                links=[WayOut(order.number, doc_type=order.DOC_TYPE, number=order.number)],
            )
        )
    return problems


def assign_lots(
    locked: Locked, receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine], at: datetime
) -> list[PurchaseReceiptLine]:
    """Find or make the lots of the tracked lines (not saved); returns these lines.

    Two suppliers may print the same number on different goods: the second one's lot carries its code. What is inspected
    comes in a lot of its own, in quarantine.
    """
    tracked = [line for line in lines if locked.lines[line.order_line_id].item.lot_tracked]
    _take_lots(receipt, tracked, at)
    foreign = [line for line in tracked if line.lot and line.lot.supplier_id not in {None, receipt.supplier_id}]
    for line in foreign:
        line.lot_no = f"{line.lot_no[:25]}/{locked.supplier.code[:14]}"
    _take_lots(receipt, foreign, at)
    mixed = _mixed(tracked)
    for line in mixed:
        line.lot_no = f"{line.lot_no[:26]}/{receipt.pk.hex[-12:]}"
    _take_lots(receipt, mixed, at)
    return tracked


def _mixed(lines: Sequence[PurchaseReceiptLine]) -> list[PurchaseReceiptLine]:
    """Inspected goods whose lot holds goods of another receipt: one decision must not speak for both."""
    known = [line for line in lines if line.item.is_inspected and line.lot and not line.lot.is_new]
    if not known:
        return []
    filled = set(LotBalance.objects.filter(lot__in=[line.lot_id for line in known]).values_list("lot_id", flat=True))
    return [line for line in known if line.lot_id in filled or line.lot.state != LotState.QUARANTINE]  # type: ignore[union-attr]


def _take_lots(receipt: PurchaseReceipt, lines: Sequence[PurchaseReceiptLine], at: datetime) -> None:
    wanted = [
        lots.LotInput(
            item_id=line.item_id,
            lot_no=line.lot_no,
            supplier_lot_no=line.supplier_lot_no,
            supplier_id=receipt.supplier_id,
            mfg_date=line.mfg_date,
            expiry_date=line.expiry_date,
            state=LotState.QUARANTINE if line.item.is_inspected else LotState.RELEASED,
        )
        for line in lines
    ]
    items = {line.item_id: line.item for line in lines}
    found = lots.ensure_lots(wanted, at=at, items=items) if wanted else {}
    for line in lines:
        line.lot = found[line.item_id, line.lot_no]


def stock_values(locked: Locked, lines: Sequence[PurchaseReceiptLine]) -> dict[UUID, Decimal]:
    """What each stocked line adds to stock: net of VAT that can be deducted, else gross."""
    small = parameters.get("accounting.taxpayer_type") == "small_scale"
    return {line.pk: values_of(line, gross=small) for line in lines if locked.lines[line.order_line_id].item.is_stocked}


def values_by_role(locked: Locked, lines: Sequence[PurchaseReceiptLine], worth: Mapping[UUID, Decimal]) -> Values:
    """Stock value by the role of the inventory account."""
    by_role: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.pk in worth:
            by_role[locked.lines[line.order_line_id].item.category.inventory_role] += worth[line.pk]
    return tuple(sorted(by_role.items()))


def book_stock(
    locked: Locked,
    receipt: PurchaseReceipt,
    lines: Sequence[PurchaseReceiptLine],
    worth: Mapping[UUID, Decimal],
    actor: Actor,
    at: datetime,
) -> None:
    """The moves of what is kept in stock."""
    wanted = [
        moves.MoveInput(
            kind="purchase_receipt",
            item_id=line.item_id,
            warehouse_id=receipt.warehouse_id,
            lot_id=line.lot_id,
            qty_in=line.qty,
            value_in=worth[line.pk],
            party_id=receipt.supplier_id,
            order_id=locked.lines[line.order_line_id].document_id,
            doc_line_id=line.pk,
        )
        for line in lines
        if line.pk in worth
    ]
    if wanted:
        naming.hand_on(_announced(locked, lines), receipt)
        moves.post_moves(wanted, document=receipt, actor=actor, at=at, held=locked.balances)


def _announced(locked: Locked, lines: Sequence[PurchaseReceiptLine]) -> list[tuple[UUID, UUID]]:
    """(line of the notice, line of the receipt) where the supplier may have named serial numbers."""
    return [
        (line.asn_line_id, line.pk)
        for line in lines
        if line.asn_line_id and locked.lines[line.order_line_id].item.serial_tracked
    ]


def book_progress(
    locked: Locked,
    receipt: PurchaseReceipt,
    lines: Sequence[PurchaseReceiptLine],
    actor: Actor,
    at: datetime,
    batch: Batch,
) -> list[PurchaseOrderClosed]:
    """Quantities, schedules and closing of the orders; returns what is to be told of orders that closed by it."""
    arrival = receipt.asn.expected_date if receipt.asn is not None else None
    for line in lines:
        plan = locked.plans[line.order_line_id]
        locked.plans[line.order_line_id] = schedule.receive(plan, line.qty, receipt.doc_date, arrival)
    pieces.give_up_light(locked, receipt, lines, batch, actor, at)
    closed = store_progress(locked, at, batch)
    return [PurchaseOrderClosed(order.pk, order.number, order.supplier_id, by_itself=True) for order in closed]


def announce_arrival(
    locked: Locked,
    receipt: PurchaseReceipt,
    actor: Actor,
    at: datetime,
    inspected: Mapping[UUID, list[SupplyInput]],
) -> None:
    """Say what is still to come, once the goods are in stock: demand is served. What is ``inspected`` is to come, too."""
    names = {"receipt": receipt, "supplier": locked.supplier.label}
    text = in_books(lambda: _("%(receipt)s from %(supplier)s arrived.") % names)
    announce(locked, receipt, "purchase_received", text, actor=actor, at=at, also=inspected)


def settle_notice(
    locked: Locked, notice: Asn, rows: Sequence[AsnLine], lines: Sequence[PurchaseReceiptLine], batch: Batch
) -> None:
    """Note on the notice what was counted; what came short is to be sent again."""
    counted: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.asn_line_id:
            counted[line.asn_line_id] += line.qty
    for row in rows:
        row.received_qty = counted[row.pk]
        short = row.qty - row.received_qty
        if short > 0:
            plan = locked.plans[row.order_line_id]
            locked.plans[row.order_line_id] = schedule.unship(plan, short, notice.expected_date)
    notice.outcome = outcome_of(list(rows))
    batch.update(rows, ["received_qty", "damaged_qty"])
    batch.update([notice], ["state", "outcome"])


def event_of(
    kind: type[PurchaseReceiptEvent], locked: Locked, receipt: PurchaseReceipt, values: Values
) -> PurchaseReceiptEvent:
    """The event that posting and the processes listen to."""
    return kind(
        receipt.pk,
        receipt.number,
        receipt.doc_date,
        receipt.supplier_id,
        receipt.net_amount,
        receipt.tax_amount,
        receipt.gross_amount,
        values,
        tuple(locked.orders),
        supplier_name=locked.supplier.label,
    )
