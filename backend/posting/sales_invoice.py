"""Sales invoices: receivable, revenue and output VAT, less what deliveries billed before; cost of goods that waited."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing.events import SalesInvoiceApproved, SalesInvoiceUnapproved
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import total
from backend.posting import rules
from backend.posting.billed import close_invoice, open_invoice
from backend.posting.booking import Facts, book, booked_rules, unbook


@subscribe(SalesInvoiceApproved, when="now")
def book_invoice(event: SalesInvoiceApproved, actor: Actor) -> None:
    """Dr receivable / Cr revenue, output VAT; Dr cost of sales / Cr goods dispatched where cost waited."""
    source = SourceRef("invoicing.sales_invoice", event.aggregate_id, event.number)
    before = booked_rules({delivery for delivery, *_sums in event.goods})
    full = [row for row in event.goods if before.get(row[0]) == rules.DELIVERY_FULL]
    billed = {delivery: net + tax for delivery, net, tax, _cost in full}
    customer = UUID(str(event.customer_id))
    open_invoice(event, kind=OpenItemKind.RECEIVABLE, party_id=customer, source=source, billed=billed, actor=actor)
    amounts = {
        "net": event.net - total(net for _delivery, net, _tax, _cost in full),
        "tax": event.tax - total(tax for _delivery, _net, tax, _cost in full),
        "receivable": event.gross - total(billed.values()),
        "dispatched": total(row[3] for row in event.goods if before.get(row[0]) == rules.DELIVERY_DISPATCHED),
    }
    facts = Facts(source, event.doc_date, amounts, party_id=customer, party_name=event.customer_name)  # type: ignore[arg-type]
    book(rules.SALES_INVOICE, facts, words=_("Sales invoice"), actor=actor)


@subscribe(SalesInvoiceUnapproved, when="now")
def unbook_invoice(event: SalesInvoiceUnapproved, actor: Actor) -> None:
    """Red."""
    close_invoice(UUID(str(event.aggregate_id)), note=event.gross < 0, actor=actor)
    unbook(event.aggregate_id, actor=actor)
