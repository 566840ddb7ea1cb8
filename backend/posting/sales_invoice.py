"""Sales invoices: receivable, revenue and output VAT, less what deliveries billed before; cost of goods that waited."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing.events import SalesInvoiceApproved, SalesInvoiceUnapproved
from backend.invoicing.models import SalesInvoiceLine
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import ZERO, total
from backend.posting import rules
from backend.posting.billed import close_invoice, open_invoice
from backend.posting.booking import Facts, book, booked_rules, unbook


@subscribe(SalesInvoiceApproved, when="now")
def book_invoice(event: SalesInvoiceApproved, actor: Actor) -> None:
    """Dr receivable / Cr revenue, output VAT; Dr cost of sales / Cr goods dispatched where cost waited."""
    source = SourceRef("invoicing.sales_invoice", event.aggregate_id, event.number)
    lines = list(SalesInvoiceLine.objects.filter(document_id=event.aggregate_id))
    before = booked_rules({line.source_id for line in lines if line.source_id})
    billed_lines = [line for line in lines if before.get(line.source_id) == rules.DELIVERY_FULL]  # type: ignore[arg-type]
    billed = _billed(billed_lines)
    customer = UUID(str(event.customer_id))
    open_invoice(event, kind=OpenItemKind.RECEIVABLE, party_id=customer, source=source, billed=billed, actor=actor)
    amounts = {
        "net": event.net - total(line.source_net for line in billed_lines),
        "tax": event.tax - total(line.source_tax for line in billed_lines),
        "receivable": event.gross - total(billed.values()),
        "dispatched": total(
            line.cost_amount
            for line in lines
            if before.get(line.source_id) == rules.DELIVERY_DISPATCHED  # type: ignore[arg-type]
        ),
    }
    facts = Facts(source, event.doc_date, amounts, party_id=customer)  # type: ignore[arg-type]
    book(rules.SALES_INVOICE, facts, words=_("Sales invoice"), actor=actor)


@subscribe(SalesInvoiceUnapproved, when="now")
def unbook_invoice(event: SalesInvoiceUnapproved, actor: Actor) -> None:
    """Red."""
    close_invoice(event.aggregate_id, actor=actor)
    unbook(event.aggregate_id, actor=actor)


def _billed(lines: Iterable[SalesInvoiceLine]) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        if line.source_id:
            sums[line.source_id] += line.source_net + line.source_tax
    return dict(sums)
