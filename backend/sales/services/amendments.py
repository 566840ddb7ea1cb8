"""Changing an approved order by revision: before and after are kept, demand and credit follow (SAL-14)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.currency import settle_rate
from backend.kernel.document import claim_version
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import ZERO, plain
from backend.sales.events import SalesOrderAmended
from backend.sales.models import SalesDeliveryLine, SalesOrder, SalesOrderLine
from backend.sales.services import credit, demands
from backend.sales.services.axes import derive_order
from backend.sales.services.checks import CannotAmendOrder, link_to, load_order, require_running
from backend.sales.services.inputs import AmendmentData, LineInput
from backend.sales.services.line_units import in_own_units
from backend.sales.services.lines import build_lines, price_line, price_of, store_lines, sum_up

HEADER = ("requested_date", "ship_to", "customer_ref", "remark")
SHOWN = ("qty", "tax_incl_price", "discount_pct", "requested_date", "cancelled_qty")
DONE = ("shipped_qty", "invoiced_qty", "returned_qty", "override_date", "override_reason")


def amend_order(
    *,
    order_id: UUID,
    data: AmendmentData,
    reason: str,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> SalesOrder:
    """Make the order as ``data`` says. Raises CannotAmendOrder (below what is shipped), CreditExceeded, StaleVersion."""
    with transaction.atomic():
        order = load_order(order_id)
        require_running(order, CannotAmendOrder)
        _require_reason(order, reason)
        claim_version(order, version, at)
        old = {line.pk: line for line in demands.lines_of(order)}
        before = _picture(order, old.values())
        owed = demands.open_amount(order, old.values())
        _fill_header(order, data)
        lines = _amended_lines(order, data, old, actor)
        sum_up(order, lines)
        order.revision += 1
        _guard_credit(order, demands.open_amount(order, lines), owed, at)
        derive_order(order, lines)
        store_lines(order, SalesOrderLine, lines, old)
        order.promise_date = demands.change(order, old.values(), lines, reason=reason, actor=actor, at=at)
        order.save()
        changes = audit.changed_fields(before, _picture(order, lines))
        audit.record(order, "amend", actor=actor, at=at, changes=changes, reason=reason)
        amended = SalesOrderAmended(order.pk, order.number, order.customer_id, order.revision)
        events.publish(amended, actor=actor)
    return order


def _require_reason(order: SalesOrder, reason: str) -> None:
    if not reason.strip():
        raise ValidationRefused(
            _("Say why the order is changed."),
            document=order.number,
            field="reason",
            way_out=_("A few words are enough; they stay with the revision."),
        )


def _fill_header(order: SalesOrder, data: AmendmentData) -> None:
    for name in HEADER:
        value = getattr(data, name)
        if value is not None:
            setattr(order, name, value)
    if data.exchange_rate is not None:
        settle_rate(order, order.currency, data.exchange_rate)


def _amended_lines(
    order: SalesOrder, data: AmendmentData, old: dict[UUID, SalesOrderLine], actor: Actor
) -> list[SalesOrderLine]:
    """Every line of the order as it will be: amended, new, and those left out with what is open cancelled."""
    keyed = [_with_former_values(line, old, order) for line in in_own_units(data.lines)]
    made = build_lines(order, SalesOrderLine, keyed, actor=actor, old=old)
    next_no = max((line.line_no for line in old.values()), default=0) + 1
    for line in made:
        before = old.get(line.pk)
        if before is None:
            line.line_no, next_no = next_no, next_no + 1
            continue
        line.line_no = before.line_no
        for name in DONE:
            setattr(line, name, getattr(before, name))
    kept = {line.pk for line in made}
    gone = [_cancelled(line, order) for line in old.values() if line.pk not in kept]
    problems = [problem for line in made if (problem := _below_shipped(line, order)) is not None]
    if problems:
        raise Refusal.many(problems)
    return sorted([*made, *gone], key=lambda line: line.line_no)


def _with_former_values(line: LineInput, old: dict[UUID, SalesOrderLine], order: SalesOrder) -> LineInput:
    """A kept line without a price keeps its price; one with another item is a new line (the former is cancelled)."""
    before = old.get(line.id) if line.id else None
    if before is None or before.item_id != line.item_id:
        return replace(line, id=None)
    return replace(
        line,
        price=price_of(before, order) if line.price is None else line.price,
        tax_rate=before.tax_rate if line.tax_rate is None else line.tax_rate,
        requested_date=line.requested_date or before.requested_date,
    )


def _cancelled(line: SalesOrderLine, order: SalesOrder) -> SalesOrderLine:
    """The line with all that is not shipped cancelled."""
    made = SalesOrderLine(**{f.attname: getattr(line, f.attname) for f in SalesOrderLine._meta.concrete_fields})
    made.item = line.item
    made.cancelled_qty = line.qty - line.shipped_qty
    price_line(made, price_of(line, order), includes_tax=order.price_includes_tax)
    return made


def _below_shipped(line: SalesOrderLine, order: SalesOrder) -> CannotAmendOrder | None:
    if line.qty >= line.shipped_qty:
        return None
    found = SalesDeliveryLine.objects.filter(order_line=line, document__approval="approved")
    deliveries = [row.document for row in found.select_related("document").order_by("id")[:3]]
    return CannotAmendOrder(
        _("Line %(line)s: %(shipped)s of %(item)s are shipped already with %(others)s.")
        % {
            "line": line.line_no,
            "shipped": f"{line.shipped_qty.normalize():f}",
            "item": line.item,
            "others": ", ".join(str(delivery) for delivery in deliveries),
        },
        document=order.number,
        line=line.line_no,
        field="qty",
        value=line.qty,
        way_out=_("Order at least that much, or take the delivery back."),
        links=[link_to(delivery) for delivery in deliveries],
    )


def _guard_credit(order: SalesOrder, wanted: Any, owed: Any, at: datetime) -> None:
    """More than before must fit into the limit, or under a release for that amount."""
    if wanted <= owed:
        return
    exposure = credit.locked_exposure(order, wanted)
    if exposure and not credit.passes(order, exposure, today=clock.day_of(at)):
        raise credit.exceeded(order, exposure)


def _picture(order: SalesOrder, lines: Sequence[SalesOrderLine] | Any) -> dict[str, Any]:
    """What an amendment can change, as text: the trail shows the pairs that differ."""
    picture: dict[str, Any] = {name: str(getattr(order, name)) for name in HEADER}
    picture["gross_amount"] = str(order.gross_amount)
    picture["exchange_rate"] = "" if order.exchange_rate is None else plain(order.exchange_rate)
    for line in lines:
        label = f"{line.line_no} {line.item.code}"
        for name in SHOWN:
            value = getattr(line, name)
            picture[f"{label} {name}"] = (
                f"{(value or ZERO).normalize():f}" if hasattr(value, "normalize") else str(value)
            )
    return picture
