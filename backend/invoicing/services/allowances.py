"""Allowances of suppliers: goods that came and were invoiced cost less afterwards (a rebate, a price difference, 折让).

An allowance is a debit note without quantities: each line takes an amount off what one line of goods was invoiced at.
It settles that invoice as far as it is open, else it waits like any note. Never more is allowed than was invoiced, less
what went back and what was allowed before; the draft is checked, and once more under the lock of the receipts on approval.
Goods that were invoiced before they came share it: what is here costs less now, what is still to come will come for less.
Of such goods a quantity may be named instead, which will not come at all: its amount goes with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing.models import AHEAD, InvoicedArrival, PurchaseInvoice, PurchaseInvoiceLine
from backend.invoicing.services.drafts import CannotSaveInvoice
from backend.invoicing.services.in_transit import Waiting, arrivals, gross_to_come, priced, to_come
from backend.invoicing.services.purchase_invoices import refuse_same_number
from backend.invoicing.services.shares import invoiced_gross
from backend.invoicing.services.sides import PURCHASES
from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.document import load_locked
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.language import books_language
from backend.kernel.money import ZERO, allocate, cents, in_cents, line_amounts, plain, total
from backend.kernel.numbering import next_number

ONE = Decimal(1)
RECEIPT = "purchasing.receipt"


@dataclass(frozen=True)
class AllowanceLineInput:
    """So much less, tax included, for one line of the invoice; or ``qty`` of goods to come that will not come."""

    line_id: UUID
    amount: Decimal = ZERO
    qty: Decimal = ZERO


@dataclass(frozen=True)
class AllowanceData:
    """What is keyed; ``external_no`` is the number of the supplier's red invoice."""

    doc_date: date
    lines: Sequence[AllowanceLineInput]
    external_no: str = ""
    remark: str = ""


def allowable(invoice: PurchaseInvoice) -> list[tuple[PurchaseInvoiceLine, Decimal]]:
    """The lines over goods of an invoice with what may still be allowed on each."""
    return [(line, total(part.left for part in parts)) for line, parts in _parts_of(invoice)]


def coming(invoice: PurchaseInvoice) -> dict[UUID, Decimal]:
    """How much of each line is still to come; nothing is read where none was made before its goods."""
    lines = [line for line in invoice.lines.all() if line.is_ahead]
    return {line_id: waiting.qty for line_id, waiting in to_come(lines).items()}


@dataclass(frozen=True)
class Part:
    """Goods of a line in one place, by the names of what they are invoiced over, and what may be allowed on them."""

    left: Decimal
    source: dict[str, Any]


SOURCE = ("source_type", "source_id", "source_number", "source_line_id")


def _parts_of(invoice: PurchaseInvoice) -> list[tuple[PurchaseInvoiceLine, list[Part]]]:
    """Lines over goods; of one that was made before its goods came, what is still to come and each arrival apart."""
    lines = invoice.lines.exclude(source_line_id=None).filter(qty__gt=0).select_related("item__unit")
    found = list(lines.order_by("line_no"))
    early = [line for line in found if line.is_ahead and line.item.is_stocked]
    arrived = arrivals().filter(invoice_line__in=early) if early else ()
    came = sorted(arrived, key=lambda each: each.pk)
    ids = {line.source_line_id for line in found if line.source_line_id and line not in early}
    left = invoiced_gross(PURCHASES, ids | {each.receipt_line_id for each in came})
    left_to_come = gross_to_come(early)
    made = []
    for line in found:
        own = {name: getattr(line, name) for name in SOURCE}
        if line not in early:
            parts = (
                [Part(min(left[line.source_line_id], line.gross_amount), own)] if line.source_line_id in left else []
            )
        else:
            parts = [Part(left_to_come.get(line.pk, ZERO), own)]
            parts += [_here(line, each, left) for each in came if each.invoice_line_id == line.pk]
        made += [(line, parts)] if parts else []
    return made


def _here(line: PurchaseInvoiceLine, came: InvoicedArrival, left: dict[UUID, Decimal]) -> Part:
    share = cents(line.gross_amount * came.qty / line.qty)
    names = (RECEIPT, came.receipt_id, came.receipt_number, came.receipt_line_id)
    return Part(max(min(left[came.receipt_line_id], share), ZERO), dict(zip(SOURCE, names, strict=True)))


def allow(*, invoice_id: UUID, data: AllowanceData, actor: Actor, at: datetime) -> PurchaseInvoice:
    """Write the draft of an allowance on an invoice; raises CannotSaveInvoice, ValidationRefused naming the lines."""
    with transaction.atomic():
        invoice = load_locked(PurchaseInvoice, invoice_id)
        if not invoice.is_approved or invoice.is_note or invoice.is_bare:
            raise CannotSaveInvoice(
                _("%(number)s: only an approved invoice over goods is lowered.") % {"number": invoice.number},
                document=invoice.number,
                field="approval",
                value=invoice.approval,
            )
        refuse_same_number(invoice.supplier_id, data.external_no, None)
        note = _note(invoice, data, actor, at)
        lines = _lines(invoice, note, data)
        note.net_amount = total(line.net_amount for line in lines)
        note.tax_amount = total(line.tax_amount for line in lines)
        note.gross_amount = total(line.gross_amount for line in lines)
        batch = Batch()
        batch.insert([note])
        batch.insert(lines)
        batch.insert(links.rows(invoice, note, ((None, None, None),)))
        batch.insert([audit.entry(note, "create", actor=actor, at=at)])
        batch.write()
    return note


