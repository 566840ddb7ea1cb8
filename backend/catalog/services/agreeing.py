"""Prices that follow from something else than editing a list: agreed with partners, or put on the general list.

Agreed ones go to the partner's own list and are taken out when that is undone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from backend.catalog.events import PriceListSaved
from backend.catalog.models import PriceList, PriceListLine
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.clock import day_of
from backend.kernel.language import in_books
from backend.kernel.numbering import next_numbers
from backend.parties.models import Party


@dataclass(frozen=True)
class AgreedPrice:
    """What a partner asks for an item from a quantity on, within its dates."""

    party: Party
    item_id: UUID
    min_qty: Decimal
    price: Decimal
    includes_tax: bool
    valid_from: date
    valid_to: date


def agree_prices(*, prices: Sequence[AgreedPrice], actor: Actor, at: datetime, reason: str = "") -> None:
    """Enter purchase prices in the partners' lists, making those that are missing; a fixed number of statements."""
    lists = _lists({(one.party.pk, one.includes_tax): one.party for one in prices}, actor, at)
    PriceListLine.objects.bulk_create(
        [
            PriceListLine(
                price_list=lists[one.party.pk, one.includes_tax],
                item_id=one.item_id,
                min_qty=one.min_qty,
                price=one.price,
                valid_from=one.valid_from,
                valid_to=one.valid_to,
            )
            for one in prices
        ],
        update_conflicts=True,
        unique_fields=["price_list", "item", "min_qty", "valid_from"],
        update_fields=["price", "valid_to"],
    )
    touched = {one.pk: one for one in lists.values()}.values()
    audit.record_many(audit.entry(one, "change", actor=actor, at=at, reason=reason) for one in touched)


def _lists(wanted: dict[tuple[UUID, bool], Party], actor: Actor, at: datetime) -> dict[tuple[UUID, bool], PriceList]:
    """The list of each partner and way of pricing, locked in the order of their keys."""
    parties = {party_id for party_id, _tax in wanted}
    held = (
        PriceList.objects.select_for_update()
        .filter(party__in=parties, kind="purchase", active=True, customer_level="")
        .order_by("pk")
    )
    found: dict[tuple[UUID, bool], PriceList] = {}
    for one in held:
        key = (one.party_id, one.includes_tax)
        if key in wanted and one.currency == wanted[key].currency:
            found.setdefault(key, one)
    missing = sorted((key for key in wanted if key not in found), key=str)
    if missing:
        numbers = next_numbers("catalog.price_list", day_of(at), len(missing))
        made = [_new_list(wanted[key], key[1], code, at) for key, code in zip(missing, numbers, strict=True)]
        PriceList.objects.bulk_create(made)
        found |= dict(zip(missing, made, strict=True))
    return found


def _new_list(party: Party, includes_tax: bool, code: str, at: datetime) -> PriceList:
    return PriceList(
        code=code,
        name=in_books(lambda: _("Agreed with %(party)s") % {"party": party.label})[:80],
        kind="purchase",
        party=party,
        currency=party.currency,
        includes_tax=includes_tax,
        created_at=at,
        updated_at=at,
    )


@dataclass(frozen=True)
class ListedPrice:
    """What an item costs everybody from a day on, with tax."""

    item_id: UUID
    price: Decimal
    valid_from: date


def list_prices(*, prices: Sequence[ListedPrice], actor: Actor, at: datetime, reason: str = "") -> PriceList:
    """Enter sales prices in the general list, making it when there is none; older prices hold until the day."""
    with transaction.atomic():
        general = PriceList.objects.select_for_update().filter(
            kind="sales", party=None, customer_level="", active=True, includes_tax=True, currency="CNY"
        )
        found = general.order_by("created_at", "pk").first()
        if found is None:
            [code] = next_numbers("catalog.price_list", day_of(at), 1)
            name = in_books(lambda: _("List prices"))
            found = PriceList.objects.create(code=code, name=name, kind="sales", created_at=at, updated_at=at)
        PriceListLine.objects.bulk_create(
            [
                PriceListLine(price_list=found, item_id=one.item_id, price=one.price, valid_from=one.valid_from)
                for one in prices
            ],
            update_conflicts=True,
            unique_fields=["price_list", "item", "min_qty", "valid_from"],
            update_fields=["price"],
        )
        PriceList.objects.filter(pk=found.pk).update(version=F("version") + 1, updated_at=at)
        audit.record(found, "change", actor=actor, at=at, reason=reason)
        events.publish(PriceListSaved(aggregate_id=found.pk, kind=found.kind), actor=actor)
    return found


def forget_prices(prices: Iterable[AgreedPrice]) -> int:
    """Take entered prices out again where they still are what was entered, in one statement."""
    chosen = Q()
    for one in prices:
        chosen |= Q(
            price_list__party=one.party,
            item=one.item_id,
            min_qty=one.min_qty,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            price=one.price,
        )
    if not chosen:
        return 0
    return PriceListLine.objects.filter(chosen, price_list__kind="purchase").delete()[0]
