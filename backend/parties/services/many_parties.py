"""Many parties at once: checked beside each other and beside what is there, then written together.

The rules are those of ``checks``, the writing is that of ``saving``: statements follow portions, not parties.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from backend.parties.inputs import PartyData
from backend.parties.models import Party
from backend.parties.services.checks import twin_refused, typing_problems
from backend.parties.services.saving import write_parties

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
        for each in wanted:
            each.party = each.party or Party(created_at=self.at)
        write_parties([(each.party, each.data) for each in wanted if each.party], actor=actor, at=self.at)


def _key_of(data: PartyData, key: str) -> str:
    value = str(getattr(data, key)).strip()
    return value.upper() if key == "tax_id" else value


def _as_party(wanted: Wanted) -> Party:
    return wanted.party or Party(code=wanted.data.code, name=wanted.data.name)