def _note(invoice: PurchaseInvoice, data: AllowanceData, actor: Actor, at: datetime) -> PurchaseInvoice:
    note = PurchaseInvoice(
        number=next_number(PurchaseInvoice.DOC_TYPE, data.doc_date),
        doc_date=data.doc_date,
        due_date=data.doc_date,
        supplier_id=invoice.supplier_id,
        invoice_kind=invoice.invoice_kind,
        currency=invoice.currency,
        external_no=data.external_no.strip(),
        remark=data.remark,
    )
    note.stamp_created(actor, at)
    return note


def _lines(invoice: PurchaseInvoice, note: PurchaseInvoice, data: AllowanceData) -> list[PurchaseInvoiceLine]:
    known = {line.pk: (line, parts) for line, parts in _parts_of(invoice)}
    problems: list[Refusal] = []
    made: list[PurchaseInvoiceLine] = []
    missing = _missing(invoice, [given for given in data.lines if given.qty])
    for number, given in enumerate(data.lines, 1):
        if given.qty:
            line, waiting = missing.pop(given.line_id, (None, None))
            known.pop(given.line_id, None)
            if line is None or waiting is None or given.amount or not _fits(given.qty, waiting.qty):
                problems.append(_refused_missing(number, given, waiting))
            else:
                made.append(_line_missing(note, line, waiting.take(given.qty)))
            continue
        line, parts = known.pop(given.line_id, (None, []))
        missing.pop(given.line_id, None)
        rest = total(part.left for part in parts)
        if line is None or given.amount <= 0 or not in_cents(given.amount) or given.amount > rest:
            problems.append(_refusal(number, line, given.amount, rest))
            continue
        shares = zip(parts, allocate(given.amount, [part.left for part in parts]), strict=True)
        made += [_line(note, line, part, share) for part, share in shares if share]
    for number, written in enumerate(made, 1):
        written.line_no = number
    if problems:
        raise Refusal.many(problems)
    if not made:
        raise ValidationRefused(_("Enter an amount, or what will not come, for at least one line."), field="lines")
    return made


def _refusal(number: int, line: PurchaseInvoiceLine | None, amount: Decimal, rest: Decimal) -> Refusal:
    if line is None:
        words = _("Line %(line)s: choose a line over goods of the invoice, each once.") % {"line": number}
        return ValidationRefused(words, line=number, field="line_id")
    return ValidationRefused(
        _("Line %(line)s: %(amount)s is not between 0.01 and %(rest)s.")
        % {"line": line.line_no, "amount": amount, "rest": rest},
        line=number,
        field="amount",
        value=amount,
        way_out=_("At most %(rest)s is left of what was invoiced.") % {"rest": rest},
    )


def _missing(
    invoice: PurchaseInvoice, given: Sequence[AllowanceLineInput]
) -> dict[UUID, tuple[PurchaseInvoiceLine, Waiting]]:
    """What of the invoice is still to come, by line; nothing is read where no quantity is given."""
    lines = list(invoice.lines.filter(source_type=AHEAD).select_related("item")) if given else []
    found = to_come(lines)
    return {line.pk: (line, found[line.pk]) for line in lines if line.pk in found}


def _fits(qty: Decimal, most: Decimal) -> bool:
    return 0 < qty <= most and qty == round(qty, 4)


def _refused_missing(number: int, given: AllowanceLineInput, waiting: Waiting | None) -> Refusal:
    rest = plain(waiting.qty) if waiting else "0"
    return ValidationRefused(
        _(
            "Line %(line)s: %(qty)s will not come, but %(rest)s are to come; an amount of its own is not entered with them."
        )
        % {"line": number, "qty": plain(given.qty), "rest": rest},
        line=number,
        field="qty",
        value=plain(given.qty),
        way_out=_("What has come goes back with a return."),
    )


def _line_missing(note: PurchaseInvoice, line: PurchaseInvoiceLine, part: Waiting) -> PurchaseInvoiceLine:
    with books_language():
        words = _("Will not come")
    net, gross = priced(part, line)
    made = _row(note, line, words, {name: getattr(line, name) for name in SOURCE})
    made.qty, made.unit_price, made.tax_incl_price = -part.qty, line.unit_price, line.tax_incl_price
    made.net_amount, made.tax_amount, made.gross_amount = -net, net - gross, -gross
    return made


def _line(note: PurchaseInvoice, line: PurchaseInvoiceLine, part: Part, amount: Decimal) -> PurchaseInvoiceLine:
    with books_language():
        words = _("Allowance")
    sums = line_amounts(qty=ONE, price=amount, price_includes_tax=True, tax_rate=line.tax_rate)
    made = _row(note, line, words, part.source)
    made.net_amount, made.tax_amount, made.gross_amount = -sums.net_amount, -sums.tax_amount, -sums.gross_amount
    return made


def _row(note: PurchaseInvoice, line: PurchaseInvoiceLine, words: str, source: dict[str, Any]) -> PurchaseInvoiceLine:
    return PurchaseInvoiceLine(
        document=note,
        item_id=line.item_id,
        description=words,
        order_id=line.order_id,
        order_number=line.order_number,
        order_line_id=line.order_line_id,
        tax_rate=line.tax_rate,
        **source,
    )
