"""The goods that invoices are made over. Goods live above: those areas register how their lines are read.

``register("sales.delivery", loader)``; ``loader(line_ids, lock=True)`` locks the documents of the lines
``FOR UPDATE`` in id order, so a document cannot be taken back while an invoice over it is approved. Kinds that share
documents to lock name one ``locker``: it is called once with the lines of each of them, and their loaders lock nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from backend.kernel.bulk import uuid_array
from backend.kernel.currency import HOME
from backend.kernel.document import Approval
from backend.kernel.errors import NotFoundRefused
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class GoodsLine:
    """A line of a delivery or receipt, or of an order whose goods have not come. ``value`` is what it was booked at in
    stock (its cost when it left).

    ``open_qty`` is what no approved invoice took yet, where the loader says it; ``line_qty`` counts ``qty`` in another
    unit of the item when the line did. ``limit`` is how much invoices may take of an order's line, whose quantity may
    change; its price holds in the order's own way. All figures are in the company's own currency: those of an order in
    another (``currency``) at its rate, and as the order has them while it has none (``is_rated``).
    """

    line_id: UUID
    doc_type: str
    document_id: UUID
    number: str
    doc_date: date
    party_id: UUID
    approved: bool
    item_id: UUID
    qty: Decimal
    unit_price: Decimal
    tax_incl_price: Decimal
    tax_rate: Decimal
    net: Decimal
    tax: Decimal
    gross: Decimal
    value: Decimal = ZERO
    discount_pct: Decimal = ZERO
    description: str = ""
    order_id: UUID | None = None
    order_number: str = ""
    order_line_id: UUID | None = None
    payment_days: int | None = None
    open_qty: Decimal = ZERO
    line_unit_id: UUID | None = None
    line_qty: Decimal | None = None
    limit: Decimal | None = None
    price_includes_tax: bool = True
    currency: str = HOME
    exchange_rate: Decimal | None = None

    @property
    def is_rated(self) -> bool:
        """Whether its figures are in the company's own currency."""
        return self.currency == HOME or self.exchange_rate is not None

    @property
    def most(self) -> Decimal:
        """How much invoices take of it in all."""
        return self.qty if self.limit is None else self.limit


_COLUMNS = (
    "line_id",
    "document_id",
    "number",
    "doc_date",
    "party_id",
    "approval",
    "item_id",
    "qty",
    "unit_price",
    "tax_incl_price",
    "tax_rate",
    "net",
    "tax",
    "gross",
    "value",
    "discount_pct",
    "description",
    "order_id",
    "order_number",
    "order_line_id",
    "payment_days",
    "invoiced",
    "line_unit_id",
    "line_qty",
)


def read_goods(doc_type: str, sql: str, ids: Collection[UUID], *, also: Sequence[str] = ()) -> dict[UUID, GoodsLine]:
    """Goods lines by id, in the order of the rows; ``sql`` asks for the columns above, and ``also``, by an array of ids."""
    columns = (*_COLUMNS, *also)
    with connection.cursor() as cursor:
        cursor.execute(sql, [uuid_array(ids)])
        return {row[0]: _line(doc_type, **dict(zip(columns, row, strict=True))) for row in cursor.fetchall()}


def _line(doc_type: str, *, approval: str, invoiced: Decimal, qty: Decimal, **values: Any) -> GoodsLine:
    approved, left = approval == Approval.APPROVED, max(qty - invoiced, ZERO)
    return GoodsLine(doc_type=doc_type, approved=approved, qty=qty, open_qty=left, **values)


Loader = Callable[..., dict[UUID, GoodsLine]]
Locker = Callable[[Mapping[str, Collection[UUID]]], None]
_LOADERS: dict[str, Loader] = {}
_LOCKERS: dict[str, Locker] = {}


def register(doc_type: str, loader: Loader, locker: Locker | None = None) -> None:
    """Declare how goods lines of a document type are read, and locked."""
    _LOADERS[doc_type] = loader
    if locker:
        _LOCKERS[doc_type] = locker


def load(wanted: Iterable[tuple[str, UUID]], *, lock: bool = False) -> dict[UUID, GoodsLine]:
    """The goods lines named as (doc_type, line id); raises NotFoundRefused for one that is not there."""
    by_type: dict[str, set[UUID]] = {}
    for doc_type, line_id in wanted:
        by_type.setdefault(doc_type, set()).add(line_id)
    if lock:
        for locker in {_LOCKERS[doc_type] for doc_type in by_type if doc_type in _LOCKERS}:
            locker({doc_type: ids for doc_type, ids in by_type.items() if _LOCKERS.get(doc_type) is locker})
    found: dict[UUID, GoodsLine] = {}
    for doc_type, ids in sorted(by_type.items()):
        found.update(_load_type(doc_type, ids, lock and doc_type not in _LOCKERS))
    return found


def _load_type(doc_type: str, ids: Collection[UUID], lock: bool) -> dict[UUID, GoodsLine]:
    loader = _LOADERS.get(doc_type)
    found = loader(ids, lock=lock) if loader else {}
    missing = set(ids) - set(found)
    if missing:
        raise NotFoundRefused(
            _("There is no such order, delivery or receipt line."), value=next(iter(missing)), field="source_line_id"
        )
    return found
