"""Who gets what is to be bought next: by the quota of the item (SRM-19).

Rating of a supplier = (ordered since the quota began + base) / share; the lowest is furthest behind and comes first. A
quota either gives a quantity whole to that one, or splits it: by the shares of those that may be ordered from, in whole
packs; as long as somebody would get less than the item's smallest order, who is furthest ahead waits. Who is stopped
today gets nothing; its share is the others'.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.kernel.money import ZERO, plain
from backend.parties.models import Party
from backend.parties.services.suppliers import stopped_today
from backend.purchasing.models import ItemQuota, QuotaShare, QuotaWay
from backend.purchasing.selectors.quotas import ordered_since, quotas_on


@dataclass(frozen=True)
class Want:
    """So much of an item is to be bought; ``key`` says for what."""

    key: Hashable
    item: Item
    qty: Decimal


@dataclass(frozen=True)
class Part:
    """So much of it from this supplier."""

    supplier: Party
    qty: Decimal


@dataclass(frozen=True)
class Sharing:
    """What a quota makes of a want: parts that sum up to it, none where every supplier is stopped (``stopped`` says why)."""

    quota: ItemQuota
    parts: Sequence[Part]
    stopped: Sequence[str]

    @property
    def words(self) -> str:
        """For the trail: by which shares, and who was passed over why."""
        shares = " · ".join(f"{each.supplier.label} {plain(each.share)} %" for each in self.quota.shares.all())
        return " ".join((_("Quota %(shares)s.") % {"shares": shares}, *self.stopped))


def share_out(wants: Iterable[Want], *, day: date, lock: bool = False) -> dict[Hashable, Sharing]:
    """By key, what of the wants has a quota on this day; one want after the other. Five statements, one without quotas."""
    asked = list(wants)
    found = quotas_on({want.item.pk for want in asked}, day, lock=lock) if asked else {}
    if not found:
        return {}
    ordered = ordered_since(found.values())
    stopped = stopped_today(
        {s.supplier_id: s.supplier for quota in found.values() for s in quota.shares.all()}.values()
    )
    ledgers = {item_id: _Ledger(quota, ordered[quota.pk], stopped) for item_id, quota in found.items()}
    return {want.key: ledgers[want.item.pk].take(want) for want in asked if want.item.pk in ledgers}


def rating(share: QuotaShare, ordered: Decimal) -> Decimal:
    """How far a supplier is: the lowest comes first."""
    return (ordered + share.base_qty) / share.share


@dataclass
class _Ledger:
    """A quota while quantities are given away by it."""

    quota: ItemQuota
    ordered: dict[UUID, Decimal]
    stopped: Mapping[UUID, str]
    open: list[QuotaShare] = field(init=False)

    def __post_init__(self) -> None:
        self.open = [share for share in self.quota.shares.all() if share.supplier_id not in self.stopped]

    def take(self, want: Want) -> Sharing:
        """Give a want away."""
        wanted = self._split(want) if self.quota.way == QuotaWay.SPLIT else self._whole(want)
        parts = [Part(share.supplier, qty) for share, qty in wanted if qty > ZERO]
        for part in parts:
            self.ordered[part.supplier.pk] += part.qty
        words = [self.stopped[share.supplier_id] for share in self.quota.shares.all() if share not in self.open]
        return Sharing(self.quota, parts, words)

    def _ranked(self) -> list[QuotaShare]:
        """Who may be ordered from, the furthest behind first; of equals the larger share."""
        return sorted(
            self.open, key=lambda share: (rating(share, self.ordered[share.supplier_id]), -share.share, share.pk)
        )

    def _whole(self, want: Want) -> list[tuple[QuotaShare, Decimal]]:
        return [(share, want.qty) for share in self._ranked()[:1]]

    def _split(self, want: Want) -> list[tuple[QuotaShare, Decimal]]:
        """In whole packs by share, among so many that nobody gets less than the smallest order."""
        ranked, least = self._ranked(), max(want.item.min_order_qty, _LEAST)
        while len(ranked) > 1:
            parts = in_packs(want.qty, [share.share for share in ranked], want.item.pack_qty)
            if min(parts) >= least:
                return list(zip(ranked, parts, strict=True))
            ranked.pop()
        return [(share, want.qty) for share in ranked]


_LEAST = Decimal("0.0001")


def in_packs(qty: Decimal, shares: Sequence[Decimal], pack: Decimal) -> list[Decimal]:
    """``qty`` by shares, each part whole packs rounded down; the packs that are left go one by one to who lacks most of
    its part (the earlier of equals), what is no whole pack to the first."""
    whole = sum(shares, ZERO)
    exact = [qty * share / whole for share in shares]
    parts = [(part / pack).to_integral_value(ROUND_DOWN) * pack for part in exact]
    left = qty - sum(parts, ZERO)
    for place in sorted(range(len(parts)), key=lambda place: parts[place] - exact[place]):
        if left < pack:
            break
        parts[place] += pack
        left -= pack
    parts[0] += left
    return parts
