"""Receivables set off against payables, debts moved to another party, refunds: open items are matched on both sides."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind
from backend.accounting.services import open_items
from backend.accounting.services.open_items import Opened, Pair
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing.events import (
    DebtTransferApproved,
    DebtTransferUnapproved,
    NettingApproved,
    NettingUnapproved,
    RefundApproved,
    RefundUnapproved,
)
from backend.invoicing.models import DebtSide, FundAccount, RefundSide
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import total
from backend.posting import rules
from backend.posting.billed import NOTE
from backend.posting.booking import Facts, book, moment, unbook

Given = Sequence[tuple[Any, Decimal]]


@subscribe(NettingApproved, when="now")
def book_netting(event: NettingApproved, actor: Actor) -> None:
    """Dr payable of the supplier / Cr receivable of the customer."""
    source = SourceRef("invoicing.netting", event.aggregate_id, event.number)
    customer, supplier = UUID(str(event.customer_id)), UUID(str(event.supplier_id))
    _settle(source, OpenItemKind.RECEIVABLE, customer, event.doc_date, event.receivables, actor)
    _settle(source, OpenItemKind.PAYABLE, supplier, event.doc_date, event.payables, actor)
    facts = Facts(source, event.doc_date, {"amount": event.amount}, party_id=customer, other_party_id=supplier)  # type: ignore[arg-type]
    book(rules.NETTING, facts, words=_("Receivable set off against payable"), actor=actor)


def _settle(source: SourceRef, kind: str, party_id: UUID, day: Any, invoices: Given, actor: Actor) -> None:
    amount = total(part for _invoice, part in invoices)
    lowering = open_items.open_item(
        kind=kind, party_id=party_id, source=source, item_date=day, due_date=day, amount=-amount
    )
    items = open_items.items_of(kind=kind, source_ids=_ids(invoices), purpose="")
    pairs = [Pair(items[UUID(str(invoice))].pk, lowering.pk, amount) for invoice, amount in invoices]
    open_items.match(pairs=pairs, actor=actor, at=moment())


def _ids(given: Given) -> list[UUID]:
    return [UUID(str(each)) for each, _amount in given]


@subscribe(NettingUnapproved, when="now")
def unbook_netting(event: NettingUnapproved, actor: Actor) -> None:
    """Red; both sides are open again."""
    netting_id = UUID(str(event.aggregate_id))
    open_items.unmatch(lowering_source_id=netting_id, actor=actor, at=moment())
    open_items.void_items(source_id=netting_id)
    unbook(netting_id, actor=actor)


@subscribe(DebtTransferApproved, when="now")
def book_transfer(event: DebtTransferApproved, actor: Actor) -> None:
    """The invoices of one party are settled; those of the other are open, under their own numbers."""
    source = SourceRef("invoicing.debt_transfer", event.aggregate_id, event.number)
    customer, day = event.side == DebtSide.CUSTOMER, event.doc_date
    kind = OpenItemKind.RECEIVABLE if customer else OpenItemKind.PAYABLE
    former, new = UUID(str(event.from_party_id)), UUID(str(event.to_party_id))
    _settle(source, kind, former, day, event.invoices, actor)
    doc_type = f"invoicing.{'sales' if customer else 'purchase'}_invoice"
    opened = [
        Opened(SourceRef(doc_type, UUID(str(invoice)), number), day, due, amount)  # type: ignore[arg-type]
        for invoice, number, due, amount in event.carried
    ]
    open_items.open_all(kind=kind, party_id=new, opened=opened)
    facts = Facts(source, day, {"amount": event.amount}, party_id=former, other_party_id=new)  # type: ignore[arg-type]
    rule = rules.RECEIVABLE_MOVED if customer else rules.PAYABLE_MOVED
    words = _("Receivable moved to another customer") if customer else _("Payable moved to another supplier")
    book(rule, facts, words=words, actor=actor)


@subscribe(DebtTransferUnapproved, when="now")
def unbook_transfer(event: DebtTransferUnapproved, actor: Actor) -> None:
    """Red; the former party's invoices are open again, the new one's items are gone."""
    transfer_id = UUID(str(event.aggregate_id))
    open_items.unmatch(lowering_source_id=transfer_id, actor=actor, at=moment())
    open_items.void_items(source_id=transfer_id, also=[UUID(str(row[0])) for row in event.carried])
    unbook(transfer_id, actor=actor)


@subscribe(RefundApproved, when="now")
def book_refund(event: RefundApproved, actor: Actor) -> None:
    """The receipt (or payment) in red: what notes left open, then what advances did."""
    source = SourceRef("invoicing.refund", event.aggregate_id, event.number)
    customer = event.side == RefundSide.CUSTOMER
    kind = OpenItemKind.RECEIVABLE if customer else OpenItemKind.PAYABLE
    party_id, day = UUID(str(event.party_id)), event.doc_date
    raising = open_items.open_item(
        kind=kind,
        party_id=party_id,
        source=source,
        item_date=day,  # type: ignore[arg-type]
        due_date=day,  # type: ignore[arg-type]
        amount=event.amount,
    )
    for given, purpose in ((event.notes, NOTE), (event.advances, "")):
        items = open_items.items_of(kind=kind, source_ids=_ids(given), purpose=purpose)
        pairs = [Pair(raising.pk, items[UUID(str(each))].pk, amount) for each, amount in given]
        open_items.match(pairs=pairs, actor=actor, at=moment())
    notes, advances = (total(amount for _each, amount in given) for given in (event.notes, event.advances))
    amounts = {"amount": -event.amount, "settled": -notes, "advance": -advances}
    ledger = FundAccount.objects.values_list("account_id", flat=True).get(pk=event.fund_account_id)
    facts = Facts(source, day, amounts, party_id=party_id, fund_account=ledger)  # type: ignore[arg-type]
    rule = rules.MONEY_IN if customer else rules.MONEY_OUT
    words = _("Refund to customer") if customer else _("Refund from supplier")
    book(rule, facts, words=words, actor=actor, rule_code=f"refund.{event.side}")


@subscribe(RefundUnapproved, when="now")
def unbook_refund(event: RefundUnapproved, actor: Actor) -> None:
    """Red; notes and advances are open again."""
    refund_id = UUID(str(event.aggregate_id))
    open_items.unmatch_raising(source_id=refund_id, purpose="", actor=actor, at=moment())
    open_items.void_items(source_id=refund_id)
    unbook(refund_id, actor=actor)
