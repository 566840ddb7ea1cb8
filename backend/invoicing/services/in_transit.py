"""Goods that were invoiced before they came (先票后货): what of each invoice is on its way, and the arrivals that took it.

Invariants: all arrivals of a line take no more than it invoiced and, once all of it has come, exactly its amounts. An
allowance takes value off what is still to come, so the goods come for less; it is taken back before they come. A credit
over goods that will not come takes them like an arrival. Who
reads or writes here holds the lock of the order: invoices over its lines and receipts of it wait for each other there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from backend.invoicing.models import InvoicedArrival, PurchaseInvoice, PurchaseInvoiceLine
from backend.invoicing.services.undoing import CannotUnapproveInvoice
from backend.kernel.bulk import update_rows, uuid_array
from backend.kernel.errors import WayOut
from backend.kernel.models import DocumentLink
from backend.kernel.money import ZERO, cents, tax_share, total

# Invoices in the order of their dates; what arrivals took is off already.
_ON_THE_WAY = """
SELECT l.id, l.source_line_id, l.qty - coalesce(a.qty, 0), l.source_net - coalesce(a.net, 0),
       l.source_tax - coalesce(a.tax, 0), l.transit_value - coalesce(a.value, 0)
FROM invoicing_purchase_invoice_line l
JOIN invoicing_purchase_invoice d ON d.id = l.document_id AND d.approval = 'approved'
LEFT JOIN LATERAL (SELECT sum(x.qty) AS qty, sum(x.net) AS net, sum(x.tax) AS tax, sum(x.value) AS value
                   FROM invoicing_arrival x WHERE x.invoice_line_id = l.id) a ON true
WHERE l.source_line_id = ANY(%s::uuid[]) AND l.source_type = 'purchasing.order' AND l.qty > coalesce(a.qty, 0)
ORDER BY d.doc_date, d.id, l.line_no
"""


@dataclass
class Waiting:
    """What of one invoice's line has not come yet."""

    invoice_line_id: UUID
    qty: Decimal
    net: Decimal
    tax: Decimal
    value: Decimal

    def take(self, qty: Decimal) -> "Waiting":
        """So much of it, with its exact part of the amounts; the last piece takes the rest."""
        share = qty / self.qty
        tax = tax_share(self.net, self.tax, share)
        part = Waiting(self.invoice_line_id, qty, cents(self.net * share), tax, cents(self.value * share))
        self.qty, self.net, self.tax, self.value = (
            self.qty - qty,
            self.net - part.net,
            self.tax - part.tax,
            self.value - part.value,
        )
        return part


