"""What goes into one unit of something that is made: keyed, or as its kit says; and what of it is still to come and go.

Subcontract orders and production orders keep rows of their own (``models.making``); these are the rules of both.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.models import KitLine, MakingComponent
from backend.inventory.services.drafting import refuse
from backend.kernel.bulk import update_rows
from backend.kernel.errors import Refusal, ValidationRefused
from backend.kernel.money import QTY_STEP, ZERO

C = TypeVar("C", bound=MakingComponent)


@dataclass(frozen=True)
class PartOfOne:
    """A component of one finished unit; ``scrap_pct`` is lost on top."""

    item_id: UUID
    qty: Decimal
    scrap_pct: Decimal = ZERO


@dataclass(frozen=True)
class MaterialLineInput:
    """So much of a component of the order; of a lot, or of those that expire first."""

    item_id: UUID
    qty: Decimal
    lot_id: UUID | None = None


def parts_for(item_id: UUID, given: Sequence[PartOfOne]) -> list[PartOfOne]:
    """What goes into one unit of an item: what is given, else what its kit says. Raises naming every part that is wrong."""
    parts = list(given) or parts_of_kit(item_id)
    if not parts:
        raise ValidationRefused(
            _("Say what goes into it."),
            field="lines",
            way_out=_("Enter the components of one unit, or write them on the item as a kit."),
        )
    _check(item_id, parts)
    return parts


def parts_of_kit(item_id: UUID) -> list[PartOfOne]:
    """What one unit is made of, as the item says."""
    rows = KitLine.objects.filter(kit=item_id).order_by("line_no")
    return [PartOfOne(row.item_id, row.qty, row.scrap_pct) for row in rows]


def _check(made_id: UUID, parts: Sequence[PartOfOne]) -> None:
    items = Item.objects.in_bulk([part.item_id for part in parts])
    problems: list[Refusal] = []
    seen = {made_id}
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
    refuse(problems)


def _wrong(number: int, field: str, words: str, value: object) -> ValidationRefused:
    return ValidationRefused(words, line=number, field=field, value=value)


def write_parts(known: Iterable[C], parts: Sequence[PartOfOne], new: Callable[[UUID], C]) -> list[C]:
    """Set the components to these parts, those of an item that goes in already in place; returns what is left over."""
    old = {row.item_id: row for row in known}
    kept: list[C] = []
    made: list[C] = []
    for number, part in enumerate(parts, 1):
        row = old.pop(part.item_id, None)
        (kept if row else made).append(row := row or new(part.item_id))
        row.line_no, row.qty_per, row.scrap_pct = number, part.qty, part.scrap_pct
    update_rows(kept, ["line_no", "qty_per", "scrap_pct"])
    if made:
        type(made[0])._default_manager.bulk_create(made)
    return list(old.values())


def still_to_issue(component: MakingComponent, needed: Decimal) -> Decimal:
    """What of so much that is needed yet does not lie where it is made."""
    return max(needed - max(component.held_qty, ZERO), ZERO)


def to_use(component: MakingComponent, made: Decimal) -> Decimal:
    """What all that was made so far took, less what was used already: roundings do not add up."""
    return max(component.needed(max(made, ZERO)) - component.used_qty, ZERO)
