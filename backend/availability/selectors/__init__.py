"""Reads of availability."""

from backend.availability.selectors.explain import LadderRow, explain_promise, explain_suggestion
from backend.availability.selectors.promises import (
    PromiseView,
    promise_of,
    promises_of_document,
    reserved_of,
    revisions_of,
)
from backend.availability.selectors.stock import (
    Availability,
    Preview,
    PreviewInput,
    availability_by_item,
    item_availability,
    preview_promise,
    preview_promises,
)
from backend.availability.selectors.table import (
    DemandView,
    PegView,
    SourceView,
    SupplyView,
    demand_by_week,
    pegs_of_supply,
    reservations_of,
    sources_of,
    supplies_of,
    waiting_of,
)

__all__ = [
    "Availability",
    "DemandView",
    "LadderRow",
    "PegView",
    "Preview",
    "PreviewInput",
    "PromiseView",
    "SourceView",
    "SupplyView",
    "availability_by_item",
    "demand_by_week",
    "explain_promise",
    "explain_suggestion",
    "item_availability",
    "pegs_of_supply",
    "preview_promise",
    "preview_promises",
    "promise_of",
    "promises_of_document",
    "reservations_of",
    "reserved_of",
    "revisions_of",
    "sources_of",
    "supplies_of",
    "waiting_of",
]
