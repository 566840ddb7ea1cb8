"""Tickets: opened from a delivered line, so that item, lot, supplier and carrier are known at once (CPT-02, CRM-13).

Nobody types what the chain knows: the line gives the item and the lot, the lot its supplier, the
delivery its shipment and carrier. The response clock starts at opening and stops with the first
answer of staff; reopening does not start it again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.access.models import Member
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.comments import add_comment
from backend.kernel.document import Approval, load_locked
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.files import attach_file
from backend.kernel.links import link
from backend.kernel.models import Comment
from backend.kernel.numbering import next_number
from backend.logistics.models import Shipment
from backend.parties.models import Party
from backend.sales.models import SalesDeliveryLine, SalesOrder
from backend.service.events import TicketAnswered, TicketAssigned, TicketOpened, TicketReopened, TicketSolved
from backend.service.models import Ticket, TicketState
from backend.service.states import TICKET
from backend.workflow import parameters


@dataclass(frozen=True)
class TicketData:
    """What is typed. The delivered line, when given, decides customer, order, item and lot."""

    category: str
    subject: str = ""
    description: str = ""
    priority: str = "normal"
    delivery_line_id: UUID | None = None
    order_id: UUID | None = None
    customer_id: UUID | None = None
    affected_qty: Decimal | None = None
    contact_name: str = ""


def open_ticket(*, data: TicketData, actor: Actor, at: datetime, files: Any = ()) -> Ticket:
    """Open a ticket. A customer's user may name only its own lines and orders: others are unknown to it.

    Raises ValidationRefused naming the field, NotFoundRefused for a foreign line or order.
    """
    with transaction.atomic():
        ticket = Ticket(
            category=data.category,
            subject=data.subject.strip()[:120],
            description=data.description.strip(),
            priority=data.priority,
            affected_qty=data.affected_qty,
            contact_member_id=actor.member_id if actor.kind == "customer" else None,
            contact_name=(data.contact_name or (actor.name if actor.kind == "customer" else ""))[:60],
            doc_date=clock.day_of(at),
            approval=Approval.APPROVED,
            respond_by=at + timedelta(hours=response_hours(data.priority)),
        )
        line = _join_chain(ticket, data, actor)
        _check(ticket, line)
        ticket.stamp_created(actor, at)
        ticket.number = next_number(Ticket.DOC_TYPE, ticket.doc_date)
        ticket.save(force_insert=True)
        if line is not None:
            link(line.document, ticket, lines=[(line.pk, None, data.affected_qty)])
        elif ticket.order_id:
            link(ticket.order, ticket)
        for upload in files:
            attach_file(
                subject=ticket, upload=upload, actor=actor, at=at, visibility="customer", party_id=ticket.customer_id
            )
        audit.record(ticket, "open", actor=actor, at=at, axis="state", after=ticket.state)
        events.publish(TicketOpened(**_facts(ticket)), actor=actor)
    return ticket


def response_hours(priority: str) -> int:
    """Within how many hours the company promises an answer."""
    return int(parameters.get("service.high_priority_hours" if priority == "high" else "service.response_hours"))


def _join_chain(ticket: Ticket, data: TicketData, actor: Actor) -> SalesDeliveryLine | None:
    if data.delivery_line_id:
        line = _own_line(data.delivery_line_id, actor)
        ticket.delivery_line, ticket.customer_id = line, line.document.customer_id
        ticket.order_id = line.order_line.document_id
        ticket.item, ticket.lot = line.item, line.lot
        ticket.supplier_id = line.lot.supplier_id if line.lot else line.item.supplier_id
        ticket.shipment = Shipment.objects.filter(source_id=line.document_id).first()
        ticket.carrier_id = ticket.shipment.carrier_id if ticket.shipment else line.document.carrier_id
        ticket.subject = ticket.subject or _("%(category)s: %(item)s") % {
            "category": ticket.get_category_display(),
            "item": line.item.name,
        }
        ticket.subject = ticket.subject[:120]
        return line
    if data.order_id:
        ticket.order = _own_order(data.order_id, actor)
        ticket.customer_id = ticket.order.customer_id
    elif actor.kind == "customer" and actor.party_id:
        ticket.customer_id = actor.party_id
    elif data.customer_id:
        found = Party.objects.filter(pk=data.customer_id, is_customer=True).first()
        if found is None:
            raise NotFoundRefused(_("There is no such customer."), field="customer_id", value=data.customer_id)
        ticket.customer = found
    return None


def _own_line(line_id: UUID, actor: Actor) -> SalesDeliveryLine:
    lines = SalesDeliveryLine.objects.select_related("document", "item", "lot", "order_line").filter(
        pk=line_id, document__approval=Approval.APPROVED
    )
    if actor.kind == "customer":
        lines = lines.filter(document__customer_id=actor.party_id)
    line = lines.first()
    if line is None:
        raise NotFoundRefused(_("There is no such delivered line."), field="delivery_line_id", value=line_id)
    return line


def _own_order(order_id: UUID, actor: Actor) -> SalesOrder:
    orders = SalesOrder.objects.filter(pk=order_id)
    if actor.kind == "customer":
        orders = orders.filter(customer_id=actor.party_id)
    order = orders.first()
    if order is None:
        raise NotFoundRefused(_("There is no such order."), field="order_id", value=order_id)
    return order


def _check(ticket: Ticket, line: SalesDeliveryLine | None) -> None:
    problems: list[Refusal] = []
    fields: list[Any] = [Ticket._meta.get_field(name) for name in ("category", "priority")]
    choices = {field.name: dict(field.flatchoices) for field in fields}
    for field, known in choices.items():
        if getattr(ticket, field) not in known:
            problems.append(ValidationRefused(_("Choose one of the list."), field=field, value=getattr(ticket, field)))
    if ticket.customer_id is None:
        problems.append(ValidationRefused(_("Say which customer it is about."), field="customer_id"))
    if not ticket.subject:
        problems.append(
            ValidationRefused(_("Say in a few words what it is about."), field="subject", value=ticket.subject)
        )
    qty = ticket.affected_qty
    if qty is not None and (qty <= 0 or (line is not None and qty > line.qty)):
        problems.append(
            ValidationRefused(
                _("The affected quantity lies between 0 and what was delivered."),
                field="affected_qty",
                value=qty,
                way_out=_("Leave it empty when it is not known."),
            )
        )
    if problems:
        raise Refusal.many(problems)


def reply_to_ticket(
    *, ticket_id: UUID, text: str, actor: Actor, at: datetime, internal: bool = False, files: Any = ()
) -> Comment:
    """Write on a ticket: for the customer, or internally. The first answer of staff stops the response clock."""
    with transaction.atomic():
        ticket = _load(ticket_id, actor)
        visibility = "internal" if internal and actor.kind != "customer" else "customer"
        made = add_comment(
            subject=ticket, text=text, actor=actor, at=at, visibility=visibility, party_id=ticket.customer_id
        )
        for upload in files:
            attach_file(
                subject=ticket, upload=upload, actor=actor, at=at, visibility=visibility, party_id=ticket.customer_id
            )
        if visibility == "customer":
            _note_answer(ticket, actor, at)
            events.publish(TicketAnswered(**_facts(ticket), author_kind=actor.kind), actor=actor)
    return made


def _note_answer(ticket: Ticket, actor: Actor, at: datetime) -> None:
    if actor.kind == "customer":
        if ticket.state == TicketState.WAITING and ticket.waiting_for == "customer":
            _move(ticket, "triage", actor, at)
        return
    if ticket.first_response_at is None:
        ticket.first_response_at = at
    if ticket.state == TicketState.NEW:
        _move(ticket, "triage", actor, at)
    else:
        _save(ticket, at)


def assign_ticket(*, ticket_id: UUID, member_id: UUID, actor: Actor, at: datetime) -> Ticket:
    """Give a ticket to a member of staff; raises ValidationRefused for anybody else."""
    with transaction.atomic():
        ticket = _load(ticket_id, actor, staff_only=True)
        member = Member.objects.filter(pk=member_id, kind="staff", active=True).first()
        if member is None:
            raise ValidationRefused(_("There is no such colleague."), field="assignee_id", value=member_id)
        before = ticket.assignee_name
        ticket.assignee_id, ticket.assignee_name = member.pk, member.name
        if ticket.state == TicketState.NEW:
            TICKET.advance(ticket, "triage")
        _save(ticket, at)
        audit.record(ticket, "assign", actor=actor, at=at, changes={"assignee": [before, member.name]})
        events.publish(TicketAssigned(**_facts(ticket), assignee_id=member.pk), actor=actor)
    return ticket


def wait_on_ticket(*, ticket_id: UUID, waiting_for: str, actor: Actor, at: datetime) -> Ticket:
    """Say whom the ticket waits for: customer, supplier, carrier or internal."""
    if waiting_for not in {"customer", "supplier", "carrier", "internal"}:
        raise ValidationRefused(_("Choose one of the list."), field="waiting_for", value=waiting_for)
    with transaction.atomic():
        ticket = _load(ticket_id, actor, staff_only=True)
        ticket.waiting_for = waiting_for
        _move(ticket, "wait", actor, at)
    return ticket


def solve_ticket(*, ticket_id: UUID, solution: str, actor: Actor, at: datetime) -> Ticket:
    """Say what solved it; the customer is asked to confirm."""
    if not solution.strip():
        raise ValidationRefused(
            _("Say what solved it: the customer reads it."), field="solution", way_out=_("One sentence is enough.")
        )
    with transaction.atomic():
        ticket = _load(ticket_id, actor, staff_only=True)
        ticket.solution, ticket.solved_at, ticket.waiting_for = solution.strip(), at, ""
        ticket.first_response_at = ticket.first_response_at or at
        _move(ticket, "solve", actor, at)
        events.publish(TicketSolved(**_facts(ticket), solution=ticket.solution[:200]), actor=actor)
    return ticket


def confirm_ticket(*, ticket_id: UUID, actor: Actor, at: datetime) -> Ticket:
    """The customer (or staff for it) says that it is solved."""
    with transaction.atomic():
        ticket = _load(ticket_id, actor)
        _move(ticket, "confirm", actor, at)
    return ticket


def close_ticket(*, ticket_id: UUID, actor: Actor, at: datetime) -> Ticket:
    """Put a solved ticket away."""
    with transaction.atomic():
        ticket = _load(ticket_id, actor, staff_only=True)
        _move(ticket, "close", actor, at)
    return ticket


def reopen_ticket(*, ticket_id: UUID, reason: str, actor: Actor, at: datetime) -> Ticket:
    """It was not solved: back to work, with the reason as a message."""
    with transaction.atomic():
        ticket = _load(ticket_id, actor)
        ticket.solved_at = None
        _move(ticket, "reopen", actor, at, reason=reason)
        if reason.strip():
            add_comment(
                subject=ticket, text=reason, actor=actor, at=at, visibility="customer", party_id=ticket.customer_id
            )
        events.publish(TicketReopened(**_facts(ticket)), actor=actor)
    return ticket


def _load(ticket_id: UUID, actor: Actor, *, staff_only: bool = False) -> Ticket:
    """The ticket, locked; a customer's user finds its own company's alone and does only what is a customer's part."""
    ticket = load_locked(Ticket, ticket_id)
    if staff_only and actor.kind not in {"staff", "system"}:
        actor.require("service.ticket.edit")
    foreign = actor.kind == "customer" and ticket.customer_id != actor.party_id
    if foreign or actor.kind == "supplier":
        raise NotFoundRefused(_("There is no such document."), value=ticket_id)
    return ticket


def _move(ticket: Ticket, verb: str, actor: Actor, at: datetime, *, reason: str = "") -> None:
    before = TICKET.advance(ticket, verb)
    _save(ticket, at)
    audit.record(ticket, verb, actor=actor, at=at, axis="state", before=before, after=ticket.state, reason=reason)


def _save(ticket: Ticket, at: datetime) -> None:
    ticket.version += 1
    ticket.updated_at = at
    ticket.save()


def _facts(ticket: Ticket) -> dict[str, Any]:
    return {
        "aggregate_id": ticket.pk,
        "number": ticket.number,
        "customer_id": ticket.customer_id,
        "subject": ticket.subject,
    }
