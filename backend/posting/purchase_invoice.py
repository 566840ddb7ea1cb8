"""Purchase invoices: payable and input VAT, less what receipts booked before; the difference follows the goods.

The difference between what the invoice makes the goods cost and what they were booked at is split by where the
goods are now: for what is on hand the stock's value is corrected (a move of value alone), for what has left it goes where
its cost went (``uses``). So the inventory accounts stay equal to the value of stock. VAT that may not be deducted (small-scale
taxpayer, ordinary invoice) is part of the cost. Goods that have not come yet are in transit at what they are invoiced
at. Where the company wants it, the estimate of an earlier month goes in red and the goods come anew; what that leaves
on the accounts is the same.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.db.models import OuterRef
from django.utils.translation import gettext_lazy as _

from backend.accounting.models import OpenItemKind, Voucher, VoucherLine
from backend.accounting.selectors import input_vat
from backend.accounting.services.vouchers import SourceRef
from backend.inventory.services.spreading import Difference, Split, differences_of_lines, spread
from backend.inventory.services.uses import SOLD
from backend.invoicing.events import PurchaseInvoiceApproved, PurchaseInvoiceEvent, PurchaseInvoiceUnapproved
from backend.invoicing.models import PurchaseInvoice, PurchaseInvoiceLine
from backend.invoicing.services.in_transit import lower, lowered_by, not_to_come, note_values, write_off
from backend.invoicing.services.shares import invoiced_qty
from backend.kernel.actor import Actor
from backend.kernel.events import subscribe
from backend.kernel.money import ZERO, allocate, total
from backend.kernel.prepared import Prepared
from backend.posting import modes, rules, uses
from backend.posting.billed import close_invoice, open_invoice
from backend.posting.booking import Facts, book, moment, stands_by, unbook
from backend.purchasing.models import LandedCost, PurchaseReceiptLine
from backend.purchasing.services.landed_costs import note_split


@subscribe(PurchaseInvoiceApproved, when="now")
def book_invoice(event: PurchaseInvoiceApproved, actor: Actor) -> None:
    """Dr goods in transit, estimate, difference, input VAT / Cr payable."""
    source = _source(event)
    lines = _lines(event)
    taxed = _taxed(lines)
    deducts = taxed and modes.may_be_deducted(event.invoice_kind)
    full = [line for line in lines if line.in_full]  # type: ignore[attr-defined]
    billed = _billed(full, taxed)
    supplier = UUID(str(event.supplier_id))
    landed = _landed_cost(event, lines)
    allowed, lowered = [line for line in lines if line.is_allowance], ZERO
    if event.gross < 0:
        split = _revalue(_allowances(allowed, deducts), event, actor)
        lowered = _lower_in_transit(event, allowed, deducts, split)
        lowered += _write_off(event, lines, deducts, split)
        split.uses[SOLD] += _gone([line for line in lines if line not in allowed and not line.is_ahead], deducts)
    else:
        split = _revalue([*_differences(lines, deducts), *_fees(landed, lines, deducts)], event, actor)
    if landed:
        note_split(landed.pk, stock=total(split.values.values()), sold=split.sold)
    open_invoice(event, kind=OpenItemKind.PAYABLE, party_id=supplier, source=source, billed=billed, actor=actor)
    reversed_tax = total(line.tax_amount for line in allowed)
    late = _reverse(event, [line for line in lines if line not in full], actor)
    for role, value in late.items():
        split.values[role] += value
    amounts = {
        "transit": _put_in_transit(lines, deducts) - lowered,
        "estimate": total(line.receipt_net for line in lines if line not in full) - total(late.values()),
        "expense": ZERO if landed else total(_cost(line, deducts) - line.receipt_net for line in _services(lines)),
        "tax": (event.tax - reversed_tax if deducts else ZERO)
        - (total(line.source_tax for line in full) if taxed else ZERO),
        "reversed": -reversed_tax if deducts else ZERO,
        "payable": event.gross - total(billed.values()),
    }
    facts = Facts(source, event.doc_date, amounts, split.values, supplier, event.supplier_name)  # type: ignore[arg-type]
    facts = replace(facts, uses=uses.settle(split.uses))
    book(rules.PURCHASE_INVOICE, facts, words=_("Purchase invoice"), actor=actor)


def _put_in_transit(lines: Sequence[PurchaseInvoiceLine], deducts: bool) -> Decimal:
    """4d: what goods that have not come cost; each line keeps its part for the receipts to take."""
    ahead = [line for line in lines if line.is_ahead and line.qty > 0 and line.item.is_stocked]
    if ahead:
        note_values(ahead, [_cost(line, deducts) for line in ahead])
    return total(line.transit_value for line in ahead)


def _reverse(event: PurchaseInvoiceApproved, lines: Sequence[PurchaseInvoiceLine], actor: Actor) -> dict[str, Decimal]:
    """4b: the estimates of receipts of earlier months in red; returns what is to be booked anew, by role."""
    if event.gross < 0 or not modes.reverses_late_estimates():
        return {}
    first = event.doc_date.replace(day=1)  # type: ignore[union-attr, call-arg]
    sources = [line.source_line_id for line in lines if line.source_line_id and not line.is_ahead]
    earlier = PurchaseReceiptLine.objects.filter(pk__in=sources, item__item_type="goods", document__doc_date__lt=first)
    roles = dict(earlier.values_list("pk", "item__category__inventory_role"))
    values: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        if line.source_line_id in roles:
            values[roles[line.source_line_id]] += line.receipt_net
    red = {role: -value for role, value in values.items()}
    supplier = UUID(str(event.supplier_id))
    amounts = {"estimate": total(red.values())}
    facts = Facts(_source(event), event.doc_date, amounts, red, supplier, event.supplier_name)  # type: ignore[arg-type]
    book(rules.PURCHASE_REVERSAL, facts, words=_("Estimate reversed"), actor=actor)
    return dict(values)


def _lower_in_transit(
    event: PurchaseInvoiceApproved, allowed: Sequence[PurchaseInvoiceLine], deducts: bool, split: Split
) -> Decimal:
    """8 before 4d: goods that have not come will come for less; returns by how much. A cent beyond is cost of sales."""
    ahead = [line for line in allowed if line.is_ahead and line.item.is_stocked]
    if not ahead:
        return ZERO
    note = PurchaseInvoice.objects.get(pk=event.aggregate_id)
    invoice_id = lowered_by(note.pk)
    lowered = total(
        lower(line.source_line_id, -_cost(line, deducts), invoice_id=invoice_id, note=note, note_line_id=line.pk)
        for line in ahead
        if line.source_line_id
    )
    split.uses[SOLD] += total(_cost(line, deducts) for line in ahead) + lowered
    return lowered


def _write_off(
    event: PurchaseInvoiceApproved, lines: Sequence[PurchaseInvoiceLine], deducts: bool, split: Split
) -> Decimal:
    """Goods that will not come leave goods in transit; what they are credited at otherwise is cost of sales."""
    missing = [line for line in lines if line.is_ahead and line.qty < 0]
    if not missing:
        return ZERO
    note = PurchaseInvoice.objects.get(pk=event.aggregate_id)
    value = write_off(note, not_to_come(note, missing))
    split.uses[SOLD] += total(_cost(line, deducts) for line in missing if line.item.is_stocked) + value
    return value


@subscribe(PurchaseInvoiceUnapproved, when="now")
def unbook_invoice(event: PurchaseInvoiceUnapproved, actor: Actor) -> None:
    """Red; what cannot leave stock any more, because the goods were sold, leaves cost of sales instead."""
    lines = _lines(event)
    deducts = _taxed(lines) and modes.may_be_deducted(event.invoice_kind)
    close_invoice(UUID(str(event.aggregate_id)), note=event.gross < 0, actor=actor)
    if event.gross < 0:
        late = _allowances([line for line in lines if line.is_allowance], deducts, sign=-1)
    else:
        late = [*_differences(lines, deducts, sign=-1), *_fees(_landed_cost(event, lines), lines, deducts, sign=-1)]
    split = _revalue(late, event, actor)
    reds = unbook(event.aggregate_id, actor=actor)
    if late:
        _correct(event, split, reds, actor)


def _correct(event: PurchaseInvoiceEvent, split: Split, reds: Sequence[Voucher], actor: Actor) -> None:
    """Bring the ledger from what the red voucher took out of inventory, and of 1406, to what left stock and its lines."""
    gaps: dict[str, Decimal] = defaultdict(lambda: ZERO, split.values)
    reversed_lines = VoucherLine.objects.filter(voucher__in=reds, account__control="stock")
    for role, debit in reversed_lines.values_list("account__roles__role", "debit"):
        gaps[role] -= debit
    values = {role: gap for role, gap in gaps.items() if gap}
    waiting = _waiting_gaps(split, reds)
    if not values and not waiting:
        return
    number = Voucher.objects.filter(source_id=event.aggregate_id).count()
    sold = -total(values.values()) - total(waiting.values())
    facts = Facts(_source(event), reds[0].voucher_date, {"sold": sold}, values, uses=waiting)
    book(
        rules.PURCHASE_CORRECTION,
        facts,
        words=_("Purchase invoice taken back, goods sold"),
        actor=actor,
        rule_code=f"{rules.PURCHASE_CORRECTION}.{number}",
    )


def _waiting_gaps(split: Split, reds: Sequence[Voucher]) -> uses.Uses:
    """By customer: what goods dispatched carry less from now on, beside what the red voucher took off them."""
    gaps: uses.Uses = defaultdict(lambda: ZERO)
    for (role, party), cost in uses.settle(split.uses).items():
        if role == uses.DISPATCHED:
            gaps[role, party] += cost
    taken = VoucherLine.objects.filter(voucher__in=reds, account__roles__role=uses.DISPATCHED)
    for party, debit in taken.values_list("party_id", "debit"):
        gaps[uses.DISPATCHED, party] -= debit
    return {key: gap for key, gap in gaps.items() if gap}


# --- what the goods cost -----------------------------------------------------------------------
def _source(event: PurchaseInvoiceEvent) -> SourceRef:
    return SourceRef("invoicing.purchase_invoice", event.aggregate_id, event.number)


def _lines(event: PurchaseInvoiceEvent) -> list[PurchaseInvoiceLine]:
    """The invoice's lines: ``in_full`` when their receipt opened what is owed, ``taxed`` when the company deducts VAT."""
    return [*_lines_with_items(UUID(str(event.aggregate_id)))]


