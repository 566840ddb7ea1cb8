"""What purchasing tells those above."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class PurchaseOrderEvent(Event):
    """``aggregate_id`` is the order."""

    number: str = ""
    supplier_id: UUID | str = ""


@dataclass(frozen=True)
class SuggestionsOrdered(PurchaseOrderEvent):
    """A draft buys what was suggested."""

    suggestion_ids: tuple[UUID | str, ...] = ()


@dataclass(frozen=True)
class PurchaseOrderSubmitted(PurchaseOrderEvent):
    """The draft waits for somebody who may approve it."""


@dataclass(frozen=True)
class PurchaseOrderRejected(PurchaseOrderEvent):
    """Somebody said no; the order may be changed and submitted again."""

    reason: str = ""


@dataclass(frozen=True)
class PurchaseOrderApproved(PurchaseOrderEvent):
    """The order binds us; its quantities are expected supply; ``calls_off`` when some of it calls off a blanket order."""

    calls_off: bool = False


@dataclass(frozen=True)
class PurchaseOrderUnapproved(PurchaseOrderEvent):
    """The order is a draft again and brings nothing; ``sent`` when the supplier had it."""

    sent: bool = False


@dataclass(frozen=True)
class PurchaseOrderSent(PurchaseOrderEvent):
    """The supplier may see the order; ``revision`` grows with every amendment that is sent."""

    revision: int = 0


@dataclass(frozen=True)
class PurchaseOrderViewed(PurchaseOrderEvent):
    """The supplier opened the order for the first time."""


@dataclass(frozen=True)
class PurchaseOrderVoided(PurchaseOrderEvent):
    """A draft was thrown away; what it was to buy is suggested again."""


@dataclass(frozen=True)
class PurchaseOrderAmended(PurchaseOrderEvent):
    """An approved order was changed."""

    revision: int = 0


@dataclass(frozen=True)
class PurchaseOrderClosed(PurchaseOrderEvent):
    """Nothing more comes on the order: all is received, or somebody closed it."""

    by_itself: bool = False


@dataclass(frozen=True)
class PurchaseOrderReopened(PurchaseOrderEvent):
    """The rest of the order is expected again."""


@dataclass(frozen=True)
class PurchaseOrderAnswered(PurchaseOrderEvent):
    """The supplier answered with a new revision; ``state`` says whether the buyer must decide."""

    revision: int = 0
    state: str = ""
    late_days: int = 0


@dataclass(frozen=True)
class ConfirmationDecided(PurchaseOrderEvent):
    """The buyer took or declined a counter-proposal."""

    revision: int = 0
    accepted: bool = False
    reason: str = ""


@dataclass(frozen=True)
class ProgressReported(PurchaseOrderEvent):
    """The supplier said how far a line is."""

    line_no: int = 0
    node: str = ""
    percent: int = 0


@dataclass(frozen=True)
class NodesPlanned(PurchaseOrderEvent):
    """Production nodes were laid on the order's lines, or planned for other days."""


@dataclass(frozen=True)
class AsnEvent(Event):
    """``aggregate_id`` is the shipping notice."""

    number: str = ""
    supplier_id: UUID | str = ""
    order_ids: tuple[UUID | str, ...] = ()


@dataclass(frozen=True)
class AsnSubmitted(AsnEvent):
    """Goods are on their way to us."""

    expected_date: date | str = ""


@dataclass(frozen=True)
class AsnMoved(AsnEvent):
    """Goods on their way were dispatched, arrive on another day, stand at the gate, or the notice was closed."""

    state: str = ""
    expected_date: date | str = ""


@dataclass(frozen=True)
class AsnWithdrawn(AsnEvent):
    """The notice was wrong: nothing is on its way by it."""


@dataclass(frozen=True)
class PurchaseReceiptEvent(Event):
    """``aggregate_id`` is the receipt. ``values`` = (inventory role, stock value); their sum is what stock gained.

    Of goods that a processor made ``fee`` is what he gets, ``material`` what of ours went in (both among the values).
    Of goods that were invoiced before they came ``transit`` is their value, ``transit_tax`` the VAT booked with it.
    """

    number: str = ""
    doc_date: date | str = ""
    supplier_id: UUID | str = ""
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    gross: Decimal = Decimal(0)
    values: tuple[tuple[str, Decimal], ...] = ()
    order_ids: tuple[UUID | str, ...] = ()
    fee: Decimal = Decimal(0)
    material: Decimal = Decimal(0)
    supplier_name: str = ""
    transit: Decimal = Decimal(0)
    transit_tax: Decimal = Decimal(0)


@dataclass(frozen=True)
class MaterialMoveEvent(Event):
    """``aggregate_id`` is the paper. ``values`` = (inventory role, what left our warehouse; negative: came back)."""

    number: str = ""
    doc_date: date | str = ""
    supplier_id: UUID | str = ""
    kind: str = ""
    bearer: str = ""
    values: tuple[tuple[str, Decimal], ...] = ()
    worth: Decimal = Decimal(0)


