"""The derived axes of an order: confirmed, received, invoiced, and whether it closes by itself."""

from collections.abc import Iterable

from backend.kernel.document import Closing, Progress, progress_of
from backend.kernel.money import ZERO
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine


def derive_axes(order: PurchaseOrder, lines: Iterable[PurchaseOrderLine]) -> None:
    """Set the axes from the lines' quantities (not saved). A line counts at most for what is wanted of it."""
    lines = list(lines)
    wanted = sum((line.wanted_qty for line in lines), ZERO)
    for axis in ("confirmed", "received"):
        done = sum((min(getattr(line, f"{axis}_qty"), line.wanted_qty) for line in lines), ZERO)
        setattr(order, axis, progress_of(done, wanted) if wanted else Progress.NONE)
    owed = [(line.invoiced_qty, line.wanted_qty - line.returned_qty) for line in lines]
    billed = sum((min(invoiced, left) for invoiced, left in owed), ZERO)
    to_bill = sum((left for _invoiced, left in owed), ZERO)
    order.invoiced = progress_of(billed, to_bill) if to_bill else Progress.FULL if wanted else Progress.NONE


def all_received(lines: Iterable[PurchaseOrderLine]) -> bool:
    """Whether nothing more is expected on any line."""
    return all(line.received_qty >= line.wanted_qty for line in lines)


def derive_closing(order: PurchaseOrder, lines: Iterable[PurchaseOrderLine]) -> bool:
    """Close an open order that is received in full, open an automatically closed one that is not (not saved).

    Returns whether the order closed now. A closing by hand is left alone.
    """
    done = all_received(lines)
    if done and order.closing == Closing.OPEN:
        order.closing = Closing.AUTO_CLOSED
        return True
    if not done and order.closing == Closing.AUTO_CLOSED:
        order.closing = Closing.OPEN
    return False
