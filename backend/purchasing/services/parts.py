"""The components of subcontract orders: written with the order, kept by item."""

from collections.abc import Sequence

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from backend.inventory.services import making
from backend.inventory.services.making import PartOfOne
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, SubcontractComponent
from backend.purchasing.services.checks import CannotEditOrder


def write_parts(order: PurchaseOrder, line: PurchaseOrderLine, given: Sequence[PartOfOne]) -> None:
    """Set what goes into one unit of a line; without ``given`` what the item's kit says. Raises naming wrong parts."""
    parts = making.parts_for(line.item_id, given)
    known = SubcontractComponent.objects.filter(order_line=line)
    _drop(
        order,
        making.write_parts(known, parts, lambda item_id: SubcontractComponent(order_line=line, item_id=item_id)),
    )


def _drop(order: PurchaseOrder, rows: Sequence[SubcontractComponent]) -> None:
    if not rows:
        return
    try:
        SubcontractComponent.objects.filter(pk__in=[row.pk for row in rows]).delete()
    except ProtectedError as problem:
        raise CannotEditOrder(
            _("Material papers of %(order)s name a component that is left out.") % {"order": order},
            document=order.number,
            field="lines",
            way_out=_("Leave the component in."),
        ) from problem


def copy_parts(source: PurchaseOrder, target: PurchaseOrder) -> None:
    """The same components for the same line of another order."""
    lines = {line.line_no: line for line in target.lines.all()}
    rows = SubcontractComponent.objects.filter(order_line__document=source).select_related("order_line")
    SubcontractComponent.objects.bulk_create(
        SubcontractComponent(
            order_line=lines[row.order_line.line_no],
            line_no=row.line_no,
            item_id=row.item_id,
            qty_per=row.qty_per,
            scrap_pct=row.scrap_pct,
        )
        for row in rows
    )
