"""The life of a ticket. Reopening keeps the history of the response clock."""

from backend.kernel.lifecycle import LifeCycle
from backend.service.models import TicketState

OPEN_STATES = (TicketState.NEW, TicketState.TRIAGED, TicketState.WAITING)

TICKET = LifeCycle(
    {
        "triage": ({"new", "waiting"}, "triaged"),
        "wait": ({"new", "triaged"}, "waiting"),
        "solve": ({"new", "triaged", "waiting"}, "solved"),
        "confirm": ({"solved"}, "confirmed"),
        "close": ({"solved", "confirmed"}, "closed"),
        "reopen": ({"solved", "confirmed", "closed"}, "triaged"),
    },
    axis="state",
)
