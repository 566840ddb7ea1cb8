"""What an order still waits for of the material it is made of, in our workshop or at a processor's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability.selectors.promises import PromiseView
from backend.kernel.money import ZERO


@dataclass(frozen=True)
class MaterialRow:
    """A component of an order (``inventory.models.MakingComponent``): what all of the order takes, what is still to be
    issued, what of that is set aside for it and when the rest comes."""

    component: Any
    needed: Decimal
    to_issue: Decimal
    reserved: Decimal = ZERO
    comes: date | None = None
    demand_id: UUID | None = None

    @property
    def waits(self) -> bool:
        return self.to_issue > self.reserved


def material_row(component: Any, *, needed: Decimal, to_issue: Decimal, held: PromiseView | None) -> MaterialRow:
    """A component with what availability holds for it; nothing is held for an order that does not run."""
    if held is None:
        return MaterialRow(component, needed, to_issue)
    comes = held.promise_date if held.open_qty else None
    return MaterialRow(component, needed, to_issue, held.reserved_qty, comes, held.demand_id)


def waiting_for(rows: Iterable[MaterialRow]) -> dict[UUID, Any]:
    """The components that are not all set aside, by their demands."""
    return {row.demand_id: row.component for row in rows if row.demand_id and row.waits}
