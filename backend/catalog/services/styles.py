"""Styles and the making of their variants.

A variant takes over what its style says. When the style changes, variants that still say what it said follow; one that
was given its own price or name keeps it. What quantities are counted and costed by (unit, category) is the variant's own
from the beginning. A style keeps its attributes once it has variants, and every value that a variant has.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.events import ItemSaved
from backend.catalog.inputs import StyleData
from backend.catalog.models import AttributeValue, Item, ItemCategory, ItemValue, Style, StyleValue, TaxCode, Unit
from backend.catalog.variants import Combination, axes_of, code_of, combinations_of, key_of, spec_of, values_of
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, StaleVersion, ValidationRefused
from backend.kernel.pinyin import mnemonic_of, sort_key_of
from backend.parties.models import Party

MOST_ATTRIBUTES, MOST_VARIANTS = 3, 400
LONGEST_CODE = 40
# What a variant takes over, and follows while it says the same.
FOLLOWED = (
    "name",
    "tax_code_id",
    "supplier_id",
    "lead_days",
    "sale_price",
    "purchase_price",
    "min_sale_price",
    "active",
)
TAKEN = (*FOLLOWED, "category_id", "unit_id")
_PRICES = ("sale_price", "purchase_price", "min_sale_price")


def save_style(
    *, data: StyleData, actor: Actor, at: datetime, style_id: UUID | None = None, version: int | None = None
) -> Style:
    """Make or change a style; its variants follow. Raises ValidationRefused, Conflict, StaleVersion."""
    with transaction.atomic():
        style = load_style(style_id, version) if style_id else Style(created_at=at)
        before = {name: getattr(style, name) for name in TAKEN} if style_id else {}
        values = list(AttributeValue.objects.select_related("attribute").filter(pk__in=data.value_ids))
        variants = list(style.variants.select_for_update()) if style_id else []
        problems = [
            *_typing_problems(data, values),
            *_twins(style, data),
            *_strangers(data),
            *_lost(style, values, variants, data),
        ]
        if problems:
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        _fill(style, data, at)
        style.save(force_insert=not style_id)
        _store_values(style, values)
        after = {name: getattr(style, name) for name in TAKEN}
        changes = audit.changed_fields(before, after) if style_id else {}
        audit.record(style, "change" if style_id else "create", actor=actor, at=at, changes=changes)
        _follow(variants, before, after, actor, at)
    return style


def load_style(style_id: UUID, version: int | None = None) -> Style:
    """The style, locked. Raises NotFoundRefused, StaleVersion."""
    style = Style.objects.select_for_update().filter(pk=style_id).first()
    if style is None:
        raise NotFoundRefused(_("There is no such style."), value=style_id)
    if version is not None and version != style.version:
        raise StaleVersion(
            _("%(item)s was changed in the meantime by somebody else. Nothing of yours is lost.") % {"item": style},
            document=style.code,
            field="version",
            value=version,
            way_out=_("Open it in a second window, compare, and save again."),
        )
    return style


def _fill(style: Style, data: StyleData, at: datetime) -> None:
    for name in ("name", "code", "remark"):
        setattr(style, name, getattr(data, name).strip())
    for name in ("supplier_id", "lead_days", *_PRICES, "active"):
        setattr(style, name, getattr(data, name))
    for name in ("category_id", "unit_id", "tax_code_id"):
        setattr(style, name, getattr(data, name) or getattr(style, name))
    if style.category_id is None:
        style.category = ItemCategory.objects.get(code="goods")
    if style.unit_id is None:
        style.unit = Unit.objects.get(code="pcs")
    if style.tax_code_id is None:
        style.tax_code = TaxCode.objects.get(code="VAT13")
    style.mnemonic, style.sort_key = mnemonic_of(style.name), sort_key_of(style.name)
    style.version += 0 if style._state.adding else 1
    style.updated_at = at


def _typing_problems(data: StyleData, values: Sequence[AttributeValue]) -> Iterator[Refusal]:
    for field in ("name", "code"):
        if not getattr(data, field).strip():
            yield ValidationRefused(_("This is needed."), field=field)
    for field in _PRICES:
        price = getattr(data, field)
        if price is not None and price < 0:
            yield ValidationRefused(_("This cannot be negative."), field=field, value=price)
    if len(values) != len(set(data.value_ids)):
        yield NotFoundRefused(_("There is no such value."), field="value_ids")
    axes = axes_of(values)
    if len(axes) > MOST_ATTRIBUTES:
        words = _("A style has at most %(count)s attributes.") % {"count": MOST_ATTRIBUTES}
        yield ValidationRefused(words, field="value_ids", value=len(axes))
    count = len(combinations_of(values))
    if count > MOST_VARIANTS:
        words = _("These values make %(count)s variants; at most %(most)s are possible.")
        yield ValidationRefused(words % {"count": count, "most": MOST_VARIANTS}, field="value_ids", value=count)


def _strangers(data: StyleData) -> Iterator[Refusal]:
    """A refusal for each id that names nothing."""
    for field, model in (("category_id", ItemCategory), ("unit_id", Unit), ("tax_code_id", TaxCode)):
        wanted = getattr(data, field)
        if wanted and not model._default_manager.filter(pk=wanted).exists():
            yield ValidationRefused(_("This is not known."), field=field, value=wanted)
    if data.supplier_id and not Party.objects.filter(pk=data.supplier_id, is_supplier=True).exists():
        yield ValidationRefused(_("This is not known."), field="supplier_id", value=data.supplier_id)


def _twins(style: Style, data: StyleData) -> Iterator[Refusal]:
    code = data.code.strip()
    other = Style.objects.exclude(pk=style.pk).filter(code=code).first() or Item.objects.filter(code=code).first()
    if other is not None:
        words = _("%(other)s has the code %(code)s already.") % {"other": other, "code": code}
        yield Conflict(words, code="style_exists", field="code", value=code, document=code)


def _lost(
    style: Style, values: Sequence[AttributeValue], variants: Sequence[Item], data: StyleData
) -> Iterator[Refusal]:
    """What variants stand on does not go: their values, the attributes that name them, the style's code."""
    if not variants:
        return
    if data.code.strip() != style.code:
        words = _("%(style)s has variants that are named by its code.") % {"style": style}
        yield Conflict(words, code="style_has_variants", field="code", value=data.code)
    if {value.attribute_id for value in values} != {value.attribute_id for value in values_of(style)}:
        words = _("%(style)s has variants: it keeps its attributes.") % {"style": style}
        way = _("Make a new style for what differs in something else.")
        yield Conflict(words, code="style_has_variants", field="value_ids", document=style.code, way_out=way)
        return
    carried = ItemValue.objects.filter(item__in=variants).exclude(value__in=values).select_related("value")
    for value in {row.value for row in carried}:
        words = _("%(style)s has variants in %(value)s.") % {"style": style, "value": value}
        way = _("Set those variants inactive instead.")
        yield Conflict(words, code="value_in_use", field="value_ids", value=value.code, way_out=way)


