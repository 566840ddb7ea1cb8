"""Saving items. What stock and documents are counted in does not change once the item is used."""

from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import PROTECT
from django.utils.translation import gettext as _

from backend.catalog.events import ItemSaved
from backend.catalog.inputs import ItemData
from backend.catalog.models import InspectionPlan, Item, ItemCategory, TaxCode, Unit
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.clock import day_of
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, StaleVersion, ValidationRefused, WayOut
from backend.kernel.numbering import next_number
from backend.kernel.pinyin import mnemonic_of, sort_key_of

# What quantities and balances of the past are counted by.
FIXED_ONCE_USED = ("unit_id", "item_type", "lot_tracked", "serial_tracked")


def save_item(
    *, actor: Actor, at: datetime, data: ItemData, item_id: UUID | None = None, version: int | None = None
) -> Item:
    """Make or change an item. Raises ValidationRefused, Conflict (same code or barcode, used already), StaleVersion."""
    with transaction.atomic():
        item = _load(item_id, version) if item_id else Item(created_at=at)
        before = values_of(item) if item_id else {}
        fill_item(item, data, at)
        problems = [*typing_problems(item), *_twin_problems(item), *_used_problems(item, before)]
        if problems:
            raise Refusal.many(problems)
        if not item.code:
            item.code = next_number("catalog.item", day_of(at))
        _write(item, is_new=not item_id)
        changes = audit.changed_fields(before, values_of(item))
        audit.record(item, "change" if item_id else "create", actor=actor, at=at, changes=changes)
        saved = ItemSaved(item.pk, tuple(changes), not item_id, before.get("category_id"))
        events.publish(saved, actor=actor)
    return item


def _load(item_id: UUID, version: int | None) -> Item:
    item = Item.objects.select_for_update().filter(pk=item_id).first()
    if item is None:
        raise NotFoundRefused(_("There is no such item."), value=item_id)
    if version is not None and version != item.version:
        raise StaleVersion(
            _("%(item)s was changed in the meantime by somebody else. Nothing of yours is lost.") % {"item": item},
            document=item.code,
            field="version",
            value=version,
            way_out=_("Open it in a second window, compare, and save again."),
        )
    return item


def fill_item(item: Item, data: ItemData, at: datetime) -> None:
    for name, value in asdict(data).items():
        if name in {"category_id", "unit_id", "tax_code_id"} and value is None:
            continue
        if name == "code" and not value:
            continue
        setattr(item, name, value.strip() if isinstance(value, str) else value)
    if item.category_id is None:
        item.category = ItemCategory.objects.order_by("code").get(code="goods")
    if item.unit_id is None:
        item.unit = Unit.objects.get(code="pcs")
    if item.tax_code_id is None:
        item.tax_code = TaxCode.objects.get(code="VAT13")
    item.mnemonic = mnemonic_of(f"{item.name}{item.spec}")
    item.sort_key = sort_key_of(item.name)
    item.version = item.version if item._state.adding else item.version + 1
    item.updated_at = at


