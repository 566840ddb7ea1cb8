"""The components of subcontract orders: written with the order, kept by item."""

from collections.abc import Sequence

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.models import KitLine
from backend.kernel.bulk import update_rows
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import QTY_STEP
from backend.purchasing.models import PurchaseOrder, PurchaseOrderLine, SubcontractComponent
from backend.purchasing.services.checks import CannotEditOrder
from backend.purchasing.services.inputs import PartOfOne


def write_parts(order: PurchaseOrder, line: PurchaseOrderLine, given: Sequence[PartOfOne]) -> None:
    """Set what goes into one unit of a line; without ``given`` what the item's kit says. Raises naming wrong parts."""
    parts = list(given) or parts_of_kit(line)
    if not parts:
        raise ValidationRefused(
            _("Say what goes into it."),
            field="lines",
            way_out=_("Enter the components of one unit, or write them on the item as a kit."),
        )
    _check(line, parts)
    old = {row.item_id: row for row in SubcontractComponent.objects.filter(order_line=line)}
    kept: list[SubcontractComponent] = []
    new: list[SubcontractComponent] = []
    for number, part in enumerate(parts, 1):
        row = old.pop(part.item_id, None)
        (kept if row else new).append(row := row or SubcontractComponent(order_line=line, item_id=part.item_id))
        row.line_no, row.qty_per, row.scrap_pct = number, part.qty, part.scrap_pct
    update_rows(kept, ["line_no", "qty_per", "scrap_pct"])
    SubcontractComponent.objects.bulk_create(new)
    _drop(order, list(old.values()))


def parts_of_kit(line: PurchaseOrderLine) -> list[PartOfOne]:
    """What one unit is made of, as the item says."""
    rows = KitLine.objects.filter(kit=line.item_id).order_by("line_no")
    return [PartOfOne(row.item_id, row.qty, row.scrap_pct) for row in rows]


def _check(line: PurchaseOrderLine, parts: Sequence[PartOfOne]) -> None:
    items = Item.objects.in_bulk([part.item_id for part in parts])
    problems: list[Refusal] = []
    seen = {line.item_id}
    for number, part in enumerate(parts, 1):
        item = items.get(part.item_id)
        if item is None or not item.is_stocked:
            problems.append(_wrong(number, "item_id", _("Choose an item that is kept in stock."), part.item_id))
        elif part.item_id in seen:
            problems.append(
                _wrong(number, "item_id", _("An item goes in once, and not into itself."), items[part.item_id].code)
            )
        if part.qty <= 0 or part.qty != part.qty.quantize(QTY_STEP):
            problems.append(_wrong(number, "qty", _("A quantity is more than 0, with at most 4 decimals."), part.qty))
        if not 0 <= part.scrap_pct < 100:
            problems.append(_wrong(number, "scrap_pct", _("Scrap lies between 0 and 100 %."), part.scrap_pct))
        seen.add(part.item_id)
    if problems:
        raise Refusal.many(problems) if len(problems) > 1 else problems[0]


def _wrong(number: int, field: str, words: str, value: object) -> ValidationRefused:
    return ValidationRefused(words, line=number, field=field, value=value)


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
