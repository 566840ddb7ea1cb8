"""Agents sell for us: what they report is asked to be booked, and what is booked as sold is invoiced at once (INV-13).

The invoice of a settlement is made and approved in the settlement's transaction, before its cost is booked, and goes with it
when it is taken back. A settlement without a price makes none.
"""

from uuid import UUID

from django.utils import timezone

from backend.invoicing.models import SalesInvoice
from backend.invoicing.services import sales_invoices
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.parties.models import Party
from backend.processes import addresses
from backend.processes.returns import take_sales_invoices_back
from backend.processes.telling import mail_party
from backend.sales.events import (
    ConsignmentBooked,
    ConsignmentEvent,
    ConsignmentRefused,
    ConsignmentReported,
    ConsignmentTakenBack,
)
from backend.sales.models import Consignment, ConsignmentKind
from backend.workflow.services import complete_tasks, create_task, notify

CONSIGNMENT = Consignment.DOC_TYPE


# --- the invoice -------------------------------------------------------------------------------
@subscribe(ConsignmentBooked, when="now")
def invoice_what_was_sold(event: ConsignmentBooked, actor: Actor) -> None:
    """What the agent sold is invoiced to him."""
    if event.kind == ConsignmentKind.SOLD and event.gross:
        _invoice(Consignment.objects.get(pk=event.aggregate_id), actor)


def _invoice(document: Consignment, actor: Actor) -> SalesInvoice:
    lines = document.lines.filter(gross_amount__gt=0).order_by("line_no")
    data = InvoiceData(
        party_id=document.customer_id,
        doc_date=document.doc_date,
        lines=[
            InvoiceLineInput(source_type=CONSIGNMENT, source_line_id=pk) for pk in lines.values_list("pk", flat=True)
        ],
    )
    made = sales_invoices.save_invoice(data=data, actor=actor, at=clock.now())
    return sales_invoices.approve_invoice(invoice_id=made.pk, actor=actor, at=clock.now())


@subscribe(ConsignmentTakenBack, when="now")
def take_its_invoice_back(event: ConsignmentTakenBack, actor: Actor) -> None:
    """The invoice goes with its settlement."""
    if event.kind == ConsignmentKind.SOLD:
        take_sales_invoices_back(event.aggregate_id, actor)


# --- telling -----------------------------------------------------------------------------------
def _key(event: ConsignmentEvent) -> str:
    return f"consignment:{event.aggregate_id}"


@subscribe(ConsignmentReported, when="after_commit")
def ask_us_to_book(event: ConsignmentReported, actor: Actor) -> None:
    """Somebody of ours checks what the agent says and books it."""
    document = Consignment.objects.select_related("customer").get(pk=event.aggregate_id)
    if not document.is_draft:
        return
    create_task(
        kind="sales.consignment_to_book",
        params={
            "number": document.number,
            "customer": document.customer.label,
            "amount": f"{document.gross_amount:,.2f}",
        },
        dedupe_key=_key(event),
        permission="sales.consignment.approve",
        subject=document,
        at=timezone.now(),
    )


@subscribe(ConsignmentBooked, when="after_commit")
def nothing_is_left_to_book(event: ConsignmentBooked, actor: Actor) -> None:
    """The agent hears of it by his invoice."""
    complete_tasks(dedupe_key=_key(event), actor=actor, at=timezone.now())


@subscribe(ConsignmentRefused, when="after_commit")
def tell_agent_of_refusal(event: ConsignmentRefused, actor: Actor) -> None:
    """The agent reads why not."""
    complete_tasks(dedupe_key=_key(event), actor=actor, at=timezone.now())
    agent = Party.objects.get(pk=event.customer_id)
    params, url = {"number": event.number, "reason": event.reason}, addresses.customer(CONSIGNMENT, event.number)
    told = notify(
        kind="customer.consignment_refused",
        params=params,
        url=url,
        dedupe_key=f"refused:{event.aggregate_id}",
        party_id=UUID(str(agent.pk)),
        permission="customer.consignment.view",
        at=timezone.now(),
    )
    if not told:
        mail_party(agent, "customer.consignment_refused", params, url, key=f"refused:{event.aggregate_id}")
