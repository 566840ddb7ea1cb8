"""What a dearer material does to what we sell: goods it goes into, open quotations, prices that keep the margin (SRM-09).

Goods are the kits the material is part of and what processors or we make of it, at any depth, and the material itself when
it is sold. What goes into a good is said by its kit, without one by its last subcontract or production order. A good costs what
lies in stock costs on average, else what its parts cost; to that comes how much dearer the material became. A proposed
price keeps the margin that the list price had. Seven statements, whatever the number of goods.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from uuid import UUID

from django.db.models import F, Q, Sum

from backend.catalog.models import Item, PriceListLine
from backend.inventory.models import KitLine, StockBalance
from backend.kernel.document import Approval
from backend.kernel.money import HUNDRED, ZERO, round_price
from backend.production.models import ProductionComponent
from backend.purchasing.models import PriceAlert, SubcontractComponent
from backend.sales.models import SalesQuoteLine

_CENT = Decimal("0.01")
_DEEPEST = 12


@dataclass(frozen=True)
class Margin:
    """What remains of a net price, in per cent of it."""

    price: Decimal
    cost: Decimal

    @property
    def percent(self) -> Decimal | None:
        return (self.price - self.cost) / self.price * HUNDRED if self.price > 0 else None


@dataclass(frozen=True)
class GoodTouched:
    """One good with so much of the material in it. ``listed`` and ``proposed`` are with tax, None without a price."""

    item: Item
    qty: Decimal
    cost_before: Decimal
    cost_after: Decimal
    listed: Decimal | None

    @property
    def tax_factor(self) -> Decimal:
        return 1 + self.item.tax_code.rate / HUNDRED

    @property
    def before(self) -> Margin | None:
        return None if self.listed is None else Margin(self.listed / self.tax_factor, self.cost_before)

    @property
    def after(self) -> Margin | None:
        return None if self.listed is None else Margin(self.listed / self.tax_factor, self.cost_after)

    @property
    def proposed(self) -> Decimal | None:
        """The price with tax that leaves the share of the price that was left before, to the next cent above."""
        if self.listed is None or self.cost_before <= 0:
            return None
        return (self.listed * self.cost_after / self.cost_before).quantize(_CENT, ROUND_CEILING)


@dataclass(frozen=True)
class QuoteTouched:
    """A line of an open quotation, with its margin before and after."""

    line: SalesQuoteLine
    before: Margin
    after: Margin


@dataclass(frozen=True)
class Impact:
    """All that an alert touches."""

    goods: Sequence[GoodTouched]
    quotes: Sequence[QuoteTouched]


def impact_of(alert: PriceAlert, *, today: date) -> Impact:
    """What the alert touches as of today."""
    kits = recipes()
    contents = quantities_in(alert.item_id, kits)
    items = {
        item.pk: item
        for item in Item.objects.select_related("unit", "tax_code").filter(pk__in=contents, active=True, sellable=True)
    }
    costs = _costs(items, kits, alert)
    listed = _listed(items, today)
    extra = alert.price - alert.mean
    goods = [
        GoodTouched(
            item=item,
            qty=contents[item_id],
            cost_before=costs[item_id],
            cost_after=round_price(costs[item_id] + contents[item_id] * extra),
            listed=listed.get(item_id),
        )
        for item_id, item in items.items()
    ]
    goods.sort(key=lambda good: (good.item.sort_key, good.item.code))
    return Impact(goods, _quotes({good.item.pk: good for good in goods}, today))


def recipes() -> dict[UUID, list[tuple[UUID, Decimal]]]:
    """Good → its components with how much of each."""
    found: dict[UUID, list[tuple[UUID, Decimal]]] = defaultdict(list)
    for kit, item, qty in KitLine.objects.values_list("kit", "item", "qty"):
        found[kit].append((item, qty))
    made: dict[UUID, UUID] = {}
    for _day, order, good, item, qty in _made_of():
        if good not in made and good not in found:
            made[good] = order
        if made.get(good) == order:
            found[good].append((item, qty))
    return found


Made = tuple[date, UUID, UUID, UUID, Decimal]  # day, order, good, component, how much of it


def _made_of() -> list[Made]:
    """What approved orders were made of, by processors and by us, the last order first."""
    names = ("order_line__document", "order")
    rows: list[Made] = []
    for model, order in zip((SubcontractComponent, ProductionComponent), names, strict=True):
        good = f"{order.split('__')[0]}__item"
        parts = model._default_manager.filter(**{f"{order}__approval": Approval.APPROVED}).order_by("line_no")
        rows += parts.values_list(f"{order}__doc_date", order, good, "item", "qty_per")
    return sorted(rows, key=lambda row: row[:2], reverse=True)


def quantities_in(item_id: UUID, kits: Mapping[UUID, Sequence[tuple[UUID, Decimal]]]) -> dict[UUID, Decimal]:
    """How much of the item goes into one of each good, itself included; kits may be parts of kits."""
    parents: dict[UUID, list[tuple[UUID, Decimal]]] = defaultdict(list)
    for kit, parts in kits.items():
        for part, qty in parts:
            parents[part].append((kit, qty))
    found: dict[UUID, Decimal] = {item_id: Decimal(1)}
    level = {item_id: Decimal(1)}
    for _depth in range(_DEEPEST):
        above: dict[UUID, Decimal] = defaultdict(Decimal)
        for part, amount in level.items():
            for kit, qty in parents[part]:
                above[kit] += amount * qty
        if not above:
            break
        for kit, amount in above.items():
            found[kit] = found.get(kit, ZERO) + amount
        level = dict(above)
    return found


def _costs(
    items: Iterable[UUID], kits: Mapping[UUID, Sequence[tuple[UUID, Decimal]]], alert: PriceAlert
) -> dict[UUID, Decimal]:
    """What one of each good costs: by the stock, else by its parts; the material itself by its mean."""
    rows = StockBalance.objects.values_list("item").annotate(qty=Sum("on_hand"), value=Sum("value")).filter(qty__gt=0)
    known = {item_id: value / qty for item_id, qty, value in rows}
    known[alert.item_id] = alert.mean
    return {item_id: round_price(_cost(item_id, known, kits, 0)) for item_id in items}


def _cost(
    item_id: UUID, known: dict[UUID, Decimal], kits: Mapping[UUID, Sequence[tuple[UUID, Decimal]]], depth: int
) -> Decimal:
    if item_id not in known:
        parts = kits.get(item_id, ()) if depth < _DEEPEST else ()
        known[item_id] = sum((qty * _cost(part, known, kits, depth + 1) for part, qty in parts), ZERO)
    return known[item_id]


def _listed(items: Mapping[UUID, Item], today: date) -> dict[UUID, Decimal]:
    """What everybody pays with tax: the newest price of the general lists, else the item's own."""
    found = {item_id: item.sale_price for item_id, item in items.items() if item.sale_price is not None}
    lines = (
        PriceListLine.objects.filter(
            Q(valid_from=None) | Q(valid_from__lte=today),
            Q(valid_to=None) | Q(valid_to__gte=today),
            item__in=items,
            min_qty__lte=1,
            price_list__kind="sales",
            price_list__active=True,
            price_list__party=None,
            price_list__customer_level="",
            price_list__currency="CNY",
        )
        .order_by("item_id", "-min_qty", F("valid_from").desc(nulls_last=True), "-price_list__updated_at")
        .distinct("item_id")
        .values_list("item_id", "price", "price_list__includes_tax")
    )
    for item_id, price, includes_tax in lines:
        factor = 1 if includes_tax else 1 + items[item_id].tax_code.rate / HUNDRED
        found[item_id] = price * factor
    return found


def _quotes(goods: Mapping[UUID, GoodTouched], today: date) -> list[QuoteTouched]:
    lines = (
        SalesQuoteLine.objects.select_related("document__customer", "item__unit")
        .filter(
            item__in=goods, document__state__in=("open", "sent"), document__valid_until__gte=today,
            document__currency="CNY", qty__gt=0,
        )
        .exclude(document__approval=Approval.VOIDED)
        .order_by("document__valid_until", "document__number", "line_no")
    )  # fmt: skip
    found = []
    for line in lines:
        good, price = goods[line.item_id], line.net_amount / line.qty
        found.append(QuoteTouched(line, Margin(price, good.cost_before), Margin(price, good.cost_after)))
    return found
