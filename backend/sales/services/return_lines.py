"""The lines of a sales return: what of which delivery comes back, whether it may, and what it is worth.

All returns of a delivery's line together never take more than left with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.catalog.services.counting import counted_share
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.models import DocumentLink
from backend.kernel.money import ZERO, cents, plain, tax_share, total
from backend.sales.models import (
    ReturnReason,
    ReturnState,
    SalesDelivery,
    SalesDeliveryLine,
    SalesReturn,
    SalesReturnLine,
)
from backend.sales.services.checks import CannotReturn, link_to
from backend.sales.services.inputs import ReturnData, ReturnLineInput
from backend.workflow import parameters

RUNNING = (ReturnState.REQUESTED, ReturnState.AUTHORISED, ReturnState.RECEIVED)


@dataclass
class Sources:
    """The deliveries that a return is made of, locked, with all their lines."""

    deliveries: dict[UUID, SalesDelivery]
    lines: dict[UUID, SalesDeliveryLine]

    def of(self, line: SalesDeliveryLine) -> SalesDelivery:
        return self.deliveries[line.document_id]


def lock_sources(line_ids: Sequence[UUID]) -> Sources:
    """The deliveries of these lines, locked by id, with all their lines; raises NotFoundRefused."""
    wanted = set(line_ids)
    owners = SalesDeliveryLine.objects.filter(pk__in=wanted).values("document_id")
    found = SalesDelivery.objects.select_for_update(of=("self",)).select_related("customer", "warehouse")
    deliveries = {delivery.pk: delivery for delivery in found.filter(pk__in=owners).order_by("pk")}
    rows = SalesDeliveryLine.objects.select_related("item__unit", "order_line").filter(document__in=deliveries)
    lines = {line.pk: line for line in rows.order_by("document", "line_no")}
    if not wanted or wanted - lines.keys():
        raise NotFoundRefused(_("There is no such line."), value=min(wanted - lines.keys(), default=None))
    return Sources(deliveries, lines)


def check_keyed(
    sources: Sources, lines: Sequence[ReturnLineInput], document: SalesReturn, actor: Actor, at: datetime
) -> None:
    """Raise one refusal naming every line that may not come back."""
    _require_one_party(sources, actor)
    asked = _asked_already(sources, document) if actor.kind == "customer" else {}
    since = clock.day_of(at) - timedelta(days=int(parameters.get("sales.return_days")))
    problems: list[Refusal] = []
    for number, given in enumerate(lines, 1):
        line = sources.lines[given.delivery_line_id]
        delivery = sources.of(line)
        left = line.qty - line.returned_qty - asked.get(line.pk, ZERO)
        asked[line.pk] = asked.get(line.pk, ZERO) + given.qty
        if given.reason not in ReturnReason.values:
            problems.append(ValidationRefused(_("Say why it comes back."), line=number, field="reason"))
        elif actor.kind == "customer" and delivery.doc_date < since:
            problems.append(_late(number, delivery, since))
        elif given.qty <= 0 or given.qty > left:
            problems.append(too_much(number, delivery, given.qty, left))
    if problems:
        raise CannotReturn.many(problems)


def _require_one_party(sources: Sources, actor: Actor) -> None:
    found = list(sources.deliveries.values())
    if actor.kind == "customer" and any(delivery.customer_id != actor.party_id for delivery in found):
        raise NotFoundRefused(_("There is no such line."))
    if len({(delivery.customer_id, delivery.warehouse_id) for delivery in found}) > 1:
        raise ValidationRefused(_("One return has one customer and one warehouse."), field="lines")
    for delivery in found:
        if not delivery.is_approved:
            raise CannotReturn(
                _("%(delivery)s has not been shipped.") % {"delivery": delivery},
                field="lines",
                value=delivery.number,
                links=[link_to(delivery)],
            )


def _asked_already(sources: Sources, document: SalesReturn) -> dict[UUID, Decimal]:
    running = SalesReturnLine.objects.filter(delivery_line__in=sources.lines, document__state__in=RUNNING)
    rows = running.exclude(document=document.pk).values_list("delivery_line_id").annotate(qty=Sum("qty"))
    return dict(rows)


def _late(number: int, delivery: SalesDelivery, since: Any) -> CannotReturn:
    return CannotReturn(
        _("Line %(line)s: %(delivery)s was delivered on %(day)s, goods come back within %(days)s days.")
        % {
            "line": number,
            "delivery": delivery,
            "day": delivery.doc_date,
            "days": parameters.get("sales.return_days"),
        },
        code="too_late_to_return",
        line=number,
        field="doc_date",
        value=delivery.doc_date,
        way_out=_("Open a ticket: our service decides."),
    )


def too_much(number: int, delivery: SalesDelivery, qty: Decimal, left: Decimal) -> CannotReturn:
    """The refusal of a quantity beyond what is left of a line."""
    return CannotReturn(
        _("Line %(line)s: %(qty)s of %(delivery)s to come back, but only %(left)s can.")
        % {"line": number, "qty": plain(qty), "delivery": delivery, "left": plain(max(left, ZERO))},
        line=number,
        field="qty",
        value=plain(qty),
        way_out=_("At most %(left)s.") % {"left": plain(max(left, ZERO))},
        links=[link_to(delivery)],
    )


def fill_return(document: SalesReturn, sources: Sources, data: ReturnData, actor: Actor, at: datetime) -> None:
    """Set the header from what was keyed (not saved)."""
    delivery = next(iter(sources.deliveries.values()))
    document.customer, document.warehouse = delivery.customer, delivery.warehouse
    document.currency, document.outcome = delivery.currency, data.outcome
    document.doc_date = data.doc_date or document.doc_date or clock.day_of(at)
    document.remark = data.remark
    if not document.number:
        document.asked_by_customer = actor.kind == "customer"
        document.stamp_created(actor, at)


def make_line(document: SalesReturn, sources: Sources, number: int, given: ReturnLineInput) -> SalesReturnLine:
    """One unsaved line with its worth."""
    source = sources.lines[given.delivery_line_id]
    line = SalesReturnLine(
        document=document,
        line_no=number,
        delivery_line=source,
        delivery_number=sources.of(source).number,
        order_number=source.order_number,
        item=source.item,
        description=source.description,
        lot_id=source.lot_id,
        qty=given.qty,
        **counted_share(source, given.qty),
        reason=given.reason,
        note=given.note.strip()[:200],
        unit_price=source.unit_price,
        tax_incl_price=source.tax_incl_price,
        price_source=source.price_source,
        discount_pct=source.discount_pct,
        tax_rate=source.tax_rate,
    )
    price_line(line, source, given.qty)
    return line


def price_line(line: SalesReturnLine, source: SalesDeliveryLine, qty: Decimal) -> None:
    """The line's amounts and cost: what belongs to all that came back up to it, less what came back before."""
    part = min((source.returned_qty + qty) / source.qty, Decimal(1))
    line.net_amount = cents(source.net_amount * part) - source.returned_net
    line.tax_amount = tax_share(source.net_amount, source.tax_amount, part) - source.returned_tax
    line.gross_amount = line.net_amount + line.tax_amount
    line.cost_amount = cents(source.cost_amount * part) - source.returned_cost


def sum_up(document: SalesReturn, lines: Sequence[SalesReturnLine]) -> None:
    """Set the return's totals from its lines (not saved)."""
    document.net_amount = total(line.net_amount for line in lines)
    document.tax_amount = total(line.tax_amount for line in lines)
    document.gross_amount = total(line.gross_amount for line in lines)
    document.cost_amount = total(line.cost_amount for line in lines)
    document.scrap_amount = total(line.scrap_amount for line in lines)


def link_sources(document: SalesReturn, sources: Sources, lines: Sequence[SalesReturnLine]) -> None:
    """Link the return with the deliveries it is made of."""
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=SalesDelivery.DOC_TYPE,
            source_id=sources.lines[line.delivery_line_id].document_id,
            source_line_id=line.delivery_line_id,
            target_type=SalesReturn.DOC_TYPE,
            target_id=document.pk,
            target_line_id=line.pk,
            qty=line.qty,
        )
        for line in lines
    )
