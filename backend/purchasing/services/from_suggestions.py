"""Purchase orders from suggestions: one for each supplier and warehouse, linked to the demand behind them.

Balances are locked before the suggestions are: replanning takes them in the same order.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.models import Peg, Suggestion, SuggestionState
from backend.availability.services import suggestions
from backend.inventory.services import balances
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused
from backend.kernel.models import DocumentLink
from backend.kernel.numbering import next_numbers
from backend.parties.models import Party
from backend.purchasing.events import SuggestionsOrdered
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.checks import refuse_stopped_supplier, supplier_of
from backend.purchasing.services.inputs import LineInput
from backend.purchasing.services.lines import build_lines, sum_up
from backend.purchasing.services.saving import new_order
from backend.workflow import parameters

UNDECIDED = (SuggestionState.LIVE, SuggestionState.SNOOZED)


class CannotAcceptSuggestion(Conflict):
    code = "cannot_accept_suggestion"


class RequestFirst(Conflict):
    """The company buys on request."""

    code = "request_first"


def order_from_suggestions(
    *,
    suggestion_ids: Sequence[UUID],
    actor: Actor,
    at: datetime,
    quantities: Mapping[UUID, Decimal] | None = None,
    supplier_id: UUID | None = None,
) -> list[PurchaseOrder]:
    """Drafts that buy what is suggested, or ``quantities`` where somebody knows better.

    ``supplier_id`` is for items that have no supplier of their own. Raises CannotAcceptSuggestion
    for every suggestion that is decided already or has no supplier, RequestFirst where the company buys on request.
    """
    refuse_without_request()
    with transaction.atomic():
        chosen = lock_undecided(suggestion_ids)
        given = supplier_of(supplier_id) if supplier_id else None
        require_undecided(chosen)
        _require_suppliers(chosen, given)
        groups = _by_supplier(chosen, given)
        orders = [_draft(key, rows, quantities or {}, given, actor, at) for key, rows in groups.items()]
        _store(orders, at)
        accepted = [
            suggestions.Acceptance(line.suggestion_id, order.pk, line.pk, line.qty, order.number)
            for order, made in orders
            for line in made
            if line.suggestion_id
        ]
        suggestions.mark_accepted(accepted, actor=actor, at=at)
        _link_to_demand([line for _order, made in orders for line in made])
        audit.record_many(
            audit.entry(order, "create", actor=actor, at=at, changes={"suggestions": ["", str(len(made))]})
            for order, made in orders
        )
        events.publish_all([_ordered(order, made) for order, made in orders], actor=actor)
    return [order for order, _lines in orders]


def _ordered(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> SuggestionsOrdered:
    suggested = tuple(line.suggestion_id for line in lines if line.suggestion_id)
    return SuggestionsOrdered(order.pk, order.number, order.supplier_id, suggested)


def lock_undecided(suggestion_ids: Sequence[UUID]) -> list[Suggestion]:
    """The suggestions under the locks of their balances; raises NotFoundRefused for one that nothing needs any more."""
    wanted = set(suggestion_ids)
    pairs = Suggestion.objects.filter(pk__in=wanted).values_list("item_id", "warehouse_id")
    balances.lock_balances(list(pairs))
    found = list(
        Suggestion.objects.select_for_update(of=("self",))
        .select_related("item", "warehouse", "supplier__supplier")
        .filter(pk__in=wanted)
        .order_by("pk")
    )
    missing = wanted - {row.pk for row in found}
    if missing or not found:
        raise NotFoundRefused(
            _("This suggestion is not needed any more."),
            value=min(missing, default=None),
            way_out=_("Reload the list: suggestions follow demand and stock."),
        )
    return found


def require_undecided(chosen: Sequence[Suggestion]) -> None:
    """Raises CannotAcceptSuggestion naming every one that is decided already."""
    problems = [
        CannotAcceptSuggestion(
            _("%(item)s: this suggestion was decided already.") % {"item": row.item},
            field="state",
            value=row.state,
            way_out=_("Reload the list: suggestions follow demand and stock."),
        )
        for row in chosen
        if row.state not in UNDECIDED
    ]
    if problems:
        raise CannotAcceptSuggestion.many(problems)


def _require_suppliers(chosen: Sequence[Suggestion], given: Party | None) -> None:
    problems = [
        CannotAcceptSuggestion(
            _("%(item)s has no supplier.") % {"item": row.item},
            code="supplier_missing",
            field="supplier_id",
            value=row.item.code,
            way_out=_("Choose a supplier here or on the item."),
        )
        for row in chosen
        if row.supplier is None and given is None
    ]
    if problems:
        raise CannotAcceptSuggestion.many(problems)


def refuse_without_request() -> None:
    """Where the company buys on request, what is suggested is requested first."""
    if parameters.get("purchasing.request_first"):
        raise RequestFirst(
            _("The company buys on request: what is suggested becomes a requisition, not an order."),
            field="suggestion_ids",
            way_out=_("Make a requisition of it; once it is approved it is ordered."),
        )


def _by_supplier(chosen: Sequence[Suggestion], given: Party | None) -> dict[tuple[UUID, UUID], list[Suggestion]]:
    groups: dict[tuple[UUID, UUID], list[Suggestion]] = defaultdict(list)
    for row in chosen:
        supplier = given or row.supplier
        assert supplier is not None
        groups[supplier.pk, row.warehouse_id].append(row)
    return dict(sorted(groups.items()))


def _draft(
    key: tuple[UUID, UUID],
    rows: Sequence[Suggestion],
    quantities: Mapping[UUID, Decimal],
    given: Party | None,
    actor: Actor,
    at: datetime,
) -> tuple[PurchaseOrder, list[PurchaseOrderLine]]:
    supplier = given or rows[0].supplier
    assert supplier is not None
    refuse_stopped_supplier(supplier, rows[0].item.code, draft=True)
    order = new_order(
        supplier=supplier,
        warehouse=rows[0].warehouse,
        doc_date=clock.day_of(at),
        requested_date=max(wanted_date(row) for row in rows),
        actor=actor,
        at=at,
    )
    inputs = [
        LineInput(
            row.item_id,
            quantities.get(row.pk, row.qty),
            requested_date=wanted_date(row),
            suggestion_id=row.pk,
        )
        for row in rows
    ]
    lines = build_lines(order, inputs)
    sum_up(order, lines)
    return order, lines


def wanted_date(row: Suggestion) -> date:
    """When the supplier can deliver; where nobody knows, when it is needed."""
    return row.arrival_date or row.need_date


def _store(orders: Sequence[tuple[PurchaseOrder, list[PurchaseOrderLine]]], at: datetime) -> None:
    numbers = next_numbers(PurchaseOrder.DOC_TYPE, clock.day_of(at), len(orders))
    for (order, _lines), number in zip(orders, numbers, strict=True):
        order.number = number
    PurchaseOrder.objects.bulk_create([order for order, _lines in orders])
    PurchaseOrderLine.objects.bulk_create([line for _order, lines in orders for line in lines])


def _link_to_demand(lines: Sequence[PurchaseOrderLine]) -> None:
    """So the demand's document shows the order among what it led to."""
    by_suggestion = {line.suggestion_id: line for line in lines}
    pegs = Peg.objects.select_related("demand").filter(suggestion__in=by_suggestion).order_by("id")
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=peg.demand.ref_type,
            source_id=peg.demand.ref_id,
            source_line_id=peg.demand.ref_line_id,
            target_type=PurchaseOrder.DOC_TYPE,
            target_id=by_suggestion[peg.suggestion_id].document_id,
            target_line_id=by_suggestion[peg.suggestion_id].pk,
            qty=peg.qty,
        )
        for peg in pegs
    )
