from backend.availability.models.lines import DemandLine, Firmness, Peg, Reservation, SupplyKind, SupplyLine
from backend.availability.models.promise import Promise, PromiseRevision
from backend.availability.models.suggestion import Suggestion, SuggestionState

__all__ = [
    "DemandLine",
    "Firmness",
    "Peg",
    "Promise",
    "PromiseRevision",
    "Reservation",
    "Suggestion",
    "SuggestionState",
    "SupplyKind",
    "SupplyLine",
]
