"""What the passing of a day changes: snoozed suggestions wake, goods that nobody ordered come a day later."""

from datetime import datetime

from django.db import transaction

from backend.availability.models import Suggestion, SuggestionState
from backend.availability.services import planning
from backend.availability.services.causes import Cause
from backend.kernel.actor import Actor

CHUNK = 100


def plan_the_day(*, actor: Actor, at: datetime) -> int:
    """Replan every item that waits for a decision; returns how many. Twice on a day changes nothing the second time.

    Locks are held for a hundred items at a time, so orders come in between.
    """
    undecided = Suggestion.objects.exclude(state=SuggestionState.ACCEPTED)
    pairs = sorted(undecided.values_list("item_id", "warehouse_id"))
    for start in range(0, len(pairs), CHUNK):
        with transaction.atomic():
            planning.replan(pairs[start : start + CHUNK], cause=Cause("day_passed"), actor=actor, at=at)
    return len(pairs)
