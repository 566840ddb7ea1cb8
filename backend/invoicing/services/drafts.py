"""Writing drafts of invoices: one function for both sides.

A line over goods takes item, price, references and the exact share of the goods line's amounts; a price
of its own is reckoned from the quantity. Nothing is booked and nothing is taken from the goods yet.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.catalog.services.counting import counted_share
from backend.invoicing import sources
from backend.invoicing.models import InvoiceKind
from backend.invoicing.services.shares import ALIVE, Share, next_share, taken_shares
from backend.invoicing.services.sides import Side, usable_party
from backend.invoicing.sources import GoodsLine
from backend.kernel import audit, links
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.currency import rate_missing
from backend.kernel.document import claim_version, load_locked
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, ValidationRefused
from backend.kernel.models import DocumentLink
from backend.kernel.money import HUNDRED, ZERO, LineAmounts, line_amounts, plain, total_amount
from backend.kernel.numbering import next_number
from backend.parties.models import Party


class CannotSaveInvoice(Conflict):
    """The invoice cannot be written like that."""

    code = "cannot_save_invoice"


@dataclass(frozen=True)
class InvoiceLineInput:
    """One line: over goods (``source_type``, ``source_line_id``) or of an item by itself.

    A purchase invoice may name the line of an order whose goods have not come ("purchasing.order").

    ``qty`` empty takes all of the goods line that is not invoiced yet; ``price`` empty takes the goods' price.
    """

    item_id: UUID | None = None
    qty: Decimal | None = None
    price: Decimal | None = None
    discount_pct: Decimal | None = None
    tax_rate: Decimal | None = None
    description: str = ""
    source_type: str = ""
    source_line_id: UUID | None = None


@dataclass(frozen=True)
class InvoiceData:
    """What is keyed on an invoice. ``due_date`` empty follows the order's or the party's terms of payment.

    ``note`` makes it a credit (debit) note over goods that went back: quantities are keyed positive and count negative.
    """

    party_id: UUID
    doc_date: date
    lines: Sequence[InvoiceLineInput]
    invoice_kind: str = InvoiceKind.SPECIAL
    external_no: str = ""
    due_date: date | None = None
    remark: str = ""
    price_includes_tax: bool = True
    note: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


def save_draft(
    side: Side,
    *,
    data: InvoiceData,
    invoice_id: UUID | None,
    version: int | None,
    actor: Actor,
    at: datetime,
    goods: Mapping[UUID, GoodsLine] | None = None,
) -> Any:
    """Write a new draft or change one; the caller holds the transaction.

    ``goods`` are the goods lines that the caller has read in this transaction; they are loaded otherwise.
    """
    party = usable_party(side, data.party_id)
    invoice = _draft_row(side, invoice_id, version, actor, at)
    if goods is None:
        named = ((line.source_type, line.source_line_id) for line in data.lines if line.source_line_id)
        goods = sources.load(named, lock=True)  # nothing of it is taken back while this is written
    lines = _build_lines(side, data, goods, invoice.pk)
    before = {} if invoice_id is None else _header(invoice)
    _fill_header(side, invoice, data, party, goods, lines)
    batch = Batch()
    if invoice_id is None:
        invoice.number = next_number(invoice.DOC_TYPE, data.doc_date)
        batch.insert([invoice])
    else:
        invoice.save()
        side.invoice_line.objects.filter(document=invoice).delete()
        links.unlink(invoice.pk)
    batch.insert(lines)
    batch.insert(_goods_links(invoice, lines))
    verb = "change" if before else "create"
    changes = audit.changed_fields(before, _header(invoice)) if before else {}
    batch.insert([audit.entry(invoice, verb, actor=actor, at=at, changes=changes)])
    batch.write()
    return invoice


def _draft_row(side: Side, invoice_id: UUID | None, version: int | None, actor: Actor, at: datetime) -> Any:
    if invoice_id is None:
        invoice = side.invoice()
        invoice.stamp_created(actor, at)
        return invoice
    invoice = load_locked(side.invoice, invoice_id)
    if invoice.approval not in {"draft", "rejected", "submitted"}:
        raise CannotSaveInvoice(
            _("%(number)s is %(state)s and cannot be changed.")
            % {"number": invoice.number, "state": invoice.state_label("approval")},
            document=invoice.number,
            way_out=_("Take it back first."),
        )
    claim_version(invoice, version, at)
    invoice.approval = "draft"
    return invoice


def _header(invoice: Any) -> dict[str, Any]:
    names = (
        "doc_date",
        "due_date",
        "invoice_kind",
        "external_no",
        "net_amount",
        "tax_amount",
        "gross_amount",
        "remark",
    )
    return {name: getattr(invoice, name) for name in names}


def _fill_header(
    side: Side, invoice: Any, data: InvoiceData, party: Party, goods: Mapping[UUID, GoodsLine], lines: Sequence[Any]
) -> None:
    setattr(invoice, side.role, party)
    invoice.doc_date, invoice.remark = data.doc_date, data.remark
    invoice.invoice_kind, invoice.external_no = data.invoice_kind, data.external_no.strip()
    invoice.due_date = data.due_date or data.doc_date + timedelta(days=_terms(side, party, goods.values()))
    if invoice.due_date < invoice.doc_date:
        raise ValidationRefused(
            _("The due date is before the date of the invoice."), field="due_date", value=invoice.due_date
        )
    invoice.net_amount = total_amount(line.net_amount for line in lines)
    invoice.tax_amount = total_amount(line.tax_amount for line in lines)
    invoice.gross_amount = total_amount(line.gross_amount for line in lines)
    for name, value in data.extra.items():
        setattr(invoice, name, value)


def _terms(side: Side, party: Party, goods: Iterable[GoodsLine]) -> int:
    """Days of payment: the orders' longest, else the party's."""
    agreed = [line.payment_days for line in goods if line.payment_days is not None]
    role = getattr(party, side.role, None)
    return max(agreed) if agreed else (role.payment_days if role else 0)


# --- lines -------------------------------------------------------------------------------------
def _build_lines(side: Side, data: InvoiceData, goods: Mapping[UUID, GoodsLine], invoice_id: UUID) -> list[Any]:
    if not data.lines:
        raise ValidationRefused(_("The invoice has no lines."), field="lines", value="")
    taken = taken_shares(side, goods, without=invoice_id, approvals=ALIVE)
    items = _items_of(data.lines)
    built, problems = [], []
    for number, line in enumerate(data.lines, 1):
        try:
            made = _build_line(side, number, line, data, goods, taken, items)
        except Refusal as problem:
            problems.append(problem)
            continue
        made.document_id = invoice_id
        built.append(made)
    if problems:
        raise ValidationRefused.many(problems)
    return built


def _items_of(lines: Sequence[InvoiceLineInput]) -> dict[UUID, Item]:
    """The items that lines name themselves; lines over goods have theirs, and its tax rate, from the goods."""
    ids = {line.item_id for line in lines if line.item_id and not line.source_line_id}
    if not ids:
        return {}
    return {item.pk: item for item in Item.objects.select_related("tax_code").filter(pk__in=ids)}


def _build_line(
    side: Side,
    number: int,
    line: InvoiceLineInput,
    data: InvoiceData,
    goods: Mapping[UUID, GoodsLine],
    taken: dict[UUID, Share],
    items: dict[UUID, Item],
) -> Any:
    source = goods.get(line.source_line_id) if line.source_line_id else None
    item = items.get(line.item_id) if line.item_id else None
    if source is None and item is None:
        raise NotFoundRefused(_("Line %(line)s: choose an item.") % {"line": number}, line=number, field="item")
    if source and not source.is_rated:
        raise rate_missing(source.number, source.doc_type, source.currency, binds=source.approved)
    before = taken.get(source.line_id, Share()) if source else Share()
    qty = _qty_of(number, line, source, before, data)
    share = next_share(source, before, qty) if source else Share(qty)
    if source:
        taken[source.line_id] = before.plus(share)
    own_rate = source.tax_rate if source else item.tax_code.rate  # type: ignore[union-attr]
    tax_rate = own_rate if line.tax_rate is None else line.tax_rate
    whole = source is not None and before.qty + qty <= source.qty
    amounts, discount = _amounts_of(number, line, data, source, share if whole else None, qty, tax_rate)
    made = side.invoice_line(
        line_no=number,
        item_id=source.item_id if source else item.pk,  # type: ignore[union-attr]
        description=(line.description or (source.description if source else ""))[:200],
        qty=qty,
        **(counted_share(source, qty) if source else {}),
        unit_price=amounts.unit_price,
        tax_incl_price=amounts.tax_incl_price,
        tax_rate=tax_rate,
        discount_pct=discount,
        net_amount=amounts.net_amount,
        tax_amount=amounts.tax_amount,
        gross_amount=amounts.gross_amount,
        source_net=share.net,
        source_tax=share.tax,
        **_source_fields(source),
    )
    setattr(made, side.value_field, share.value)
    return made


def _source_fields(source: GoodsLine | None) -> dict[str, Any]:
    if source is None:
        return {}
    return {
        "source_type": source.doc_type,
        "source_id": source.document_id,
        "source_number": source.number,
        "source_line_id": source.line_id,
        "order_id": source.order_id,
        "order_number": source.order_number,
        "order_line_id": source.order_line_id,
    }


def _qty_of(number: int, line: InvoiceLineInput, source: GoodsLine | None, before: Share, data: InvoiceData) -> Decimal:
    if source and source.party_id != data.party_id:
        raise ValidationRefused(
            _("Line %(line)s: %(number)s belongs to another party.") % {"line": number, "number": source.number},
            line=number,
            field="source_line_id",
            value=source.number,
        )
    if line.qty is None and source and before.qty >= source.most:
        raise CannotSaveInvoice(
            _("Line %(line)s: all of %(number)s is on invoices already.") % {"line": number, "number": source.number},
            line=number,
            field="qty",
            value=source.most,
            way_out=_("Open the invoices of that document, drafts included."),
        )
    if data.note:
        return -_noted_qty(number, line, source, before)
    qty = line.qty if line.qty is not None else (source.most - before.qty if source else ZERO)
    if qty <= 0:
        raise ValidationRefused(
            _("Line %(line)s: the quantity must be more than zero.") % {"line": number},
            line=number,
            field="qty",
            value=qty,
        )
    return qty


def _noted_qty(number: int, line: InvoiceLineInput, source: GoodsLine | None, before: Share) -> Decimal:
    """How much a line of a note takes back: at most what is invoiced beyond what is left of the goods."""
    if source is None:
        raise ValidationRefused(
            _("Line %(line)s: a note is made over goods that went back.") % {"line": number},
            line=number,
            field="source_line_id",
        )
    surplus = max(before.qty - source.most, ZERO)
    qty = surplus if line.qty is None else line.qty
    if qty <= 0 or qty > surplus:
        raise CannotSaveInvoice(
            _("Line %(line)s: %(surplus)s of %(number)s went back after it was invoiced, the note says %(qty)s.")
            % {"line": number, "surplus": plain(surplus), "number": source.number, "qty": plain(qty)},
            line=number,
            field="qty",
            value=qty,
            way_out=_("Book the return first."),
        )
    return qty


def _amounts_of(
    number: int,
    line: InvoiceLineInput,
    data: InvoiceData,
    source: GoodsLine | None,
    share: Share | None,
    qty: Decimal,
    tax_rate: Decimal,
) -> tuple[LineAmounts, Decimal]:
    """Amounts and discount; the source's own share when the price is the source's and there is that much (``share``)."""
    discount = line.discount_pct if line.discount_pct is not None else (source.discount_pct if source else ZERO)
    if source and share and _same_price(line, source, data.price_includes_tax, tax_rate, discount):
        return LineAmounts(
            source.unit_price, source.tax_incl_price, share.net, share.tax, share.net + share.tax
        ), discount
    price = line.price
    if price is None and source:
        price = source.tax_incl_price if data.price_includes_tax else source.unit_price
    if price is None or price < 0:
        raise ValidationRefused(
            _("Line %(line)s: the price is missing.") % {"line": number}, line=number, field="price", value=price
        )
    _require_rates(number, tax_rate, discount)
    amounts = line_amounts(
        qty=qty,
        price=price,
        price_includes_tax=data.price_includes_tax,
        tax_rate=tax_rate,
        discount_pct=discount,
        line=number,
    )
    return amounts, discount


def _require_rates(number: int, tax_rate: Decimal, discount: Decimal) -> None:
    for name, value in (("tax_rate", tax_rate), ("discount_pct", discount)):
        if not 0 <= value <= HUNDRED:
            raise ValidationRefused(
                _("Line %(line)s: %(value)s %% is not possible.") % {"line": number, "value": plain(value)},
                line=number,
                field=name,
                value=value,
                way_out=_("Type a number from 0 to 100."),
            )


def _same_price(
    line: InvoiceLineInput, source: GoodsLine, price_includes_tax: bool, tax_rate: Decimal, discount: Decimal
) -> bool:
    price = source.tax_incl_price if price_includes_tax else source.unit_price
    return line.price in (None, price) and tax_rate == source.tax_rate and discount == source.discount_pct


class _GoodsDocument:
    """A delivery or receipt as the source of links."""

    def __init__(self, doc_type: str, document_id: UUID) -> None:
        self.DOC_TYPE, self.pk = doc_type, document_id


def _goods_links(invoice: Any, lines: Sequence[Any]) -> list[DocumentLink]:
    by_document: dict[tuple[str, UUID], list[Any]] = {}
    for line in lines:
        if line.source_line_id:
            by_document.setdefault((line.source_type, line.source_id), []).append(line)
    return [
        row
        for (doc_type, document_id), found in by_document.items()
        for row in links.rows(
            _GoodsDocument(doc_type, document_id), invoice, [(x.source_line_id, x.pk, x.qty) for x in found]
        )
    ]
