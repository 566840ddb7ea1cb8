"""What happened to tickets. ``aggregate_id`` is the ticket."""

from dataclasses import dataclass
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class TicketEvent(Event):
    number: str = ""
    customer_id: UUID | str = ""
    subject: str = ""


@dataclass(frozen=True)
class TicketOpened(TicketEvent):
    """A customer, or staff in its name, opened a ticket."""


@dataclass(frozen=True)
class TicketAnswered(TicketEvent):
    """Somebody wrote on a ticket; ``author_kind`` is staff or customer."""

    author_kind: str = "staff"


@dataclass(frozen=True)
class TicketAssigned(TicketEvent):
    """A ticket has somebody who looks after it."""

    assignee_id: UUID | str = ""


@dataclass(frozen=True)
class TicketSolved(TicketEvent):
    """Staff say it is solved; the customer may confirm or reopen."""

    solution: str = ""


@dataclass(frozen=True)
class TicketReopened(TicketEvent):
    """It was not solved after all."""
