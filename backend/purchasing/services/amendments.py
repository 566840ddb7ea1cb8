"""Amending an approved order: a revision that keeps before and after, and asks the supplier again."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.currency import settle_rate
from backend.kernel.document import claim_version, load_locked
from backend.kernel.errors import Refusal
from backend.kernel.language import in_books
from backend.purchasing import schedule
from backend.purchasing.events import PurchaseOrderAmended
from backend.purchasing.models import ConfirmationState, LineState, PurchaseOrder, PurchaseOrderLine
from backend.purchasing.schedule import Plan
from backend.purchasing.services import material_demand, prices, supplies
from backend.purchasing.services.ahead_floor import problems_below
from backend.purchasing.services.axes import derive_axes, derive_closing
from backend.purchasing.services.checks import (
    CannotEditOrder,
    refuse_stopped_supplier,
    require_running,
    supplier_of,
)
from backend.purchasing.services.inputs import LineInput
from backend.purchasing.services.line_units import KeyedLine, in_own_units, keyed_as
from backend.purchasing.services.lines import (
    check_line,
    items_of,
    make_line,
    price_line,
    price_of,
    resolve_missing_prices,
    sum_up,
)
from backend.purchasing.services.plans import load_plans, save_plans
from backend.purchasing.services.requisition_holds import lock_requisitions

_COMPARED = ("qty", "cancelled_qty", "light_qty", "requested_date", "tax_incl_price", "unit_price", "discount_pct")
_WRITTEN = (
    *_COMPARED,
    "net_amount",
    "tax_amount",
    "gross_amount",
    "price_source",
    "price_reason",
    "state",
    "confirmed_qty",
    "line_unit",
    "line_qty",
)


def amend_order(
    *,
    order_id: UUID,
    actor: Actor,
    at: datetime,
    lines: Sequence[LineInput] = (),
    reason: str = "",
    version: int | None = None,
    exchange_rate: Decimal | None = None,
) -> PurchaseOrder:
    """Change lines of an approved order (by id; quantity 0 cancels what is open) and add new ones.

    Lines that are not named stay. Changed lines wait for the supplier's answer again; another ``exchange_rate`` is no
    matter of his, and holds for what is still to come. Raises CannotEditOrder when a quantity falls below what is on
    its way, here or invoiced before it came, PriceReasonNeeded when a price rises too far in silence (the reason of the
    amendment counts).
    """
    with transaction.atomic():
        order = load_locked(PurchaseOrder, order_id)
        require_running(order, CannotEditOrder)
        claim_version(order, version, at)
        existing = {line.pk: line for line in _lines_of(order)}
        lock_requisitions(line.requisition_line_id for line in existing.values())
        lines = in_own_units(lines)
        _refuse_unknown(order, existing, lines)
        before = {line_id: _facts(line) for line_id, line in existing.items()}
        _refuse_more_from_stopped(order, existing, lines)
        changed = _change(order, existing, [line for line in lines if line.id])
        added = _add(order, existing, [line for line in lines if not line.id])
        rate = _rerate(order, exchange_rate)
        if rate and not changed and not added:
            order.save()
            audit.record(order, "amend", actor=actor, at=at, changes=rate, reason=reason)
            return order
        prices.settle_rises(order, _repriced(before, [*changed, *added]), reason=reason)
        everything = [*existing.values(), *added]
        _store(order, everything, changed, added)
        plans = _replan(changed, added)
        changes = rate | _changes(before, [*changed, *added])
        audit.record(order, "amend", actor=actor, at=at, changes=changes, reason=reason)
        text = in_books(lambda: _("%(order)s was amended: %(reason)s") % {"order": order, "reason": reason})
        cause = supplies.cause_of(order, "purchase_order_amended", text)
        material_demand.keep(order, cause=cause, actor=actor, at=at)
        supplies.replace([order], [*changed, *added], plans, cause=cause, actor=actor, at=at)
        events.publish(PurchaseOrderAmended(order.pk, order.number, order.supplier_id, order.revision), actor=actor)
    return order


def _rerate(order: PurchaseOrder, keyed: Decimal | None) -> dict[str, list[str]]:
    """Set another rate (not saved); returns the change for the trail. What has come keeps its figures."""
    if keyed is None:
        return {}
    before = order.exchange_rate
    settle_rate(order, order.currency, keyed)
    return audit.changed_fields({"exchange_rate": before}, {"exchange_rate": order.exchange_rate})


def _refuse_more_from_stopped(
    order: PurchaseOrder, existing: dict[UUID, PurchaseOrderLine], lines: Sequence[LineInput]
) -> None:
    """Less is always possible; a new line or a larger quantity is a new order in other words."""
    if any(line.id not in existing or line.qty > existing[line.id].wanted_qty for line in lines):
        refuse_stopped_supplier(supplier_of(order.supplier_id), order.number)


def _refuse_unknown(order: PurchaseOrder, existing: dict[UUID, PurchaseOrderLine], lines: Sequence[LineInput]) -> None:
    """A line that is named is one of this order's, and named once."""
    named = [line.id for line in lines if line.id]
    for line_id in named:
        if line_id not in existing or named.count(line_id) > 1:
            raise CannotEditOrder(
                _("There is no such line.") if line_id not in existing else _("A line is named twice."),
                code="no_such_line",
                document=order.number,
                field="lines",
                value=line_id,
            )


