"""Progress of orders and deliveries, derived from the quantities of their lines and never typed."""

from collections.abc import Iterable, Sequence
from typing import Any

from backend.kernel.document import Closing, Progress
from backend.kernel.money import ZERO
from backend.sales.models import SalesDelivery, SalesOrder


def derive_order(order: SalesOrder, lines: Sequence[Any]) -> None:
    """Set shipped, invoiced and the automatic end of an order (not saved).

    An order closes by itself when all that is wanted has left, and opens again when goods come back.
    """
    order.shipped = _progress((line.shipped_qty, line.wanted_qty) for line in lines)
    order.invoiced = _progress((line.invoiced_qty, line.wanted_qty - line.returned_qty) for line in lines)
    if order.shipped == Progress.FULL and order.closing == Closing.OPEN:
        order.closing = Closing.AUTO_CLOSED
    elif order.shipped != Progress.FULL and order.closing == Closing.AUTO_CLOSED:
        order.closing = Closing.OPEN


def derive_delivery(delivery: SalesDelivery, lines: Iterable[Any]) -> None:
    """Set how far a delivery is invoiced (not saved)."""
    delivery.invoiced = _progress((line.invoiced_qty, line.qty - line.returned_qty) for line in lines)


def _progress(pairs: Iterable[tuple[Any, Any]]) -> str:
    """none when nothing is done, full when every line is, partial between; a cancelled line asks for nothing."""
    found = [(done, wanted) for done, wanted in pairs if wanted > 0 or done > 0]
    if all(done <= ZERO for done, _wanted in found):
        return Progress.NONE
    return Progress.FULL if all(done >= wanted for done, wanted in found) else Progress.PARTIAL
