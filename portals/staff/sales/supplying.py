"""What was bought for a sales order and when it comes, as sales may see it (PUR-02)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from backend.availability.selectors import SourceView, sources_of
from backend.purchasing.models import Node, PurchaseOrder, PurchaseOrderLine
from backend.workflow import parameters
from portals.staff.sales.order_read import OrderData
from portals.staff.shared.words import firmness
from portals.ui.navigation import document_address


@dataclass(frozen=True)
class Coming:
    """One purchase line that serves a line of the order."""

    line_no: int
    item: Any
    number: str
    url: str
    bought_line: int
    supplier: str
    qty: Decimal
    day: date
    former: date | None
    firmness: str
    late: int
    progress: str


def sees_suppliers(actor: Any) -> bool:
    """Whether this reader may know who supplies: by right, or because the company lets sales know."""
    return bool(actor.may("purchasing.order.view") or parameters.get("sales.show_suppliers"))


def coming_for(data: OrderData, actor: Any) -> list[Coming]:
    """The purchase lines the order hangs on; nothing is read when all of it is in stock."""
    waiting = [row for row in data.demands.values() if row.open_qty > row.reserved_qty]
    sources = [one for one in sources_of([row.pk for row in waiting]) if one.ref_type == PurchaseOrder.DOC_TYPE]
    if not sources:
        return []
    lines = {line.pk: line for line in data.lines}
    by_demand = {row.pk: lines[row.ref_line_id] for row in waiting if row.ref_line_id in lines}
    progress, named = _progress(sources), sees_suppliers(actor)
    may_open = actor.may("purchasing.order.view")
    return [
        Coming(
            line_no=by_demand[one.demand_id].line_no,
            item=by_demand[one.demand_id].item,
            number=one.ref_number,
            url=(document_address(one.ref_type, one.ref_number) or "") if may_open else "",
            bought_line=one.line_no,
            supplier=one.party_name if named else "",
            qty=one.qty,
            day=one.supply_date,
            former=one.former_date if one.former_date != one.supply_date else None,
            firmness=firmness(one.firmness),
            late=one.days_late,
            progress=progress.get(one.ref_line_id, ""),
        )
        for one in sources
        if one.demand_id in by_demand
    ]


def _progress(sources: Sequence[SourceView]) -> dict[Any, str]:
    """How far the supplier is with the lines, in words; one statement."""
    rows = PurchaseOrderLine.objects.filter(pk__in={one.ref_line_id for one in sources}).exclude(progress_node="")
    names = dict(Node.choices)
    found = rows.values_list("pk", "progress_node", "progress_pct")
    return {pk: f"{names.get(node, node)} {percent}%" for pk, node, percent in found}
