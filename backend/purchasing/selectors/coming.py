"""What is on order for somebody's demand and how far it is (PUR-02): for sales orders and for components.

A demand hangs on lines of purchase orders, and on orders of our own workshop; of the bought ones the progress is known that
their suppliers report.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.availability.selectors import SourceView, sources_of
from backend.purchasing.models import Node, PurchaseOrder, PurchaseOrderLine

MADE = "production.order"  # the workshop's orders: an area beside this one
_ON_ORDER = frozenset({PurchaseOrder.DOC_TYPE, MADE})


@dataclass(frozen=True)
class OnOrder:
    """A line of an order that a demand hangs on; ``progress`` says how far its making is, if its supplier said so."""

    source: SourceView
    progress: str

    @property
    def made_by_us(self) -> bool:
        return self.source.ref_type == MADE


def on_order_for(demand_ids: Collection[UUID]) -> list[OnOrder]:
    """What these demands hang on, by line and date; at most two statements, none without a demand."""
    sources = [one for one in sources_of(demand_ids) if one.ref_type in _ON_ORDER] if demand_ids else []
    bought = {one.ref_line_id for one in sources if one.ref_type == PurchaseOrder.DOC_TYPE}
    progress = _progress(bought) if bought else {}
    return [OnOrder(one, progress.get(one.ref_line_id, "")) for one in sources]


@dataclass(frozen=True)
class Supplied:
    """A component's row with what is on order for it."""

    row: Any
    sources: Sequence[OnOrder]


def with_sources(rows: Iterable[Any], waiting: Collection[UUID]) -> list[Supplied]:
    """Rows of components, each with what of the ``waiting`` demands hangs on."""
    sources: dict[UUID, list[OnOrder]] = defaultdict(list)
    for one in on_order_for(waiting):
        sources[one.source.demand_id].append(one)
    return [Supplied(row, sources.get(row.demand_id, ())) for row in rows]


def _progress(lines: Collection[UUID]) -> dict[Any, str]:
    rows = PurchaseOrderLine.objects.filter(pk__in=lines).exclude(progress_node="")
    names = dict(Node.choices)
    found = rows.values_list("pk", "progress_node", "progress_pct")
    return {pk: f"{names.get(node, node)} {percent}%" for pk, node, percent in found}
