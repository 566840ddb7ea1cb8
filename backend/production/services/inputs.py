"""What faces hand to production's services."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.inventory.services.making import MaterialLineInput as MaterialLineInput
from backend.inventory.services.making import PartOfOne as PartOfOne


@dataclass(frozen=True)
class ProductionData:
    """An order as keyed: what is made, how many, between which days, and what goes into one. Without parts the kit counts."""

    item_id: UUID
    qty: Decimal
    start_date: date
    finish_date: date
    parts: tuple[PartOfOne, ...] = ()
    warehouse_id: UUID | None = None
    doc_date: date | None = None
    remark: str = ""
