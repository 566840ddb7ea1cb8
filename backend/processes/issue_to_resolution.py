"""Issue to resolution: ticket → answer → solution, with the people who look after it and the customer who waits."""

from uuid import UUID

from django.utils import timezone

from backend.kernel.actor import Actor
from backend.kernel.clock import day_of
from backend.kernel.events import subscribe
from backend.processes import addresses
from backend.service.events import (
    TicketAnswered,
    TicketAssigned,
    TicketEvent,
    TicketOpened,
    TicketReopened,
    TicketSolved,
)
from backend.service.models import Ticket
from backend.workflow.services import complete_tasks, create_task, notify

EDIT = "service.ticket.edit"
SEEN_BY_CUSTOMER = "customer.ticket.edit"


@subscribe(TicketOpened, when="after_commit")
def ask_for_an_answer(event: TicketOpened, actor: Actor) -> None:
    """Somebody answers within the time the company promises."""
    _ask(_ticket(event), actor)


@subscribe(TicketReopened, when="after_commit")
def ask_again(event: TicketReopened, actor: Actor) -> None:
    """It was not solved after all."""
    _ask(_ticket(event), actor)


def _ask(ticket: Ticket, actor: Actor) -> None:
    params = _params(ticket)
    create_task(
        kind="service.ticket_opened",
        params=params,
        dedupe_key=f"ticket:{ticket.pk}",
        assignee_id=ticket.assignee_id,
        permission=EDIT,
        subject=ticket,
        due_date=day_of(ticket.respond_by),
        at=timezone.now(),
    )
    notify(
        kind="service.ticket_opened",
        params=params,
        url=addresses.staff(Ticket.DOC_TYPE, ticket.number),
        dedupe_key=f"ticket:{ticket.pk}:{ticket.version}",
        members=[ticket.assignee_id] if ticket.assignee_id else (),
        permission="" if ticket.assignee_id else EDIT,
        actor=actor,
        at=timezone.now(),
    )


@subscribe(TicketAssigned, when="after_commit")
def tell_assignee(event: TicketAssigned, actor: Actor) -> None:
    """The ticket is theirs, and so is its to-do."""
    ticket = _ticket(event)
    notify(
        kind="service.ticket_assigned",
        params=_params(ticket),
        url=addresses.staff(Ticket.DOC_TYPE, ticket.number),
        dedupe_key=f"ticket-assigned:{ticket.pk}:{event.assignee_id}",
        members=[UUID(str(event.assignee_id))],
        actor=actor,
        at=timezone.now(),
    )


@subscribe(TicketAnswered, when="after_commit")
def tell_the_other_side(event: TicketAnswered, actor: Actor) -> None:
    """Staff answered: the customer reads it. The customer wrote: whoever looks after it answers."""
    ticket = _ticket(event)
    key = f"ticket-answer:{ticket.pk}:{ticket.version}:{timezone.now():%Y%m%d%H%M}"
    if event.author_kind == "customer":
        notify(
            kind="service.ticket_replied",
            params=_params(ticket),
            url=addresses.staff(Ticket.DOC_TYPE, ticket.number),
            dedupe_key=key,
            members=[ticket.assignee_id] if ticket.assignee_id else (),
            permission="" if ticket.assignee_id else EDIT,
            at=timezone.now(),
        )
        return
    complete_tasks(dedupe_key=f"ticket:{ticket.pk}", actor=actor, at=timezone.now())
    _tell_customer("customer.ticket_answered", ticket, key)


@subscribe(TicketSolved, when="after_commit")
def tell_customer_of_solution(event: TicketSolved, actor: Actor) -> None:
    """The customer confirms or reopens."""
    ticket = _ticket(event)
    complete_tasks(dedupe_key=f"ticket:{ticket.pk}", actor=actor, at=timezone.now())
    _tell_customer("customer.ticket_solved", ticket, f"ticket-solved:{ticket.pk}:{ticket.version}")


def _tell_customer(kind: str, ticket: Ticket, key: str) -> None:
    notify(
        kind=kind,
        params={**_params(ticket), "solution": ticket.solution},
        url=addresses.customer(Ticket.DOC_TYPE, ticket.number),
        dedupe_key=key,
        party_id=ticket.customer_id,
        permission=SEEN_BY_CUSTOMER,
        at=timezone.now(),
    )


def _ticket(event: TicketEvent) -> Ticket:
    return Ticket.objects.select_related("customer").get(pk=event.aggregate_id)


def _params(ticket: Ticket) -> dict[str, str]:
    return {"number": ticket.number, "subject": ticket.subject, "customer": ticket.customer.label}
