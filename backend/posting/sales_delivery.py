"""Sales deliveries: cost of sales at once, or goods dispatched until the invoice; revenue too in delivery mode."""

from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind, Voucher
from backend.accounting.services import open_items
from backend.accounting.services.vouchers import SourceRef
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import total
from backend.parties.models import CustomerRole
from backend.posting import modes, rules
from backend.posting.booking import Facts, book, unbook
from backend.posting.uses import carry_own
from backend.sales.events import SalesDeliveryApproved, SalesDeliveryUnapproved


@subscribe(SalesDeliveryApproved, when="now")
def book_delivery(event: SalesDeliveryApproved, actor: Actor) -> None:
    """Cr inventory at cost against the account that the company's modes choose."""
    source = SourceRef("sales.delivery", event.aggregate_id, event.number)
    amounts = {"receivable": event.gross, "net": event.net, "tax": event.tax}
    facts = Facts(
        source,
        event.doc_date,  # type: ignore[arg-type]
        amounts,  # type: ignore[arg-type]
        dict(event.costs),
        event.customer_id,  # type: ignore[arg-type]
        event.customer_name,
    )
    if modes.settles_by_goods():
        rule = rules.DELIVERY_FULL
        if event.gross:
            _open(facts)
    elif modes.cost_waits_for_invoice():
        rule = rules.DELIVERY_DISPATCHED
    else:
        rule = rules.DELIVERY_COST
    book(rule, facts, words=_("Goods shipped"), actor=actor)
    if rule == rules.DELIVERY_DISPATCHED:
        carry_own(UUID(str(event.aggregate_id)))


@subscribe(SalesDeliveryUnapproved, when="now")
def unbook_delivery(event: SalesDeliveryUnapproved, actor: Actor) -> None:
    """Red; what corrections added to goods that waited for their invoice stays cost of sales until it is told back."""
    open_items.void_items(source_id=event.aggregate_id)
    reds = unbook(event.aggregate_id, actor=actor)
    booked = [red for red in reds if red.rule == rules.DELIVERY_DISPATCHED]
    left = total(cost for _role, cost in event.costs) + total(red.total for red in booked)
    if booked and left:
        source = SourceRef("sales.delivery", event.aggregate_id, event.number)
        day, customer = booked[0].voucher_date, event.customer_id
        facts = Facts(source, day, {"left": left}, {}, customer, event.customer_name)  # type: ignore[arg-type]
        number = Voucher.objects.filter(source_id=event.aggregate_id).count()
        words, code = _("Corrected cost of goods taken back"), f"{rules.COST_CORRECTION}.{number}"
        book(rules.DISPATCHED_BACK, facts, words=words, actor=actor, rule_code=code)


def _open(facts: Facts) -> None:
    assert facts.party_id is not None
    open_items.open_item(
        kind=OpenItemKind.RECEIVABLE,
        party_id=facts.party_id,
        source=facts.source,
        item_date=facts.day,
        due_date=_due(facts.party_id, facts.day),
        amount=facts.amounts["receivable"],
    )


def _due(customer_id: UUID, day: date) -> date:
    days = CustomerRole.objects.filter(party_id=customer_id).values_list("payment_days", flat=True).first()
    return day + timedelta(days=days or 0)
