"""Receivables set off against payables: the invoices of both sides are settled by the same amount, without money.

Invoices are locked side by side in id order, as receipts and payments lock them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing.events import NettingApproved, NettingEvent, NettingUnapproved
from backend.invoicing.models import Netting, NettingLine
from backend.invoicing.services import allocating, clearing
from backend.invoicing.services.allocating import Allocation
from backend.invoicing.services.clearing import CannotClear
from backend.invoicing.services.sides import PURCHASES, SALES, Side, usable_party
from backend.invoicing.services.undoing import void_draft
from backend.kernel import events, links
from backend.kernel.actor import Actor
from backend.kernel.document import load_locked
from backend.kernel.money import LARGEST, total


@dataclass(frozen=True)
class NettingData:
    """What is keyed. Without an amount as much as both sides allow; without invoices those due first."""

    customer_id: UUID
    supplier_id: UUID
    doc_date: date
    amount: Decimal | None = None
    receivables: Sequence[Allocation] | None = None
    payables: Sequence[Allocation] | None = None
    remark: str = ""


def save_netting(
    *, data: NettingData, actor: Actor, at: datetime, netting_id: UUID | None = None, version: int | None = None
) -> Netting:
    """Write a draft; raises CannotClear where one side is not open for so much, ValidationRefused."""
    with transaction.atomic():
        netting = clearing.open_draft(Netting, netting_id, version, actor, at)
        netting.customer = usable_party(SALES, data.customer_id)
        netting.supplier = usable_party(PURCHASES, data.supplier_id)
        netting.doc_date, netting.remark = data.doc_date, data.remark
        netting.amount = _amount(data)
        receivables = _of_side(SALES, data.customer_id, netting.amount, data.receivables)
        payables = _of_side(PURCHASES, data.supplier_id, netting.amount, data.payables)
        clearing.store(netting, _lines(netting, receivables, payables), actor=actor, at=at)
    return netting


def _amount(data: NettingData) -> Decimal:
    amount = data.amount
    if amount is None:
        open_sums = [
            total(part for _invoice, part in clearing.chosen(side, party_id, given, LARGEST))
            for side, party_id, given in (
                (SALES, data.customer_id, data.receivables),
                (PURCHASES, data.supplier_id, data.payables),
            )
        ]
        amount = min(open_sums)
        if not amount:
            raise CannotClear(
                _("There is nothing to set off: one of both sides has no open invoice."), field="amount", value=amount
            )
    clearing.require_amount(amount)
    return amount


def _of_side(side: Side, party_id: UUID, amount: Decimal, given: Sequence[Allocation] | None) -> list[Allocation]:
    found = clearing.chosen(side, party_id, given, amount)
    reached = total(part for _invoice, part in found)
    if reached != amount:
        words = (
            _("The customer's invoices come to %(reached)s, not to %(amount)s.")
            if side is SALES
            else _("The supplier's invoices come to %(reached)s, not to %(amount)s.")
        )
        raise CannotClear(
            words % {"reached": reached, "amount": amount},
            field="amount",
            value=amount,
            way_out=_("Set off %(reached)s.") % {"reached": reached} if 0 < reached < amount else None,
        )
    return found


def _lines(netting: Netting, receivables: Sequence[Allocation], payables: Sequence[Allocation]) -> list[NettingLine]:
    made = [NettingLine(document=netting, sales_invoice_id=pk, amount=part) for pk, part in receivables]
    made += [NettingLine(document=netting, purchase_invoice_id=pk, amount=part) for pk, part in payables]
    for number, line in enumerate(made, 1):
        line.line_no = number
    return made


def _sides(netting: Netting) -> tuple[list[Allocation], list[Allocation]]:
    lines = list(netting.lines.order_by("line_no"))
    return (
        [(line.sales_invoice_id, line.amount) for line in lines if line.sales_invoice_id],
        [(line.purchase_invoice_id, line.amount) for line in lines if line.purchase_invoice_id],
    )


def approve_netting(*, netting_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Netting:
    """Settle the invoices of both sides; raises CannotAllocate for one that is not open for so much any more."""
    with transaction.atomic():
        netting = load_locked(Netting, netting_id, seen=version)
        clearing.advance(netting, "approve", actor=actor, at=at)
        receivables, payables = _sides(netting)
        settled = [*allocating.settle(SALES, netting, receivables), *allocating.settle(PURCHASES, netting, payables)]
        links.link_all(settled, netting)
        events.publish(_told(NettingApproved, netting, receivables, payables), actor=actor)
    return netting


def unapprove_netting(*, netting_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Netting:
    """Both sides are open again."""
    with transaction.atomic():
        netting = load_locked(Netting, netting_id)
        clearing.advance(netting, "unapprove", actor=actor, at=at, reason=reason)
        receivables, payables = _sides(netting)
        allocating.unsettle(SALES, netting, receivables)
        allocating.unsettle(PURCHASES, netting, payables)
        events.publish(_told(NettingUnapproved, netting, receivables, payables), actor=actor)
    return netting


def void_netting(*, netting_id: UUID, actor: Actor, at: datetime, reason: str = "") -> Netting:
    """Throw a draft away."""
    with transaction.atomic():
        return void_draft(Netting, netting_id, actor=actor, at=at, reason=reason)


def _told(
    kind: type[NettingEvent], netting: Netting, receivables: Sequence[Allocation], payables: Sequence[Allocation]
) -> NettingEvent:
    return kind(
        netting.pk,
        netting.number,
        netting.doc_date,
        netting.customer_id,
        netting.supplier_id,
        netting.amount,
        clearing.totals(receivables),
        clearing.totals(payables),
    )