def _store_values(style: Style, values: Sequence[AttributeValue]) -> None:
    style.chosen.exclude(value__in=values).delete()
    StyleValue.objects.bulk_create([StyleValue(style=style, value=value) for value in values], ignore_conflicts=True)


def _follow(
    variants: Sequence[Item], before: dict[str, Any], after: dict[str, Any], actor: Actor, at: datetime
) -> None:
    """Variants that said what the style said say what it says now; a fixed number of statements."""
    changed, entries, told = [], [], []
    for item in variants:
        moved = [name for name in FOLLOWED if before[name] != after[name] and getattr(item, name) == before[name]]
        if not moved:
            continue
        was = {name: getattr(item, name) for name in moved}
        for name in moved:
            setattr(item, name, after[name])
        item.mnemonic, item.sort_key = mnemonic_of(f"{item.name}{item.spec}"), sort_key_of(item.name)
        item.version, item.updated_at = item.version + 1, at
        changed.append(item)
        changes = audit.changed_fields(was, {name: after[name] for name in moved})
        entries.append(audit.entry(item, "change", actor=actor, at=at, changes=changes))
        told.append(ItemSaved(item.pk, tuple(moved), False, item.category_id))
    names = [name.removesuffix("_id") for name in FOLLOWED]
    update_rows(changed, [*names, "mnemonic", "sort_key", "version", "updated_at"])
    audit.record_many(entries)
    events.publish_all(told, actor=actor)


