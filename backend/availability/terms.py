"""How an item is bought: pack, least order, days. What a shortage becomes when it is ordered."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from uuid import UUID


@dataclass(frozen=True)
class ItemTerms:
    """Terms of replenishment. Without a supplier and without lead days of its own nobody knows when it could come."""

    item_id: UUID
    code: str
    name: str
    unit: str
    stocked: bool
    purchasable: bool
    pack_qty: Decimal
    min_order_qty: Decimal
    item_lead_days: int | None
    supplier_id: UUID | None
    supplier_name: str
    supplier_lead_days: int | None
    transport_days: int | None

    @property
    def lead_days(self) -> int | None:
        """The item's own lead time counts before its supplier's."""
        if not self.purchasable:
            return None
        return self.supplier_lead_days if self.item_lead_days is None else self.item_lead_days

    def arrival(self, ordered_on: date) -> date | None:
        """When goods ordered on a day would be here."""
        if self.lead_days is None:
            return None
        return ordered_on + timedelta(days=self.lead_days + (self.transport_days or 0))

    def order_qty(self, need: Decimal) -> Decimal:
        """The least whole number of packs that covers the need and the least order."""
        packs = (max(need, self.min_order_qty) / self.pack_qty).to_integral_value(ROUND_CEILING)
        return packs * self.pack_qty
