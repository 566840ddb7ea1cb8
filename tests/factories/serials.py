"""Items kept by serial number, and their pieces."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.catalog.models import Item
from backend.inventory.models import LineSerials, Serial, Warehouse
from backend.inventory.services.inputs import MoveInput
from backend.inventory.services.moves import post_moves
from tests.factories.availability import Paper
from tests.factories.catalog import make_item
from tests.factories.costing import item_costed_by
from tests.factories.inventory import AT, SYSTEM, main_warehouse


def serial_item(method: str = "", **values: Any) -> Item:
    """An item whose every piece has a number, costed by its category's method."""
    values["serial_tracked"] = True
    return item_costed_by(method, **values) if method else make_item(**values)


def name(line_id: UUID, paper: Any, item: Item, *numbers: str) -> None:
    """Say which pieces a line of a document is about."""
    LineSerials.objects.create(line_id=line_id, doc_id=paper.pk, item=item, serial_nos=list(numbers))


def pieces(
    item: Item, *numbers: str, value: Any = None, out: bool = False, kind: str = "", place: Warehouse | None = None
) -> Any:
    """A document that brings pieces in at a value, or issues them; returns the paper."""
    paper = Paper()
    name(paper.pk, paper, item, *numbers)
    qty = Decimal(len(numbers))
    way: dict[str, Any] = (
        {"qty_out": qty} if out else {"qty_in": qty, "value_in": None if value is None else Decimal(str(value))}
    )
    kind = kind or ("sales_delivery" if out else "purchase_receipt")
    given = MoveInput(kind, item.pk, (place or main_warehouse()).pk, **way)
    post_moves([given], document=paper, actor=SYSTEM, at=AT)
    return paper


def lying(item: Item) -> dict[str, str]:
    """Where each piece lies, by number; nothing for those that do not."""
    rows = Serial.objects.filter(item=item).order_by("serial_no").values_list("serial_no", "warehouse__code")
    return {number: code or "" for number, code in rows}
