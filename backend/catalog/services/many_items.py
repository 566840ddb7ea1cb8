"""Many items at once: checked beside each other and beside what is there, then written in a fixed number of statements.

The rules are those of ``items``; here they are asked for all rows together, so that thousands of rows of a spreadsheet
take seconds. Nothing is written for an item that stays as it is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.catalog.events import ItemSaved
from backend.catalog.inputs import ItemData
from backend.catalog.models import Item, Unit
from backend.catalog.services.items import (
    fill_item,
    moved_fixed,
    twin_refused,
    typing_problems,
    used_among,
    used_refused,
    values_of,
)
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.bulk import update_rows
from backend.kernel.clock import day_of
from backend.kernel.errors import Conflict, Refusal
from backend.kernel.numbering import next_numbers

_KEYS = ("code", "barcode")


@dataclass(frozen=True)
class Wish:
    """What an item is to be: a new one, or one that is there (locked by whoever means to write it)."""

    data: ItemData
    item: Item | None = None


@dataclass
class Prepared:
    """An item filled but not saved, with what is wrong about it."""

    item: Item
    before: dict[str, Any]
    problems: list[Refusal] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return not self.before

    @property
    def changes(self) -> dict[str, list[str]]:
        return audit.changed_fields(self.before, values_of(self.item))


class ManyItems:
    """Items that are prepared in portions and know of each other: no code or barcode is given twice."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._units: dict[UUID, Unit] = Unit.objects.in_bulk()
        self._seen: dict[str, dict[str, Item]] = {key: {} for key in _KEYS}

    def prepare(self, wishes: Sequence[Wish]) -> list[Prepared]:
        """Fill and check; a fixed number of statements, some more for items whose unit or tracking would change."""
        made = [self._fill(wish) for wish in wishes]
        others = self._others(made)
        moved = [row.item.pk for row in made if moved_fixed(row.item, row.before)]
        used = used_among(moved) if moved else set()
        for row in made:
            row.problems += typing_problems(row.item)
            row.problems += self._twins(row.item, others)
            if row.item.pk in used:
                row.problems.append(used_refused(row.item, row.before))
        return made

    def _fill(self, wish: Wish) -> Prepared:
        item = wish.item or Item(created_at=self.at)
        before = values_of(item) if wish.item else {}
        fill_item(item, wish.data, self.at)
        item.unit = self._units[item.unit_id]
        return Prepared(item, before)

    def _others(self, made: Sequence[Prepared]) -> dict[str, dict[str, Item]]:
        """Who has these codes and barcodes already."""
        found = {}
        for key in _KEYS:
            wanted = {value for row in made if (value := getattr(row.item, key))}
            rows = Item.objects.filter(**{f"{key}__in": wanted}).only("pk", "code", "name", "barcode")
            found[key] = {getattr(row, key): row for row in rows} if wanted else {}
        return found

    def _twins(self, item: Item, others: dict[str, dict[str, Item]]) -> list[Refusal]:
        problems: list[Refusal] = []
        for key in _KEYS:
            value = getattr(item, key)
            if not value:
                continue
            first = self._seen[key].setdefault(value, item)
            other = others[key].get(value) if first is item else first
            if other is not None and other.pk != item.pk:
                problems.append(twin_refused(key, value, other))
        return problems

    def write(self, made: Collection[Prepared], actor: Actor) -> None:
        """Save what was prepared without a problem; raises Conflict when somebody was quicker."""
        new = [row for row in made if row.is_new]
        changed = [row for row in made if not row.is_new and row.changes]
        unnamed = [row.item for row in new if not row.item.code]
        numbers = next_numbers("catalog.item", day_of(self.at), len(unnamed)) if unnamed else []
        for item, number in zip(unnamed, numbers, strict=True):
            item.code = number
        try:
            with transaction.atomic():
                Item.objects.bulk_create([row.item for row in new])
                update_rows([row.item for row in changed], _COLUMNS)
        except IntegrityError:
            raise Conflict(
                _("Somebody saved an item with the same code or barcode at this moment."),
                code="item_exists",
                field="code",
                way_out=_("Try again."),
            ) from None
        verbs: list[tuple[Prepared, str, dict[str, list[str]]]] = [(row, "create", {}) for row in new]
        verbs += [(row, "change", row.changes) for row in changed]
        audit.record_many(
            audit.entry(row.item, verb, actor=actor, at=self.at, changes=changes) for row, verb, changes in verbs
        )
        told = [
            ItemSaved(row.item.pk, tuple(changes), row.is_new, row.before.get("category_id"))
            for row, _verb, changes in verbs
        ]
        events.publish_all(told, actor=actor)


_COLUMNS = tuple(
    column.name
    for column in Item._meta.concrete_fields
    if column.name not in {"id", "created_at", "style", "variant_key"}
)
