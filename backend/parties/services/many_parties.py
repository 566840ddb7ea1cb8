"""Many parties at once: checked beside each other and beside what is there; new ones are written in few statements.

The rules are those of ``checks`` and ``saving``. A party that is there is changed one by one: that is the rare case of a
list, and its roles, contacts and addresses are replaced as always.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.clock import day_of
from backend.kernel.errors import Refusal
from backend.kernel.numbering import next_numbers
from backend.parties.events import PartySaved
from backend.parties.inputs import PartyData
from backend.parties.models import Address, Contact, Party
from backend.parties.services.checks import twin_refused, typing_problems
from backend.parties.services.saving import (
    ROLES,
    fill_party,
    guard_credit,
    save_party,
    somebody_was_quicker,
    values_from,
)

_KEYS = ("tax_id", "code")


@dataclass
class Wanted:
    """What a party is to be: a new one, or one that is there; with what is wrong about it."""

    data: PartyData
    party: Party | None = None
    problems: list[Refusal] = field(default_factory=list)


class ManyParties:
    """Parties that are prepared in portions and know of each other: no code or tax id is given twice."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._seen: dict[tuple[str, str], Wanted] = {}

    def check(self, wanted: Sequence[Wanted]) -> None:
        """Note what is wrong about each; two statements."""
        holders = {key: self._holders(key, wanted) for key in _KEYS}
        for each in wanted:
            each.problems += typing_problems(each.data)
            for key in _KEYS:
                value = _key_of(each.data, key)
                if not value:
                    continue
                first = self._seen.setdefault((key, value), each)
                other = holders[key].get(value) if first is each else _as_party(first)
                if other is not None and (each.party is None or other.pk != each.party.pk):
                    each.problems.append(twin_refused(key, value, other))

    @staticmethod
    def _holders(key: str, wanted: Sequence[Wanted]) -> dict[str, Party]:
        values = {value for each in wanted if (value := _key_of(each.data, key))}
        found = Party.objects.filter(**{f"{key}__in": values}) if values else ()
        return {getattr(row, key): row for row in found}

    def write(self, wanted: Sequence[Wanted], actor: Actor) -> None:
        """Save what has no problem, each with its party from then on; raises Conflict when somebody was quicker."""
        changed = [(each.party.pk, each.data) for each in wanted if each.party is not None]
        self._write_new([each for each in wanted if each.party is None], actor)
        for party_id, data in changed:
            save_party(data=data, party_id=party_id, actor=actor, at=self.at)

    def _write_new(self, wanted: Sequence[Wanted], actor: Actor) -> None:
        codes = self._codes([each.data for each in wanted])
        made: list[tuple[Party, PartyData]] = []
        for each, code in zip(wanted, codes, strict=True):
            guard_credit({}, each.data, actor)
            each.party = Party(created_at=self.at)
            fill_party(each.party, each.data, self.at, code=code)
            made.append((each.party, each.data))
        try:
            with transaction.atomic():
                Party.objects.bulk_create([party for party, _data in made])
        except IntegrityError:
            raise somebody_was_quicker("code") from None
        for role, model in ROLES.items():
            terms = [(party, getattr(data, role)) for party, data in made]
            model._default_manager.bulk_create(
                [model(party=party, **asdict(each)) for party, each in terms if each is not None]
            )
        Contact.objects.bulk_create(_children(Contact, made, "contacts", "is_primary"))
        Address.objects.bulk_create(_children(Address, made, "addresses", "is_default"))
        changes = [(party, audit.changed_fields({}, values_from(party, data))) for party, data in made]
        audit.record_many(
            audit.entry(party, "create", actor=actor, at=self.at, changes=each) for party, each in changes
        )
        told = [PartySaved(aggregate_id=party.pk, changed=tuple(each), is_new=True) for party, each in changes]
        events.publish_all(told, actor=actor)

    def _codes(self, given: Sequence[PartyData]) -> list[str]:
        """The codes as they are given, else the next of the role's numbers; one statement for each role."""
        roles = [next(role for role in ROLES if getattr(data, role) is not None) for data in given]
        unnamed = [role for role, data in zip(roles, given, strict=True) if not data.code.strip()]
        day = day_of(self.at)
        numbers = {role: iter(next_numbers(f"parties.{role}", day, unnamed.count(role))) for role in set(unnamed)}
        return [data.code.strip() or next(numbers[role]) for role, data in zip(roles, given, strict=True)]


def _key_of(data: PartyData, key: str) -> str:
    value = str(getattr(data, key)).strip()
    return value.upper() if key == "tax_id" else value


def _as_party(wanted: Wanted) -> Party:
    return wanted.party or Party(code=wanted.data.code, name=wanted.data.name)


def _children(model: Any, made: Sequence[tuple[Party, PartyData]], name: str, first_flag: str) -> list[Any]:
    """Rows below new parties, exactly one of each party's being the first."""
    found = []
    for party, data in made:
        rows = [{key: value for key, value in asdict(row).items() if key != "id"} for row in getattr(data, name) or ()]
        chosen = next((place for place, row in enumerate(rows) if row[first_flag]), 0)
        found += [model(party=party, **row | {first_flag: place == chosen}) for place, row in enumerate(rows)]
    return found