_lines_with_items = Prepared(
    lambda invoice: (
        PurchaseInvoiceLine.objects.filter(document_id=invoice)
        .annotate(in_full=stands_by(rules.RECEIPT_FULL, OuterRef("source_id")), taxed=input_vat())
        .select_related("item")
        .order_by("line_no")
    )
)


def _taxed(lines: Sequence[PurchaseInvoiceLine]) -> bool:
    return any(line.taxed for line in lines)  # type: ignore[attr-defined]


def _is_goods(line: PurchaseInvoiceLine) -> bool:
    return bool(line.source_line_id) and line.item.is_stocked


def _has_come(line: PurchaseInvoiceLine) -> bool:
    return _is_goods(line) and not line.is_ahead


def _gone(lines: Sequence[PurchaseInvoiceLine], deducts: bool) -> Decimal:
    """What the goods of a debit note cost otherwise than they were booked at: they have left, at their own cost."""
    return total(_cost(line, deducts) - line.receipt_net for line in lines if _is_goods(line))


def _services(lines: Sequence[PurchaseInvoiceLine]) -> list[PurchaseInvoiceLine]:
    return [line for line in lines if not _is_goods(line)]


def _landed_cost(event: PurchaseInvoiceEvent, lines: Sequence[PurchaseInvoiceLine]) -> LandedCost | None:
    """The landed cost whose fee is invoiced, if it is one."""
    return LandedCost.objects.filter(invoice_id=event.aggregate_id).first() if _services(lines) else None


