"""Money in and out: receipts from customers and payments to suppliers, with what they settle.

Invariants: an invoice is never settled beyond its amount nor a receipt used beyond its own; what is not
allocated is an advance, and may be allocated later. Both sides are one set of functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing import events as facts
from backend.invoicing.models import FundAccount, Payment, Receipt
from backend.invoicing.services import allocating
from backend.invoicing.services.allocating import Allocation, propose
from backend.invoicing.services.sides import PURCHASES, SALES, Side, usable_party
from backend.invoicing.services.undoing import refuse_while_refunded, void_draft
from backend.kernel import audit, events, links
from backend.kernel.actor import Actor
from backend.kernel.document import claim_version, load_locked
from backend.kernel.errors import Conflict, ValidationRefused
from backend.kernel.lifecycle import APPROVAL
from backend.kernel.money import in_cents, total
from backend.kernel.numbering import next_number


class CannotSaveMoney(Conflict):
    """The receipt or payment cannot be written like that."""

    code = "cannot_save_money"


@dataclass(frozen=True)
class MoneyData:
    """What is keyed on a receipt or payment. ``allocations`` None settles the oldest invoices first."""

    party_id: UUID
    fund_account_id: UUID
    doc_date: date
    amount: Decimal
    method: str = "transfer"
    reference: str = ""
    remark: str = ""
    allocations: Sequence[Allocation] | None = ()


def propose_allocation(side: Side, party_id: UUID, amount: Decimal) -> list[Allocation]:
    """What an amount would settle: the invoices due first, as far as it reaches."""
    return propose(side, party_id, amount)


# --- the two sides -----------------------------------------------------------------------------
def save_receipt(
    *, data: MoneyData, actor: Actor, at: datetime, receipt_id: UUID | None = None, version: int | None = None
) -> Receipt:
    """Write a draft of money that came in."""
    receipt: Receipt = _save(SALES, data, receipt_id, version, actor, at)
    return receipt


def save_payment(
    *, data: MoneyData, actor: Actor, at: datetime, payment_id: UUID | None = None, version: int | None = None
) -> Payment:
    """Write a draft of money that goes out."""
    payment: Payment = _save(PURCHASES, data, payment_id, version, actor, at)
    return payment


def approve_receipt(*, receipt_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Receipt:
    """Book the receipt and settle its invoices."""
    receipt: Receipt = _approve(SALES, receipt_id, facts.ReceiptApproved, actor, at, version)
    return receipt


def approve_payment(*, payment_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Payment:
    """Book the payment and settle its invoices."""
    payment: Payment = _approve(PURCHASES, payment_id, facts.PaymentApproved, actor, at, version)
    return payment


def unapprove_receipt(*, receipt_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Receipt:
    """Take the receipt back; its invoices are open again."""
    receipt: Receipt = _unapprove(SALES, receipt_id, facts.ReceiptUnapproved, actor, at, reason)
    return receipt


def unapprove_payment(*, payment_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Payment:
    """Take the payment back; its invoices are open again."""
    payment: Payment = _unapprove(PURCHASES, payment_id, facts.PaymentUnapproved, actor, at, reason)
    return payment


def void_receipt(*, receipt_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Receipt:
    """Throw a draft away."""
    with transaction.atomic():
        return void_draft(Receipt, receipt_id, actor=actor, at=at, reason=reason)


def void_payment(*, payment_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Payment:
    """Throw a draft away."""
    with transaction.atomic():
        return void_draft(Payment, payment_id, actor=actor, at=at, reason=reason)


def allocate_receipt(
    *, receipt_id: UUID, allocations: Sequence[Allocation] | None, day: date, actor: Actor, at: datetime
) -> Receipt:
    """Let an advance of a customer settle invoices (None: the oldest first)."""
    receipt: Receipt = _allocate(SALES, receipt_id, allocations, day, facts.ReceiptAllocated, actor, at)
    return receipt


def allocate_payment(
    *, payment_id: UUID, allocations: Sequence[Allocation] | None, day: date, actor: Actor, at: datetime
) -> Payment:
    """Let a prepayment settle invoices (None: the oldest first)."""
    payment: Payment = _allocate(PURCHASES, payment_id, allocations, day, facts.PaymentAllocated, actor, at)
    return payment


def deallocate_receipt(*, receipt_id: UUID, invoice_id: UUID, day: date, actor: Actor, at: datetime) -> Receipt:
    """Take a receipt off an invoice: the money becomes an advance."""
    receipt: Receipt = _deallocate(SALES, receipt_id, invoice_id, day, facts.ReceiptDeallocated, actor, at)
    return receipt


def deallocate_payment(*, payment_id: UUID, invoice_id: UUID, day: date, actor: Actor, at: datetime) -> Payment:
    """Take a payment off an invoice: the money becomes a prepayment."""
    payment: Payment = _deallocate(PURCHASES, payment_id, invoice_id, day, facts.PaymentDeallocated, actor, at)
    return payment


# --- one set of rules --------------------------------------------------------------------------
def _save(
    side: Side, data: MoneyData, document_id: UUID | None, version: int | None, actor: Actor, at: datetime
) -> Any:
    with transaction.atomic():
        party = usable_party(side, data.party_id)
        money = _draft_row(side, document_id, version, actor, at)
        _fill(side, money, data)
        allocations = propose(side, party.pk, data.amount) if data.allocations is None else list(data.allocations)
        lines = allocating.build_lines(side, money, allocations)
        if document_id is None:
            money.number = next_number(money.DOC_TYPE, data.doc_date)
            money.save(force_insert=True)
        else:
            money.save()
            side.money_line.objects.filter(document=money).delete()
        side.money_line.objects.bulk_create(lines)
        audit.record(money, "change" if document_id else "create", actor=actor, at=at)
    return money


def _draft_row(side: Side, document_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> Any:
    if document_id is None:
        money = side.money()
        money.stamp_created(actor, at)
        return money
    money = load_locked(side.money, document_id)
    if not money.is_draft:
        raise CannotSaveMoney(
            _("%(number)s is %(state)s and cannot be changed.")
            % {"number": money.number, "state": money.state_label("approval")},
            document=money.number,
            way_out=_("Take it back first."),
        )
    claim_version(money, version, at)
    return money


def _fill(side: Side, money: Any, data: MoneyData) -> None:
    if data.amount <= 0 or not in_cents(data.amount):
        raise ValidationRefused(
            _("The amount must be more than zero, in whole cents."), field="amount", value=data.amount
        )
    fund = FundAccount.objects.filter(pk=data.fund_account_id, active=True).first()
    if fund is None:
        raise ValidationRefused(_("Choose a bank account or cash box in use."), field="fund_account", value="")
    setattr(money, side.party_field, data.party_id)
    money.fund_account, money.doc_date, money.amount = fund, data.doc_date, data.amount
    money.method, money.reference, money.remark = data.method, data.reference.strip(), data.remark


def _approve(
    side: Side, document_id: UUID, fact: type[facts.MoneyEvent], actor: Actor, at: datetime, seen: int | None
) -> Any:
    with transaction.atomic():
        money = load_locked(side.money, document_id, seen=seen)
        before = APPROVAL.advance(money, "approve")
        allocations = allocating.of(side, money)
        invoices = allocating.settle(side, money, allocations)
        money.matched_amount = total(amount for _invoice, amount in allocations)
        money.stamp_approved(actor, at)
        money.version += 1
        money.save()
        links.link_all(invoices, money)
        audit.record(money, "approve", actor=actor, at=at, axis="approval", before=before, after=money.approval)
        events.publish(_event(side, fact, money, allocations, money.doc_date), actor=actor)
    return money


def _unapprove(
    side: Side, document_id: UUID, fact: type[facts.MoneyEvent], actor: Actor, at: datetime, reason: str
) -> Any:
    with transaction.atomic():
        money = load_locked(side.money, document_id)
        before = APPROVAL.advance(money, "unapprove")
        refuse_while_refunded(money)
        allocations = allocating.of(side, money)
        allocating.unsettle(side, money, allocations)
        money.matched_amount = Decimal(0)
        money.approved_at = money.approved_by_id = None
        money.approved_by_name, money.updated_at = "", at
        money.version += 1
        money.save()
        links.unlink(money.pk)
        audit.record(
            money, "unapprove", actor=actor, at=at, axis="approval", before=before, after=money.approval, reason=reason
        )
        events.publish(_event(side, fact, money, allocations, money.doc_date), actor=actor)
    return money


def _allocate(
    side: Side,
    document_id: UUID,
    allocations: Sequence[Allocation] | None,
    day: date,
    fact: type[facts.MoneyEvent],
    actor: Actor,
    at: datetime,
) -> Any:
    with transaction.atomic():
        money = _approved(side, document_id)
        wanted = propose(side, side.party_of(money), money.unmatched_amount) if allocations is None else allocations
        if not wanted:
            raise allocating.CannotAllocate(
                _("There is nothing to settle for %(number)s.") % {"number": money.number}, document=money.number
            )
        allocating.add_lines(side, money, wanted)
        links.link_all(allocating.settle(side, money, wanted), money)
        money.matched_amount += total(amount for _invoice, amount in wanted)
        _touch(money, at)
        changes = {str(invoice): ["", str(amount)] for invoice, amount in wanted}
        audit.record(money, "allocate", actor=actor, at=at, changes=changes)
        events.publish(_event(side, fact, money, wanted, day), actor=actor)
    return money


def _deallocate(
    side: Side, document_id: UUID, invoice_id: UUID, day: date, fact: type[facts.MoneyEvent], actor: Actor, at: datetime
) -> Any:
    with transaction.atomic():
        money = _approved(side, document_id)
        gone = [pair for pair in allocating.of(side, money) if pair[0] == invoice_id]
        if not gone:
            raise allocating.CannotAllocate(
                _("%(number)s does not settle that invoice.") % {"number": money.number}, document=money.number
            )
        allocating.unsettle(side, money, gone)
        side.money_line.objects.filter(document=money, invoice_id=invoice_id).delete()
        money.matched_amount -= total(amount for _invoice, amount in gone)
        _touch(money, at)
        audit.record(money, "deallocate", actor=actor, at=at, changes={str(invoice_id): [str(gone[0][1]), ""]})
        events.publish(_event(side, fact, money, gone, day), actor=actor)
    return money


def _approved(side: Side, document_id: UUID) -> Any:
    money = load_locked(side.money, document_id)
    if not money.is_approved:
        raise CannotSaveMoney(
            _("%(number)s is not approved.") % {"number": money.number},
            document=money.number,
            way_out=_("Change what it settles on the draft."),
        )
    return money


def _touch(money: Any, at: datetime) -> None:
    money.updated_at = at
    money.version += 1
    money.save(update_fields=["matched_amount", "updated_at", "version"])


def _event(
    side: Side, fact: type[facts.MoneyEvent], money: Any, allocations: Sequence[Allocation], day: date
) -> facts.MoneyEvent:
    return fact(
        aggregate_id=money.pk,
        number=money.number,
        doc_date=day,
        fund_account_id=money.fund_account_id,
        amount=money.amount,
        allocations=tuple(allocations),
        **{side.party_field: side.party_of(money)},
    )
