"""Who supplies an item, best first: score of the last scored month, price, days; what the quota gives and what was ordered.

And from that the quota that scores would make (SRM-19): shares in proportion to the scores of those that may be ordered
from; nobody below the limit for watching or on watch gets any, nobody whose months were never scored.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from backend.catalog.models import Item, LastPrice, PriceKind, PriceListLine
from backend.catalog.services.pricing import AGREED, LAST, ResolvedPrice
from backend.kernel.money import HUNDRED, ZERO
from backend.parties.models import Party, SupplierState
from backend.parties.services.suppliers import stopped_today, with_standing
from backend.purchasing.models import ItemQuota, QuotaShare
from backend.purchasing.selectors.quotas import ordered_since
from backend.purchasing.services.quota_sharing import rating
from backend.srm.models import SupplierScore
from backend.srm.services.scores import month_of
from backend.workflow import parameters

TRUSTED = frozenset({SupplierState.APPROVED, SupplierState.PREFERRED})


@dataclass(frozen=True)
class Candidate:
    """A supplier of an item. ``price`` includes tax and is in the supplier's currency; ``stopped`` says why nothing is
    ordered there; ``actual_pct`` is its part of what the suppliers of the quota were ordered since that began."""

    supplier: Party
    rank: int
    score: SupplierScore | None
    price: Decimal | None
    price_source: str
    days: int
    stopped: str
    share: QuotaShare | None
    ordered: Decimal
    actual_pct: Decimal | None
    is_next: bool


def candidates(
    item: Item, *, day: date, quota: ItemQuota | None = None, more: Collection[UUID] = ()
) -> list[Candidate]:
    """Who supplied the item, listed a price for it, has a part of its quota, or is one of ``more``; seven statements."""
    shares = {share.supplier_id: share for share in quota.shares.all()} if quota else {}
    prices = _prices(item, day)
    wanted = {*prices, *shares, *more, *([item.supplier_id] if item.supplier_id else [])}
    rows = Party.objects.select_related("supplier").filter(pk__in=wanted, is_supplier=True, supplier__isnull=False)
    suppliers = list(with_standing(rows))
    scores = last_scores([party.pk for party in suppliers], day)
    ordered = ordered_since([quota])[quota.pk] if quota else {}
    whole = sum((ordered.get(party, ZERO) for party in shares), ZERO)
    stopped = stopped_today(suppliers)
    first = _next(shares, ordered, stopped)

    def best_first(party: Party) -> tuple[bool, Decimal, Decimal, int, str]:
        score, price = scores.get(party.pk), prices.get(party.pk)
        dear = price[0] if price and price[0] is not None else Decimal("Infinity")
        return (score is None, -score.score if score else ZERO, dear, _days(item, party), party.sort_key)

    return [
        Candidate(
            supplier=party,
            rank=rank,
            score=scores.get(party.pk),
            price=prices.get(party.pk, (None, ""))[0],
            price_source=prices.get(party.pk, (None, ""))[1],
            days=_days(item, party),
            stopped=stopped.get(party.pk, ""),
            share=shares.get(party.pk),
            ordered=ordered.get(party.pk, ZERO),
            actual_pct=(ordered.get(party.pk, ZERO) * HUNDRED / whole).quantize(Decimal("0.1"))
            if whole and party.pk in shares
            else None,
            is_next=party.pk == first,
        )
        for rank, party in enumerate(sorted(suppliers, key=best_first), 1)
    ]


def proposed_shares(found: Sequence[Candidate]) -> dict[UUID, Decimal]:
    """Whole per cent in proportion to the scores, 100 together; empty when nobody's score allows a share."""
    limit = Decimal(parameters.get("srm.watch_below"))
    scores = {
        each.supplier.pk: each.score.score
        for each in found
        if each.score and each.score.score >= limit and each.score.score > 0
        and each.supplier.supplier.state in TRUSTED and not each.stopped
    }  # fmt: skip
    whole = sum(scores.values(), ZERO)
    exact = {party: score * HUNDRED / whole for party, score in scores.items()}
    shares = {party: Decimal(int(part)) for party, part in exact.items()}
    left = int(HUNDRED - sum(shares.values(), ZERO)) if shares else 0
    for party in sorted(exact, key=lambda party: shares[party] - exact[party])[:left]:
        shares[party] += 1
    return {party: share for party, share in shares.items() if share}


def last_scores(party_ids: Collection[UUID], day: date) -> dict[UUID, SupplierScore]:
    """The score of each supplier's last month that was scored and is over."""
    rows = SupplierScore.objects.filter(party__in=party_ids, month__lt=month_of(day)).order_by("party", "-month")
    return {row.party_id: row for row in rows.distinct("party")}


def _next(shares: dict[UUID, QuotaShare], ordered: dict[UUID, Decimal], stopped: Collection[UUID]) -> UUID | None:
    """Who is furthest behind, of those that may be ordered from."""
    may = [share for party, share in shares.items() if party not in stopped]
    ranked = sorted(
        may, key=lambda share: (rating(share, ordered.get(share.supplier_id, ZERO)), -share.share, share.pk)
    )
    return ranked[0].supplier_id if ranked else None


def _days(item: Item, party: Party) -> int:
    lead = party.supplier.lead_days if item.lead_days is None else item.lead_days
    return lead + party.supplier.transport_days


def _prices(item: Item, day: date) -> dict[UUID, tuple[Decimal | None, str]]:
    """What each supplier asks: as agreed on a list of its own, else what was paid there last; two statements."""
    valid = Q(valid_from=None) | Q(valid_from__lte=day), Q(valid_to=None) | Q(valid_to__gte=day)
    listed = PriceListLine.objects.select_related("price_list").filter(
        *valid, item=item, price_list__kind=PriceKind.PURCHASE, price_list__active=True, price_list__party__isnull=False
    )
    found: dict[UUID, tuple[Decimal | None, str]] = {}
    for line in listed.order_by("min_qty", "-valid_from", "pk"):
        if line.price_list.party_id:
            found.setdefault(line.price_list.party_id, (_gross(item, line.price, line.price_list.includes_tax), AGREED))
    for last in LastPrice.objects.filter(item=item, kind=PriceKind.PURCHASE):
        found.setdefault(last.party_id, (_gross(item, last.price, last.includes_tax), LAST))
    return found


def _gross(item: Item, price: Decimal, includes_tax: bool) -> Decimal | None:
    return ResolvedPrice(price, includes_tax, LAST).in_mode(includes_tax=True, tax_rate=item.tax_code.rate)
