"""Reading a purchase order for its page: with schedule, answers, production and the customers' lines that wait for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from backend.availability.selectors import pegs_of_supply
from backend.availability.selectors.material import MaterialRow
from backend.kernel.document import Approval, Closing
from backend.kernel.together import together
from backend.purchasing.models import (
    NodeTemplate,
    OrderKind,
    ProductionNode,
    ProgressLink,
    ProgressReport,
    PurchaseOrder,
    PurchaseOrderLine,
)
from backend.purchasing.selectors.orders import reports_of, waiting_confirmation
from backend.purchasing.selectors.subcontract import material_of
from backend.purchasing.services.prices import FirstPrice, Rise, rises_of
from portals.staff.purchasing.paid import prices_before, prices_of_new
from portals.staff.shared.approvals import Standing

UNDECIDED = {Approval.DRAFT, Approval.SUBMITTED, Approval.REJECTED}


_LINKS_SHOWN = 12


@dataclass(frozen=True)
class OrderPage:
    """The order with lines, schedule, answers, and the customers' lines that wait for it."""

    order: PurchaseOrder
    lines: Sequence[PurchaseOrderLine]
    pegs: Mapping[UUID, Sequence[Any]]
    reports: Sequence[ProgressReport]
    earlier: Mapping[UUID, Sequence[PurchaseOrderLine]]
    rises: Sequence[Rise]
    standing: Standing = field(default_factory=Standing)
    compared: bool = False  # for readers in the house: beside earlier prices, with the reasons
    first: Mapping[UUID, FirstPrice] = field(default_factory=dict)  # of lines whose items were never bought
    material: Sequence[MaterialRow] = ()
    nodes: Sequence[ProductionNode] = ()
    links: Sequence[ProgressLink] = ()
    templates: Sequence[NodeTemplate] = ()

    @property
    def subcontract(self) -> bool:
        return self.order.kind == OrderKind.SUBCONTRACT

    @property
    def running(self) -> bool:
        return self.order.is_approved and self.order.closing == Closing.OPEN

    @property
    def waiting(self) -> Any:
        """The answer that the buyer must decide."""
        return waiting_confirmation(self.order) if self.running else None


def read_order(order: PurchaseOrder, *, prices: bool = False) -> OrderPage:
    """`order` comes from `order_for`: pegs, reports, what is known of the production and, for those who may see prices,
    earlier ones are read here."""
    lines = list(order.lines.all())
    pegs: Mapping[UUID, Sequence[Any]] = {}
    read: dict[str, Any] = {"rises": (), "compared": prices, "material": material_of(order)}
    read["earlier"] = prices_before(order, lines) if prices else {}
    if order.is_approved:
        pegs = pegs_of_supply([line.pk for line in lines])
        read |= together(
            nodes=ProductionNode.objects.filter(order_line__in=lines),
            links=ProgressLink.objects.filter(order_line__in=lines).order_by("-created_at", "-id")[:_LINKS_SHOWN],
            templates=NodeTemplate.objects.filter(active=True).order_by("name"),
        )
    elif prices and order.approval in UNDECIDED:
        read["rises"] = rises_of(order, lines)
        read["first"] = prices_of_new(order, lines, read["earlier"])
    return OrderPage(order, lines, pegs, reports_of(lines), **read)
