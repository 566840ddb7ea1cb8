"""What is on order for a document and when it comes, as its readers may see it (PUR-02)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.kernel import clock
from backend.purchasing.selectors.coming import OnOrder, on_order_for
from backend.workflow import parameters
from portals.staff.shared.words import firmness
from portals.ui.navigation import document_address


@dataclass(frozen=True)
class Coming:
    """One line of an order, bought or made by us, that serves a line of the document."""

    line_no: int
    item: Any
    number: str
    url: str
    order_line: int | None  # which line of a purchase order
    supplier: str
    qty: Decimal
    day: date
    former: date | None
    firmness: str
    late: int
    overdue: int
    progress: str


def sees_suppliers(actor: Any) -> bool:
    """Whether this reader may know who supplies: by right, or because the company lets sales know."""
    return bool(actor.may("purchasing.order.view") or parameters.get("sales.show_suppliers"))


def coming_for(waiting: Mapping[UUID, Any], actor: Any) -> list[Coming]:
    """The orders that the ``waiting`` demands hang on, each demand with the line it is of; nothing is read when all lies
    in stock."""
    found = on_order_for(waiting)
    named = bool(found) and sees_suppliers(actor)
    return [_coming(waiting[one.source.demand_id], one, actor, named) for one in found]


def _coming(line: Any, order: OnOrder, actor: Any, named: bool) -> Coming:
    one = order.source
    may_open = actor.may(f"{one.ref_type}.view")
    return Coming(
        line_no=line.line_no,
        item=line.item,
        number=one.ref_number,
        url=document_address(one.ref_type, one.ref_number) if may_open else "",
        order_line=None if order.made_by_us else one.line_no,
        supplier=one.party_name if named else "",
        qty=one.qty,
        day=one.supply_date,
        former=one.former_date if one.former_date != one.supply_date else None,
        firmness=firmness(one.firmness, one.ref_type),
        late=one.days_late,
        overdue=max((clock.today() - one.supply_date).days, 0),
        progress=order.progress,
    )
