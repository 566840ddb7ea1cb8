from backend.availability.models.lines import DemandLine, Peg, Reservation, SupplyLine
from backend.availability.models.promise import Promise, PromiseRevision
from backend.availability.models.suggestion import Suggestion, SuggestionState

__all__ = [
    "DemandLine",
    "Peg",
    "Promise",
    "PromiseRevision",
    "Reservation",
    "Suggestion",
    "SuggestionState",
    "SupplyLine",
]