@dataclass(frozen=True)
class MaterialMoved(MaterialMoveEvent):
    """Material went to a processor, came back, or is lost there."""


@dataclass(frozen=True)
class MaterialMoveUnapproved(MaterialMoveEvent):
    """It is where it was."""


@dataclass(frozen=True)
class PurchaseReceiptApproved(PurchaseReceiptEvent):
    """Goods lie in the warehouse and in the books."""


@dataclass(frozen=True)
class InspectionDecided(Event):
    """What an inspection decided of one lot; ``aggregate_id`` is the inspection. What is rejected lies in its own lot."""

    number: str = ""
    supplier_id: UUID | str = ""
    item_id: UUID | str = ""
    lot_id: UUID | str = ""
    accepted: Decimal = Decimal(0)
    rejected: Decimal = Decimal(0)
    rejected_lot_id: UUID | str | None = None
    receipt_line_id: UUID | str | None = None
    reason: str = ""


@dataclass(frozen=True)
class PurchaseReceiptUnapproved(PurchaseReceiptEvent):
    """The receipt was taken back."""


@dataclass(frozen=True)
class PurchaseReturnEvent(Event):
    """``aggregate_id`` is the return; what it is worth stands on its lines."""

    number: str = ""
    doc_date: date | str = ""
    supplier_id: UUID | str = ""
    gross: Decimal = Decimal(0)
    outcome: str = ""


@dataclass(frozen=True)
class PurchaseReturnApproved(PurchaseReturnEvent):
    """Goods left for the supplier; stock and books are less by them."""


@dataclass(frozen=True)
class PurchaseReturnUnapproved(PurchaseReturnEvent):
    """The return was taken back."""


@dataclass(frozen=True)
class RfqEvent(Event):
    """``aggregate_id`` is the request for quotation."""

    number: str = ""
    supplier_ids: tuple[UUID | str, ...] = ()


@dataclass(frozen=True)
class RfqPublished(RfqEvent):
    """Suppliers are asked; ``extended`` when only the deadline moved away."""

    extended: bool = False


@dataclass(frozen=True)
class RfqOpened(RfqEvent):
    """The deadline has passed: the quotes are read."""


@dataclass(frozen=True)
class RfqCancelled(RfqEvent):
    """Nothing is bought by this request."""


@dataclass(frozen=True)
class RfqAwarded(RfqEvent):
    """Orders were drafted; ``supplier_ids`` are those who quoted and did not win."""

    order_ids: tuple[UUID | str, ...] = ()


@dataclass(frozen=True)
class QuoteSubmitted(RfqEvent):
    """A supplier quoted: how much, nobody reads before the deadline."""

    supplier_id: UUID | str = ""
    revision: int = 0


@dataclass(frozen=True)
class MaterialPriceRose(Event):
    """``aggregate_id`` is the alert: an item jumped above the mean of the days before."""

    item_id: UUID | str = ""
    number: str = ""


@dataclass(frozen=True)
class BlanketApproved(PurchaseOrderEvent):
    """``aggregate_id`` is the blanket order: it can be called off."""


@dataclass(frozen=True)
class CalledOff(PurchaseOrderEvent):
    """``aggregate_id`` is the blanket order; a draft order calls a part of it off."""

    order_id: UUID | str = ""


@dataclass(frozen=True)
class RequisitionEvent(Event):
    """``aggregate_id`` is the purchase requisition."""

    number: str = ""
    requester_id: UUID | str | None = None


@dataclass(frozen=True)
class SuggestionsRequested(RequisitionEvent):
    """A draft asks for leave to buy what was suggested."""

    suggestion_ids: tuple[UUID | str, ...] = ()


@dataclass(frozen=True)
class RequisitionSubmitted(RequisitionEvent):
    """Somebody needs something and asks for leave to buy it."""


@dataclass(frozen=True)
class RequisitionApproved(RequisitionEvent):
    """Every level agreed: it is bought."""


@dataclass(frozen=True)
class RequisitionRejected(RequisitionEvent):
    """It came back with a reason."""

    reason: str = ""


@dataclass(frozen=True)
class RequisitionUnapproved(RequisitionEvent):
    """It is a draft again; nothing of it was ordered."""


@dataclass(frozen=True)
class RequisitionVoided(RequisitionEvent):
    """It is not needed after all."""


@dataclass(frozen=True)
class RequisitionClosed(RequisitionEvent):
    """Nothing more is bought for it: all is ordered, or somebody closed it."""

    by_itself: bool = False


@dataclass(frozen=True)
class RequisitionReopened(RequisitionEvent):
    """The rest is to be bought again."""


@dataclass(frozen=True)
class RequisitionOrdered(RequisitionEvent):
    """Draft orders buy a part of it."""

    order_ids: tuple[UUID | str, ...] = ()