# --- variants ------------------------------------------------------------------------------------------------
def make_variants(
    *, style_id: UUID, actor: Actor, at: datetime, combinations: Sequence[Sequence[UUID]] | None = None
) -> list[Item]:
    """The variants that are not there yet: of these combinations of values, or all that the style exists in.

    A fixed number of statements. Raises ValidationRefused for a combination that is not of the style, Conflict for a
    code that another item has.
    """
    with transaction.atomic():
        style = load_style(style_id)
        values = values_of(style)
        wanted = combinations_of(values) if combinations is None else _chosen(style, values, combinations)
        known = set(style.variants.values_list("variant_key", flat=True))
        missing = {key_of(each): each for each in wanted if key_of(each) not in known}
        items = [_variant(style, each, at) for each in missing.values()]
        _check_codes(items)
        Item.objects.bulk_create(items)
        ItemValue.objects.bulk_create(
            ItemValue(item=item, attribute=value.attribute, value=value)
            for item, each in zip(items, missing.values(), strict=True)
            for value in each
        )
        audit.record_many(audit.entry(item, "create", actor=actor, at=at) for item in items)
        events.publish_all([ItemSaved(item.pk, (), True) for item in items], actor=actor)
    return items


def _chosen(
    style: Style, values: Sequence[AttributeValue], combinations: Sequence[Sequence[UUID]]
) -> list[Combination]:
    known = {value.pk: value for value in values}
    attributes = {value.attribute_id for value in values}
    found = []
    for number, ids in enumerate(combinations, 1):
        each = tuple(known[pk] for pk in ids if pk in known)
        if len(each) != len(ids) or len(each) != len(attributes) or {v.attribute_id for v in each} != attributes:
            raise ValidationRefused(
                _("Row %(row)s: a variant of %(style)s has one value of each of its attributes.")
                % {"row": number, "style": style},
                line=number,
                field="combinations",
                way_out=_("Choose among the values that the style exists in."),
            )
        found.append(each)
    return found


def _variant(style: Style, values: Combination, at: datetime) -> Item:
    spec = spec_of(values)
    return Item(
        code=code_of(style, values),
        style=style,
        variant_key=key_of(values),
        spec=spec[:120],
        mnemonic=mnemonic_of(f"{style.name}{spec}"),
        sort_key=style.sort_key,
        created_at=at,
        updated_at=at,
        **{name: getattr(style, name) for name in TAKEN},
    )


def _check_codes(items: Sequence[Item]) -> None:
    long = next((item for item in items if len(item.code) > LONGEST_CODE), None)
    if long is not None:
        words = _("The code %(code)s is longer than %(most)s characters.")
        way = _("Shorten the code of the style or of the values.")
        where = {"code": long.code, "most": LONGEST_CODE}
        raise ValidationRefused(words % where, field="code", value=long.code, way_out=way)
    taken = Item.objects.filter(code__in=[item.code for item in items]).first()
    if taken is not None:
        words = _("%(other)s has the code %(code)s already.") % {"other": taken, "code": taken.code}
        raise Conflict(words, code="item_exists", field="code", value=taken.code, document=taken.code)
