"""Reads of invoices, money and statements, scoped to who asks."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from backend.invoicing.models import (
    AHEAD,
    FundAccount,
    InvoicedArrival,
    Payment,
    PaymentLine,
    PurchaseInvoice,
    PurchaseInvoiceLine,
    Receipt,
    SalesInvoice,
    Statement,
)
from backend.invoicing.services.shares import taken_shares
from backend.invoicing.services.sides import PURCHASES, SALES, Side
from backend.kernel.actor import Actor
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused


def sales_invoices_visible_to(actor: Actor) -> QuerySet[SalesInvoice]:
    """Sales invoices, newest first; a customer sees its own approved ones."""
    found = SalesInvoice.objects.select_related("customer").order_by("-doc_date", "-id")
    if actor.kind == "supplier":
        return found.none()
    return found.filter(customer_id=actor.party_id, approval=Approval.APPROVED) if actor.kind == "customer" else found


def purchase_invoices_visible_to(actor: Actor) -> QuerySet[PurchaseInvoice]:
    """Purchase invoices, newest first; a supplier sees what it sent itself and, of what we entered, what is booked."""
    found = PurchaseInvoice.objects.select_related("supplier").order_by("-doc_date", "-id")
    if actor.kind == "customer":
        return found.none()
    theirs = Q(supplier_id=actor.party_id) & (Q(submitted_by_supplier=True) | Q(approval=Approval.APPROVED))
    return found.filter(theirs) if actor.kind == "supplier" else found


def with_scheduled(invoices: QuerySet[PurchaseInvoice]) -> QuerySet[PurchaseInvoice]:
    """With ``scheduled_amount``: what payments that are written and not booked yet are to pay of each (SRM-17)."""
    written = PaymentLine.objects.filter(
        invoice=OuterRef("pk"), document__approval__in=[Approval.DRAFT, Approval.SUBMITTED]
    )
    sums = written.order_by().values("invoice").annotate(all=Sum("amount")).values("all")
    return invoices.annotate(scheduled_amount=Coalesce(Subquery(sums), Decimal(0), output_field=DecimalField()))


def ahead_of_goods() -> QuerySet[PurchaseInvoiceLine]:
    """Lines of booked invoices whose goods have not all come, with ``arrived``: what has."""
    came = InvoicedArrival.objects.filter(invoice_line=OuterRef("pk")).order_by().values("invoice_line")
    arrived = Coalesce(Subquery(came.annotate(all=Sum("qty")).values("all")), Decimal(0), output_field=DecimalField())
    booked = PurchaseInvoiceLine.objects.filter(source_type=AHEAD, document__approval=Approval.APPROVED)
    return booked.annotate(arrived=arrived).filter(arrived__lt=F("qty"))


def receipts_visible_to(actor: Actor) -> QuerySet[Receipt]:
    """Money received, newest first."""
    found = Receipt.objects.select_related("customer", "fund_account").order_by("-doc_date", "-id")
    if actor.kind == "supplier":
        return found.none()
    return found.filter(customer_id=actor.party_id, approval=Approval.APPROVED) if actor.kind == "customer" else found


def payments_visible_to(actor: Actor) -> QuerySet[Payment]:
    """Payments, newest first; a supplier sees those it got."""
    found = Payment.objects.select_related("supplier", "fund_account").order_by("-doc_date", "-id")
    if actor.kind == "customer":
        return found.none()
    return found.filter(supplier_id=actor.party_id, approval=Approval.APPROVED) if actor.kind == "supplier" else found


def statements_visible_to(actor: Actor) -> QuerySet[Statement]:
    """Statements, newest first; a partner sees its own from the proposal on."""
    found = Statement.objects.select_related("party").order_by("-period_to", "-id")
    if actor.kind in {"supplier", "customer"}:
        if actor.party_id is None:
            return found.none()
        return found.filter(party_id=actor.party_id, kind=actor.kind).exclude(state="open").exclude(approval="voided")
    return found


_PREFETCHES = {
    SalesInvoice: ("lines__item__unit", "receipt_lines__document"),
    PurchaseInvoice: ("lines__item__unit", "payment_lines__document", "statement"),
    Receipt: ("lines__invoice",),
    Payment: ("lines__invoice",),
    Statement: ("lines__item__unit", "invoices"),
}
_SCOPES: dict[Any, Any] = {
    SalesInvoice: sales_invoices_visible_to,
    PurchaseInvoice: purchase_invoices_visible_to,
    Receipt: receipts_visible_to,
    Payment: payments_visible_to,
    Statement: statements_visible_to,
}


def document_for(model: Any, actor: Actor, number: str) -> Any:
    """One document with what its page shows; somebody else's is not found."""
    found = _SCOPES[model](actor).filter(number=number).prefetch_related(*_PREFETCHES[model]).first()
    if found is None:
        raise NotFoundRefused(_("There is no such document."), value=number)
    return found


def open_invoices(side: Side, party_id: UUID) -> QuerySet[Any]:
    """What may be settled with a party, due first."""
    found = side.invoice.objects.filter(**{side.party_field: party_id}, approval=Approval.APPROVED)
    return found.exclude(settled="full").order_by("due_date", "number")


def invoiced_quantities(source_line_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """How much of each delivery or receipt line approved invoices take."""
    ids = list(source_line_ids)
    found = {**taken_shares(SALES, ids), **taken_shares(PURCHASES, ids)}
    return {line_id: share.qty for line_id, share in found.items()}


def fund_accounts() -> QuerySet[FundAccount]:
    """Bank accounts and cash boxes in use."""
    return FundAccount.objects.filter(active=True).select_related("account").order_by("kind", "code")
