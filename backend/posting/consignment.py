"""Consignment: goods at an agent lie on the account of goods dispatched; what he sold leaves it as cost of sales.

Voucher 38 of a settlement is two: its cost here, receivable, revenue and tax with the invoice that it makes.
"""

from django.utils.translation import gettext_lazy as _

from backend.accounting.services import open_items
from backend.accounting.services.vouchers import SourceRef
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.posting import rules
from backend.posting.booking import Facts, book, unbook
from backend.sales.events import ConsignmentBooked, ConsignmentTakenBack
from backend.sales.models import ConsignmentKind

WORDS = {
    ConsignmentKind.OUT: _("Sent on consignment"),
    ConsignmentKind.BACK: _("Returned from consignment"),
    ConsignmentKind.SOLD: _("Consignment settled"),
}


@subscribe(ConsignmentBooked, when="now")
def book_consignment(event: ConsignmentBooked, actor: Actor) -> None:
    """Dr 1406 / Cr inventory, in red when it comes back; settled: Dr cost of sales / Cr 1406."""
    source = SourceRef("sales.consignment", event.aggregate_id, event.number)
    sold = event.kind == ConsignmentKind.SOLD
    facts = Facts(
        source,
        event.doc_date,  # type: ignore[arg-type]
        {"cost": event.cost},  # type: ignore[dict-item]
        {} if sold else dict(event.values),
        event.customer_id,  # type: ignore[arg-type]
        event.customer_name,
    )
    rule = rules.CONSIGNMENT_SETTLED if sold else rules.CONSIGNMENT_MOVED
    book(rule, facts, words=WORDS[ConsignmentKind(event.kind)], actor=actor)


@subscribe(ConsignmentTakenBack, when="now")
def unbook_consignment(event: ConsignmentTakenBack, actor: Actor) -> None:
    """Red; settlements of before made the receivable themselves: it goes with them."""
    open_items.void_items(source_id=event.aggregate_id)
    unbook(event.aggregate_id, actor=actor)
