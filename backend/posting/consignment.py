"""Consignment: goods at an agent lie on the account of goods dispatched; what he sold is receivable, revenue and cost."""

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind
from backend.accounting.services import open_items
from backend.accounting.services.vouchers import SourceRef
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.parties.models import CustomerRole
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
    """Dr 1406 / Cr inventory, in red when it comes back; settled: Dr receivable / Cr revenue, VAT; Dr cost / Cr 1406."""
    source = SourceRef("sales.consignment", event.aggregate_id, event.number)
    sold = event.kind == ConsignmentKind.SOLD
    amounts = {"receivable": event.gross, "net": event.net, "tax": event.tax, "cost": event.cost}
    facts = Facts(
        source,
        event.doc_date,  # type: ignore[arg-type]
        amounts,  # type: ignore[arg-type]
        {} if sold else dict(event.values),
        event.customer_id,  # type: ignore[arg-type]
        event.customer_name,
    )
    if sold and event.gross:
        _open(facts)
    book(
        rules.CONSIGNMENT_SETTLED if sold else rules.CONSIGNMENT_MOVED,
        facts,
        words=WORDS[ConsignmentKind(event.kind)],
        actor=actor,
    )


def _open(facts: Facts) -> None:
    customer = UUID(str(facts.party_id))
    days = CustomerRole.objects.filter(party_id=customer).values_list("payment_days", flat=True).first()
    open_items.open_item(
        kind=OpenItemKind.RECEIVABLE,
        party_id=customer,
        source=facts.source,
        item_date=facts.day,
        due_date=facts.day + timedelta(days=days or 0),
        amount=facts.amounts["receivable"],
    )


@subscribe(ConsignmentTakenBack, when="now")
def unbook_consignment(event: ConsignmentTakenBack, actor: Actor) -> None:
    """Red."""
    open_items.void_items(source_id=event.aggregate_id)
    unbook(event.aggregate_id, actor=actor)