def _write(item: Item, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            item.save(force_insert=is_new)
    except IntegrityError:
        raise Conflict(
            _("Somebody saved an item with the same code or barcode at this moment."),
            code="item_exists",
            field="code",
            value=item.code,
            way_out=_("Look for it in the list."),
        ) from None


def values_of(item: Item) -> dict[str, Any]:
    return {
        field.attname: getattr(item, field.attname)
        for field in Item._meta.concrete_fields
        if field.attname not in _SILENT
    }


_SILENT = {"id", "version", "created_at", "updated_at", "mnemonic", "sort_key"}


def typing_problems(item: Item) -> Iterator[Refusal]:
    if not item.name:
        yield ValidationRefused(_("A name is needed."), field="name")
    if item.pack_qty <= 0:
        yield ValidationRefused(
            _("A pack holds more than nothing."),
            field="pack_qty",
            value=item.pack_qty,
            way_out=_("Type 1 for single pieces."),
        )
    for field in ("min_order_qty", "safety_stock", "sale_price", "purchase_price", "min_sale_price"):
        value = getattr(item, field)
        if value is not None and value < 0:
            yield ValidationRefused(_("This cannot be negative."), field=field, value=value)
    if item.expiry_tracked and not item.lot_tracked:
        yield ValidationRefused(
            _("Expiry dates are kept by lot."),
            field="expiry_tracked",
            way_out=_("Turn on lot tracking too."),
        )
    if item.inspection not in InspectionPlan.values:
        yield ValidationRefused(_("There is no such sampling plan."), field="inspection", value=item.inspection)
    elif item.is_inspected and not item.lot_tracked:
        yield ValidationRefused(
            _("What is inspected is kept by lot until it is released."),
            field="inspection",
            way_out=_("Turn on lot tracking too."),
        )
    if item.lot_tracked and not item.is_stocked:
        yield ValidationRefused(_("A service has no lots."), field="lot_tracked")
    if item.serial_tracked:
        yield from _serial_problems(item)


def _serial_problems(item: Item) -> Iterator[Refusal]:
    if not item.is_stocked:
        yield ValidationRefused(_("A service has no serial numbers."), field="serial_tracked")
    if item.lot_tracked:
        yield ValidationRefused(
            _("An item is kept by lot or by serial number, not by both."),
            field="serial_tracked",
            way_out=_("Choose serial numbers where every piece has its own, lots where many share one."),
        )
    if item.unit.decimals:
        yield ValidationRefused(
            _("Only whole pieces have serial numbers: %(unit)s has decimals.") % {"unit": item.unit},
            field="serial_tracked",
            way_out=_("Choose a unit without decimals."),
        )


def _twin_problems(item: Item) -> Iterator[Refusal]:
    others = Item.objects.exclude(pk=item.pk)
    for field in ("code", "barcode"):
        value = getattr(item, field)
        for other in others.filter(**{field: value})[:1] if value else ():
            yield twin_refused(field, value, other)


def twin_refused(field: str, value: str, other: Item) -> Conflict:
    """Refuse a second item with the same code or barcode, naming the first."""
    return Conflict(
        _("%(item)s (%(code)s) has the same %(field)s already.")
        % {"item": other.name, "code": other.code, "field": _("code") if field == "code" else _("barcode")},
        code="item_exists",
        field=field,
        value=value,
        document=other.code,
        way_out=_("Open the other item, or choose another value."),
        links=[WayOut(label=other.name, doc_type="catalog.item", number=str(other.pk))],
    )


def _used_problems(item: Item, before: dict[str, Any]) -> Iterator[Refusal]:
    if moved_fixed(item, before) and used_among([item.pk]):
        yield used_refused(item, before)


def moved_fixed(item: Item, before: dict[str, Any]) -> list[str]:
    """What would change that stays once the item is used."""
    return [field for field in FIXED_ONCE_USED if before and before[field] != getattr(item, field)]


def used_refused(item: Item, before: dict[str, Any]) -> Conflict:
    """Refuse to change what documents and stock of the item are counted in."""
    field = moved_fixed(item, before)[0]
    return Conflict(
        _("%(item)s is used in documents or stock already; its unit, type and lot tracking stay as they are.")
        % {"item": item},
        code="item_in_use",
        document=item.code,
        field=field,
        value=getattr(item, field),
        way_out=_("Make a new item and set this one inactive."),
    )


def used_among(item_ids: Collection[UUID]) -> set[UUID]:
    """The items that any row which protects them refers to: documents, stock, demand. One statement for each table."""
    found: set[UUID] = set()
    for relation in Item._meta.related_objects:
        left = set(item_ids) - found
        if left and getattr(relation, "on_delete", None) is PROTECT:
            name = relation.field.attname
            rows = relation.related_model._default_manager.filter(**{f"{name}__in": left}).order_by()
            found |= set(rows.values_list(name, flat=True).distinct())
    return found
