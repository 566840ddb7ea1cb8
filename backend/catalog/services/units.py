"""Other units of an item: fixed (a box holds twelve) or floating (a box weighs about twelve, each time as weighed).

Stock, demand and prices are kept in the item's own unit; lines that were keyed in another one remember it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item, ItemUnit
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, Refusal, ValidationRefused

_STEP = Decimal("0.0001")


@dataclass(frozen=True)
class ItemUnitData:
    """Another unit as keyed."""

    unit_id: UUID
    factor: Decimal
    floating: bool = False
    barcode: str = ""


def units_of(item_ids: Iterable[UUID]) -> dict[UUID, list[ItemUnit]]:
    """The other units of items, the smallest first; one statement."""
    found: dict[UUID, list[ItemUnit]] = defaultdict(list)
    for row in ItemUnit.objects.select_related("unit").filter(item__in=set(item_ids)).order_by("factor"):
        found[row.item_id].append(row)
    return found


def save_item_units(*, item_id: UUID, units: Sequence[ItemUnitData], actor: Actor, at: datetime) -> Item:
    """Put these units in the place of those before. Raises ValidationRefused naming the row."""
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=item_id).first()
        if item is None:
            raise NotFoundRefused(_("There is no such item."), value=item_id)
        problems = [found for number, given in enumerate(units, 1) for found in _problems(item, number, given, units)]
        if problems:
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        before = _words(item)
        ItemUnit.objects.filter(item=item).delete()
        ItemUnit.objects.bulk_create(
            ItemUnit(
                item=item, unit_id=row.unit_id, factor=row.factor, floating=row.floating, barcode=row.barcode.strip()
            )
            for row in units
        )
        audit.record(item, "change", actor=actor, at=at, changes={"units": [before, _words(item)]})
    return item


def _words(item: Item) -> str:
    rows = ItemUnit.objects.select_related("unit").filter(item=item).order_by("factor")
    return ", ".join(f"{row.unit} = {row.factor.normalize():f}" for row in rows)


def _problems(item: Item, number: int, given: ItemUnitData, every: Sequence[ItemUnitData]) -> list[Refusal]:
    found: list[Refusal] = []
    if given.factor <= 0:
        words = _("Row %(row)s: one unit holds more than nothing.") % {"row": number}
        found.append(ValidationRefused(words, line=number, field="factor", value=given.factor))
    if given.unit_id == item.unit_id or sum(1 for row in every if row.unit_id == given.unit_id) > 1:
        words = _("Row %(row)s: this unit is the item's own, or is there twice.") % {"row": number}
        found.append(ValidationRefused(words, line=number, field="unit_id", value=str(given.unit_id)))
    code = given.barcode.strip()
    others = ItemUnit.objects.exclude(item=item).filter(barcode=code)
    twice = sum(1 for row in every if row.barcode.strip() == code) > 1
    if code and (twice or others.exists() or Item.objects.filter(barcode=code).exists()):
        words = _("Row %(row)s: the barcode %(code)s is taken.") % {"row": number, "code": code}
        found.append(ValidationRefused(words, line=number, field="barcode", value=code))
    return found


def to_own_unit(
    qty: Decimal,
    *,
    item: Item,
    unit_id: UUID,
    factor: Decimal | None,
    units: Sequence[ItemUnit],
    line: int | None = None,
) -> tuple[Decimal, Decimal]:
    """(quantity in the item's own unit, what one unit holds); raises ValidationRefused for a unit it is not counted in."""
    row = next((unit for unit in units if unit.unit_id == unit_id), None)
    if row is None:
        raise ValidationRefused(
            _("%(item)s is not counted in this unit.") % {"item": item},
            code="unknown_unit",
            line=line,
            field="unit_id",
            value=str(unit_id),
            way_out=_("Enter the unit on the item's page first."),
        )
    if factor is not None and factor != row.factor and (not row.floating or factor <= 0):
        raise ValidationRefused(
            _("One %(unit)s of %(item)s is always %(factor)s %(own)s.")
            % {"unit": row.unit, "item": item, "factor": f"{row.factor.normalize():f}", "own": item.unit},
            code="fixed_unit",
            line=line,
            field="factor",
            value=factor,
        )
    holds = row.factor if factor is None else factor
    return (qty * holds).quantize(_STEP), holds
