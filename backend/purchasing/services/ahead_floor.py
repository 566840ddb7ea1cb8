"""What is invoiced before it came must still come (先票后货): no line wants less than what is here and what is so invoiced.

One floor for whoever lowers a line: the supplier's answer and whoever answers for it, the buyer's yes to a rejection, an
amendment, a cancelled line, the closing of an order, pieces given up as light, a replacement that is not sent after all.
The database holds it too. Callers hold the order's lock, as does whoever invoices ahead. Nothing is read while no line
falls below.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.invoicing.models import PurchaseInvoice
from backend.invoicing.selectors import ahead_of_goods
from backend.kernel.errors import Conflict, WayOut
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine
from backend.purchasing.services.supplies import quantity

CODE = "invoiced_before_goods"


def floor_of(line: PurchaseOrderLine) -> Decimal:
    """The least that may be wanted of a line while something of it is invoiced and has not come."""
    return line.received_qty + line.ahead_qty


def problems_below(
    order: PurchaseOrder,
    wanted: Iterable[tuple[PurchaseOrderLine, Decimal]],
    refusal: type[Conflict],
    *,
    field: str = "qty",
    theirs: bool = False,
) -> list[Conflict]:
    """A refusal for every (line, quantity wanted from now on) below its floor; ``theirs`` speaks to the supplier."""
    below = [(line, qty) for line, qty in wanted if line.ahead_qty > 0 and qty < floor_of(line)]
    if not below:
        return []
    invoices = _invoices_of([line.pk for line, _qty in below])
    return [_problem(order, line, qty, invoices[line.pk], refusal, field, theirs) for line, qty in below]


def refuse_below(
    order: PurchaseOrder,
    wanted: Iterable[tuple[PurchaseOrderLine, Decimal]],
    refusal: type[Conflict],
    *,
    field: str = "qty",
    theirs: bool = False,
) -> None:
    """Raise naming every line that falls below, its invoices and how much of it stays."""
    problems = problems_below(order, wanted, refusal, field=field, theirs=theirs)
    if problems:
        raise refusal.many(problems)


def _invoices_of(line_ids: Collection[UUID]) -> dict[UUID, list[PurchaseInvoice]]:
    """By order line, the invoices whose goods have not all come; one statement."""
    found: dict[UUID, list[PurchaseInvoice]] = defaultdict(list)
    rows = ahead_of_goods().filter(source_line_id__in=line_ids).select_related("document")
    for row in rows.order_by("document__doc_date", "document_id", "line_no"):
        if row.source_line_id and row.document not in found[row.source_line_id]:
            found[row.source_line_id].append(row.document)
    return found


def _problem(
    order: PurchaseOrder,
    line: PurchaseOrderLine,
    qty: Decimal,
    invoices: list[PurchaseInvoice],
    refusal: type[Conflict],
    field: str,
    theirs: bool,
) -> Conflict:
    names = {
        "line": line.line_no,
        "qty": quantity(line.ahead_qty),
        "least": quantity(floor_of(line)),
        "invoices": ", ".join(str(invoice) for invoice in invoices),
    }
    return refusal(
        _("Line %(line)s: %(qty)s are invoiced with %(invoices)s and have not come.") % names,
        code=CODE,
        document=order.number,
        line=line.line_no,
        field=field,
        value=qty,
        way_out=_(
            "At least %(least)s of the line stay. To send less, agree on a credit over %(invoices)s with the buyer first."
        )
        % names
        if theirs
        else _(
            "At least %(least)s of the line stay. For less, take %(invoices)s back first, "
            "or enter there, as an allowance, what will not come."
        )
        % names,
        links=[WayOut(invoice.number, doc_type=invoice.DOC_TYPE, number=invoice.number) for invoice in invoices],
    )
