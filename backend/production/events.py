"""What production tells those above. After the commit dates and quantities arrive as text (see ``kernel.events``)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class ProductionOrderEvent(Event):
    """``aggregate_id`` is the order."""

    number: str = ""


@dataclass(frozen=True)
class ProductionOrderApproved(ProductionOrderEvent):
    """It is to be made: its components are needed, its goods expected."""


@dataclass(frozen=True)
class ProductionOrderUnapproved(ProductionOrderEvent):
    """The order is a draft again: it needs and brings nothing."""


@dataclass(frozen=True)
class ProductionOrderClosed(ProductionOrderEvent):
    """Nothing more is made; ``by_itself`` when all is."""

    by_itself: bool = False


@dataclass(frozen=True)
class ProductionOrderReopened(ProductionOrderEvent):
    """The rest is to be made after all."""


@dataclass(frozen=True)
class ProductionMaterialEvent(Event):
    """``aggregate_id`` is the paper. ``values`` = (inventory role, what left our warehouse; negative: came back)."""

    number: str = ""
    doc_date: date | str = ""
    kind: str = ""
    order_id: UUID | str = ""
    values: tuple[tuple[str, Decimal], ...] = ()
    worth: Decimal = Decimal(0)


@dataclass(frozen=True)
class ProductionMaterialMoved(ProductionMaterialEvent):
    """Material went to the workshop, came back, or is lost there."""


@dataclass(frozen=True)
class ProductionMaterialUnapproved(ProductionMaterialEvent):
    """It is where it was."""


@dataclass(frozen=True)
class ProductReceiptEvent(Event):
    """``aggregate_id`` is the receipt. ``values`` = (inventory role of the product, what it is worth: all that it used)."""

    number: str = ""
    doc_date: date | str = ""
    order_id: UUID | str = ""
    values: tuple[tuple[str, Decimal], ...] = ()
    used: Decimal = Decimal(0)


@dataclass(frozen=True)
class ProductReceiptApproved(ProductReceiptEvent):
    """Goods that we made lie in the warehouse and in the books."""


@dataclass(frozen=True)
class ProductReceiptUnapproved(ProductReceiptEvent):
    """They were taken back; their material lies in the workshop again."""
