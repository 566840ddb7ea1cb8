"""Reads about items and prices.

Stock is read through the relation that the inventory's balance has to the item: a column of the
list, not a call upwards.
"""

from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    DecimalField,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from backend.catalog.models import Item, PriceList, PriceListLine
from backend.kernel.labels import key_of

_QTY: Any = DecimalField(max_digits=18, decimal_places=4)


def items(*, active_only: bool = False) -> QuerySet[Item]:
    """Items with unit, category and tax code, by name."""
    found = Item.objects.select_related("unit", "category", "tax_code", "supplier", "style")
    return (found.filter(active=True) if active_only else found).order_by("sort_key", "id")


def item_whole(item_id: UUID) -> Item | None:
    """One item with what it refers to."""
    return items().filter(pk=item_id).first()


def with_stock(found: QuerySet[Item], *, warehouse_id: UUID | None = None) -> QuerySet[Item]:
    """The items with ``on_hand``, ``reserved`` and ``available`` of one warehouse or of all (AMB-1)."""
    balance = Item._meta.get_field("stockbalance").related_model._default_manager.filter(item=OuterRef("pk"))  # type: ignore[union-attr]
    if warehouse_id:
        balance = balance.filter(warehouse_id=warehouse_id)
    sums = balance.order_by().values("item")

    def column(expression: Any) -> Any:
        one = sums.annotate(total=Sum(expression)).values("total")
        return Coalesce(Subquery(one, output_field=_QTY), Value(0), output_field=_QTY)

    return found.annotate(
        on_hand=column(F("on_hand")),
        reserved=column(F("reserved")),
        available=column(F("on_hand") - F("reserved") - F("blocked")),
    )


def search_items(
    text: str,
    *,
    warehouse: Any = None,
    limit: int = 20,
    sellable: bool = False,
    purchasable: bool = False,
) -> list[Item]:
    """Active items by code, barcode, label, name, specification or pinyin initials, with stock, the best match first."""
    found = Item.objects.filter(active=True).select_related("unit", "tax_code")
    if sellable:
        found = found.filter(sellable=True)
    if purchasable:
        found = found.filter(purchasable=True)
    words = text.split()
    for word in words:
        upper = word.upper()
        if key := key_of(word, "items"):
            found = found.filter(pk=key)
            continue
        found = found.filter(
            Q(code__istartswith=word)
            | Q(barcode=word)
            | Q(name__icontains=word)
            | Q(spec__icontains=word)
            | Q(mnemonic__contains=upper)
        )
    if words:
        first = words[0]
        best = Case(
            When(Q(code__iexact=first) | Q(barcode=first), then=Value(0)),
            When(Q(code__istartswith=first) | Q(mnemonic__startswith=first.upper()), then=Value(1)),
            When(name__istartswith=first, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        found = found.annotate(rank=best).order_by("rank", "sort_key", "id")
    else:
        found = found.order_by("sort_key", "id")
    warehouse_id = getattr(warehouse, "pk", warehouse)
    return list(with_stock(found, warehouse_id=warehouse_id)[:limit])


def price_lists(kind: str = "") -> QuerySet[PriceList]:
    """Price lists with whom they are for, by name."""
    found = PriceList.objects.select_related("party").order_by("-active", "name", "id")
    return found.filter(kind=kind) if kind else found


def price_list_whole(price_list_id: UUID) -> PriceList | None:
    """One price list with its lines as they were keyed, and their items (two statements)."""
    lines = Prefetch("lines", queryset=PriceListLine.objects.select_related("item__unit").order_by("id"))
    found = PriceList.objects.select_related("party").prefetch_related(lines)
    return found.filter(pk=price_list_id).first()