def _lines_of(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    found = PurchaseOrderLine.objects.select_related("item__unit", "item__category", "item__tax_code")
    return list(found.filter(document=order).order_by("line_no"))


def _repriced(before: dict[UUID, dict[str, object]], lines: Sequence[PurchaseOrderLine]) -> list[PurchaseOrderLine]:
    """The lines that are new or have another price."""
    return [line for line in lines if before.get(line.pk, {}).get("unit_price") != line.unit_price]


def _facts(line: PurchaseOrderLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in _COMPARED}


def _change(
    order: PurchaseOrder, existing: dict[UUID, PurchaseOrderLine], inputs: Sequence[LineInput]
) -> list[PurchaseOrderLine]:
    changed: list[PurchaseOrderLine] = []
    lowered = [(existing[given.id], given.qty) for given in inputs if given.id]
    problems: list[Refusal] = [*problems_below(order, lowered, CannotEditOrder)]
    for given in inputs:
        line = existing[given.id]  # type: ignore[index]
        problems += _problems(order, line, given)
        if not problems:
            before = _facts(line)
            _apply(order, line, given)
            changed += [line] if _facts(line) != before else []
    if problems:
        raise CannotEditOrder.many(problems)
    return changed


def _problems(order: PurchaseOrder, line: PurchaseOrderLine, given: LineInput) -> list[Refusal]:
    done = max(line.shipped_qty, line.received_qty)
    if given.qty < done:
        return [
            CannotEditOrder(
                _("%(done)s of line %(line)s are on their way or here already.")
                % {"done": supplies.quantity(done), "line": line.line_no},
                code="below_done_quantity",
                document=order.number,
                line=line.line_no,
                field="qty",
                value=given.qty,
                way_out=_("Order at least %(done)s.") % {"done": supplies.quantity(done)},
            )
        ]
    if given.qty == 0:
        return []
    problems = check_line(line.line_no, given, line.item)
    less = given.qty <= line.wanted_qty  # of what is not bought any more less may be taken, or later
    return [problem for problem in problems if not (less and problem.code == "item_not_purchasable")]


def _apply(order: PurchaseOrder, line: PurchaseOrderLine, given: LineInput) -> None:
    if line.cancelled_qty and line.wanted_qty == given.qty:
        pass  # what was cancelled of it, or given up as weighed, stays so
    elif given.qty:
        if line.wanted_qty != given.qty or isinstance(given, KeyedLine):
            for name, value in keyed_as(given).items():
                setattr(line, name, value)
        line.qty, line.cancelled_qty, line.light_qty = given.qty, Decimal(0), Decimal(0)
    else:
        line.cancelled_qty = line.qty
    line.requested_date = given.requested_date or line.requested_date
    line.discount_pct = given.discount_pct
    price = price_of(line, order) if given.price is None else given.price
    line.price_source = line.price_source if given.price is None else "manual"
    line.price_reason = given.price_reason.strip()[:200]
    price_line(line, price, includes_tax=order.price_includes_tax)


def _add(
    order: PurchaseOrder, existing: dict[UUID, PurchaseOrderLine], inputs: Sequence[LineInput]
) -> list[PurchaseOrderLine]:
    if not inputs:
        return []
    items = items_of(line.item_id for line in inputs)
    first = max((line.line_no for line in existing.values()), default=0) + 1
    numbered = list(enumerate(inputs, first))
    problems = [found for no, line in numbered for found in check_line(no, line, items.get(line.item_id))]
    if problems:
        raise CannotEditOrder.many(problems)
    resolved = resolve_missing_prices(order, inputs)
    return [
        make_line(order, no, line, items[line.item_id], resolved.get(place))
        for place, (no, line) in enumerate(numbered)
    ]


def _store(
    order: PurchaseOrder,
    everything: Sequence[PurchaseOrderLine],
    changed: Sequence[PurchaseOrderLine],
    added: Sequence[PurchaseOrderLine],
) -> None:
    for line in changed:
        line.state = LineState.OPEN
        line.confirmed_qty = max(line.shipped_qty, line.received_qty)
    if changed:
        update_rows(changed, _WRITTEN)
    PurchaseOrderLine.objects.bulk_create(added)
    order.confirmations.filter(state=ConfirmationState.PROPOSED).update(state=ConfirmationState.SUPERSEDED)
    order.revision += 1
    sum_up(order, everything)
    derive_axes(order, everything)
    derive_closing(order, everything)
    order.save()


def _replan(changed: Sequence[PurchaseOrderLine], added: Sequence[PurchaseOrderLine]) -> dict[UUID, Plan]:
    """Parts that are on their way or here stay; the rest is asked for anew."""
    before = load_plans([line.pk for line in changed])
    after: dict[UUID, Plan] = {line.pk: schedule.requested(line.qty, line.requested_date) for line in added}
    for line in changed:
        rest = [(line.unshipped_qty, line.requested_date)] if line.unshipped_qty else []
        after[line.pk] = schedule.answer(before[line.pk], rest, confirmed=False, revision=0, reason="")
    save_plans(before, after)
    return after


def _changes(before: dict[UUID, dict[str, object]], lines: Sequence[PurchaseOrderLine]) -> dict[str, list[str]]:
    """For the trail: what differs, by line."""
    changes: dict[str, list[str]] = {}
    for line in lines:
        differing = audit.changed_fields(before.get(line.pk, {}), _facts(line))
        changes |= {f"{line.line_no}.{name}": values for name, values in differing.items()}
    return changes
