"""Styles and their variants: a row is a variant, named by its style and one value of each of the style's attributes.

The first row of a style that is not there yet says what it is; the columns of the attributes are those that the company
has. What a row says about price and barcode is the variant's own.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backend.catalog.inputs import AttributeData, ItemData, StyleData, ValueData
from backend.catalog.models import Attribute, AttributeValue, Item, Style
from backend.catalog.services.attributes import save_attribute
from backend.catalog.services.many_items import ManyItems, Wish
from backend.catalog.services.styles import make_variants, save_style
from backend.catalog.variants import key_of, values_of
from backend.imports.columns import Column
from backend.imports.kinds.base import ListKind, Row
from backend.imports.kinds.items import COLUMNS as ITEM_COLUMNS
from backend.imports.kinds.items import FIELDS, ItemReferences
from backend.kernel.errors import Refusal

_STYLE = Column("style", gettext_lazy("Style code"), words=("款号",), required=True, most=30)
_NAME = Column("name", gettext_lazy("Name"), words=("品名", "款名"), most=120, note=gettext_lazy("Of a new style"))
_SHARED = ("category", "unit", "tax", "supplier", "lead_days")
_PRICES = ("sale_price", "min_sale_price", "purchase_price")
_OWN = ("barcode", *_PRICES)
_PREFIX = "attribute_"


@dataclass
class Wanted:
    """A style with the variants that the list wants of it: (row, values by attribute)."""

    data: StyleData
    found: Style | None
    attributes: set[UUID]
    variants: list[tuple[Row, tuple[AttributeValue, ...]]] = field(default_factory=list)
    known: dict[str, Item] | None = None  # the variants that are there, by their values


class VariantReader(ItemReferences):
    """Rows of a style may stand anywhere in the list: styles and variants are made when it is through."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.attributes = {row.code: row for row in Attribute.objects.prefetch_related("values")}
        self.values = {
            code: {word.casefold(): value for value in row.values.all() for word in (value.name, value.code)}
            for code, row in self.attributes.items()
        }
        self.new_values: dict[str, dict[str, AttributeValue]] = {code: {} for code in self.attributes}
        self.styles: dict[str, Wanted] = {}
        self.seen: dict[tuple[str, str], int] = {}
        self.many = ManyItems(self.at)

    def check(self, rows: Sequence[Row]) -> None:
        wishes: list[tuple[Row, Wish]] = []
        for row in rows:
            code = str(row.values.get("style", ""))
            chosen = self._values(row)
            self.missing(row, (_STYLE,))
            if not code:
                continue
            wanted = self.styles.get(code) or self._begun(row, code)
            if wanted is None:
                continue
            if {value.attribute_id for value in chosen} != (
                wanted.attributes or {each.attribute_id for each in chosen}
            ):
                row.fault("style", _("Every row of a style has one value of each of its attributes."))
            if not row.faults:
                wanted.attributes = wanted.attributes or {value.attribute_id for value in chosen}
            if not chosen:
                row.fault("style", _("Say in which colour, size … this variant is."))
            key = key_of(chosen)
            if (first := self.seen.setdefault((code, key), row.number)) != row.number:
                row.fault("style", _("Row %(row)s is the same variant.") % {"row": first})
            item = self._known(wanted).get(key)
            row.made = (code, chosen)
            own = {name: row.values[name] for name in _OWN if name in row.values}
            changes = item is not None and any(getattr(item, name) != value for name, value in own.items())
            self.judge(row, is_new=item is None, changes=changes)
            if chosen and first == row.number and (own or item is None):
                wishes.append((row, self._wish(wanted, key, item, own)))
        for (row, _wish), made in zip(wishes, self.many.prepare([wish for _row, wish in wishes]), strict=True):
            for problem in made.problems:
                row.refused(problem, {**FIELDS, "code": "style"})

    @staticmethod
    def _wish(wanted: Wanted, key: str, item: Item | None, own: dict[str, Any]) -> Wish:
        """What the variant is to be, for its check alone: the item that is there is not touched."""
        if item is not None:
            return Wish(_item_data(item, own), copy(item))
        data = wanted.data
        taken = {name: getattr(data, name) for name in ("name", "category_id", "unit_id", "tax_code_id", *_PRICES)}
        return Wish(ItemData(code=f"{data.code}-{key}", **taken | own))

    def _values(self, row: Row) -> tuple[AttributeValue, ...]:
        """The values that the row names; unknown ones are faults, or made where that was asked for."""
        chosen = []
        for code, attribute in self.attributes.items():
            text = row.values.get(f"{_PREFIX}{code}")
            if not text:
                continue
            value = self.values[code].get(text.casefold())
            if value is None and self.make_missing:
                value = AttributeValue(attribute=attribute, code=text[:20], name=text)
                self.values[code][text.casefold()] = self.new_values[code][text] = value
            if value is None:
                words = _("%(attribute)s has no “%(text)s”. Let missing values be made, or correct it.")
                row.fault(f"{_PREFIX}{code}", words % {"attribute": attribute, "text": text[:20]})
            else:
                value.attribute = attribute
                chosen.append(value)
        return tuple(chosen)

    def _begun(self, row: Row, code: str) -> Wanted | None:
        """The style that this row is the first of; None where the row cannot say what it is: the next one may."""
        before = len(row.faults)
        made = self._style(row, code)
        if len(row.faults) > before:
            return None
        return self.styles.setdefault(code, made)

    def _style(self, row: Row, code: str) -> Wanted:
        """The style as it is, or as this row begins it."""
        found = Style.objects.filter(code=code).first()
        given = self.references(row) | {name: row.values[name] for name in ("lead_days",) if name in row.values}
        if found is not None:
            names = [each.name for each in dataclass_fields(StyleData) if each.name != "value_ids"]
            values = values_of(found)
            data = StyleData(**{name: getattr(found, name) for name in names}, value_ids=tuple(v.pk for v in values))
            return Wanted(data, found, {value.attribute_id for value in values})
        if "name" not in row.values:
            row.fault("name", _("This is needed."))
        prices = {name: row.values[name] for name in _PRICES if name in row.values}
        data = StyleData(name=row.values.get("name", code), code=code, **self.defaults | given | prices)
        return Wanted(data, None, set())

    def _known(self, wanted: Wanted) -> dict[str, Item]:
        """The variants that are there, by their values."""
        if wanted.found is None:
            return {}
        if wanted.known is None:
            variants = wanted.found.variants.all()
            locked = variants.select_for_update(of=("self",)) if self.saving else variants
            wanted.known = {item.variant_key: item for item in locked}
        return wanted.known

    def save(self, rows: Sequence[Row]) -> None:
        for row in rows:
            code, chosen = row.made
            self.styles[code].variants.append((row, chosen))

    def finish(self) -> list[dict[str, str]]:
        self._make_values()
        for wanted in self.styles.values():
            if wanted.variants:
                self._make_style(wanted)
        return []

    def _make_values(self) -> None:
        """The new values that variants to be saved have."""
        wanted = {value.pk for each in self.styles.values() for _row, chosen in each.variants for value in chosen}
        for code, named in self.new_values.items():
            fresh = [value for value in named.values() if value.pk in wanted]
            if not fresh:
                continue
            attribute = self.attributes[code]
            kept = tuple(ValueData(value.code, value.name, value.pk) for value in attribute.values.order_by("position"))
            data = AttributeData(
                attribute.name,
                attribute.code,
                (*kept, *(ValueData(value.code, value.name) for value in fresh)),
                attribute.position,
            )
            save_attribute(data=data, attribute_id=attribute.pk, actor=self.actor, at=self.at)
            made = {value.code: value.pk for value in attribute.values.all().order_by()}
            for value in fresh:
                value.pk = made[value.code]

    def _make_style(self, wanted: Wanted) -> None:
        ids = {value.pk for _row, chosen in wanted.variants for value in chosen}
        data = replace(wanted.data, value_ids=tuple({*wanted.data.value_ids, *ids}))
        style = wanted.found
        if style is None and data.category_id is not None:
            data = replace(data, category_id=self.made_category(data.category_id))
        if style is None or set(data.value_ids) != set(wanted.data.value_ids):
            style = save_style(data=data, style_id=style.pk if style else None, actor=self.actor, at=self.at)
        known = self._known(wanted)
        missing = [[value.pk for value in chosen] for _row, chosen in wanted.variants if key_of(chosen) not in known]
        made = make_variants(style_id=style.pk, combinations=missing, actor=self.actor, at=self.at) if missing else []
        self._give_own({**known, **{item.variant_key: item for item in made}}, wanted)

    def _give_own(self, items: dict[str, Item], wanted: Wanted) -> None:
        """Barcodes and prices that rows give to their variants."""
        wishes = []
        for row, chosen in wanted.variants:
            own = {name: row.values[name] for name in _OWN if name in row.values}
            item = items[key_of(chosen)]
            if own:
                wishes.append(Wish(_item_data(item, own), item))
        many = ManyItems(self.at)
        made = many.prepare(wishes)
        if problems := [problem for each in made for problem in each.problems]:
            raise Refusal.many(problems)
        many.write(made, self.actor)


def _item_data(item: Item, own: dict[str, Any]) -> ItemData:
    """The item as it is, with what the row gives it."""
    return ItemData(**{each.name: getattr(item, each.name) for each in dataclass_fields(ItemData)} | own)


class VariantKind(ListKind):
    key = "variants"
    label = gettext_lazy("Styles and variants")
    permission = "catalog.item.edit"
    reader = VariantReader
    hint = gettext_lazy("A row for each variant: the style's code, and a column for each attribute (colour, size).")
    can_make = gettext_lazy("Make values of attributes that are missing")

    def columns(self) -> Sequence[Column]:
        attributes = Attribute.objects.order_by("position", "code")
        axes = [Column(f"{_PREFIX}{row.code}", row.name, most=40) for row in attributes]
        wanted = {column.key: column for column in ITEM_COLUMNS}
        return (_STYLE, _NAME, *axes, *(wanted[key] for key in (*_OWN, *_SHARED)))
