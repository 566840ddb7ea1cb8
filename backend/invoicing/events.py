"""What invoicing tells those above. Undoing carries the same values as doing."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.kernel.events import Event

ZERO = Decimal(0)


@dataclass(frozen=True)
class InvoiceEvent(Event):
    """``source_lines`` = (goods line, order line, quantity) of each line that invoices goods."""

    number: str = ""
    doc_date: date | str = ""
    due_date: date | str = ""
    net: Decimal = ZERO
    tax: Decimal = ZERO
    gross: Decimal = ZERO
    source_lines: tuple[tuple[UUID | str, UUID | str | None, Decimal], ...] = ()

    @property
    def source_line_ids(self) -> tuple[UUID | str, ...]:
        return tuple(line[0] for line in self.source_lines)


@dataclass(frozen=True)
class SalesInvoiceEvent(InvoiceEvent):
    """``goods`` = what is billed of each delivery: (delivery, net, tax, cost) by the delivery's own amounts."""

    customer_id: UUID | str = ""
    customer_name: str = ""
    cost: Decimal = ZERO
    goods: tuple[tuple[UUID, Decimal, Decimal, Decimal], ...] = ()


@dataclass(frozen=True)
class SalesInvoiceApproved(SalesInvoiceEvent):
    """The customer owes the gross amount."""


@dataclass(frozen=True)
class SalesInvoiceUnapproved(SalesInvoiceEvent):
    """The invoice is a draft again."""


@dataclass(frozen=True)
class PurchaseInvoiceEvent(InvoiceEvent):
    """``receipt_net`` is what the goods were booked at when they came, ``receipt_gross`` that with its tax.

    ``ahead_lines`` = (order line, quantity) of each line whose goods had not come; they are not among ``source_lines``.
    """

    supplier_id: UUID | str = ""
    supplier_name: str = ""
    receipt_net: Decimal = ZERO
    receipt_gross: Decimal = ZERO
    invoice_kind: str = ""
    ahead_lines: tuple[tuple[UUID | str, Decimal], ...] = ()


@dataclass(frozen=True)
class PurchaseInvoiceApproved(PurchaseInvoiceEvent):
    """We owe the gross amount."""


@dataclass(frozen=True)
class PurchaseInvoiceUnapproved(PurchaseInvoiceEvent):
    """The invoice is a draft again."""


@dataclass(frozen=True)
class PurchaseInvoiceDiffers(Event):
    """The three-way match found differences; somebody decides. ``lines`` = (line number, kind of difference)."""

    number: str = ""
    supplier_id: UUID | str = ""
    lines: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class NoteEvent(Event):
    """``side`` is customer or supplier, ``allocations`` = (invoice, amount)."""

    number: str = ""
    side: str = ""
    allocations: tuple[tuple[UUID | str, Decimal], ...] = ()


@dataclass(frozen=True)
class NoteUsed(NoteEvent):
    """A note sets off invoices of the same party."""


@dataclass(frozen=True)
class NoteFreed(NoteEvent):
    """What the note set off is open again."""


@dataclass(frozen=True)
class MoneyEvent(Event):
    """``allocations`` = (invoice, amount); what is left of ``amount`` is an advance."""

    number: str = ""
    doc_date: date | str = ""
    fund_account_id: UUID | str = ""
    amount: Decimal = ZERO
    allocations: tuple[tuple[UUID | str, Decimal], ...] = ()


@dataclass(frozen=True)
class ReceiptEvent(MoneyEvent):
    customer_id: UUID | str = ""


@dataclass(frozen=True)
class ReceiptApproved(ReceiptEvent):
    """Money came in."""


@dataclass(frozen=True)
class ReceiptUnapproved(ReceiptEvent):
    """The receipt is a draft again."""


@dataclass(frozen=True)
class ReceiptAllocated(ReceiptEvent):
    """An advance settles invoices; ``doc_date`` is the day of it, ``allocations`` what is new."""


@dataclass(frozen=True)
class ReceiptDeallocated(ReceiptEvent):
    """Invoices are open again; what settled them is an advance."""


