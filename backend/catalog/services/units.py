"""Other units of an item: fixed (a box holds twelve) or floating (a box weighs about twelve, each time as weighed).

Stock, demand and prices are kept in the item's own unit; lines that were keyed in another one remember it. What one
of a unit holds does not change under documents that count in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import CountedLine, Item, ItemUnit, Unit
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, ValidationRefused

_STEP = Decimal("0.0001")
_MOST = Decimal(10) ** 10  # what may be keyed of an item's own unit


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


def save_item_units(
    *, item_id: UUID, units: Sequence[ItemUnitData], actor: Actor, at: datetime, from_now_on: bool = False
) -> Item:
    """Put these units in the place of those before.

    What lines were counted in keeps its rate unless it is said that the new one holds ``from_now_on``; the lines that
    are there keep theirs in any case. Raises ValidationRefused naming the row, Conflict for a rate in use.
    """
    with transaction.atomic():
        item = Item.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=item_id).first()
        if item is None:
            raise NotFoundRefused(_("There is no such item."), value=item_id)
        kept = {row.unit_id: row for row in units_of([item.pk])[item.pk]}
        problems = [
            found for number, given in enumerate(units, 1) for found in unit_problems(item, number, given, units)
        ]
        if not from_now_on:
            problems += _rates_in_use(item, kept, units)
        if problems:
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        before = _words(kept.values())
        _store(item, kept, units)
        after = _words(units_of([item.pk])[item.pk])
        if before != after:
            audit.record(item, "change", actor=actor, at=at, changes={"units": [before, after]})
    return item


def save_units_of_many(given: Sequence[tuple[Item, Sequence[ItemUnitData]]], *, actor: Actor, at: datetime) -> None:
    """Add units to many locked items, or change them, after ``unit_problems`` found none; a fixed number of statements.

    Rates that move ask for the lines counted in them one by one: that is the rare case of a list.
    """
    kept = units_of(item.pk for item, _units in given)
    before = {item.pk: _words(kept.get(item.pk, ())) for item, _units in given}
    rows: list[ItemUnit] = []
    for item, units in given:
        known = {row.unit_id: row for row in kept.get(item.pk, ())}
        if problems := _rates_in_use(item, known, units):
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        rows += _rows(item, known, units)
    _put(rows)
    after = units_of(before)
    audit.record_many(
        audit.entry(item, "change", actor=actor, at=at, changes={"units": [before[item.pk], words]})
        for item, _units in given
        if (words := _words(after.get(item.pk, ()))) != before[item.pk]
    )


def put_item_unit(
    *, item_id: UUID, unit: ItemUnitData, actor: Actor, at: datetime, new: bool, from_now_on: bool = False
) -> Item:
    """Add one unit, or change the one that is there. Raises Conflict for a unit the item has, or whose rate is in use."""
    with transaction.atomic():
        held = _as_data(item_id)
        if new and unit.unit_id in held:
            words = _("The item is counted in this unit already.")
            raise Conflict(words, code="unit_exists", field="unit_id", value=str(unit.unit_id))
        if not new and unit.unit_id not in held:
            raise NotFoundRefused(_("The item is not counted in this unit."), field="unit_id", value=unit.unit_id)
        held[unit.unit_id] = unit
        return save_item_units(item_id=item_id, units=list(held.values()), actor=actor, at=at, from_now_on=from_now_on)


def remove_item_unit(*, item_id: UUID, unit_id: UUID, actor: Actor, at: datetime, from_now_on: bool = False) -> Item:
    """Count the item in this unit no more. Raises Conflict while lines are counted in it, unless ``from_now_on``."""
    with transaction.atomic():
        held = _as_data(item_id)
        if held.pop(unit_id, None) is None:
            raise NotFoundRefused(_("The item is not counted in this unit."), field="unit_id", value=unit_id)
        return save_item_units(item_id=item_id, units=list(held.values()), actor=actor, at=at, from_now_on=from_now_on)


def _as_data(item_id: UUID) -> dict[UUID, ItemUnitData]:
    rows = ItemUnit.objects.select_for_update().filter(item=item_id).order_by("factor")
    return {row.unit_id: ItemUnitData(row.unit_id, row.factor, row.floating, row.barcode) for row in rows}


def _store(item: Item, kept: dict[UUID, ItemUnit], units: Sequence[ItemUnitData]) -> None:
    """Write the rows; those that stay keep their identity. Three statements at most."""
    gone = kept.keys() - {row.unit_id for row in units}
    if gone:
        ItemUnit.objects.filter(item=item, unit__in=gone).delete()
    _put(_rows(item, kept, units))


def _rows(item: Item, kept: Mapping[UUID, ItemUnit], units: Sequence[ItemUnitData]) -> list[ItemUnit]:
    rows = []
    for given in units:
        row = kept.get(given.unit_id) or ItemUnit(item=item, unit_id=given.unit_id)
        row.factor, row.floating, row.barcode = given.factor, given.floating, given.barcode.strip()
        rows.append(row)
    return rows


def _put(rows: Sequence[ItemUnit]) -> None:
    fields = ["factor", "floating", "barcode"]
    ItemUnit.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)


def _rates_in_use(item: Item, kept: dict[UUID, ItemUnit], units: Sequence[ItemUnitData]) -> list[Refusal]:
    """A refusal for each fixed rate that would change, or unit that would go, while lines are counted in it."""
    given = {row.unit_id: row for row in units}
    moved = [
        row
        for unit_id, row in kept.items()
        if unit_id not in given or (not row.floating and given[unit_id].factor != row.factor)
    ]
    return [_in_use(item, row) for row in moved if counts_in(item.pk, row.unit_id)]


def _in_use(item: Item, row: ItemUnit) -> Conflict:
    factor = f"{row.factor.normalize():f}"
    return Conflict(
        _("Lines are counted in %(unit)s of %(factor)s %(own)s of %(item)s.")
        % {"unit": row.unit, "factor": factor, "own": item.unit, "item": item},
        code="unit_in_use",
        document=item.code,
        field="factor",
        value=factor,
        way_out=_("Say that the new rate holds from now on; the lines that are there keep theirs."),
    )


def counts_in(item_id: UUID, unit_id: UUID) -> bool:
    """Whether a line of any document is counted in this unit of the item."""
    heirs: Iterable[Any] = (
        relation.related_model for relation in Unit._meta.get_fields(include_hidden=True) if _is_line(relation)
    )
    return any(heir._default_manager.filter(item=item_id, line_unit=unit_id).exists() for heir in heirs)


def _is_line(relation: Any) -> bool:
    return isinstance(getattr(relation, "related_model", None), type) and issubclass(
        relation.related_model, CountedLine
    )


def _words(rows: Iterable[ItemUnit]) -> str:
    return ", ".join(f"{row.unit} = {row.factor.normalize():f}{' ~' if row.floating else ''}" for row in rows)


Holders = Mapping[str, set[UUID | None]]  # the items whose units have a barcode; None where it is an item's own


def barcode_holders(codes: Iterable[str]) -> Holders:
    """Who has these barcodes already; two statements, none without a code."""
    found: dict[str, set[UUID | None]] = defaultdict(set)
    wanted = {code.strip() for code in codes} - {""}
    if wanted:
        for code, item_id in ItemUnit.objects.filter(barcode__in=wanted).values_list("barcode", "item_id"):
            found[code].add(item_id)
        for code in Item.objects.filter(barcode__in=wanted).values_list("barcode", flat=True):
            found[code].add(None)
    return found


def unit_problems(
    item: Item, number: int, given: ItemUnitData, every: Sequence[ItemUnitData], *, holders: Holders | None = None
) -> list[Refusal]:
    """What is wrong with one of an item's other units; two statements where it has a barcode and no ``holders`` are given."""
    found: list[Refusal] = []
    if given.factor <= 0:
        words = _("Row %(row)s: one unit holds more than nothing.") % {"row": number}
        found.append(ValidationRefused(words, line=number, field="factor", value=given.factor))
    if given.unit_id == item.unit_id or sum(1 for row in every if row.unit_id == given.unit_id) > 1:
        words = _("Row %(row)s: this unit is the item's own, or is there twice.") % {"row": number}
        found.append(ValidationRefused(words, line=number, field="unit_id", value=str(given.unit_id)))
    code = given.barcode.strip()
    others = (barcode_holders([code]) if holders is None else holders).get(code, set()) - {item.pk}
    twice = sum(1 for row in every if row.barcode.strip() == code) > 1
    if code and (twice or others):
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
    if abs(qty * holds) > _MOST:
        words = _("%(qty)s %(unit)s of %(item)s are too many.") % {"qty": qty, "unit": row.unit, "item": item}
        raise ValidationRefused(words, code="wrong_quantity", line=line, field="qty", value=qty)
    return (qty * holds).quantize(_STEP), holds
