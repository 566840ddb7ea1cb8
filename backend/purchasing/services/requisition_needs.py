"""Requisitions of what is suggested. The demands behind stay served on the way to the order (``requisition_holds``)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.availability.models import Peg, Suggestion
from backend.availability.services import suggestions
from backend.availability.services.suggestions import Acceptance
from backend.kernel import clock, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.language import in_books
from backend.kernel.models import DocumentLink
from backend.purchasing.events import SuggestionsRequested
from backend.purchasing.models import PurchaseRequisition, RequisitionLine
from backend.purchasing.services.checks import supplier_of
from backend.purchasing.services.from_suggestions import (
    SuggestedPart,
    lock_undecided,
    parts_of,
    require_undecided,
    wanted_date,
)
from backend.purchasing.services.inputs import RequisitionData, RequisitionLineInput
from backend.purchasing.services.requisitions import save_requisition


def request_suggestions(
    *,
    suggestion_ids: Sequence[UUID],
    actor: Actor,
    at: datetime,
    quantities: Mapping[UUID, Decimal] | None = None,
    supplier_id: UUID | None = None,
) -> list[PurchaseRequisition]:
    """Draft requisitions of what is suggested, one for each warehouse; ``quantities`` where somebody knows better.

    ``supplier_id`` is the preferred one of all lines; without it quotas choose, else each item's own.
    Raises CannotAcceptSuggestion for what is decided already.
    """
    with transaction.atomic():
        chosen = lock_undecided(suggestion_ids)
        require_undecided(chosen)
        places: dict[UUID, list[Suggestion]] = defaultdict(list)
        for row in sorted(chosen, key=lambda row: (row.need_date, row.pk)):
            places[row.warehouse_id].append(row)
        given = supplier_of(supplier_id) if supplier_id else None
        made = [
            _draft(rows, parts_of(rows, quantities or {}, given, at), actor, at)
            for _place, rows in sorted(places.items())
        ]
        taken = [
            (document, line, part) for document, lines, parts in made for line, part in zip(lines, parts, strict=True)
        ]
        accepted = [
            Acceptance(part.accepts, document.pk, line.pk, line.qty, document.number, document.DOC_TYPE)
            for document, line, part in taken
            if part.is_first
        ]
        beside = [part.held(document, line) for document, line, part in taken if not part.is_first]
        suggestions.mark_accepted(accepted, actor=actor, at=at, beside=beside)
        _link_to_demand([line for _document, line, _part in taken])
        events.publish_all([_told(document, lines) for document, lines, _parts in made], actor=actor)
    return [document for document, _lines, _parts in made]


def _draft(
    rows: Sequence[Suggestion], parts: list[SuggestedPart], actor: Actor, at: datetime
) -> tuple[PurchaseRequisition, list[RequisitionLine], list[SuggestedPart]]:
    wanted = [
        RequisitionLineInput(
            part.suggestion.item_id,
            part.qty,
            requested_date=wanted_date(part.suggestion),
            supplier_id=part.supplier.pk if part.supplier else None,
        )
        for part in parts
    ]
    data = RequisitionData(
        need_date=min(row.need_date for row in rows),
        lines=wanted,
        reason=in_books(lambda: _for_what(rows)),
        warehouse_id=rows[0].warehouse_id,
        doc_date=clock.day_of(at),
    )
    document = save_requisition(data=data, actor=actor, at=at)
    lines = list(document.lines.order_by("line_no"))
    for line, part in zip(lines, parts, strict=True):
        line.suggestion_id = part.accepts
    update_rows(lines, ("suggestion_id",))
    return document, lines, parts


def _for_what(rows: Sequence[Suggestion]) -> str:
    """The documents that are short, as far as a reason has room for."""
    numbers = {each["ref_number"]: None for row in rows for each in row.explanation.get("demands", ())}
    return _("Short for %(numbers)s") % {"numbers": ", ".join(list(numbers)[:8])} if numbers else ""


def _told(document: PurchaseRequisition, lines: Sequence[RequisitionLine]) -> SuggestionsRequested:
    suggested = tuple(line.suggestion_id for line in lines if line.suggestion_id)
    return SuggestionsRequested(document.pk, document.number, document.requester_id, suggestion_ids=suggested)


def _link_to_demand(lines: Sequence[RequisitionLine]) -> None:
    """So the demand's document shows the requisition among what it led to."""
    by_suggestion = {line.suggestion_id: line for line in lines}
    pegs = Peg.objects.select_related("demand").filter(suggestion__in=by_suggestion).order_by("id")
    DocumentLink.objects.bulk_create(
        DocumentLink(
            source_type=peg.demand.ref_type,
            source_id=peg.demand.ref_id,
            source_line_id=peg.demand.ref_line_id,
            target_type=PurchaseRequisition.DOC_TYPE,
            target_id=by_suggestion[peg.suggestion_id].document_id,
            target_line_id=by_suggestion[peg.suggestion_id].pk,
            qty=peg.qty,
        )
        for peg in pegs
    )
