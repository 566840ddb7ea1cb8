"""Consignment: goods go to an agent's location, come back unsold, or are settled as sold.

Quantities, lots, pieces and values are conserved: what is taken out of one place goes into the other with the same value.
Settling takes goods out of the agent's location at their cost; what is sold is invoiced by whoever hears of it (processes).
Locks: document, the agent where he sold, balances.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.services import planning
from backend.availability.services.causes import Cause
from backend.catalog.models import Item
from backend.catalog.services.pricing import ResolvedPrice, resolve_prices
from backend.inventory.models import MoveKind, StockMove, Warehouse
from backend.inventory.services import drafting
from backend.inventory.services.balances import lock_balances
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves, reverse_moves, values_by_role
from backend.inventory.services.other import values_by_line
from backend.inventory.services.transfers import move_goods
from backend.inventory.services.transit import customer_location
from backend.invoicing.services.sides import lock_party
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.currency import HOME
from backend.kernel.document import load_locked
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import line_amounts, total
from backend.parties.models import Party
from backend.sales.events import ConsignmentBooked, ConsignmentEvent, ConsignmentRefused, ConsignmentTakenBack
from backend.sales.models import Consignment, ConsignmentKind, ConsignmentLine
from backend.sales.services.inputs import ConsignmentLineInput

LEAVING: dict[str, str] = {
    ConsignmentKind.OUT: MoveKind.CONSIGN_OUT,
    ConsignmentKind.BACK: MoveKind.CONSIGN_BACK,
    ConsignmentKind.SOLD: MoveKind.CONSIGN_SOLD,
}
AMOUNTS = ("net_amount", "tax_amount", "gross_amount")


# --- drafts ------------------------------------------------------------------------------------
def save_consignment(
    *,
    kind: str,
    customer_id: UUID,
    warehouse_id: UUID,
    doc_date: date,
    lines: Sequence[ConsignmentLineInput],
    actor: Actor,
    at: datetime,
    remark: str = "",
    reported: bool = False,
    document_id: UUID | None = None,
    version: int | None = None,
) -> Consignment:
    """Write a draft, new or again; its lines are replaced. A settlement's price is the customer's unless one is given.

    ``reported`` when the agent himself says what he sold; it stays so when the draft is written again.
    """
    if kind not in ConsignmentKind.values:
        raise ValidationRefused(_("Choose what happens to the goods."), field="kind", value=kind)
    with transaction.atomic():
        document = drafting.open_draft(Consignment, document_id, version, actor, at)
        document.kind, document.doc_date, document.remark = kind, doc_date, remark
        document.reported = document.reported or reported
        document.customer = _customer(customer_id)
        document.warehouse = drafting.warehouse_of(warehouse_id)
        prices = _prices(document, lines)
        made = drafting.lines_of(lines, lambda number, line, item: _line(document, number, line, item, prices))
        drafting.require_lots([(row.line_no, row.item_id, row.lot_id) for row in made], _way(document)[0].pk)
        for name in AMOUNTS:
            setattr(document, name, total(getattr(row, name) for row in made))
        drafting.store(document, made, actor=actor, at=at)
    return document


def _customer(customer_id: UUID) -> Party:
    found = Party.objects.filter(pk=customer_id, is_customer=True).first()
    if found is None:
        raise ValidationRefused(_("Choose a customer."), field="customer_id", value=customer_id)
    return found


def _prices(document: Consignment, lines: Sequence[ConsignmentLineInput]) -> dict[UUID, ResolvedPrice]:
    """Prices agreed with the agent; those in another currency are none of a settlement, which is in the company's own."""
    if document.kind != ConsignmentKind.SOLD or document.customer.currency != HOME:
        return {}
    wanted = [(line.item_id, line.qty) for line in lines if line.price is None]
    return resolve_prices(kind="sales", party=document.customer, items=wanted, at_date=document.doc_date)


def _line(
    document: Consignment,
    number: int,
    line: ConsignmentLineInput,
    item: Item,
    prices: dict[UUID, ResolvedPrice],
) -> ConsignmentLine:
    made = ConsignmentLine(document=document, line_no=number, item_id=item.pk, lot_id=line.lot_id, qty=line.qty)
    if document.kind != ConsignmentKind.SOLD:
        return made
    made.tax_rate = item.tax_code.rate
    price = line.price
    if price is None and item.pk in prices:
        price = prices[item.pk].in_mode(includes_tax=True, tax_rate=made.tax_rate)
    if price is None or price < 0:
        raise _without_price(document, number, item)
    amounts = line_amounts(qty=line.qty, price=price, price_includes_tax=True, tax_rate=made.tax_rate, line=number)
    made.tax_incl_price = amounts.tax_incl_price
    for name in AMOUNTS:
        setattr(made, name, getattr(amounts, name))
    return made


