"""Blanket orders: a price agreed for a quantity, called off by purchase orders until it is used up.

Call-offs lock the blanket's row, so two at once cannot use the same rest. What a voided order had called off is free again,
and what had not come of an order that is closed; reopening that one takes it again while the agreement still has it.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.currency import settle_rate
from backend.kernel.document import Closing, claim_version, load_locked
from backend.kernel.errors import Conflict, Refusal, ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.lifecycle import APPROVAL, CLOSING
from backend.kernel.models import DocumentLink
from backend.kernel.money import HUNDRED, ZERO, cents, plain, total, total_amount
from backend.kernel.numbering import next_number
from backend.purchasing.events import BlanketApproved, CalledOff
from backend.purchasing.models import BlanketLine, BlanketOrder, CallOff, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.checks import refuse_stopped_supplier, supplier_of
from backend.purchasing.services.inputs import BlanketData, CallOffInput, LineInput
from backend.purchasing.services.lines import fits_unit, items_of, make_line, sum_up, wrong_quantity
from backend.purchasing.services.saving import new_order, warehouse_of

HEADER = ("supplier_ref", "valid_from", "valid_to", "tolerance_pct", "limit_amount", "price_includes_tax", "remark")
EXCEED = "purchasing.blanket.approve"


class CannotEditBlanket(Conflict):
    code = "cannot_edit_blanket"


class CannotCallOff(Conflict):
    code = "cannot_call_off"


class CallOffTooMuch(CannotCallOff):
    """More than is left; an approver lets it pass with a reason, within the tolerance anybody."""

    code = "call_off_too_much"


class CannotUnapproveBlanket(Conflict):
    code = "cannot_unapprove_blanket"


def save_blanket(
    *, data: BlanketData, actor: Actor, at: datetime, blanket_id: UUID | None = None, version: int | None = None
) -> BlanketOrder:
    """Write a draft; raises CannotEditBlanket once approved, ValidationRefused naming every line."""
    with transaction.atomic():
        blanket = _open_draft(blanket_id, version, actor, at)
        supplier = supplier_of(data.supplier_id)
        blanket.supplier, blanket.currency = supplier, supplier.currency
        for name in HEADER:
            setattr(blanket, name, getattr(data, name))
        lines = _lines_of(blanket, data)
        worths = [cents(line.qty * line.price, line=line.line_no, field="price") for line in lines]
        blanket.gross_amount = total_amount(worths)
        if not blanket_id:
            blanket.number = next_number(BlanketOrder.DOC_TYPE, blanket.doc_date)
        blanket.save(force_insert=not blanket_id)
        blanket.lines.all().delete()
        BlanketLine.objects.bulk_create(lines)
        audit.record(blanket, "save" if blanket_id else "create", actor=actor, at=at)
    return blanket


def _open_draft(blanket_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> BlanketOrder:
    if blanket_id is None:
        blanket = BlanketOrder(doc_date=clock.day_of(at))
        blanket.stamp_created(actor, at)
        return blanket
    blanket = load_locked(BlanketOrder, blanket_id)
    if not blanket.is_draft or blanket.lines.filter(call_offs__isnull=False).exists():
        raise CannotEditBlanket(
            _("%(order)s is %(state)s and is not edited any more.")
            % {"order": blanket, "state": blanket.state_label("approval").lower()},
            document=blanket.number,
            field="approval",
            value=blanket.approval,
            way_out=_("Close it and agree on a new one."),
        )
    claim_version(blanket, version, at)
    return blanket


def _lines_of(blanket: BlanketOrder, data: BlanketData) -> list[BlanketLine]:
    items = items_of(line.item_id for line in data.lines)
    problems = list(_problems(data, items))
    if problems:
        raise Refusal.many(problems)
    return [
        BlanketLine(
            id=uuid7(),
            document=blanket,
            line_no=no,
            item=items[line.item_id],
            description=line.description[:200],
            qty=line.qty,
            price=line.price,
        )
        for no, line in enumerate(data.lines, 1)
    ]


def _problems(data: BlanketData, items: dict[UUID, Item]) -> Iterator[Refusal]:
    if data.valid_from > data.valid_to:
        yield ValidationRefused(_("It ends before it begins."), field="valid_to", value=data.valid_to)
    if not 0 <= data.tolerance_pct <= HUNDRED:
        yield ValidationRefused(_("A tolerance lies between 0 and 100 %."), field="tolerance_pct")
    if data.limit_amount is not None and data.limit_amount <= 0:
        yield ValidationRefused(_("A limit is above zero."), field="limit_amount", value=data.limit_amount)
    if not data.lines:
        yield ValidationRefused(_("An order needs at least one line."), field="lines")
    for no, line in enumerate(data.lines, 1):
        item = items.get(line.item_id)
        if item is None or not item.purchasable:
            yield ValidationRefused(_("This item is not bought."), line=no, field="item_id", value=line.item_id)
        elif line.qty <= 0 or not fits_unit(line.qty, item):
            yield wrong_quantity(no, line.qty, item)
        if line.price < 0:
            yield ValidationRefused(_("A price cannot be negative."), line=no, field="price", value=line.price)


def approve_blanket(*, blanket_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> BlanketOrder:
    """From now on it can be called off; raises CannotOrderFrom for a stopped supplier, IllegalTransition."""
    with transaction.atomic():
        blanket = load_locked(BlanketOrder, blanket_id, seen=version)
        before = APPROVAL.advance(blanket, "approve")
        refuse_stopped_supplier(supplier_of(blanket.supplier_id), blanket.number)
        blanket.stamp_approved(actor, at)
        claim_version(blanket, None, at)
        blanket.save()
        _log(blanket, "approve", before, actor, at)
        events.publish(BlanketApproved(blanket.pk, blanket.number, blanket.supplier_id), actor=actor)
    return blanket


def unapprove_blanket(*, blanket_id: UUID, actor: Actor, at: datetime, reason: str = "") -> BlanketOrder:
    """Back to a draft while nothing was called off."""
    with transaction.atomic():
        blanket = load_locked(BlanketOrder, blanket_id)
        before = APPROVAL.advance(blanket, "unapprove")
        if blanket.lines.filter(called_qty__gt=0).exists():
            raise CannotUnapproveBlanket(
                _("%(order)s was called off already.") % {"order": blanket},
                document=blanket.number,
                field="called_qty",
                way_out=_("Void the orders that call it off first, or close it."),
            )
        claim_version(blanket, None, at)
        blanket.save()
        _log(blanket, "unapprove", before, actor, at, reason)
    return blanket


def close_blanket(*, blanket_id: UUID, actor: Actor, at: datetime, reason: str = "") -> BlanketOrder:
    """Nothing more is called off; reopening brings the rest back."""
    return _closing(blanket_id, "close", actor, at, reason)


def reopen_blanket(*, blanket_id: UUID, actor: Actor, at: datetime) -> BlanketOrder:
    return _closing(blanket_id, "reopen", actor, at, "")


def _closing(blanket_id: UUID, verb: str, actor: Actor, at: datetime, reason: str) -> BlanketOrder:
    with transaction.atomic():
        blanket = load_locked(BlanketOrder, blanket_id)
        before = CLOSING.advance(blanket, verb)
        claim_version(blanket, None, at)
        blanket.save()
        audit.record(
            blanket, verb, actor=actor, at=at, axis="closing", before=before, after=blanket.closing, reason=reason
        )
    return blanket


def void_blanket(*, blanket_id: UUID, actor: Actor, at: datetime, reason: str = "") -> BlanketOrder:
    """Throw a draft away."""
    with transaction.atomic():
        blanket = load_locked(BlanketOrder, blanket_id)
        before = APPROVAL.advance(blanket, "void")
        claim_version(blanket, None, at)
        blanket.save()
        _log(blanket, "void", before, actor, at, reason)
    return blanket


def _log(blanket: BlanketOrder, verb: str, before: str, actor: Actor, at: datetime, reason: str = "") -> None:
    audit.record(
        blanket, verb, actor=actor, at=at, axis="approval", before=before, after=blanket.approval, reason=reason
    )


# --- calling off -------------------------------------------------------------------------------
def call_off(
    *,
    blanket_id: UUID,
    lines: Sequence[CallOffInput],
    requested_date: date,
    actor: Actor,
    at: datetime,
    reason: str = "",
    warehouse_id: UUID | None = None,
) -> PurchaseOrder:
    """A draft order at the agreed price. Raises CallOffTooMuch naming what is left beyond the tolerance,
    unless an approver says why; CannotCallOff outside of the term.
    """
    with transaction.atomic():
        blanket = load_locked(BlanketOrder, blanket_id)
        supplier = supplier_of(blanket.supplier_id)
        require_in_term(blanket, clock.day_of(at))
        refuse_stopped_supplier(supplier, blanket.number, draft=True)
        rows = {row.pk: row for row in blanket.lines.select_related("item__unit").order_by("line_no")}
        wanted = [one for one in lines if one.qty]
        over = beyond(blanket, [(row, one.qty) for row, one in _named(rows, wanted)], _way_out())
        if over:
            _require_leave(over, actor, reason)
        order = new_order(
            supplier=supplier,
            warehouse=warehouse_of(warehouse_id),
            doc_date=clock.day_of(at),
            requested_date=requested_date,
            actor=actor,
            at=at,
        )
        order.price_includes_tax = blanket.price_includes_tax
        settle_rate(order, blanket.currency)
        order.number, order.remark = next_number(PurchaseOrder.DOC_TYPE, order.doc_date), blanket.number
        _store(blanket, order, rows, wanted, actor, at, reason if over else "")
        events.publish(CalledOff(blanket.pk, blanket.number, blanket.supplier_id, order_id=order.pk), actor=actor)
    return order


def require_in_term(blanket: BlanketOrder, today: date) -> None:
    if blanket.is_approved and blanket.closing == Closing.OPEN and blanket.valid_from <= today <= blanket.valid_to:
        return
    raise CannotCallOff(
        _("%(order)s holds from %(start)s to %(end)s.")
        % {"order": blanket, "start": blanket.valid_from, "end": blanket.valid_to}
        if blanket.is_approved and blanket.closing == Closing.OPEN
        else _("%(order)s is %(state)s.")
        % {
            "order": blanket,
            "state": blanket.state_label("closing" if blanket.is_approved else "approval").lower(),
        },
        document=blanket.number,
        field="valid_to" if blanket.is_approved else "approval",
        value=today,
        way_out=_("Agree on a new one.") if blanket.is_approved else _("Approve it first."),
    )


def _named(rows: dict[UUID, BlanketLine], wanted: Sequence[CallOffInput]) -> list[tuple[BlanketLine, CallOffInput]]:
    """The lines that are called off; raises what cannot be at all."""
    problems: list[Refusal] = []
    if not wanted:
        problems.append(ValidationRefused(_("Nothing is called off."), field="lines"))
    if len({one.blanket_line_id for one in wanted}) < len(wanted):
        problems.append(ValidationRefused(_("A line is named twice."), field="lines"))
    for one in wanted:
        row = rows.get(one.blanket_line_id)
        if row is None:
            problems.append(ValidationRefused(_("There is no such line."), field="lines", value=one.blanket_line_id))
        elif not (row.item.active and row.item.purchasable):
            problems.append(_not_bought(row))
        elif one.qty < 0 or not fits_unit(one.qty, row.item):
            problems.append(wrong_quantity(row.line_no, one.qty, row.item))
    if problems:
        raise Refusal.many(problems)
    return [(rows[one.blanket_line_id], one) for one in wanted]


def beyond(blanket: BlanketOrder, wanted: Sequence[tuple[BlanketLine, Decimal]], way_out: str) -> list[CallOffTooMuch]:
    """What exceeds the agreement by more than the tolerance."""
    most = 1 + blanket.tolerance_pct / HUNDRED
    over = [_too_much(blanket, row, qty, way_out) for row, qty in wanted if row.called_qty + qty > row.qty * most]
    amount = total(cents(qty * row.price) for row, qty in wanted)
    limit = blanket.limit_amount
    if limit is not None and blanket.called_amount + amount > limit * most:
        left = max(limit - blanket.called_amount, ZERO)
        over.append(
            CallOffTooMuch(
                _("%(order)s: %(left)s is left of the amount agreed, %(wanted)s is called off.")
                % {"order": blanket, "left": f"{left:,.2f}", "wanted": f"{amount:,.2f}"},
                document=blanket.number,
                field="limit_amount",
                value=left,
                way_out=way_out,
            )  # fmt: skip
        )
    return over


def _not_bought(row: BlanketLine) -> ValidationRefused:
    return ValidationRefused(
        _("%(item)s is not bought any more.") % {"item": row.item}, line=row.line_no, field=f"qty-{row.pk}"
    )


def _way_out() -> str:
    return _("Call off what is left, or let an approver do it with a reason.")


def _too_much(blanket: BlanketOrder, row: BlanketLine, qty: Decimal, way_out: str) -> CallOffTooMuch:
    return CallOffTooMuch(
        _("%(item)s: %(left)s are left of %(agreed)s, %(wanted)s are called off.")
        % {"item": row.item, "left": plain(row.left_qty), "agreed": plain(row.qty), "wanted": plain(qty)},
        document=blanket.number,
        line=row.line_no,
        field=f"qty-{row.pk}",
        value=row.left_qty,
        way_out=way_out,
    )


def _require_leave(over: Sequence[CallOffTooMuch], actor: Actor, reason: str) -> None:
    if not (reason.strip() and actor.may(EXCEED)):
        raise over[0] if len(over) == 1 else CallOffTooMuch.many(over)


def _store(
    blanket: BlanketOrder,
    order: PurchaseOrder,
    rows: dict[UUID, BlanketLine],
    wanted: Sequence[CallOffInput],
    actor: Actor,
    at: datetime,
    reason: str,
) -> None:
    items = items_of(rows[one.blanket_line_id].item_id for one in wanted)
    lines, calls = [], []
    for no, one in enumerate(wanted, 1):
        row = rows[one.blanket_line_id]
        given = LineInput(row.item_id, one.qty, price=row.price, description=row.description)
        line = make_line(order, no, given, items[row.item_id], None)
        line.price_source = "agreed"
        lines.append(line)
        amount = cents(one.qty * row.price)
        calls.append(
            CallOff(line=row, order=order, qty=one.qty, amount=amount, at=at, by_name=actor.name, reason=reason)
        )
        row.called_qty += one.qty
    sum_up(order, lines)
    order.save(force_insert=True)
    PurchaseOrderLine.objects.bulk_create(lines)
    CallOff.objects.bulk_create(calls)
    update_rows([rows[one.blanket_line_id] for one in wanted], ("called_qty",))
    blanket.called_amount += total(call.amount for call in calls)
    claim_version(blanket, None, at)
    blanket.save()
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=BlanketOrder.DOC_TYPE,
            source_id=blanket.pk,
            source_line_id=one.blanket_line_id,
            target_type=PurchaseOrder.DOC_TYPE,
            target_id=order.pk,
            target_line_id=line.pk,
            qty=one.qty,
        )
        for one, line in zip(wanted, lines, strict=True)
    )
    audit.record_many(
        [
            audit.entry(blanket, "call_off", actor=actor, at=at, changes={"order": ["", order.number]}, reason=reason),
            audit.entry(order, "create", actor=actor, at=at, reason=blanket.number),
        ]
    )
