"""Purchase orders from suggestions: one for each supplier and warehouse, linked to the demand behind them.

Who delivers is whom somebody chose, else who the quota of the item names, else the item's own supplier. Balances are
locked before the suggestions are: replanning takes them in the same order.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.models import Peg, Suggestion, SuggestionState
from backend.availability.services import suggestions
from backend.availability.services.suggestions import Held
from backend.inventory.services import balances
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused
from backend.kernel.ids import uuid7
from backend.kernel.models import DocumentLink
from backend.kernel.numbering import next_numbers
from backend.parties.models import Party
from backend.purchasing.events import SuggestionsOrdered
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchaseRequisition, RequisitionLine
from backend.purchasing.services.checks import refuse_stopped_supplier, supplier_of
from backend.purchasing.services.inputs import LineInput
from backend.purchasing.services.lines import build_lines, sum_up
from backend.purchasing.services.quota_sharing import Sharing, Want, share_out
from backend.purchasing.services.saving import new_order
from backend.workflow import parameters

UNDECIDED = (SuggestionState.LIVE, SuggestionState.SNOOZED)


class CannotAcceptSuggestion(Conflict):
    code = "cannot_accept_suggestion"


class RequestFirst(Conflict):
    """The company buys on request."""

    code = "request_first"


@dataclass(frozen=True)
class SuggestedPart:
    """So much of a suggestion from one supplier. The first part answers the suggestion itself; another part has an
    accepted suggestion of its own (``accepts`` is its id). ``words`` say which quota chose."""

    suggestion: Suggestion
    supplier: Party | None
    qty: Decimal
    accepts: UUID
    words: str = ""

    @property
    def is_first(self) -> bool:
        return self.accepts == self.suggestion.pk

    def held(self, document: PurchaseOrder | PurchaseRequisition, line: PurchaseOrderLine | RequisitionLine) -> Held:
        """What a line of a document takes of the suggestion beside the first part."""
        return Held(
            order_type=document.DOC_TYPE,
            order_id=document.pk,
            order_number=document.number,
            order_line_id=line.pk,
            item_id=self.suggestion.item_id,
            warehouse_id=self.suggestion.warehouse_id,
            supplier_id=self.supplier.pk if self.supplier else None,
            qty=line.qty,
            day=line.requested_date,
            suggestion_id=self.accepts,
        )


Draft = tuple[PurchaseOrder, list[PurchaseOrderLine], list[SuggestedPart]]


def order_from_suggestions(
    *,
    suggestion_ids: Sequence[UUID],
    actor: Actor,
    at: datetime,
    quantities: Mapping[UUID, Decimal] | None = None,
    supplier_id: UUID | None = None,
) -> list[PurchaseOrder]:
    """Drafts that buy what is suggested, or ``quantities`` where somebody knows better.

    ``supplier_id`` is for items that have no supplier of their own, and goes before the quotas of items. Raises
    CannotAcceptSuggestion for every suggestion that is decided already or has no supplier, RequestFirst where the
    company buys on request.
    """
    refuse_without_request()
    with transaction.atomic():
        chosen = lock_undecided(suggestion_ids)
        given = supplier_of(supplier_id) if supplier_id else None
        require_undecided(chosen)
        parts = parts_of(chosen, quantities or {}, given, at)
        _require_suppliers(parts)
        orders = [_draft(rows, actor, at) for rows in _by_supplier(parts)]
        _store(orders, at)
        rows = [(order, line, part) for order, made, taken in orders for line, part in zip(made, taken, strict=True)]
        accepted = [
            suggestions.Acceptance(part.accepts, order.pk, line.pk, line.qty, order.number)
            for order, line, part in rows
            if part.is_first
        ]
        beside = [part.held(order, line) for order, line, part in rows if not part.is_first]
        suggestions.mark_accepted(accepted, actor=actor, at=at, beside=beside)
        _link_to_demand([line for _order, line, _part in rows])
        audit.record_many(_created(order, taken, actor, at) for order, _made, taken in orders)
        events.publish_all([_ordered(order, made) for order, made, _taken in orders], actor=actor)
    return [order for order, _lines, _taken in orders]


def _created(order: PurchaseOrder, taken: Sequence[SuggestedPart], actor: Actor, at: datetime) -> audit.AuditEntry:
    """The first entry of an order's trail: how much was suggested, and which quotas chose the supplier."""
    words = dict.fromkeys(part.words for part in taken if part.words)
    changes = {"suggestions": ["", str(len(taken))]}
    return audit.entry(order, "create", actor=actor, at=at, changes=changes, reason=" ".join(words)[:500])


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


