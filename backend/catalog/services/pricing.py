"""Which price an item has for a party, and where it comes from.

Sources in their order: the list agreed with the party, the list of its level, the general list,
what the party paid last, the item's own price (which is in the company's currency, and no other party's).
Within a source the line with the highest quantity step that is reached wins, then the one valid since the
latest date. Three statements, whatever the number of lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper, F, Q

from backend.catalog.models import Item, LastPrice, PriceListLine
from backend.kernel.bulk import Batch
from backend.kernel.currency import HOME
from backend.kernel.money import HUNDRED, round_price
from backend.kernel.prepared import Prepared

AGREED, LEVEL, LIST, LAST, ITEM, NONE = "agreed", "level", "list", "last", "item", "none"


@dataclass(frozen=True)
class ResolvedPrice:
    """A price per unit with its source; ``reference`` names the list or document it was found in."""

    price: Decimal | None
    includes_tax: bool
    source: str
    reference: str = ""

    def in_mode(self, *, includes_tax: bool, tax_rate: Decimal) -> Decimal | None:
        """The price with or without tax, as a document wants it."""
        if self.price is None or self.includes_tax == includes_tax:
            return self.price
        factor = 1 + tax_rate / HUNDRED
        return round_price(self.price * factor if includes_tax else self.price / factor)


NO_PRICE = ResolvedPrice(None, True, NONE)


def resolve_prices(
    *, kind: str, party: Any, items: Iterable[tuple[Any, Decimal]], at_date: date
) -> dict[UUID, ResolvedPrice]:
    """Item id → price. Of an item that comes twice the larger quantity decides; see ``resolve_lines``."""
    wanted = sorted(((_id_of(item), qty) for item, qty in items), key=lambda pair: pair[1])
    found = resolve_lines(kind=kind, party=party, lines=wanted, at_date=at_date)
    return {item_id: price for (item_id, _qty), price in zip(wanted, found, strict=True)}


def resolve_lines(*, kind: str, party: Any, lines: Sequence[tuple[Any, Decimal]], at_date: date) -> list[ResolvedPrice]:
    """The price of each (item or its id, quantity), in order, in three statements."""
    wanted = [(_id_of(item), qty) for item, qty in lines]
    ids = {item_id for item_id, _qty in wanted}
    if not ids:
        return []
    candidates = _list_lines(kind, party, ids, at_date)
    paid = LastPrice.objects.filter(kind=kind, party_id=party.pk, item_id__in=ids, currency=party.currency)
    last = {row.item_id: row for row in paid}
    column = "sale_price" if kind == "sales" else "purchase_price"
    own = dict(Item.objects.filter(pk__in=ids).values_list("pk", column)) if party.currency == HOME else {}
    return [_choose(candidates[item_id], qty, last.get(item_id), own.get(item_id)) for item_id, qty in wanted]


def asked_prices(*, kind: str, party: Any, lines: Sequence[tuple[Item, Decimal]], at_date: date) -> list[ResolvedPrice]:
    """What each item should cost by the lists, else by its own price, whatever was paid; one statement."""
    candidates = _list_lines(kind, party, {item.pk for item, _qty in lines}, at_date) if lines else {}
    return [_choose(candidates[item.pk], qty, None, _own_price(kind, party, item)) for item, qty in lines]


def _own_price(kind: str, party: Any, item: Item) -> Decimal | None:
    """The item's own price, which is in the company's currency: nothing for a party of another one."""
    if party.currency != HOME:
        return None
    return item.sale_price if kind == "sales" else item.purchase_price


def _id_of(item: Any) -> UUID:
    return item if isinstance(item, UUID) else item.pk


def _list_lines(kind: str, party: Any, ids: set[UUID], at_date: date) -> dict[UUID, list[PriceListLine]]:
    """Lines that hold on that day for the party, its level or all, the better source and step first."""
    level = getattr(getattr(party, "customer", None), "level", "") if kind == "sales" and party.is_customer else ""
    audience = Q(price_list__party_id=party.pk) | Q(price_list__party=None, price_list__customer_level__in={"", level})
    found = (
        PriceListLine.objects.filter(audience, price_list__kind=kind, price_list__active=True, item_id__in=ids)
        .filter(price_list__currency=party.currency)
        .filter(Q(valid_from=None) | Q(valid_from__lte=at_date), Q(valid_to=None) | Q(valid_to__gte=at_date))
        .select_related("price_list")
        .order_by("-min_qty", F("valid_from").desc(nulls_last=True), "-price_list__updated_at")
    )
    by_item: dict[UUID, list[PriceListLine]] = defaultdict(list)
    for line in sorted(found, key=_rank):
        by_item[line.item_id].append(line)
    return by_item


def _rank(line: PriceListLine) -> int:
    if line.price_list.party_id:
        return 0
    return 1 if line.price_list.customer_level else 2


def _choose(lines: list[PriceListLine], qty: Decimal, last: LastPrice | None, own: Decimal | None) -> ResolvedPrice:
    for line in lines:
        if line.min_qty <= qty:
            source = (AGREED, LEVEL, LIST)[_rank(line)]
            return ResolvedPrice(line.price, line.price_list.includes_tax, source, line.price_list.name)
    if last is not None:
        return ResolvedPrice(last.price, last.includes_tax, LAST, last.doc_number)
    return ResolvedPrice(own, True, ITEM) if own is not None else NO_PRICE


@dataclass(frozen=True)
class PaidLast:
    """What an item cost last: with this party, and with any other one since."""

    own: LastPrice | None = None
    other: LastPrice | None = None

    @property
    def standing(self) -> LastPrice | None:
        """The price that a new one is held against: this party's own, else the newest there is."""
        return self.own or self.other


NOBODY = UUID(int=0)
_paid = Prepared(
    lambda kind, party, currency, items: (
        LastPrice.objects.filter(kind=kind, item_id__in=items, currency=currency)
        .select_related("party")
        .annotate(mine=ExpressionWrapper(Q(party_id=party), output_field=BooleanField()))
        .order_by("item_id", "mine", "-doc_date", "-id")
        .distinct("item_id", "mine")
    )
)


def paid_last(*, kind: str, party_id: UUID | None, currency: str, item_ids: Iterable[UUID]) -> dict[UUID, PaidLast]:
    """The last prices of items in a currency, in one statement; items that were never bought are left out."""
    rows = _paid(kind, party_id or NOBODY, currency, set(item_ids))
    found: dict[UUID, dict[str, LastPrice]] = defaultdict(dict)
    for row in rows:
        found[row.item_id]["own" if row.mine else "other"] = row  # type: ignore[attr-defined]
    return {item_id: PaidLast(**pair) for item_id, pair in found.items()}


def remember_prices(
    *,
    kind: str,
    party_id: UUID,
    prices: Iterable[tuple[UUID, Decimal, bool]],
    doc_number: str,
    doc_date: date,
    currency: str = HOME,
) -> None:
    """Keep what a party paid per item (item id, price, includes tax) as its last price, in one statement."""
    rows = {
        item_id: LastPrice(
            kind=kind,
            party_id=party_id,
            item_id=item_id,
            price=price,
            currency=currency,
            includes_tax=includes_tax,
            doc_number=doc_number,
            doc_date=doc_date,
        )
        for item_id, price, includes_tax in prices
    }
    # Rows are written in key order, so that two orders of one party cannot wait for each other in a ring.
    batch = Batch()
    batch.upsert(
        [rows[item_id] for item_id in sorted(rows)],
        unique=("party", "item", "kind"),
        fields=("price", "currency", "includes_tax", "doc_number", "doc_date"),
    )
    batch.write()
