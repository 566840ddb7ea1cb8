"""What orders that call off a blanket order still ask of it: they follow what becomes of the order.

Every change holds the blanket's row. A call-off never grows beyond what it was, but by what closing its order gave back.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.kernel import clock
from backend.kernel.bulk import update_rows
from backend.kernel.document import load_locked
from backend.kernel.money import ZERO, cents, plain
from backend.kernel.prepared import Prepared
from backend.purchasing.models import BlanketOrder, CallOff, PurchaseOrderLine
from backend.purchasing.services.blankets import CallOffTooMuch, CannotCallOff, beyond, require_in_term


def free_called_off(*, order_id: UUID, at: datetime) -> None:
    """A voided order gives back what it had called off."""
    _follow(order_id, {}, at)


def free_rest(*, order_id: UUID, at: datetime) -> None:
    """An order that was closed before all had come gives back what has not; ``take_again`` takes that again."""
    if _calls(order_id):
        _follow(order_id, _asked(order_id, lambda line: min(line.received_qty, line.wanted_qty)), at, closing=True)


_calls = Prepared(
    lambda order: CallOff.objects.select_related("line__document").filter(order_id=order, undone_at=None)[:1]
)


def follow_order(*, order_id: UUID, at: datetime) -> None:
    """An order that calls off asks no more than it called off; what was taken out of it is free again.

    One that goes to another supplier by now calls off nothing.
    """
    calls = _calls(order_id)
    if not calls:
        return
    agreed_with = calls[0].line.document.supplier_id
    _follow(order_id, _asked(order_id, lambda line: line.wanted_qty, document__supplier=agreed_with), at)


def _asked(order_id: UUID, qty_of: Callable[[PurchaseOrderLine], Decimal], **only: Any) -> dict[UUID, Decimal]:
    """How much an order asks of each item."""
    found: dict[UUID, Decimal] = defaultdict(Decimal)
    for line in PurchaseOrderLine.objects.filter(document=order_id, **only):
        found[line.item_id] += qty_of(line)
    return found


_given_back = Prepared(
    lambda order: CallOff.objects.select_related("line").filter(order_id=order, closed_qty__gt=0).order_by("pk")
)


def take_again(*, order_id: UUID, at: datetime) -> None:
    """A closed order that is open again calls off what its closing gave back.

    Raises CallOffTooMuch naming what is left when others called it off since; CannotCallOff when the agreement is over.
    """
    first = _given_back.first(order_id)
    if first is None:
        return
    blanket = load_locked(BlanketOrder, first.line.document_id)
    require_in_term(blanket, clock.day_of(at))
    calls = list(CallOff.objects.filter(order=order_id, closed_qty__gt=0).select_related("line__item").order_by("pk"))
    way_out = _("Leave the order closed, and call off what is left.")
    over = beyond(blanket, [(call.line, call.closed_qty) for call in calls], way_out)
    if over:
        raise over[0] if len(over) == 1 else CallOffTooMuch.many(over)
    for call in calls:
        call.line.called_qty += call.closed_qty
        call.qty = call.closed_qty if call.undone_at else call.qty + call.closed_qty
        call.amount, call.closed_qty, call.undone_at = cents(call.qty * call.line.price), ZERO, None
    _write(blanket, calls)


def _follow(order_id: UUID, wanted: dict[UUID, Decimal], at: datetime, *, closing: bool = False) -> None:
    first = CallOff.objects.filter(order=order_id, undone_at=None).select_related("line").first()
    if first is None:
        return
    blanket = load_locked(BlanketOrder, first.line.document_id)
    calls = list(CallOff.objects.filter(order=order_id, undone_at=None).select_related("line__item").order_by("pk"))
    _refuse_more(calls, wanted)
    for call in calls:
        freed = _take_back(call, wanted, at)
        call.closed_qty = freed if closing else ZERO
    _write(blanket, calls)


def _write(blanket: BlanketOrder, calls: Sequence[CallOff]) -> None:
    """The call-offs, how much of each line is called off, and what all call-offs of the agreement come to."""
    update_rows(calls, ("qty", "closed_qty", "amount", "undone_at"))
    update_rows([call.line for call in calls], ("called_qty",))
    left = CallOff.objects.filter(line__document=blanket, undone_at=None).aggregate(sum=Sum("amount"))["sum"]
    BlanketOrder.objects.filter(pk=blanket.pk).update(called_amount=left or ZERO)


def _refuse_more(calls: Sequence[CallOff], wanted: dict[UUID, Decimal]) -> None:
    """Raise for every item of which the order asks more than all its call-offs together."""
    called: dict[UUID, Decimal] = defaultdict(Decimal)
    for call in calls:
        called[call.line.item_id] += call.qty
    over = {
        call.line.item_id: call.line
        for call in calls
        if wanted.get(call.line.item_id, ZERO) > called[call.line.item_id]
    }
    if over:
        raise CannotCallOff.many(
            CannotCallOff(
                _("%(item)s: the order asks %(wanted)s, %(called)s were called off.")
                % {"item": line.item, "wanted": plain(wanted[item]), "called": plain(called[item])},
                line=line.line_no,
                field="qty",
                value=wanted[item],
                way_out=_("Call the rest off by another order."),
            )
            for item, line in over.items()
        )


def _take_back(call: CallOff, wanted: dict[UUID, Decimal], at: datetime) -> Decimal:
    """Leave the call-off what the order still asks; an item on two lines of the agreement fills the first one first.

    Returns how much is free again.
    """
    qty = min(wanted.get(call.line.item_id, ZERO), call.qty)
    wanted[call.line.item_id] = wanted.get(call.line.item_id, ZERO) - qty
    freed = call.qty - qty
    call.line.called_qty -= freed
    if qty:
        call.qty, call.amount = qty, cents(qty * call.line.price)
    else:
        call.undone_at = at
    return freed