def parts_of(
    chosen: Sequence[Suggestion], quantities: Mapping[UUID, Decimal], given: Party | None, at: datetime
) -> list[SuggestedPart]:
    """Suggestions by who is to deliver them: whom somebody gave, else by quota, else the item's own supplier."""
    wanted = {row.pk: quantities.get(row.pk, row.qty) for row in chosen}
    wants = [Want(row.pk, row.item, wanted[row.pk]) for row in chosen]
    shared: dict[Hashable, Sharing] = {} if given else share_out(wants, day=clock.day_of(at), lock=True)
    return [part for row in chosen for part in _parts(row, wanted[row.pk], given, shared.get(row.pk))]


def _parts(row: Suggestion, qty: Decimal, given: Party | None, shared: Sharing | None) -> list[SuggestedPart]:
    if shared is None:
        return [SuggestedPart(row, given or row.supplier, qty, row.pk)]
    if not shared.parts:
        return [SuggestedPart(row, None, qty, row.pk, shared.words)]
    return [
        SuggestedPart(row, part.supplier, part.qty, uuid7() if place else row.pk, shared.words)
        for place, part in enumerate(shared.parts)
    ]


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


def _require_suppliers(parts: Sequence[SuggestedPart]) -> None:
    problems = [
        CannotAcceptSuggestion(
            " ".join((_("%(item)s has no supplier.") % {"item": part.suggestion.item}, part.words)).strip(),
            code="supplier_missing",
            field="supplier_id",
            value=part.suggestion.item.code,
            way_out=_("Choose a supplier here or on the item."),
        )
        for part in parts
        if part.supplier is None
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


def _by_supplier(parts: Sequence[SuggestedPart]) -> list[list[SuggestedPart]]:
    groups: dict[tuple[UUID, UUID], list[SuggestedPart]] = defaultdict(list)
    for part in parts:
        assert part.supplier is not None
        groups[part.supplier.pk, part.suggestion.warehouse_id].append(part)
    return [rows for _key, rows in sorted(groups.items())]


def _draft(parts: list[SuggestedPart], actor: Actor, at: datetime) -> Draft:
    supplier, first = parts[0].supplier, parts[0].suggestion
    assert supplier is not None
    refuse_stopped_supplier(supplier, first.item.code, draft=True)
    order = new_order(
        supplier=supplier,
        warehouse=first.warehouse,
        doc_date=clock.day_of(at),
        requested_date=max(wanted_date(part.suggestion) for part in parts),
        actor=actor,
        at=at,
    )
    inputs = [
        LineInput(
            part.suggestion.item_id,
            part.qty,
            requested_date=wanted_date(part.suggestion),
            suggestion_id=part.accepts,
        )
        for part in parts
    ]
    lines = build_lines(order, inputs)
    sum_up(order, lines)
    return order, lines, parts


def wanted_date(row: Suggestion) -> date:
    """When the supplier can deliver; where nobody knows, when it is needed."""
    return row.arrival_date or row.need_date


def _store(orders: Sequence[Draft], at: datetime) -> None:
    numbers = next_numbers(PurchaseOrder.DOC_TYPE, clock.day_of(at), len(orders))
    for (order, _lines, _taken), number in zip(orders, numbers, strict=True):
        order.number = number
    PurchaseOrder.objects.bulk_create([order for order, _lines, _taken in orders])
    PurchaseOrderLine.objects.bulk_create([line for _order, lines, _taken in orders for line in lines])


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
