"""Receipts and payments: the fund account against receivables or payables; what settles nothing is an advance."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind, Voucher
from backend.accounting.services import open_items
from backend.accounting.services.open_items import Pair
from backend.accounting.services.vouchers import SourceRef
from backend.invoicing import events as facts_of
from backend.invoicing.models import FundAccount
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import total
from backend.posting import rules
from backend.posting.booking import Facts, book, moment, unbook

Allocations = Sequence[tuple[Any, Decimal]]


@subscribe(facts_of.ReceiptApproved, when="now")
def book_receipt(event: facts_of.ReceiptApproved, actor: Actor) -> None:
    """Dr bank or cash / Cr receivable, advances from customers."""
    source = SourceRef("invoicing.receipt", event.aggregate_id, event.number)
    _book(
        rules.MONEY_IN, OpenItemKind.RECEIVABLE, source, UUID(str(event.customer_id)), event, _("Money received"), actor
    )


@subscribe(facts_of.PaymentApproved, when="now")
def book_payment(event: facts_of.PaymentApproved, actor: Actor) -> None:
    """Dr payable, prepayments / Cr bank or cash."""
    source = SourceRef("invoicing.payment", event.aggregate_id, event.number)
    _book(rules.MONEY_OUT, OpenItemKind.PAYABLE, source, UUID(str(event.supplier_id)), event, _("Payment"), actor)


@subscribe(facts_of.ReceiptUnapproved, when="now")
def unbook_receipt(event: facts_of.ReceiptUnapproved, actor: Actor) -> None:
    """Red; the invoices are open again."""
    _unbook(event, actor)


@subscribe(facts_of.PaymentUnapproved, when="now")
def unbook_payment(event: facts_of.PaymentUnapproved, actor: Actor) -> None:
    """Red; the invoices are open again."""
    _unbook(event, actor)


@subscribe(facts_of.ReceiptAllocated, when="now")
def book_advance_used(event: facts_of.ReceiptAllocated, actor: Actor) -> None:
    """Dr advances from customers / Cr receivable."""
    source = SourceRef("invoicing.receipt", event.aggregate_id, event.number)
    _match(OpenItemKind.RECEIVABLE, event.aggregate_id, event.allocations, actor)
    _book_use(rules.ADVANCE_USED, source, UUID(str(event.customer_id)), event, _("Advance used"), actor)


@subscribe(facts_of.PaymentAllocated, when="now")
def book_prepayment_used(event: facts_of.PaymentAllocated, actor: Actor) -> None:
    """Dr payable / Cr prepayments."""
    source = SourceRef("invoicing.payment", event.aggregate_id, event.number)
    _match(OpenItemKind.PAYABLE, event.aggregate_id, event.allocations, actor)
    _book_use(rules.PREPAYMENT_USED, source, UUID(str(event.supplier_id)), event, _("Prepayment used"), actor)


@subscribe(facts_of.ReceiptDeallocated, when="now")
def book_advance_freed(event: facts_of.ReceiptDeallocated, actor: Actor) -> None:
    """The same in red."""
    source = SourceRef("invoicing.receipt", event.aggregate_id, event.number)
    _unmatch(event, actor)
    _book_use(rules.ADVANCE_USED, source, UUID(str(event.customer_id)), event, _("Matching undone"), actor, sign=-1)


@subscribe(facts_of.PaymentDeallocated, when="now")
def book_prepayment_freed(event: facts_of.PaymentDeallocated, actor: Actor) -> None:
    """The same in red."""
    source = SourceRef("invoicing.payment", event.aggregate_id, event.number)
    _unmatch(event, actor)
    _book_use(rules.PREPAYMENT_USED, source, UUID(str(event.supplier_id)), event, _("Matching undone"), actor, sign=-1)


def _book(
    rule: str, kind: str, source: SourceRef, party_id: UUID, event: facts_of.MoneyEvent, words: Any, actor: Actor
) -> None:
    open_items.open_item(
        kind=kind,
        party_id=party_id,
        source=source,
        item_date=event.doc_date,  # type: ignore[arg-type]
        due_date=event.doc_date,  # type: ignore[arg-type]
        amount=-event.amount,
    )
    _match(kind, event.aggregate_id, event.allocations, actor)
    settled = total(amount for _invoice, amount in event.allocations)
    amounts = {"amount": event.amount, "settled": settled, "advance": event.amount - settled}
    ledger = FundAccount.objects.values_list("account_id", flat=True).get(pk=event.fund_account_id)
    facts = Facts(source, event.doc_date, amounts, party_id=party_id, fund_account=ledger)  # type: ignore[arg-type]
    book(rule, facts, words=words, actor=actor)


def _book_use(
    rule: str,
    source: SourceRef,
    party_id: UUID,
    event: facts_of.MoneyEvent,
    words: Any,
    actor: Actor,
    *,
    sign: int = 1,
) -> None:
    """A receipt's advance may be used many times: each use is a rule of its own by its number."""
    settled = sign * total(amount for _invoice, amount in event.allocations)
    number = Voucher.objects.filter(source_id=source.id).count()
    facts = Facts(source, event.doc_date, {"settled": settled}, party_id=party_id)  # type: ignore[arg-type]
    book(rule, facts, words=words, actor=actor, rule_code=f"{rule}.{number}")


def _match(kind: str, money_id: UUID, allocations: Allocations, actor: Actor) -> None:
    if not allocations:
        return
    ids = [UUID(str(invoice)) for invoice, _amount in allocations]
    items = open_items.items_of(kind=kind, source_ids=[*ids, money_id], purpose="")
    lowering = items[money_id]
    pairs = [Pair(items[UUID(str(invoice))].pk, lowering.pk, amount) for invoice, amount in allocations]
    open_items.match(pairs=pairs, actor=actor, at=moment())


def _unmatch(event: facts_of.MoneyEvent, actor: Actor) -> None:
    ids = [UUID(str(invoice)) for invoice, _amount in event.allocations]
    open_items.unmatch(lowering_source_id=event.aggregate_id, raising_source_ids=ids, actor=actor, at=moment())


def _unbook(event: facts_of.MoneyEvent, actor: Actor) -> None:
    open_items.unmatch(lowering_source_id=event.aggregate_id, actor=actor, at=moment())
    open_items.void_items(source_id=event.aggregate_id)
    unbook(event.aggregate_id, actor=actor)
