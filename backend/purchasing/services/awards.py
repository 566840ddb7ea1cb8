"""Award: draft orders with the offer on every line, prices agreed for as long as they were offered, in one transaction.

Undone while every order of the award is a draft.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.catalog.services.agreeing import AgreedPrice, agree_prices, forget_prices
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.currency import settle_rate
from backend.kernel.document import Approval, claim_version
from backend.kernel.errors import Conflict, Refusal, ValidationRefused, WayOut
from backend.kernel.ids import uuid7
from backend.kernel.language import in_books
from backend.kernel.models import DocumentLink
from backend.kernel.money import plain, total
from backend.kernel.numbering import next_numbers
from backend.parties.models import Party
from backend.parties.services.suppliers import require_orderable
from backend.purchasing.comparison import Offer
from backend.purchasing.events import RfqAwarded
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, Rfq, RfqAward, RfqInvitation
from backend.purchasing.selectors.rfqs import Comparison, compare, rfq_for
from backend.purchasing.services.inputs import AwardInput, LineInput
from backend.purchasing.services.lines import fits_unit, items_of, make_line, sum_up, wrong_quantity
from backend.purchasing.services.orders import void_order
from backend.purchasing.services.requisition_counts import follow_rfq
from backend.purchasing.services.requisition_holds import hold_drafts
from backend.purchasing.services.rfqs import STATE
from backend.purchasing.services.saving import new_order


class CannotAwardRfq(Conflict):
    code = "cannot_award_rfq"


class ReasonNeeded(CannotAwardRfq):
    """Not the cheapest offer, and nobody said why."""

    code = "award_reason_needed"


class CannotUndoAward(Conflict):
    code = "cannot_undo_award"


Chosen = list[tuple[AwardInput, Offer]]


def award_rfq(*, rfq_id: UUID, awards: Sequence[AwardInput], actor: Actor, at: datetime) -> list[PurchaseOrder]:
    """One draft order for each supplier awarded. A line may be split; nobody gets more than was asked in all.

    Raises ReasonNeeded where a cheaper offer is passed over in silence, CannotAwardRfq, CannotOrderFrom.
    """
    with transaction.atomic():
        rfq = _locked(rfq_id)
        before = STATE.advance(rfq, "award")
        comparison = compare(rfq, today=clock.day_of(at))
        chosen = _check(comparison, awards)
        suppliers = _suppliers(rfq, chosen)
        require_orderable(suppliers.values(), purpose="draft", document=rfq.number)
        made = _draft_orders(rfq, comparison, chosen, suppliers, actor, at)
        _agree(comparison, chosen, suppliers, rfq, actor, at)
        rfq.awarded_at = at
        claim_version(rfq, None, at)
        rfq.save()
        reasons = " · ".join(sorted({one.reason for one, _offer in chosen if one.reason}))
        audit.record(rfq, "award", actor=actor, at=at, axis="state", before=before, after=rfq.state, reason=reasons)
        lost = tuple(party for party in comparison.quotes if party not in suppliers)
        ids = tuple(order.pk for order in made)
        events.publish(RfqAwarded(rfq.pk, rfq.number, lost, order_ids=ids), actor=actor)
    return made


def _locked(rfq_id: UUID) -> Rfq:
    """The request locked, and read whole as comparing needs it."""
    number = Rfq.objects.select_for_update().filter(pk=rfq_id).values_list("number", flat=True).first()
    return rfq_for(Actor.system(), number or "")


# --- what must hold ----------------------------------------------------------------------------
def _check(comparison: Comparison, awards: Sequence[AwardInput]) -> Chosen:
    wanted = [one for one in awards if one.qty]
    if not wanted:
        raise CannotAwardRfq(
            _("Nothing is awarded."), document=comparison.rfq.number, field="awards",
            way_out=_("Give a quantity to one supplier at least."),
        )  # fmt: skip
    chosen: Chosen = []
    problems: list[Refusal] = []
    for one in wanted:
        offer = comparison.offer(one.rfq_line_id, one.supplier_id, one.qty)
        if offer is None:
            problems.append(ValidationRefused(_("This supplier did not offer this line."), field="awards"))
            continue
        found = list(_problems(comparison, one, offer))
        problems += found
        chosen.append((one, offer))
    problems += _too_much(comparison, chosen)
    if problems:
        raise problems[0] if len(problems) == 1 else CannotAwardRfq.many(problems)
    return chosen


def _problems(comparison: Comparison, one: AwardInput, offer: Offer) -> Iterator[Refusal]:
    item, no = offer.line.item, offer.line.line_no
    cell = f"qty-{one.rfq_line_id}-{one.supplier_id}"
    if one.qty < 0 or not fits_unit(one.qty, item):
        yield wrong_quantity(no, one.qty, item)
    elif one.qty < offer.quote_line.min_qty:
        yield CannotAwardRfq(
            _("%(item)s: the supplier sells %(least)s or more.")
            % {"item": item, "least": plain(offer.quote_line.min_qty)},
            code="below_minimum", line=no, field=cell, value=one.qty,
            way_out=_("Award the minimum or choose another supplier."),
        )  # fmt: skip
    if offer.expired:
        yield CannotAwardRfq(
            _("The offer for line %(line)s has expired.") % {"line": no},
            code="quote_expired", line=no, field=cell,
            way_out=_("Ask the supplier again."),
        )  # fmt: skip
    best = cheapest(comparison, one.rfq_line_id)
    if best is not None and best.supplier_id != one.supplier_id and not one.reason.strip():
        mine = comparison.offer(one.rfq_line_id, one.supplier_id, offer.line.qty)
        if mine is not None and mine.landed > best.landed:
            yield ReasonNeeded(
                _("Line %(line)s: another offer lies here for %(best)s, this one for %(mine)s.")
                % {"line": no, "best": plain(best.landed.normalize()), "mine": plain(mine.landed.normalize())},
                line=no, field=f"reason-{one.rfq_line_id}", value=one.supplier_id,
                way_out=_("Say why, or award the cheapest."),
            )  # fmt: skip


def cheapest(comparison: Comparison, line_id: UUID) -> Offer | None:
    """The offer of a line that costs least once it lies here, of those that sell as little as was asked."""
    offers = [one.offer for one in comparison.by_line[line_id] if one.by_cost]
    return next((offer for offer in offers if offer.quote_line.min_qty <= offer.qty), None)


def _too_much(comparison: Comparison, chosen: Chosen) -> Iterator[Refusal]:
    sums: dict[UUID, Decimal] = defaultdict(Decimal)
    for one, _offer in chosen:
        sums[one.rfq_line_id] += one.qty
    for line_id, qty in sums.items():
        line = comparison.lines[line_id]
        if qty > line.qty:
            yield CannotAwardRfq(
                _("Line %(line)s: %(given)s are awarded, %(asked)s were asked.")
                % {"line": line.line_no, "given": plain(qty), "asked": plain(line.qty)},
                code="awarded_too_much", line=line.line_no, field=f"line-{line_id}", value=qty,
                way_out=_("Award at most what was asked."),
            )  # fmt: skip
    if len({(one.rfq_line_id, one.supplier_id) for one, _offer in chosen}) < len(chosen):
        yield ValidationRefused(_("A supplier is named twice for a line."), field="awards")


def _suppliers(rfq: Rfq, chosen: Chosen) -> dict[UUID, Party]:
    winners = {one.supplier_id for one, _offer in chosen}
    asked: list[RfqInvitation] = list(rfq.invitations.all())
    return {row.supplier_id: row.supplier for row in asked if row.supplier_id in winners}


# --- what it leads to --------------------------------------------------------------------------
def _draft_orders(
    rfq: Rfq, comparison: Comparison, chosen: Chosen, suppliers: dict[UUID, Party], actor: Actor, at: datetime
) -> list[PurchaseOrder]:
    items = items_of(offer.line.item_id for _one, offer in chosen)
    groups: dict[UUID, Chosen] = defaultdict(list)
    for one, offer in chosen:
        groups[one.supplier_id].append((one, offer))
    numbers = next_numbers(PurchaseOrder.DOC_TYPE, clock.day_of(at), len(groups))
    orders, lines, awards = [], [], []
    for number, supplier_id in zip(numbers, sorted(groups), strict=True):
        rows = sorted(groups[supplier_id], key=lambda pair: pair[1].line.line_no)
        quote = comparison.quotes[supplier_id]
        order = new_order(
            supplier=suppliers[supplier_id],
            warehouse=rfq.warehouse,
            doc_date=clock.day_of(at),
            requested_date=min(offer.line.need_date for _one, offer in rows),
            actor=actor,
            at=at,
        )
        order.number, order.price_includes_tax = number, quote.includes_tax
        settle_rate(order, quote.currency, _rate_of(rfq, supplier_id))
        order.remark = _remark(rfq, quote)
        own = [_line(order, no, one, offer, items) for no, (one, offer) in enumerate(rows, 1)]
        sum_up(order, own)
        orders.append(order)
        lines += own
        awards += [_award(rfq, order, one, offer) for one, offer in rows]
    by_id = {order.pk: order for order in orders}
    hold_drafts([(by_id[line.document_id], line) for line in lines], actor=actor, at=at)
    PurchaseOrder.objects.bulk_create(orders)
    PurchaseOrderLine.objects.bulk_create(lines)
    RfqAward.objects.bulk_create(awards)
    _link(rfq, lines, {offer.quote_line.pk: offer for _one, offer in chosen})
    audit.record_many(audit.entry(order, "create", actor=actor, at=at, reason=rfq.number) for order in orders)
    return orders


def _rate_of(rfq: Rfq, supplier_id: UUID) -> Decimal | None:
    """The rate that the offers were compared at; one that nobody gave is not known."""
    asked: list[RfqInvitation] = list(rfq.invitations.all())
    return next((row.exchange_rate for row in asked if row.supplier_id == supplier_id and row.exchange_rate != 1), None)


def _remark(rfq: Rfq, quote: object) -> str:
    freight: Decimal = quote.freight  # type: ignore[attr-defined]
    words = [rfq.number]
    if freight:
        words.append(in_books(lambda: _("freight as quoted: %(amount)s") % {"amount": f"{freight:,.2f}"}))
    return " · ".join(words)


def _line(
    order: PurchaseOrder, line_no: int, one: AwardInput, offer: Offer, items: dict[UUID, Item]
) -> PurchaseOrderLine:
    row = offer.quote_line
    given = LineInput(
        item_id=offer.line.item_id,
        qty=one.qty,
        price=offer.price,
        tax_rate=row.tax_rate,
        requested_date=offer.line.need_date,
        description=row.alternate or offer.line.description,
        price_reason=one.reason,
    )
    line = make_line(order, line_no, given, items[offer.line.item_id], None)
    line.price_source, line.quote_line_id = "quote", row.pk
    line.requisition_line_id = offer.line.requisition_line_id
    return line


def _award(rfq: Rfq, order: PurchaseOrder, one: AwardInput, offer: Offer) -> RfqAward:
    return RfqAward(
        id=uuid7(),
        rfq=rfq,
        rfq_line=offer.line,
        quote_line=offer.quote_line,
        supplier_id=one.supplier_id,
        order=order,
        qty=one.qty,
        price=offer.price,
        landed=offer.landed,
        reason=one.reason.strip()[:300],
    )


def _link(rfq: Rfq, lines: Sequence[PurchaseOrderLine], offers: dict[UUID, Offer]) -> None:
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=Rfq.DOC_TYPE,
            source_id=rfq.pk,
            source_line_id=offers[line.quote_line_id].line.pk,  # type: ignore[index]
            target_type=PurchaseOrder.DOC_TYPE,
            target_id=line.document_id,
            target_line_id=line.pk,
            qty=line.qty,
        )
        for line in lines
    )


def _agreed(
    comparison: Comparison, pairs: Sequence[tuple[UUID, Offer]], suppliers: dict[UUID, Party], day: date
) -> list[AgreedPrice]:
    found = []
    for supplier_id, offer in pairs:
        quote = comparison.quotes[supplier_id]
        steps = [(Decimal(0), offer.quote_line.price)]
        steps += [(step.from_qty, step.price) for step in offer.quote_line.steps.all()]
        found += [
            AgreedPrice(
                suppliers[supplier_id],
                offer.line.item_id,
                from_qty,
                price,
                quote.includes_tax,
                day,
                quote.valid_until,
            )
            for from_qty, price in steps
        ]
    once = {(each.party.pk, each.item_id, each.min_qty): each for each in found}
    return list(once.values())


def _agree(
    comparison: Comparison, chosen: Chosen, suppliers: dict[UUID, Party], rfq: Rfq, actor: Actor, at: datetime
) -> None:
    pairs = [(one.supplier_id, offer) for one, offer in chosen]
    agree_prices(prices=_agreed(comparison, pairs, suppliers, clock.day_of(at)), actor=actor, at=at, reason=rfq.number)


def unaward_rfq(*, rfq_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Rfq:
    """Take the award back while its orders are drafts: they are voided, the agreed prices leave the lists."""
    with transaction.atomic():
        rfq = _locked(rfq_id)
        before = STATE.advance(rfq, "unaward")
        awards = list(RfqAward.objects.filter(rfq=rfq).select_related("order", "supplier").order_by("id"))
        orders = {award.order_id: award.order for award in awards}
        stands = [one for one in orders.values() if not (one.is_draft or one.approval == Approval.VOIDED)]
        if stands:
            raise CannotUndoAward(
                _("%(order)s is %(state)s.") % {"order": stands[0], "state": stands[0].state_label("approval").lower()},
                document=rfq.number,
                field="approval",
                value=stands[0].number,
                way_out=_("Take %(order)s back to a draft first.") % {"order": stands[0]},
                links=[WayOut(one.number, doc_type=one.DOC_TYPE, number=one.number) for one in stands],
            )
        _forget(rfq, awards)
        for order in orders.values():
            if order.approval != Approval.VOIDED:
                void_order(order_id=order.pk, actor=actor, at=at, reason=reason or rfq.number)
        RfqAward.objects.filter(rfq=rfq).delete()
        rfq.awarded_at = None
        claim_version(rfq, None, at)
        rfq.save()
        follow_rfq(rfq.pk, actor=actor, at=at)
        audit.record(rfq, "unaward", actor=actor, at=at, axis="state", before=before, after=rfq.state, reason=reason)
    return rfq


def _forget(rfq: Rfq, awards: Sequence[RfqAward]) -> None:
    assert rfq.awarded_at is not None
    day = clock.day_of(rfq.awarded_at)
    comparison = compare(rfq, today=day)
    suppliers = {award.supplier_id: award.supplier for award in awards}
    pairs = [
        (award.supplier_id, offer)
        for award in awards
        if (offer := comparison.offer(award.rfq_line_id, award.supplier_id, award.qty))
    ]
    forget_prices(_agreed(comparison, pairs, suppliers, day))


def awarded_total(awards: Sequence[RfqAward]) -> Decimal:
    """What the awards cost once they lie here."""
    return total(award.landed * award.qty for award in awards)
