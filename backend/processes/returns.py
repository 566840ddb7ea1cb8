"""Goods that go back: the note over what was invoiced follows the return by itself, and the partners are told (PUR-05, SCM-14).

A return that is booked makes and books its credit or debit note; taken back, it takes the note along. An exchange ships
its replacement with an invoice that the note sets off: nothing is left to pay.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backend.invoicing.models import PurchaseInvoice, SalesInvoice
from backend.invoicing.services import notes, purchase_invoices, sales_invoices
from backend.invoicing.services.drafts import InvoiceData, InvoiceLineInput
from backend.invoicing.services.sides import SALES
from backend.kernel import clock, links
from backend.kernel.actor import Actor
from backend.kernel.document import Approval, load_locked
from backend.kernel.errors import Conflict
from backend.kernel.events import subscribe
from backend.parties.models import Party
from backend.processes import addresses
from backend.processes.order_to_cash import invoice_deliveries
from backend.processes.telling import mail_party
from backend.purchasing.events import PurchaseReturnApproved, PurchaseReturnUnapproved
from backend.purchasing.models import PurchaseReceipt, PurchaseReturn
from backend.sales.events import (
    SalesReturnApproved,
    SalesReturnAuthorised,
    SalesReturnEvent,
    SalesReturnReceived,
    SalesReturnRefused,
    SalesReturnRequested,
    SalesReturnUnapproved,
)
from backend.sales.models import ReturnOutcome, ReturnState, SalesDelivery, SalesReturn
from backend.sales.services import deliveries
from backend.sales.services.inputs import DeliveryLineInput
from backend.workflow.services import complete_tasks, create_task, notify

RETURN = SalesReturn.DOC_TYPE


class CannotExchange(Conflict):
    """There is nothing to exchange, or it was shipped already."""

    code = "cannot_exchange"


# --- notes -------------------------------------------------------------------------------------
@subscribe(PurchaseReturnApproved, when="now")
def debit_what_was_invoiced(event: PurchaseReturnApproved, actor: Actor) -> None:
    """A debit note over what the supplier has invoiced already, booked at once."""
    document = PurchaseReturn.objects.get(pk=event.aggregate_id)
    lines = [
        InvoiceLineInput(source_type=PurchaseReceipt.DOC_TYPE, source_line_id=line.receipt_line_id, qty=line.debit_qty)
        for line in document.lines.filter(debit_qty__gt=0).order_by("line_no")
    ]
    if lines:
        data = _note_data(document.supplier_id, document, lines)
        note = purchase_invoices.save_invoice(data=data, actor=actor, at=clock.now())
        links.link(document, note)
        purchase_invoices.approve_invoice(invoice_id=note.pk, actor=actor, at=clock.now())


@subscribe(SalesReturnApproved, when="now")
def credit_what_was_invoiced(event: SalesReturnApproved, actor: Actor) -> None:
    """A credit note over what the customer has been invoiced already, booked at once."""
    document = SalesReturn.objects.get(pk=event.aggregate_id)
    lines = [
        InvoiceLineInput(source_type=SalesDelivery.DOC_TYPE, source_line_id=line.delivery_line_id, qty=line.credit_qty)
        for line in document.lines.filter(credit_qty__gt=0).order_by("line_no")
    ]
    if lines:
        data = _note_data(document.customer_id, document, lines)
        note = sales_invoices.save_invoice(data=data, actor=actor, at=clock.now())
        links.link(document, note)
        sales_invoices.approve_invoice(invoice_id=note.pk, actor=actor, at=clock.now())


def _note_data(party_id: UUID, document: Any, lines: list[InvoiceLineInput]) -> InvoiceData:
    return InvoiceData(
        party_id=party_id, doc_date=document.doc_date, due_date=document.doc_date, lines=lines, note=True
    )


@subscribe(PurchaseReturnUnapproved, when="now")
def take_debit_note_back(event: PurchaseReturnUnapproved, actor: Actor) -> None:
    """The debit note goes with its return."""
    take_invoices_back(
        PurchaseInvoice, event.aggregate_id, purchase_invoices.unapprove_invoice, purchase_invoices.void_invoice, actor
    )


@subscribe(SalesReturnUnapproved, when="now")
def take_credit_note_back(event: SalesReturnUnapproved, actor: Actor) -> None:
    """The credit note goes with its return."""
    take_sales_invoices_back(event.aggregate_id, actor)


def take_sales_invoices_back(source_id: Any, actor: Actor) -> None:
    """The sales invoices and notes that a document made go with it; raises naming the money that settles one."""
    take_invoices_back(SalesInvoice, source_id, sales_invoices.unapprove_invoice, sales_invoices.void_invoice, actor)


def take_invoices_back(
    model: Any, source_id: Any, unapprove: Callable[..., Any], void: Callable[..., Any], actor: Actor
) -> None:
    """Take back and throw away what was made of a document."""
    for note in model.objects.filter(pk__in=links.targets_of(source_id, model.DOC_TYPE)).order_by("pk"):
        if note.is_approved:
            unapprove(invoice_id=note.pk, actor=actor, at=clock.now())
        if note.approval != Approval.VOIDED:
            void(invoice_id=note.pk, actor=actor, at=clock.now())


# --- exchange ----------------------------------------------------------------------------------
def ship_exchange(*, return_id: UUID, actor: Actor, at: datetime) -> SalesDelivery:
    """Ship what is exchanged; its invoice and the credit note set each other off, so that nothing is left to pay."""
    with transaction.atomic():
        document = load_locked(SalesReturn, return_id)
        if document.state != ReturnState.DONE or document.outcome != ReturnOutcome.EXCHANGE or document.replaced_by_id:
            raise CannotExchange(
                _("%(number)s has nothing to exchange now.") % {"number": document},
                document=document.number,
                field="state",
                value=document.state,
            )
        lines = list(document.lines.filter(received_qty__gt=0).select_related("delivery_line").order_by("line_no"))
        orders = {order for line in lines for order in [line.delivery_line.order_line.document_id]}
        wanted = [DeliveryLineInput(line.delivery_line.order_line_id, line.received_qty) for line in lines]
        draft = deliveries.create_delivery(order_ids=sorted(orders), lines=wanted, actor=actor, at=at)
        delivery = deliveries.approve_delivery(delivery_id=draft.pk, actor=actor, at=at)
        document.replaced_by_id = delivery.pk
        document.save(update_fields=["replaced_by_id"])
        links.link(document, delivery)
        _invoice_exchange(document, delivery, actor, at)
    return delivery


def _invoice_exchange(document: SalesReturn, delivery: SalesDelivery, actor: Actor, at: datetime) -> None:
    """Invoice as much of the replacement as was credited, and set it off."""
    found = SalesInvoice.objects.filter(pk__in=links.targets_of(document.pk, SalesInvoice.DOC_TYPE))
    credited = [note for note in found.order_by("pk") if note.is_approved]
    if not credited:
        return
    invoice = invoice_deliveries(delivery_ids=[delivery.pk], actor=actor, at=at)
    sales_invoices.approve_invoice(invoice_id=invoice.pk, actor=actor, at=at)
    for note in credited:
        if note.open_amount:
            notes.use_note(side=SALES, note_id=note.pk, first=invoice.pk, actor=actor, at=at)


# --- telling -----------------------------------------------------------------------------------
@subscribe(PurchaseReturnApproved, when="after_commit")
def tell_supplier_of_return(event: PurchaseReturnApproved, actor: Actor) -> None:
    """Goods are on their way back to the supplier."""
    document = PurchaseReturn.objects.select_related("supplier").get(pk=event.aggregate_id)
    if not document.is_approved:
        return
    url = addresses.supplier(PurchaseReturn.DOC_TYPE, document.number)
    params = {"number": document.number, "lines": document.lines.count(), "amount": f"{document.gross_amount:,.2f}"}
    told = notify(
        kind="supplier.goods_returned",
        params=params,
        url=url,
        dedupe_key=f"return:{document.pk}:{document.version}",
        party_id=document.supplier_id,
        permission="supplier.order.view",
        at=timezone.now(),
    )
    if not told:
        mail_party(
            document.supplier, "supplier.goods_returned", params, url, key=f"return:{document.pk}", role="quality"
        )


@subscribe(SalesReturnRequested, when="after_commit")
def ask_us_about_return(event: SalesReturnRequested, actor: Actor) -> None:
    """Somebody of ours allows or refuses it."""
    document = SalesReturn.objects.select_related("customer").get(pk=event.aggregate_id)
    create_task(
        kind="sales.return_to_authorise",
        params={
            "number": document.number,
            "customer": document.customer.label,
            "amount": f"{document.gross_amount:,.2f}",
        },
        dedupe_key=f"return:{document.pk}",
        permission="sales.return.edit",
        subject=document,
        at=timezone.now(),
    )


@subscribe(SalesReturnAuthorised, when="after_commit")
def tell_customer_to_send(event: SalesReturnAuthorised, actor: Actor) -> None:
    """The customer may send the goods."""
    _answer(event, "customer.return_authorised", actor)


@subscribe(SalesReturnRefused, when="after_commit")
def tell_customer_of_refusal(event: SalesReturnRefused, actor: Actor) -> None:
    """The customer reads why not."""
    _answer(event, "customer.return_refused", actor, reason=event.reason)


@subscribe(SalesReturnReceived, when="after_commit")
def ask_for_decision(event: SalesReturnReceived, actor: Actor) -> None:
    """What came is inspected and decided."""
    document = SalesReturn.objects.select_related("customer").get(pk=event.aggregate_id)
    create_task(
        kind="sales.return_to_decide",
        params={"number": document.number, "customer": document.customer.label},
        dedupe_key=f"return-decide:{document.pk}",
        permission="sales.return.approve",
        subject=document,
        at=timezone.now(),
    )


@subscribe(SalesReturnApproved, when="after_commit")
def tell_customer_of_decision(event: SalesReturnApproved, actor: Actor) -> None:
    """The goods are decided about: credit or exchange."""
    complete_tasks(dedupe_key=f"return-decide:{event.aggregate_id}", actor=actor, at=timezone.now())
    _answer(event, "customer.return_decided", actor, amount=f"{Decimal(event.gross):,.2f}")


def _answer(event: SalesReturnEvent, kind: str, actor: Actor, **params: str) -> None:
    complete_tasks(dedupe_key=f"return:{event.aggregate_id}", actor=actor, at=timezone.now())
    customer = Party.objects.get(pk=event.customer_id)
    url = addresses.customer(RETURN, event.number)
    words = {"number": event.number, **params}
    told = notify(
        kind=kind,
        params=words,
        url=url,
        dedupe_key=f"{kind}:{event.aggregate_id}",
        party_id=customer.pk,
        permission="customer.order.view",
        at=timezone.now(),
    )
    if not told:
        mail_party(customer, kind, words, url, key=f"{kind}:{event.aggregate_id}")