@dataclass(frozen=True)
class PaymentEvent(MoneyEvent):
    supplier_id: UUID | str = ""


@dataclass(frozen=True)
class PaymentApproved(PaymentEvent):
    """Money went out."""


@dataclass(frozen=True)
class PaymentUnapproved(PaymentEvent):
    """The payment is a draft again."""


@dataclass(frozen=True)
class PaymentAllocated(PaymentEvent):
    """A prepayment settles invoices; ``doc_date`` is the day of it, ``allocations`` what is new."""


@dataclass(frozen=True)
class PaymentDeallocated(PaymentEvent):
    """Invoices are open again; what settled them is a prepayment."""


@dataclass(frozen=True)
class NettingEvent(Event):
    """``receivables`` and ``payables`` = (invoice, amount): both add up to ``amount``."""

    number: str = ""
    doc_date: date | str = ""
    customer_id: UUID | str = ""
    supplier_id: UUID | str = ""
    amount: Decimal = ZERO
    receivables: tuple[tuple[UUID | str, Decimal], ...] = ()
    payables: tuple[tuple[UUID | str, Decimal], ...] = ()


@dataclass(frozen=True)
class NettingApproved(NettingEvent):
    """What a customer owes settles what we owe."""


@dataclass(frozen=True)
class NettingUnapproved(NettingEvent):
    """Both are open again."""


@dataclass(frozen=True)
class DebtTransferEvent(Event):
    """``invoices`` = (invoice, amount) settled; ``carried`` = (invoice, number, due date, amount) of the other party."""

    number: str = ""
    doc_date: date | str = ""
    side: str = ""
    from_party_id: UUID | str = ""
    to_party_id: UUID | str = ""
    amount: Decimal = ZERO
    invoices: tuple[tuple[UUID | str, Decimal], ...] = ()
    carried: tuple[tuple[UUID | str, str, date | str, Decimal], ...] = ()


@dataclass(frozen=True)
class DebtTransferApproved(DebtTransferEvent):
    """Another party owes it, or is owed it."""


@dataclass(frozen=True)
class DebtTransferUnapproved(DebtTransferEvent):
    """The former party owes it, or is owed it, again."""


@dataclass(frozen=True)
class RefundEvent(Event):
    """``side`` is customer or supplier; ``notes`` and ``advances`` = (note or receipt or payment, amount)."""

    number: str = ""
    doc_date: date | str = ""
    side: str = ""
    party_id: UUID | str = ""
    fund_account_id: UUID | str = ""
    amount: Decimal = ZERO
    notes: tuple[tuple[UUID | str, Decimal], ...] = ()
    advances: tuple[tuple[UUID | str, Decimal], ...] = ()


@dataclass(frozen=True)
class RefundApproved(RefundEvent):
    """Money went back."""


@dataclass(frozen=True)
class RefundUnapproved(RefundEvent):
    """It did not: advances and notes are open again."""


@dataclass(frozen=True)
class StatementEvent(Event):
    """``kind`` is supplier or customer."""

    number: str = ""
    kind: str = ""
    party_id: UUID | str = ""


@dataclass(frozen=True)
class StatementProposed(StatementEvent):
    """The partner is asked to check the statement."""


@dataclass(frozen=True)
class StatementDisputed(StatementEvent):
    """The partner does not agree with a line."""

    line_no: int = 0
    reason: str = ""


@dataclass(frozen=True)
class StatementCompared(StatementEvent):
    """The partner's own list differs from the statement."""

    differences: int = 0


@dataclass(frozen=True)
class StatementAnswered(StatementEvent):
    """We answered a disputed line."""

    line_no: int = 0
    answer: str = ""


@dataclass(frozen=True)
class StatementChanged(StatementEvent):
    """A document was taken back and is not on the statement any more; both sides look at it again."""

    source_number: str = ""


@dataclass(frozen=True)
class StatementAgreed(StatementEvent):
    """Both sides signed; the lines are locked."""

    digest: str = ""
