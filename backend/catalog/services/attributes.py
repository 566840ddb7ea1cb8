"""Attributes and their values. A value that variants carry keeps its code and stays; its name may change everywhere."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from backend.catalog.inputs import AttributeData
from backend.catalog.models import Attribute, AttributeValue, Item, StyleValue
from backend.catalog.variants import spec_of
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, StaleVersion, ValidationRefused
from backend.kernel.pinyin import mnemonic_of

Values = Mapping[UUID, AttributeValue]


def save_attribute(
    *, data: AttributeData, actor: Actor, at: datetime, attribute_id: UUID | None = None, version: int | None = None
) -> Attribute:
    """Make or change an attribute. Raises ValidationRefused, Conflict (a code that is taken, a value in use)."""
    with transaction.atomic():
        attribute = _load(attribute_id, version) if attribute_id else Attribute()
        kept: Values = {row.pk: row for row in attribute.values.all()} if attribute_id else {}
        problems = [*_typing_problems(data), *_twins(attribute, data), *_in_use(kept, data)]
        if problems:
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        before = _words(attribute, kept.values()) if attribute_id else {}
        attribute.code, attribute.name, attribute.position = data.code.strip(), data.name.strip(), data.position
        attribute.version += 1 if attribute_id else 0
        attribute.save(force_insert=not attribute_id)
        renamed = {pk: row.name for pk, row in kept.items()}
        rows = _store(attribute, kept, data)
        _rename(rows, {row.pk for row in rows if renamed.get(row.pk, row.name) != row.name}, renamed)
        changes = audit.changed_fields(before, _words(attribute, rows)) if attribute_id else {}
        audit.record(attribute, "change" if attribute_id else "create", actor=actor, at=at, changes=changes)
    return attribute


def _load(attribute_id: UUID, version: int | None) -> Attribute:
    found = Attribute.objects.select_for_update().filter(pk=attribute_id).first()
    if found is None:
        raise NotFoundRefused(_("There is no such attribute."), value=attribute_id)
    if version is not None and version != found.version:
        raise StaleVersion(
            _("%(item)s was changed in the meantime by somebody else. Nothing of yours is lost.") % {"item": found},
            document=found.code,
            field="version",
            value=version,
            way_out=_("Open it in a second window, compare, and save again."),
        )
    return found


def _typing_problems(data: AttributeData) -> Iterator[Refusal]:
    for field in ("name", "code"):
        if not getattr(data, field).strip():
            yield ValidationRefused(_("This is needed."), field=field)
    codes = [row.code.strip() for row in data.values]
    ids = [row.id for row in data.values if row.id]
    for number, row in enumerate(data.values, 1):
        if not _fits(row.code, "code") or not _fits(row.name, "name"):
            words = _("Value %(row)s needs a code and a name.") % {"row": number}
            yield ValidationRefused(words, line=number, field="values", value=(row.name or row.code)[:40])
        elif codes.count(row.code.strip()) > 1 or ids.count(row.id) > 1:  # type: ignore[arg-type]
            words = _("Value %(row)s: the code %(code)s is there twice.") % {"row": number, "code": row.code.strip()}
            yield ValidationRefused(words, line=number, field="values", value=row.code)


def _fits(text: str, column: str) -> bool:
    most = getattr(AttributeValue._meta.get_field(column), "max_length", None) or 0
    return 0 < len(text.strip()) <= most


def _twins(attribute: Attribute, data: AttributeData) -> Iterator[Refusal]:
    other = Attribute.objects.exclude(pk=attribute.pk).filter(code=data.code.strip()).first()
    if other:
        words = _("%(other)s has the code %(code)s already.") % {"other": other, "code": other.code}
        yield Conflict(words, code="attribute_exists", field="code", value=other.code)


def _in_use(kept: Values, data: AttributeData) -> Iterator[Refusal]:
    """A refusal for each value that would go, or get another code, while a style exists in it."""
    codes = {row.id: row.code.strip() for row in data.values if row.id}
    touched = [row for pk, row in kept.items() if codes.get(pk) != row.code]
    used = (
        StyleValue.objects.filter(value__in=touched).select_related("style", "value").order_by("id") if touched else ()
    )
    for style, value in {row.value: row.style for row in used}.items():
        yield Conflict(
            _("%(style)s exists in %(value)s.") % {"style": value, "value": style},
            code="value_in_use",
            field="values",
            value=style.code,
            document=value.code,
            way_out=_("Keep its code; its name may change."),
        )


def _store(attribute: Attribute, kept: Values, data: AttributeData) -> list[AttributeValue]:
    """Write the values in their order: those left out go, the others are kept or new. Three statements at most."""
    rows = []
    for position, given in enumerate(data.values):
        row = kept.get(given.id) if given.id else None
        row = row or AttributeValue(attribute=attribute)
        row.code, row.name, row.position = given.code.strip(), given.name.strip(), position
        rows.append(row)
    gone = kept.keys() - {row.pk for row in rows}
    if gone:
        AttributeValue.objects.filter(pk__in=gone).delete()
    fields = ["code", "name", "position"]
    try:
        with transaction.atomic():
            AttributeValue.objects.bulk_create(rows, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    except IntegrityError:
        words = _("Two values cannot change their codes with each other.")
        raise Conflict(words, code="value_exists", field="values", way_out=_("Change one of them first.")) from None
    return rows


def _rename(rows: list[AttributeValue], renamed: set[UUID], before: Mapping[UUID, str]) -> None:
    """Variants that are specified by their values follow the new names; those described otherwise stay."""
    if not renamed:
        return
    items = Item.objects.filter(variant_values__value__in=renamed).prefetch_related("variant_values__value__attribute")
    changed = []
    for item in items:
        values = [each.value for each in item.variant_values.all()]
        former = spec_of(values, names=before)
        if item.spec == former:
            item.spec = spec_of(values)
            item.mnemonic = mnemonic_of(f"{item.name}{item.spec}")
            item.version = F("version") + 1
            changed.append(item)
    Item.objects.bulk_update(changed, ["spec", "mnemonic", "version"])


def _words(attribute: Attribute, rows: object) -> dict[str, str]:
    ordered = sorted(rows, key=lambda row: row.position)  # type: ignore[call-overload]
    values = ", ".join(f"{row.code} {row.name}" for row in ordered)
    return {"code": attribute.code, "name": attribute.name, "values": values}