def _without_price(document: Consignment, number: int, item: Item) -> Refusal:
    if document.reported:
        words = _("No price is agreed for %(item)s yet.") % {"item": item.name}
        return drafting.wrong(number, "qty", words, way_out=_("Ask us for the price, please."))
    return drafting.wrong(
        number, "price", _("Line %(line)s, %(item)s: enter the price.") % {"line": number, "item": item}
    )


def _way(document: Consignment) -> tuple[Warehouse, Warehouse | None]:
    """From where to where; what is sold goes nowhere."""
    there = customer_location(document.customer)
    if document.kind == ConsignmentKind.OUT:
        return document.warehouse, there
    return there, document.warehouse if document.kind == ConsignmentKind.BACK else None


# --- booking -----------------------------------------------------------------------------------
def approve_consignment(*, document_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Consignment:
    """Let it happen; raises CannotIssueStock for what is not there. A fixed number of statements whatever the lines."""
    with transaction.atomic():
        document = load_locked(Consignment, document_id)
        drafting.advance(document, "approve", version=version, actor=actor, at=at)
        lines = list(document.lines.select_related("item").order_by("line_no"))
        source, target = _way(document)
        if target is None:
            lock_party(document.customer_id)
        lock_balances((line.item_id, place.pk) for line in lines for place in (source, target) if place)
        moves = _move(document, lines, source, target, actor, at)
        worth = values_by_line(move for move in moves if move.qty_out)
        for line in lines:
            line.cost_amount = worth[line.pk]
        update_rows(lines, ("cost_amount",))
        document.cost_amount = total(line.cost_amount for line in lines)
        document.save(update_fields=["cost_amount"])
        _plan(document, lines, "consignment", actor, at)
        events.publish(told(ConsignmentBooked, document, moves), actor=actor)
    return document


def _move(
    document: Consignment,
    lines: Sequence[ConsignmentLine],
    source: Warehouse,
    target: Warehouse | None,
    actor: Actor,
    at: datetime,
) -> list[StockMove]:
    issues = [
        MoveInput(
            kind=LEAVING[document.kind],
            item_id=line.item_id,
            warehouse_id=source.pk,
            qty_out=line.qty,
            lot_id=line.lot_id,
            party_id=document.customer_id,
            doc_line_id=line.pk,
        )
        for line in lines
    ]
    if target is None:
        return post_moves(issues, document=document, actor=actor, at=at)
    return move_goods(issues, MoveKind.CONSIGN_IN, target.pk, document=document, actor=actor, at=at)


def _plan(document: Consignment, lines: Sequence[ConsignmentLine], cause: str, actor: Actor, at: datetime) -> None:
    """What waits in our warehouse gets what came back; what left is promised to nobody any more."""
    if document.kind != ConsignmentKind.SOLD:
        pairs = {(line.item_id, document.warehouse_id) for line in lines}
        planning.replan(pairs, cause=Cause.of(cause, document, by=actor), actor=actor, at=at)


def unapprove_consignment(
    *, document_id: UUID, actor: Actor, at: datetime, reason: str = "", version: int | None = None
) -> Consignment:
    """Take it back, as long as the goods are where they went."""
    with transaction.atomic():
        document = load_locked(Consignment, document_id)
        drafting.advance(document, "unapprove", version=version, actor=actor, at=at, reason=reason)
        lines = list(document.lines.select_related("item"))
        if document.kind == ConsignmentKind.SOLD:
            lock_party(document.customer_id)
        moves = reverse_moves(document=document, actor=actor, at=at)
        _plan(document, lines, "consignment_taken_back", actor, at)
        events.publish(told(ConsignmentTakenBack, document, moves), actor=actor)
    return document


def void_consignment(*, document_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Consignment:
    """Throw a draft away; an agent who reported it is told."""
    with transaction.atomic():
        document = drafting.void(Consignment, document_id, actor=actor, at=at, reason=reason)
        if document.reported:
            events.publish(told(ConsignmentRefused, document, reason=reason), actor=actor)
    return document


def told(kind: type[ConsignmentEvent], document: Consignment, moves: Sequence[StockMove] = (), **more: Any) -> Any:
    """``values`` by role of our inventory accounts: minus what came back; what was sold has its cost alone."""
    left = [move for move in moves if move.qty_out and move.kind != MoveKind.REVERSAL]
    sign = Decimal(-1) if document.kind == ConsignmentKind.BACK else Decimal(1)
    return kind(
        document.pk,
        number=document.number,
        doc_date=document.doc_date,
        kind=document.kind,
        customer_id=document.customer_id,
        customer_name=document.customer.label,
        values=tuple((role, sign * value) for role, value in values_by_role(left)),
        cost=document.cost_amount,
        net=document.net_amount,
        tax=document.tax_amount,
        gross=document.gross_amount,
        **more,
    )
