"""From an approved requisition to draft orders, one for each supplier, or to a request for quotation, in one step.

What is not taken stays open; ``requisition_counts`` keeps the sum from growing beyond what was approved.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.currency import HOME
from backend.kernel.document import Closing, load_locked
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.models import DocumentLink
from backend.kernel.money import ZERO, round_price
from backend.kernel.numbering import next_numbers
from backend.parties.models import Party
from backend.purchasing.events import RequisitionOrdered
from backend.purchasing.models import (
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseRequisition,
    RequisitionLine,
    Rfq,
    RfqLine,
)
from backend.purchasing.services.checks import refuse_stopped_supplier
from backend.purchasing.services.inputs import LineInput, OrderChoice, RfqData, RfqLineInput
from backend.purchasing.services.lines import build_lines, fits_unit, price_line, sum_up, wrong_quantity
from backend.purchasing.services.quota_sharing import Sharing, Want, share_out
from backend.purchasing.services.requisition_counts import CannotOrderRequisition, recount
from backend.purchasing.services.requisition_holds import hold_drafts
from backend.purchasing.services.requisitions import require_approved
from backend.purchasing.services.rfqs import save_rfq
from backend.purchasing.services.saving import new_order

DAYS_TO_QUOTE = 3
Row = tuple[RequisitionLine, Decimal]


def order_requisition(
    *, requisition_id: UUID, choices: Sequence[OrderChoice], actor: Actor, at: datetime
) -> list[PurchaseOrder]:
    """Draft orders, one for each supplier, at agreed prices (the estimate where nothing is agreed).

    A line whose supplier nobody named is bought by the quota of its item, else from the item's own supplier. Raises
    CannotOrderRequisition beyond what was approved, CannotOrderFrom for a stopped supplier, ValidationRefused by line.
    """
    with transaction.atomic():
        document, lines = _to_order(requisition_id)
        chosen = _chosen(document, lines, choices, at)
        suppliers = _suppliers(document, chosen)
        made = [
            _draft(document, suppliers[supplier_id], rows, actor, at)
            for supplier_id, rows in sorted(_by_supplier(chosen).items())
        ]
        _store(document, made, actor, at)
        recount([line.pk for line, _qty, _supplier in chosen], actor=actor, at=at)
        numbers = ", ".join(order.number for order, _lines in made)
        audit.record_many(
            [
                audit.entry(document, "order", actor=actor, at=at, reason=numbers),
                *(audit.entry(order, "create", actor=actor, at=at, reason=document.number) for order, _lines in made),
            ]
        )
        ids = tuple(order.pk for order, _lines in made)
        told = RequisitionOrdered(document.pk, document.number, document.requester_id, order_ids=ids)
        events.publish(told, actor=actor)
    return [order for order, _lines in made]


def _to_order(requisition_id: UUID) -> tuple[PurchaseRequisition, dict[UUID, RequisitionLine]]:
    document = load_locked(PurchaseRequisition, requisition_id)
    require_approved(document)
    if document.closing != Closing.OPEN:
        raise CannotOrderRequisition(
            _("%(document)s is %(state)s.") % {"document": document, "state": document.state_label("closing").lower()},
            document=document.number,
            field="closing",
            value=document.closing,
            way_out=_("Reopen it first."),
        )
    lines = document.lines.select_related("item__unit", "supplier").order_by("line_no")
    return document, {line.pk: line for line in lines}


def _chosen(
    document: PurchaseRequisition, lines: dict[UUID, RequisitionLine], choices: Sequence[OrderChoice], at: datetime
) -> list[tuple[RequisitionLine, Decimal, UUID]]:
    problems: list[Refusal] = []
    found = []
    wanted = [one for one in choices if one.qty]
    if not wanted:
        problems.append(ValidationRefused(_("Nothing is ordered."), document=document.number, field="choices"))
    shared = _by_quota(lines, wanted, at)
    for place, one in enumerate(wanted):
        line = lines.get(one.line_id)
        supplier = one.supplier_id or (line and (line.supplier_id or line.item.supplier_id))
        if line is None:
            problems.append(ValidationRefused(_("There is no such line."), field="line_id", value=one.line_id))
        elif one.qty < 0 or not fits_unit(one.qty, line.item):
            problems.append(wrong_quantity(line.line_no, one.qty, line.item))
        elif place in shared:
            found += [(line, part.qty, part.supplier.pk) for part in shared[place].parts]
        elif not supplier:
            problems.append(
                ValidationRefused(
                    _("%(item)s has no supplier.") % {"item": line.item},
                    code="supplier_missing",
                    document=document.number,
                    line=line.line_no,
                    field=f"supplier-{line.pk}",
                    way_out=_("Choose a supplier here or on the item."),
                )
            )
        else:
            found.append((line, one.qty, supplier))
    if problems:
        raise Refusal.many(problems)
    return found


def _by_quota(
    lines: dict[UUID, RequisitionLine], wanted: Sequence[OrderChoice], at: datetime
) -> dict[Hashable, Sharing]:
    """What quotas decide, by place among the choices: of lines that neither the choice nor the line names a supplier for."""
    wants = [
        Want(place, lines[one.line_id].item, one.qty)
        for place, one in enumerate(wanted)
        if one.qty > 0 and one.line_id in lines and not (one.supplier_id or lines[one.line_id].supplier_id)
    ]
    shared = share_out(wants, day=clock.day_of(at), lock=True)
    return {place: sharing for place, sharing in shared.items() if sharing.parts}


def _suppliers(
    document: PurchaseRequisition, chosen: Sequence[tuple[RequisitionLine, Decimal, UUID]]
) -> dict[UUID, Party]:
    wanted = {supplier_id for _line, _qty, supplier_id in chosen}
    found = Party.objects.select_related("supplier").filter(pk__in=wanted, is_supplier=True, supplier__isnull=False)
    suppliers = {party.pk: party for party in found}
    if len(suppliers) < len(wanted):
        raise ValidationRefused(
            _("There is no such supplier."), field="supplier_id", way_out=_("Choose one of your suppliers.")
        )
    for party in suppliers.values():
        refuse_stopped_supplier(party, document.number, draft=True)
    return suppliers


def _by_supplier(chosen: Sequence[tuple[RequisitionLine, Decimal, UUID]]) -> dict[UUID, list[Row]]:
    groups: dict[UUID, list[Row]] = defaultdict(list)
    for line, qty, supplier_id in chosen:
        groups[supplier_id].append((line, qty))
    return groups


def _draft(
    document: PurchaseRequisition, supplier: Party, rows: Sequence[Row], actor: Actor, at: datetime
) -> tuple[PurchaseOrder, list[PurchaseOrderLine]]:
    order = new_order(
        supplier=supplier,
        warehouse=document.warehouse,
        doc_date=clock.day_of(at),
        requested_date=min(line.requested_date for line, _qty in rows),
        actor=actor,
        at=at,
    )
    order.remark = document.number
    inputs = [
        LineInput(line.item_id, qty, requested_date=line.requested_date, description=line.description)
        for line, qty in rows
    ]
    lines = build_lines(order, inputs)
    for made, (line, _qty) in zip(lines, rows, strict=True):
        made.requisition_line_id = line.pk
        estimate = _estimate_in(order, line)
        if made.price_source == "none" and estimate:
            made.price_source = "estimate"
            price_line(made, estimate, includes_tax=True)
    sum_up(order, lines)
    return order, lines


def _estimate_in(order: PurchaseOrder, line: RequisitionLine) -> Decimal | None:
    """A line's estimate, which is in the company's currency, in the order's; None while its rate is not known."""
    if order.currency == HOME:
        return line.price
    return round_price(line.price / order.exchange_rate) if order.exchange_rate else None


