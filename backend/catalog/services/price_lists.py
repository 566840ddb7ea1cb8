"""Saving price lists: the lines are replaced whole; the trail names the prices that moved."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from backend.catalog.events import PriceListSaved
from backend.catalog.inputs import PriceListData
from backend.catalog.models import Item, PriceList, PriceListLine
from backend.kernel import audit, events
from backend.kernel.actor import Actor
from backend.kernel.clock import day_of
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, StaleVersion, ValidationRefused
from backend.kernel.numbering import next_number

TRAIL_LINES = 200


def save_price_list(
    *, actor: Actor, at: datetime, data: PriceListData, price_list_id: UUID | None = None, version: int | None = None
) -> PriceList:
    """Make or change a price list. Raises ValidationRefused (per line), Conflict, StaleVersion."""
    with transaction.atomic():
        found = _load(price_list_id, version) if price_list_id else PriceList(created_at=at)
        items = Item.objects.in_bulk({line.item_id for line in data.lines})
        problems = list(_problems(data, items))
        if problems:
            raise Refusal.many(problems)
        before = _prices_of(found) if price_list_id else {}
        _fill(found, data, at)
        _write(found, is_new=not price_list_id)
        PriceListLine.objects.filter(price_list=found).delete()
        PriceListLine.objects.bulk_create(
            PriceListLine(
                price_list=found,
                item_id=line.item_id,
                min_qty=line.min_qty,
                price=line.price,
                valid_from=line.valid_from,
                valid_to=line.valid_to,
            )
            for line in data.lines
        )
        changes = _moved(before, data, items)
        audit.record(found, "change" if price_list_id else "create", actor=actor, at=at, changes=changes)
        events.publish(PriceListSaved(aggregate_id=found.pk, kind=found.kind), actor=actor)
    return found


def _load(price_list_id: UUID, version: int | None) -> PriceList:
    found = PriceList.objects.select_for_update(of=("self",)).filter(pk=price_list_id).first()
    if found is None:
        raise NotFoundRefused(_("There is no such price list."), value=price_list_id)
    if version is not None and version != found.version:
        raise StaleVersion(
            _("%(list)s was changed in the meantime by somebody else. Nothing of yours is lost.") % {"list": found},
            document=found.code,
            field="version",
            value=version,
            way_out=_("Open it in a second window, compare, and save again."),
        )
    return found


def _fill(found: PriceList, data: PriceListData, at: datetime) -> None:
    for name in ("name", "kind", "party_id", "customer_level", "currency", "includes_tax", "active"):
        setattr(found, name, getattr(data, name))
    found.code = data.code.strip() or found.code or next_number("catalog.price_list", day_of(at))
    found.version = found.version if found._state.adding else found.version + 1
    found.updated_at = at


def _write(found: PriceList, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            found.save(force_insert=is_new)
    except IntegrityError:
        raise Conflict(
            _("There is a price list with the code %(code)s already.") % {"code": found.code},
            code="price_list_exists",
            field="code",
            value=found.code,
        ) from None


def _problems(data: PriceListData, items: dict[UUID, Item]) -> Iterator[Refusal]:
    if not data.name.strip():
        yield ValidationRefused(_("A name is needed."), field="name")
    if data.party_id and data.customer_level:
        yield ValidationRefused(
            _("A list is for one partner or for a level, not for both."),
            field="customer_level",
            value=data.customer_level,
        )
    seen = set()
    for number, line in enumerate(data.lines, start=1):
        key = (line.item_id, line.min_qty, line.valid_from)
        if line.item_id not in items:
            yield ValidationRefused(_("Line %(line)s: choose an item.") % {"line": number}, line=number, field="item")
        elif line.price < 0 or line.min_qty < 0:
            yield ValidationRefused(
                _("Line %(line)s: price and quantity cannot be negative.") % {"line": number},
                line=number,
                field="price",
                value=line.price,
            )
        elif key in seen:
            yield ValidationRefused(
                _("Line %(line)s: %(item)s has a price for this quantity and date already.")
                % {"line": number, "item": items[line.item_id]},
                line=number,
                field="item",
                value=items[line.item_id].code,
            )
        seen.add(key)


def _prices_of(found: PriceList) -> dict[tuple[UUID, Decimal], Decimal]:
    lines = PriceListLine.objects.filter(price_list=found)
    return {(line.item_id, line.min_qty): line.price for line in lines}


def _moved(
    before: dict[tuple[UUID, Decimal], Decimal], data: PriceListData, items: dict[UUID, Item]
) -> dict[str, list[str]]:
    moved = {}
    for line in data.lines:
        old = before.get((line.item_id, line.min_qty))
        if old != line.price:
            moved[f"{items[line.item_id].code} ≥ {line.min_qty:f}"] = [
                "" if old is None else f"{old:f}",
                f"{line.price:f}",
            ]
    return dict(list(moved.items())[:TRAIL_LINES])
