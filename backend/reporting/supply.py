"""Where an item comes from and where it lies (SCM-01): stock by site, suppliers with price, lead time and quality, the ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection

from backend.catalog.models import Item
from backend.inventory.models import StockBalance, Warehouse
from backend.kernel.money import HUNDRED
from backend.logistics.models import Lane
from backend.logistics.regions import region_in
from backend.parties.models import Party
from backend.parties.services.transport import suppliers_with_addresses
from backend.processes.ways import region_of_warehouse

_HISTORY = """
SELECT r.supplier_id, count(*), sum(l.qty), sum(l.returned_qty), count(*) FILTER (WHERE r.doc_date <= o.requested_date),
       max(r.doc_date), (array_agg(l.tax_incl_price ORDER BY r.doc_date DESC, l.id DESC))[1]
FROM purchasing_receipt_line l JOIN purchasing_receipt r ON r.id = l.document_id AND r.approval = 'approved'
JOIN purchasing_order_line o ON o.id = l.order_line_id WHERE l.item_id = %s GROUP BY r.supplier_id
"""


@dataclass(frozen=True)
class Way:
    """A lane from the supplier's region to a warehouse of ours."""

    lane: Lane
    warehouse: Warehouse


@dataclass(frozen=True)
class Source:
    """A supplier of the item; ``good_pct`` is what was kept of what came, ``on_time_pct`` what came by the asked day."""

    supplier: Party
    is_main: bool
    price: Decimal | None
    lead_days: int
    transport_days: int
    receipts: int
    last_receipt: date | None
    good_pct: Decimal | None
    on_time_pct: Decimal | None
    ways: Sequence[Way]

    @property
    def total_days(self) -> int:
        return self.lead_days + self.transport_days


@dataclass(frozen=True)
class Supply:
    """Everything about one item, on one page."""

    item: Item
    stock: Sequence[StockBalance]
    sources: Sequence[Source]

    @property
    def main(self) -> Source | None:
        return next((source for source in self.sources if source.is_main), None)


def supply_of(item: Item) -> Supply:
    """Stock, suppliers and ways of an item; eight statements."""
    stock = StockBalance.objects.filter(item=item).exclude(on_hand=0, reserved=0).select_related("warehouse")
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, [item.pk])
        history = {row[0]: row[1:] for row in cursor.fetchall()}
    ids = {*history, *([item.supplier_id] if item.supplier_id else [])}
    suppliers = Party.objects.filter(pk__in=ids, is_supplier=True).select_related("supplier").order_by("sort_key", "id")
    ways = _ways(ids)
    sources = [_source(item, party, history.get(party.pk), ways.get(party.pk, ())) for party in suppliers]
    sources.sort(key=lambda source: (not source.is_main, source.total_days, source.supplier.sort_key))
    return Supply(item, list(stock.order_by("warehouse__code")), sources)


def _source(item: Item, party: Party, known: Any, ways: Sequence[Way]) -> Source:
    count, came, back, on_time, last, price = known or (0, None, None, 0, None, None)
    lead = party.supplier.lead_days if item.lead_days is None else item.lead_days
    return Source(
        supplier=party,
        is_main=party.pk == item.supplier_id,
        price=price if price is not None else item.purchase_price if party.pk == item.supplier_id else None,
        lead_days=lead,
        transport_days=party.supplier.transport_days,
        receipts=count,
        last_receipt=last,
        good_pct=((came - back) * HUNDRED / came).quantize(Decimal("0.1")) if came else None,
        on_time_pct=(Decimal(on_time) * HUNDRED / count).quantize(Decimal("0.1")) if count else None,
        ways=ways,
    )


def _ways(supplier_ids: set[UUID]) -> dict[UUID, list[Way]]:
    """The open lanes from each supplier's region to our warehouses, quickest first."""
    lanes = list(Lane.objects.filter(suspended_on=None).select_related("carrier").order_by("days", "base_cost", "id"))
    starts, ends = {lane.from_region for lane in lanes}, {lane.to_region for lane in lanes}
    homes = [(place, region_of_warehouse(place, ends)) for place in Warehouse.objects.filter(active=True)]
    found: dict[UUID, list[Way]] = {}
    for supplier_id, words in suppliers_with_addresses():
        region = region_in(words, starts) if supplier_id in supplier_ids else ""
        found[supplier_id] = [
            Way(lane, place)
            for lane in lanes
            for place, home in homes
            if region and lane.from_region == region and lane.to_region == home
        ]
    return found