def _store(
    document: PurchaseRequisition,
    made: Sequence[tuple[PurchaseOrder, list[PurchaseOrderLine]]],
    actor: Actor,
    at: datetime,
) -> None:
    numbers = next_numbers(PurchaseOrder.DOC_TYPE, clock.day_of(at), len(made))
    for (order, _lines), number in zip(made, numbers, strict=True):
        order.number = number
    lines = [line for _order, lines in made for line in lines]
    hold_drafts([(order, line) for order, lines in made for line in lines], actor=actor, at=at)
    PurchaseOrder.objects.bulk_create([order for order, _lines in made])
    PurchaseOrderLine.objects.bulk_create(lines)
    _link(document, PurchaseOrder.DOC_TYPE, lines)


def _link(document: PurchaseRequisition, target: str, lines: Sequence[PurchaseOrderLine | RfqLine]) -> None:
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=document.DOC_TYPE,
            source_id=document.pk,
            source_line_id=line.requisition_line_id,
            target_type=target,
            target_id=line.document_id,
            target_line_id=line.pk,
            qty=line.qty,
        )
        for line in lines
    )


def ask_for_quotes(*, requisition_id: UUID, actor: Actor, at: datetime, line_ids: Sequence[UUID] | None = None) -> Rfq:
    """A draft request for quotation over what is open of these lines, or of all; preferred suppliers are asked."""
    with transaction.atomic():
        document, lines = _to_order(requisition_id)
        wanted = [line for line in lines.values() if line.open_qty > ZERO and (not line_ids or line.pk in line_ids)]
        if not wanted:
            raise CannotOrderRequisition(
                _("Nothing of %(document)s is open.") % {"document": document},
                document=document.number,
                field="line_ids",
                way_out=_("It is ordered or asked for already."),
            )
        rfq = save_rfq(data=_asked(document, wanted, at), actor=actor, at=at)
        made = list(rfq.lines.order_by("line_no"))
        for row, line in zip(made, wanted, strict=True):
            row.requisition_line_id = line.pk
        RfqLine.objects.bulk_update(made, ["requisition_line_id"])
        _link(document, Rfq.DOC_TYPE, made)
        recount([line.pk for line in wanted], actor=actor, at=at)
        audit.record(document, "ask_quotes", actor=actor, at=at, reason=rfq.number)
    return rfq


def _asked(document: PurchaseRequisition, lines: Sequence[RequisitionLine], at: datetime) -> RfqData:
    return RfqData(
        title=document.reason or document.number,
        deadline=at + timedelta(days=DAYS_TO_QUOTE),
        lines=[RfqLineInput(line.item_id, line.open_qty, line.requested_date, line.description) for line in lines],
        supplier_ids=sorted({line.supplier_id for line in lines if line.supplier_id}),
        warehouse_id=document.warehouse_id,
        remark=document.number,
    )
