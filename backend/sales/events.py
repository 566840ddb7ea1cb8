"""What sales tells those above. After the commit ids, dates and quantities arrive as text (see ``kernel.events``)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from backend.kernel.events import Event


@dataclass(frozen=True)
class SalesOrderEvent(Event):
    """``aggregate_id`` is the order."""

    number: str = ""
    customer_id: UUID | str = ""


@dataclass(frozen=True)
class SalesOrderSubmitted(SalesOrderEvent):
    """The order waits for somebody who may approve it."""


@dataclass(frozen=True)
class SalesOrderRejected(SalesOrderEvent):
    """Somebody said no; the order may be changed and submitted again."""

    reason: str = ""


@dataclass(frozen=True)
class SalesOrderApproved(SalesOrderEvent):
    """The order binds us; its lines are demand with promises."""


@dataclass(frozen=True)
class SalesOrderUnapproved(SalesOrderEvent):
    """The order is a draft again and demands nothing."""


@dataclass(frozen=True)
class SalesOrderAmended(SalesOrderEvent):
    """The approved order was changed; ``revision`` is the new one."""

    revision: int = 0


@dataclass(frozen=True)
class SalesOrderVoided(SalesOrderEvent):
    """The draft was thrown away."""


@dataclass(frozen=True)
class SalesOrderClosed(SalesOrderEvent):
    """What was left open is not delivered any more."""


@dataclass(frozen=True)
class SalesOrderReopened(SalesOrderEvent):
    """The rest is to be delivered after all."""


@dataclass(frozen=True)
class CreditHeld(SalesOrderEvent):
    """The order would take the customer over the limit; it waits for a release."""

    exposure: Decimal | str = Decimal(0)
    limit: Decimal | str = Decimal(0)


@dataclass(frozen=True)
class CreditReleased(SalesOrderEvent):
    """Somebody answers for the order although it is over the limit."""

    reason: str = ""


@dataclass(frozen=True)
class SalesQuoteEvent(Event):
    """``aggregate_id`` is the quotation."""

    number: str = ""
    customer_id: UUID | str = ""


@dataclass(frozen=True)
class SalesQuoteSent(SalesQuoteEvent):
    """The customer may see and accept it."""


@dataclass(frozen=True)
class SalesQuoteAccepted(SalesQuoteEvent):
    """The customer agreed; ``by_name`` signed."""

    by_name: str = ""


@dataclass(frozen=True)
class SalesDeliveryEvent(Event):
    """``aggregate_id`` is the delivery; ``costs`` = (inventory role, value that left the warehouse).

    The way the goods take is told too, so that nobody reads the delivery again in the same transaction.
    """

    number: str = ""
    doc_date: date | str = ""
    customer_id: UUID | str = ""
    customer_name: str = ""
    ship_to: str = ""
    carrier_id: UUID | str | None = None
    tracking_no: str = ""
    expected_date: date | str | None = None
    approved_at: datetime | str | None = None
    net: Decimal | str = Decimal(0)
    tax: Decimal | str = Decimal(0)
    gross: Decimal | str = Decimal(0)
    costs: tuple[tuple[str, Decimal], ...] = ()
    order_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class SalesDeliveryApproved(SalesDeliveryEvent):
    """The goods have left."""


@dataclass(frozen=True)
class SalesDeliveryUnapproved(SalesDeliveryEvent):
    """The goods are back as if they had not left."""


@dataclass(frozen=True)
class DeliverySigned(Event):
    """``aggregate_id`` is the delivery; the customer has the goods."""

    number: str = ""
    customer_id: UUID | str = ""
    signed_by: str = ""


@dataclass(frozen=True)
class SalesReturnEvent(Event):
    """``aggregate_id`` is the return; what it is worth stands on its lines."""

    number: str = ""
    doc_date: date | str = ""
    customer_id: UUID | str = ""
    gross: Decimal | str = Decimal(0)
    outcome: str = ""


@dataclass(frozen=True)
class SalesReturnRequested(SalesReturnEvent):
    """A customer wants to send goods back; somebody of ours decides."""


@dataclass(frozen=True)
class SalesReturnAuthorised(SalesReturnEvent):
    """The customer may send the goods."""


@dataclass(frozen=True)
class SalesReturnRefused(SalesReturnEvent):
    """The goods stay with the customer."""

    reason: str = ""


@dataclass(frozen=True)
class SalesReturnReceived(SalesReturnEvent):
    """The goods are here and are inspected."""


@dataclass(frozen=True)
class SalesReturnApproved(SalesReturnEvent):
    """What came back is decided: in stock or scrapped, credited or exchanged."""


@dataclass(frozen=True)
class SalesReturnUnapproved(SalesReturnEvent):
    """The decision was taken back; the goods are in inspection again."""


@dataclass(frozen=True)
class ConsignmentEvent(Event):
    """``aggregate_id`` is the document; ``values`` = (inventory role, value that left our warehouses, minus what came back)."""

    number: str = ""
    doc_date: date | str = ""
    kind: str = ""
    customer_id: UUID | str = ""
    customer_name: str = ""
    values: tuple[tuple[str, Decimal], ...] = ()
    cost: Decimal | str = Decimal(0)
    net: Decimal | str = Decimal(0)
    tax: Decimal | str = Decimal(0)
    gross: Decimal | str = Decimal(0)


@dataclass(frozen=True)
class ConsignmentBooked(ConsignmentEvent):
    """Goods lie at an agent, came back from him, or were sold by him."""


@dataclass(frozen=True)
class ConsignmentTakenBack(ConsignmentEvent):
    """It did not happen."""


@dataclass(frozen=True)
class ConsignmentReported(ConsignmentEvent):
    """An agent says what he sold; somebody of ours books it or does not."""


@dataclass(frozen=True)
class ConsignmentRefused(ConsignmentEvent):
    """What the agent reported is not booked."""

    reason: str = ""
