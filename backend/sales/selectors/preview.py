"""What an order would promise and do to the customer's credit, before it is approved (G-02). Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.availability import selectors as availability
from backend.availability.selectors import Preview, PreviewInput
from backend.kernel.currency import gross_at_home
from backend.kernel.document import Approval
from backend.sales.models import SalesOrder, SalesOrderLine
from backend.sales.services import credit
from backend.sales.services.demands import lines_of, open_amount


@dataclass(frozen=True)
class LinePreview:
    """A line with its preview; None for a service."""

    line: SalesOrderLine
    preview: Preview | None


@dataclass(frozen=True)
class OrderPreview:
    """All lines, the day everything could be there (None = nobody knows), and the credit after approval."""

    lines: tuple[LinePreview, ...]
    promise_date: date | None
    exposure: credit.Exposure

    @property
    def is_late(self) -> bool:
        """Whether a line would come after the day it is wanted for."""
        return any(
            row.preview is not None
            and (row.preview.promise_date is None or row.preview.promise_date > row.line.requested_date)
            for row in self.lines
        )


def preview_order(order: SalesOrder, *, at: datetime, lines: Sequence[SalesOrderLine] | None = None) -> OrderPreview:
    """Look ahead for a saved draft; a fixed number of statements."""
    found = list(lines) if lines is not None else lines_of(order)
    asked = [line for line in found if line.item.is_stocked and line.open_qty > 0]
    inputs = [PreviewInput(line.item_id, order.warehouse_id, line.open_qty, line.requested_date) for line in asked]
    previews: dict[UUID, Preview] = {
        line.pk: seen
        for line, seen in zip(asked, availability.preview_promises(inputs, at=at) if asked else [], strict=True)
    }
    dates = [seen.promise_date for seen in previews.values()]
    known = [day for day in dates if day]
    whole = order.approval != Approval.APPROVED
    amount = gross_at_home(order) if whole else open_amount(order, found)
    return OrderPreview(
        lines=tuple(LinePreview(line, previews.get(line.pk)) for line in found),
        promise_date=(max(known) if known else order.requested_date) if len(known) == len(dates) else None,
        exposure=credit.exposure_of(order.customer_id, order=order, amount=amount),
    )