class OnTheWay:
    """What is invoiced and has not come, by order line, the oldest invoice first."""

    def __init__(self, order_line_ids: Collection[UUID]) -> None:
        self._waiting: dict[UUID, list[Waiting]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(_ON_THE_WAY, [uuid_array(order_line_ids)])
            for line_id, order_line_id, *figures in cursor.fetchall():
                self._waiting[order_line_id].append(Waiting(line_id, *figures))

    def of(self, order_line_id: UUID) -> list[Waiting]:
        return self._waiting[order_line_id]

    def all(self) -> Iterator[Waiting]:
        return (each for found in self._waiting.values() for each in found)

    def take(self, order_line_id: UUID, qty: Decimal) -> Iterator[Waiting]:
        """Up to so much of an order line, invoice by invoice."""
        return _take(self._waiting[order_line_id], qty)


def _take(found: Sequence[Waiting], qty: Decimal) -> Iterator[Waiting]:
    for waiting in found:
        part = min(qty, waiting.qty)
        if part > 0:
            qty -= part
            yield waiting.take(part)


def arrival(part: Waiting, *, receipt: Any, receipt_line_id: UUID) -> InvoicedArrival:
    """An arrival of a part, not saved."""
    return InvoicedArrival(
        invoice_line_id=part.invoice_line_id,
        receipt_id=receipt.pk,
        receipt_number=receipt.number,
        receipt_line_id=receipt_line_id,
        qty=part.qty,
        net=part.net,
        tax=part.tax,
        value=part.value,
    )


def lower(order_line_id: UUID, amount: Decimal, *, invoice_id: UUID, note: Any, note_line_id: UUID) -> Decimal:
    """Take value off what is still to come of an invoice's lines over an order line; returns how much there was to take."""
    rows, left = [], amount
    for waiting in _of_invoice(invoice_id, [order_line_id])[order_line_id]:
        part = min(left, waiting.value)
        if part > 0:
            left -= part
            lowered = Waiting(waiting.invoice_line_id, ZERO, ZERO, ZERO, part)
            rows.append(arrival(lowered, receipt=note, receipt_line_id=note_line_id))
    InvoicedArrival.objects.bulk_create(rows)
    return amount - left


def not_to_come(note: PurchaseInvoice, lines: Sequence[PurchaseInvoiceLine]) -> dict[UUID, list[Waiting]]:
    """By line of a note over goods that will not come: what of its invoice waits for them, at most its quantity."""
    mine = [line for line in lines if line.is_ahead and line.qty < 0]
    if not mine:
        return {}
    waiting = _of_invoice(lowered_by(note.pk), {line.source_line_id for line in mine if line.source_line_id})
    return {line.pk: list(_take(waiting[line.source_line_id], -line.qty)) for line in mine if line.source_line_id}


def write_off(note: PurchaseInvoice, parts: dict[UUID, list[Waiting]]) -> Decimal:
    """These goods are not on their way any more; returns what they were in transit at."""
    InvoicedArrival.objects.bulk_create(
        arrival(part, receipt=note, receipt_line_id=line_id) for line_id, found in parts.items() for part in found
    )
    return total(part.value for found in parts.values() for part in found)


def arrivals() -> QuerySet[InvoicedArrival]:
    """Goods that were invoiced before they came, and came: with a receipt."""
    noted = PurchaseInvoice.objects.filter(pk=OuterRef("receipt_id"))
    return InvoicedArrival.objects.filter(~Exists(noted), qty__gt=0)


def lowered_by(note_id: UUID) -> UUID:
    """The invoice that an allowance was made on."""
    made = DocumentLink.objects.filter(target_id=note_id, source_type=PurchaseInvoice.DOC_TYPE)
    invoice_id: UUID = made.values_list("source_id", flat=True).get()
    return invoice_id


def to_come(lines: Sequence[PurchaseInvoiceLine]) -> dict[UUID, Waiting]:
    """What has not come of these lines ahead, by line; nothing is read without any."""
    if not lines:
        return {}
    waiting = OnTheWay({line.source_line_id for line in lines if line.source_line_id})
    own = {line.pk for line in lines}
    return {each.invoice_line_id: each for each in waiting.all() if each.invoice_line_id in own}


def priced(part: Waiting, line: PurchaseInvoiceLine) -> tuple[Decimal, Decimal]:
    """Net and gross that a part of a line was invoiced at, less what was allowed on it."""
    share = part.value / line.transit_value if line.transit_value else part.qty / line.qty
    return cents(line.net_amount * share), cents(line.gross_amount * share)


def gross_to_come(lines: Sequence[PurchaseInvoiceLine]) -> dict[UUID, Decimal]:
    """What goods that are still to come of these lines ahead were invoiced at, tax included, less what was allowed on it."""
    found = to_come(lines)
    return {line.pk: priced(found[line.pk], line)[1] for line in lines if line.pk in found}


def _of_invoice(invoice_id: UUID, order_line_ids: Collection[UUID]) -> dict[UUID, list[Waiting]]:
    """What of one invoice is still to come, by order line."""
    own = set(PurchaseInvoiceLine.objects.filter(document=invoice_id).values_list("pk", flat=True))
    on_the_way = OnTheWay(order_line_ids)
    return {pk: [each for each in on_the_way.of(pk) if each.invoice_line_id in own] for pk in order_line_ids}


def take_back_lowered(note: PurchaseInvoice) -> None:
    """The note is taken back: goods are to come, at their price, again. Raise while some came for less since."""
    rows = list(InvoicedArrival.objects.filter(receipt_id=note.pk, qty=0))
    first = min((row.pk for row in rows), default=note.pk)
    came = arrivals().filter(invoice_line_id__in=[row.invoice_line_id for row in rows], pk__gt=first)
    _refuse_while_here(note, came, _("Goods that %(number)s lowers the price of came for less with %(receipts)s."))
    forget_arrivals(note.pk)


def forget_arrivals(receipt_id: UUID) -> None:
    """The receipt is taken back: what it took is on its way again."""
    InvoicedArrival.objects.filter(receipt_id=receipt_id).delete()


def note_values(lines: Sequence[PurchaseInvoiceLine], values: Sequence[Decimal]) -> None:
    """Write what each line brought into goods in transit."""
    for line, value in zip(lines, values, strict=True):
        line.transit_value = value
    update_rows(lines, ["transit_value"])


def refuse_while_arrived(invoice: PurchaseInvoice, lines: Sequence[PurchaseInvoiceLine]) -> None:
    """Raise naming the receipts that brought goods which were invoiced ahead with this invoice."""
    if not any(line.is_ahead for line in lines):
        return
    came = arrivals().filter(invoice_line__document=invoice)
    _refuse_while_here(invoice, came, _("Goods of %(number)s, invoiced before they came, are here with %(receipts)s."))


def _refuse_while_here(invoice: PurchaseInvoice, came: QuerySet[InvoicedArrival], words: str) -> None:
    numbers = list(dict.fromkeys(came.order_by("receipt_number").values_list("receipt_number", flat=True)))
    if not numbers:
        return
    receipts = ", ".join(numbers)
    raise CannotUnapproveInvoice(
        words % {"number": invoice.number, "receipts": receipts},
        code="goods_have_come",
        document=invoice.number,
        field="approval",
        value=numbers[0],
        way_out=_("Take %(documents)s back first.") % {"documents": receipts},
        links=[WayOut(label=number, doc_type="purchasing.receipt", number=number) for number in numbers],
    )
