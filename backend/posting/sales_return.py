"""Sales returns: the delivery in red, at the cost that left with it, by the rule that the delivery was booked by."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind
from backend.accounting.services import open_items
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing.services.shares import Share, taken_shares
from backend.invoicing.services.sides import SALES
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import ZERO, total
from backend.parties.models import CustomerRole
from backend.posting import rules
from backend.posting.billed import NOTE, close_return, lower_goods
from backend.posting.booking import Facts, book, booked_rules, unbook
from backend.sales.events import SalesReturnApproved, SalesReturnUnapproved
from backend.sales.models import SalesDeliveryLine, SalesReturnLine

RED = {
    rules.DELIVERY_COST: rules.SALES_RETURN_COST,
    rules.DELIVERY_DISPATCHED: rules.SALES_RETURN_DISPATCHED,
    rules.DELIVERY_FULL: rules.SALES_RETURN_FULL,
}


@subscribe(SalesReturnApproved, when="now")
def book_return(event: SalesReturnApproved, actor: Actor) -> None:
    """Red: cost of sales or goods dispatched against inventory; what is scrapped to losses pending."""
    found = SalesReturnLine.objects.filter(document_id=event.aggregate_id)
    lines = list(found.select_related("delivery_line", "item__category").order_by("line_no"))
    before = booked_rules({line.delivery_line.document_id for line in lines})
    by_rule: dict[str, list[SalesReturnLine]] = defaultdict(list)
    for line in lines:
        delivered_by = before.get(line.delivery_line.document_id, rules.DELIVERY_COST)
        by_rule[RED.get(delivered_by, rules.SALES_RETURN_COST)].append(line)
    for rule, own in sorted(by_rule.items()):
        facts = _facts(event, own)
        if rule == rules.SALES_RETURN_FULL and facts.amounts["receivable"]:
            _open(facts, own, actor)
        book(rule, facts, words=_("Goods came back"), actor=actor)


@subscribe(SalesReturnUnapproved, when="now")
def unbook_return(event: SalesReturnUnapproved, actor: Actor) -> None:
    """Taken back."""
    close_return(UUID(str(event.aggregate_id)), actor=actor)
    unbook(event.aggregate_id, actor=actor)


def _facts(event: SalesReturnApproved, lines: Sequence[SalesReturnLine]) -> Facts:
    values: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        values[line.item.category.inventory_role] -= line.cost_amount - line.scrap_amount
    amounts = {
        "cost": -total(line.cost_amount for line in lines),
        "scrapped": total(line.scrap_amount for line in lines),
        "receivable": -total(line.gross_amount for line in lines),
        "net": -total(line.net_amount for line in lines),
        "tax": -total(line.tax_amount for line in lines),
    }
    source = SourceRef("sales.return", UUID(str(event.aggregate_id)), event.number)
    kept = {role: value for role, value in values.items() if value}
    return Facts(source, event.doc_date, amounts, kept, UUID(str(event.customer_id)))  # type: ignore[arg-type]


def _open(facts: Facts, lines: Sequence[SalesReturnLine], actor: Actor) -> None:
    days = CustomerRole.objects.filter(party_id__in=[facts.party_id]).values_list("payment_days", flat=True).first()
    open_items.open_item(
        kind=OpenItemKind.RECEIVABLE,
        party_id=facts.party_id,  # type: ignore[arg-type]
        source=facts.source,
        item_date=facts.day,
        due_date=facts.day + timedelta(days=days or 0),
        amount=facts.amounts["receivable"],
        purpose=NOTE,
    )
    deliveries = {line.delivery_line.document_id for line in lines}
    lower_goods(facts.source, kind=OpenItemKind.RECEIVABLE, left=_to_invoice(deliveries), actor=actor)


def _to_invoice(delivery_ids: set[UUID]) -> dict[UUID, Decimal]:
    """What is still to be invoiced of each delivery."""
    lines = list(SalesDeliveryLine.objects.filter(document__in=delivery_ids))
    taken = taken_shares(SALES, [line.pk for line in lines])
    left: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        share = taken.get(line.pk, Share())
        if line.qty - line.returned_qty > share.qty:
            left[line.document_id] += line.gross_amount - line.returned_net - line.returned_tax - share.net - share.tax
    return {delivery: left[delivery] for delivery in delivery_ids}
