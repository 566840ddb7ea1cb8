"""Push-downs of procure to pay: invoices built from what purchasing has received or expects, without keying it again."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.invoicing.models import PurchaseInvoice, Statement, StatementLine, StatementState
from backend.invoicing.services import purchase_invoices
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, WayOut
from backend.kernel.language import in_books
from backend.purchasing.goods import goods_of_receipts, lock_receipts
from backend.purchasing.models import PurchaseOrder, PurchaseReceipt
from backend.purchasing.selectors.orders import lines_to_invoice_ahead
from backend.purchasing.selectors.receipts import lines_to_invoice, open_to_invoice
from backend.workflow import parameters

RECEIPT = PurchaseReceipt.DOC_TYPE
ORDER = PurchaseOrder.DOC_TYPE


class CannotInvoiceReceipts(Conflict):
    """The receipts or the statement cannot become one invoice."""

    code = "cannot_invoice_receipts"


class Paper(TypedDict, total=False):
    """What the supplier's paper says itself; ``prices`` and ``quantities``, by line of the goods, where they differ."""

    external_no: str
    invoice_kind: str
    doc_date: date | None
    prices: dict[UUID, Decimal] | None
    quantities: dict[UUID, Decimal] | None


def invoice_receipts(
    *, receipt_ids: Sequence[UUID], actor: Actor, at: datetime, **paper: Unpack[Paper]
) -> PurchaseInvoice:
    """A draft invoice over everything of these receipts that is not invoiced yet; one supplier at a time."""
    with transaction.atomic():
        goods = goods_of_receipts(set(receipt_ids))
        suppliers = {line.party_id for line in goods.values()}
        if len(suppliers) != 1:
            raise CannotInvoiceReceipts(
                _("Nothing is left to invoice.") if not suppliers else _("One invoice has one supplier."),
                code="nothing_to_invoice" if not suppliers else "several_suppliers",
                field="receipt_ids",
                way_out=_("Choose booked receipts of one supplier that are not invoiced yet."),
            )
        rows = ((RECEIPT, line_id, line.open_qty) for line_id, line in goods.items())
        data = _data_of(suppliers.pop(), rows, at, paper)
        return purchase_invoices.write_invoice(data=data, goods=goods, actor=actor, at=at)


def invoice_orders(
    *,
    order_ids: Sequence[UUID],
    receipt_ids: Sequence[UUID] = (),
    actor: Actor,
    at: datetime,
    **paper: Unpack[Paper],
) -> PurchaseInvoice:
    """A draft invoice over what of these orders has not come and is not invoiced (先票后货), and of receipts what is left.

    Suppliers may do so where the company allows it.
    """
    if actor.kind == "supplier" and not parameters.get("purchasing.invoice_before_goods"):
        raise CannotInvoiceReceipts(
            _("Orders are invoiced once their goods are here."),
            code="goods_first",
            field="order_ids",
            way_out=_("Ship the goods; the invoice is made over the receipt."),
        )
    with transaction.atomic():
        reader = Actor.system()
        expected = list(lines_to_invoice_ahead(reader).filter(document__in=order_ids))
        received = list(lines_to_invoice(reader).filter(document__in=receipt_ids)) if receipt_ids else []
        rows: list[tuple[str, Any]] = [*((RECEIPT, row) for row in received), *((ORDER, row) for row in expected)]
        suppliers = {row.document.supplier_id for _kind, row in rows}
        if not expected or len(suppliers) != 1:
            raise CannotInvoiceReceipts(
                _("One invoice has one supplier.")
                if len(suppliers) > 1
                else _("Nothing of these orders is left to invoice before it comes."),
                code="several_suppliers" if len(suppliers) > 1 else "nothing_to_invoice",
                field="order_ids",
                way_out=_(
                    "Choose running orders for goods of one supplier; what has come, and what a processor made, "
                    "is invoiced over its receipt. Money before that is an advance payment."
                ),
            )
        data = _data_of(suppliers.pop(), ((kind, row.pk, row.to_invoice) for kind, row in rows), at, paper)
        return purchase_invoices.write_invoice(data=data, actor=actor, at=at)


def invoice_statement(*, statement_id: UUID, actor: Actor, at: datetime, **paper: Unpack[Paper]) -> PurchaseInvoice:
    """A draft invoice over the goods of an agreed statement (SRM-15, SRM-16)."""
    with transaction.atomic():
        lock_receipts(_received_on(statement_id))  # before the statement, as everybody does
        statement = _agreed_statement(statement_id, actor)
        lines = statement.lines.filter(kind="receipt", source_type=RECEIPT).order_by("line_no")
        wanted = [line.source_line_id for line in lines if line.source_line_id]
        open_lines = list(lines_to_invoice(Actor.system()).filter(pk__in=wanted))
        if not open_lines:
            raise CannotInvoiceReceipts(
                _("%(statement)s is invoiced already.") % {"statement": statement},
                code="nothing_to_invoice",
                document=statement.number,
            )
        rows = ((RECEIPT, line.pk, open_to_invoice(line)) for line in open_lines)
        data = _data_of(statement.party_id, rows, at, paper)
        return purchase_invoices.write_invoice(data=data, statement_id=statement.pk, actor=actor, at=at)


def _data_of(
    party_id: UUID, rows: Iterable[tuple[str, UUID, Decimal]], at: datetime, paper: Paper
) -> purchase_invoices.InvoiceData:
    """An invoice over (source, line, what is left of it), each at its order's price, where the paper says nothing else."""
    prices, quantities = paper.get("prices") or {}, paper.get("quantities") or {}
    return purchase_invoices.InvoiceData(
        party_id=party_id,
        doc_date=paper.get("doc_date") or clock.day_of(at),
        lines=[
            purchase_invoices.InvoiceLineInput(
                source_type=source, source_line_id=line_id, qty=quantities.get(line_id, left), price=prices.get(line_id)
            )
            for source, line_id, left in rows
        ],
        invoice_kind=paper.get("invoice_kind", "vat_special"),
        external_no=paper.get("external_no", ""),
    )


def post_when_it_matches(*, invoice_id: UUID, at: datetime) -> PurchaseInvoice:
    """A supplier's invoice that equals order and receipt becomes a payable at once; another waits with its differences.

    Matching by itself is the company's choice; somebody of ours approves the invoices otherwise.
    """
    if parameters.get("purchasing.auto_post_matched"):
        with suppress(purchase_invoices.CannotApproveInvoice):
            machine = Actor.system(in_books(lambda: _("Three-way match")))
            purchase_invoices.approve_invoice(invoice_id=invoice_id, actor=machine, at=at)
    return PurchaseInvoice.objects.get(pk=invoice_id)


def _received_on(statement_id: UUID) -> set[UUID]:
    lines = StatementLine.objects.filter(document=statement_id, source_type=RECEIPT)
    return set(lines.values_list("source_id", flat=True))


def _agreed_statement(statement_id: UUID, actor: Actor) -> Statement:
    statement = Statement.objects.select_for_update().filter(pk=statement_id, kind="supplier").first()
    if statement is None or (actor.kind == "supplier" and statement.party_id != actor.party_id):
        raise NotFoundRefused(_("There is no such document."), value=statement_id)
    if statement.state != StatementState.AGREED:
        raise CannotInvoiceReceipts(
            _("%(statement)s is %(state)s.") % {"statement": statement, "state": statement.get_state_display().lower()},
            code="statement_not_agreed",
            document=statement.number,
            field="state",
            value=statement.state,
            way_out=_("Both sides agree first."),
            links=[WayOut(statement.number, doc_type=statement.DOC_TYPE, number=statement.number)],
        )
    return statement
