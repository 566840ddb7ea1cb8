"""Which invoices money settles, and by how much. Invoices are locked in id order."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.services.sides import Side
from backend.kernel.bulk import update_rows
from backend.kernel.document import Approval, progress_of
from backend.kernel.errors import Conflict, ValidationRefused
from backend.kernel.money import in_cents, total

Allocation = tuple[UUID, Decimal]


class CannotAllocate(Conflict):
    """An invoice is not open for that much."""

    code = "cannot_allocate"


def propose(side: Side, party_id: UUID, amount: Decimal) -> list[Allocation]:
    """The invoices due first, as far as the amount reaches; one statement."""
    found = side.invoice.objects.filter(**{side.party_field: party_id}, approval=Approval.APPROVED, gross_amount__gt=0)
    rest, proposed = amount, []
    for invoice in found.exclude(settled="full").order_by("due_date", "number"):
        part = min(rest, invoice.open_amount)
        if part <= 0:
            break
        proposed.append((invoice.pk, part))
        rest -= part
    return proposed


def of(side: Side, money: Any) -> list[Allocation]:
    """What a receipt or payment settles, as (invoice, amount)."""
    lines = side.money_line.objects.filter(document=money).order_by("line_no")
    return list(lines.values_list("invoice_id", "amount"))


def build_lines(side: Side, money: Any, allocations: Sequence[Allocation], *, first_no: int = 1) -> list[Any]:
    """Unsaved lines of an allocation; refuses what cannot be, naming each line."""
    problems = []
    if len({invoice for invoice, _amount in allocations}) < len(allocations):
        problems.append(ValidationRefused(_("An invoice is named twice."), field="allocations"))
    for number, (_invoice, amount) in enumerate(allocations, first_no):
        if amount <= 0 or not in_cents(amount):
            words = _("Line %(line)s: the amount must be more than zero, in whole cents.") % {"line": number}
            problems.append(ValidationRefused(words, line=number, field="amount", value=amount))
    allocated = total(amount for _invoice, amount in allocations)
    if allocated > money.amount - money.matched_amount:
        problems.append(
            ValidationRefused(
                _("%(allocated)s is to be settled, but only %(amount)s is there.")
                % {"allocated": allocated, "amount": money.amount - money.matched_amount},
                field="allocations",
                value=allocated,
                way_out=_("Lower the amounts, or settle with several receipts."),
            )
        )
    if problems:
        raise ValidationRefused.many(problems)
    return [
        side.money_line(document=money, line_no=number, invoice_id=invoice_id, amount=amount)
        for number, (invoice_id, amount) in enumerate(allocations, first_no)
    ]


def add_lines(side: Side, money: Any, allocations: Sequence[Allocation]) -> None:
    """Add to what money settles; an invoice that is there already gets more."""
    new = build_lines(side, money, allocations)
    there = {line.invoice_id: line for line in side.money_line.objects.filter(document=money)}
    last = max((line.line_no for line in there.values()), default=0)
    fresh = [line for line in new if line.invoice_id not in there]
    for number, line in enumerate(fresh, last + 1):
        line.line_no = number
    more = [line for line in new if line.invoice_id in there]
    for line in more:
        there[line.invoice_id].amount += line.amount
    side.money_line.objects.bulk_create(fresh)
    update_rows([there[line.invoice_id] for line in more], ["amount"])


def settle(side: Side, money: Any, allocations: Sequence[Allocation]) -> list[Any]:
    """Raise the settled amounts of the invoices, at most to what they come to; returns the invoices."""
    invoices = _locked(side, (invoice for invoice, _amount in allocations))
    problems = [
        problem
        for invoice_id, amount in allocations
        if (problem := _problem(side, money, invoices.get(invoice_id), amount))
    ]
    if problems:
        raise CannotAllocate.many(problems)
    return _move(side, invoices, [(invoice, amount) for invoice, amount in allocations])


def unsettle(side: Side, money: Any, allocations: Sequence[Allocation]) -> list[Any]:
    """Lower the settled amounts again."""
    invoices = _locked(side, (invoice for invoice, _amount in allocations))
    return _move(side, invoices, [(invoice, -amount) for invoice, amount in allocations])


def _locked(side: Side, ids: Iterable[UUID]) -> dict[UUID, Any]:
    found = side.invoice.objects.filter(pk__in=list(ids)).order_by("id").select_for_update(of=("self",), no_key=True)
    return {invoice.pk: invoice for invoice in found}


def settle_by_note(invoices: dict[UUID, Any], changes: Sequence[Allocation]) -> None:
    """Move the settled amounts of locked invoices and of the note itself, whose amounts are negative."""
    for invoice_id, amount in changes:
        invoice = invoices[invoice_id]
        invoice.settled_amount += amount
        invoice.settled = progress_of(abs(invoice.settled_amount), abs(invoice.gross_amount))
    update_rows(invoices.values(), ["settled_amount", "settled"])


def _move(side: Side, invoices: dict[UUID, Any], changes: Sequence[Allocation]) -> list[Any]:
    for invoice_id, amount in changes:
        invoice = invoices[invoice_id]
        invoice.settled_amount += amount
        invoice.settled = progress_of(invoice.settled_amount, invoice.gross_amount)
    update_rows(invoices.values(), ["settled_amount", "settled"])
    return list(invoices.values())


def _problem(side: Side, money: Any, invoice: Any, amount: Decimal) -> CannotAllocate | None:
    words, way_out = "", ""
    if invoice is None or side.party_of(invoice) != side.party_of(money):
        words = _("An invoice of another party cannot be settled.")
    elif not invoice.is_approved:
        words = _("Invoice %(number)s is not approved.") % {"number": invoice.number}
        way_out = _("Approve it first, or leave it out.")
    elif amount > invoice.open_amount:
        words = _("Invoice %(number)s has %(open)s open; %(amount)s was to be settled.") % {
            "number": invoice.number,
            "open": invoice.open_amount,
            "amount": amount,
        }
        way_out = _("Settle at most %(open)s.") % {"open": invoice.open_amount}
    if not words:
        return None
    return CannotAllocate(words, document=money.number, field="amount", value=amount, way_out=way_out or None)