def _fees(
    landed: LandedCost | None, lines: Sequence[PurchaseInvoiceLine], deducts: bool, sign: int = 1
) -> list[Difference]:
    """5: the fee by the goods that carry it, in the shares that were agreed."""
    if landed is None:
        return []
    carriers = list(landed.lines.order_by("line_no"))
    cost = total(_cost(line, deducts) for line in _services(lines))
    shares = allocate(cost, [line.amount for line in carriers])
    return differences_of_lines(
        (line.receipt_line_id, sign * share, line.qty) for line, share in zip(carriers, shares, strict=True)
    )


def _cost(line: PurchaseInvoiceLine, deducts: bool) -> Decimal:
    return line.net_amount if deducts else line.gross_amount


def _billed(lines: Sequence[PurchaseInvoiceLine], taxed: bool) -> dict[UUID, Decimal]:
    sums: dict[UUID, Decimal] = defaultdict(lambda: ZERO)
    for line in lines:
        if line.source_id:
            sums[line.source_id] += line.receipt_net + (line.source_tax if taxed else ZERO)
    return dict(sums)


def _differences(lines: Sequence[PurchaseInvoiceLine], deducts: bool, sign: int = 1) -> list[Difference]:
    """What goods cost other than they were booked at, arrival by arrival."""
    return differences_of_lines(
        (line.source_line_id, sign * (_cost(line, deducts) - line.receipt_net), line.qty)
        for line in lines
        if line.source_line_id and _has_come(line)
    )


def _allowances(lines: Sequence[PurchaseInvoiceLine], deducts: bool, sign: int = 1) -> list[Difference]:
    """8: what goods that were invoiced cost less, arrival by arrival; VAT of it is turned back, not the cost of anything."""
    here = [line for line in lines if not line.is_ahead]
    taken = invoiced_qty([line.source_line_id for line in here if line.source_line_id]) if here else {}
    return differences_of_lines(
        (line.source_line_id, sign * _cost(line, deducts), taken[line.source_line_id])
        for line in here
        if line.source_line_id in taken and line.item.is_stocked
    )


def _revalue(differences: Sequence[Difference], event: PurchaseInvoiceEvent, actor: Actor) -> Split:
    """Correct the value of what is on hand; the rest was sold."""
    if not differences:
        return Split()
    document = PurchaseInvoice.objects.get(pk=event.aggregate_id)
    return spread(differences, document=document, actor=actor, at=moment())
