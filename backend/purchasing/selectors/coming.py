"""What was bought for somebody's demand and how far its suppliers are (PUR-02): for sales orders and for components."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.availability.selectors import SourceView, sources_of
from backend.purchasing.models import Node, PurchaseOrder, PurchaseOrderLine


@dataclass(frozen=True)
class Bought:
    """A purchase line that a demand hangs on; ``progress`` says how far its making is, if anybody said so."""

    source: SourceView
    progress: str


def bought_for(demand_ids: Collection[UUID]) -> list[Bought]:
    """The purchase lines that these demands hang on, by line and date; two statements, none without a demand."""
    sources = sources_of(demand_ids) if demand_ids else []
    bought = [one for one in sources if one.ref_type == PurchaseOrder.DOC_TYPE]
    progress = _progress({one.ref_line_id for one in bought}) if bought else {}
    return [Bought(one, progress.get(one.ref_line_id, "")) for one in bought]


def _progress(lines: Collection[UUID]) -> dict[Any, str]:
    rows = PurchaseOrderLine.objects.filter(pk__in=lines).exclude(progress_node="")
    names = dict(Node.choices)
    found = rows.values_list("pk", "progress_node", "progress_pct")
    return {pk: f"{names.get(node, node)} {percent}%" for pk, node, percent in found}
