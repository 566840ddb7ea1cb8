"""Setting quotas: who is to get which part of what is bought of an item, from a day on (SRM-19).

Invariants: the shares of a quota make 100 %, no day of an item has two quotas. They are checked here with words and by the
database at the commit. A quota under way may be changed: what was ordered since its first day counts on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, Refusal, StaleVersion, ValidationRefused
from backend.kernel.ids import uuid7
from backend.kernel.language import in_books
from backend.kernel.money import HUNDRED, ZERO, plain
from backend.parties.models import Party
from backend.purchasing.models import ItemQuota, QuotaShare, QuotaWay

EDIT = "purchasing.quota.edit"
MOST_SUPPLIERS = 20
_MOST = Decimal(10) ** 12


class QuotaMeets(Conflict):
    """Another quota of the item holds on some of these days."""

    code = "quota_meets"


@dataclass(frozen=True)
class ShareInput:
    """A supplier's share in per cent; ``base_qty`` counts as if it had been ordered before."""

    supplier_id: UUID
    share: Decimal
    base_qty: Decimal = ZERO


@dataclass(frozen=True)
class QuotaData:
    """The quota of an item from a day on; without a last day until it is changed."""

    item_id: UUID
    valid_from: date
    shares: Sequence[ShareInput]
    valid_to: date | None = None
    way: str = QuotaWay.NEXT


def save_quota(
    *, data: QuotaData, actor: Actor, at: datetime, quota_id: UUID | None = None, version: int | None = None
) -> ItemQuota:
    """Write a quota, new or existing; raises ValidationRefused naming every wrong share, QuotaMeets, StaleVersion."""
    actor.require(EDIT)
    with transaction.atomic():
        item = _locked_item(data.item_id)
        found = _open(quota_id, version, item, at)
        if problems := [*_problems(data), *_unknown(data)]:
            raise Refusal.many(problems) if len(problems) > 1 else problems[0]
        _refuse_meeting(found, data)
        before = "" if found._state.adding else _words(found)
        found.valid_from, found.valid_to, found.way = data.valid_from, data.valid_to, data.way
        found.updated_at, found.updated_by_name = at, actor.name[:60]
        found.save()
        found.shares.all().delete()
        QuotaShare.objects.bulk_create(
            QuotaShare(quota=found, supplier_id=each.supplier_id, share=each.share, base_qty=each.base_qty)
            for each in data.shares
        )
        _note(found, before, _words(found), actor, at)
    return found


def drop_quota(*, quota_id: UUID, actor: Actor, at: datetime) -> None:
    """The item is bought without this quota; the trail keeps what it was."""
    actor.require(EDIT)
    with transaction.atomic():
        found = ItemQuota.objects.select_for_update(of=("self",)).select_related("item").filter(pk=quota_id).first()
        if found is None:
            raise _no_quota(quota_id)
        _note(found, _words(found), "", actor, at)
        found.delete()


def _locked_item(item_id: UUID) -> Item:
    """Quotas of an item are written one after the other."""
    found = Item.objects.select_for_update(of=("self",), no_key=True).filter(pk=item_id).first()
    if found is None:
        raise ValidationRefused(_("There is no such item."), field="item_id", value=item_id)
    return found


def _open(quota_id: UUID | None, version: int | None, item: Item, at: datetime) -> ItemQuota:
    if quota_id is None:
        return ItemQuota(id=uuid7(), item=item, created_at=at)
    found = ItemQuota.objects.select_for_update(of=("self",)).filter(pk=quota_id, item=item).first()
    if found is None:
        raise _no_quota(quota_id)
    if version is not None and version != found.version:
        raise StaleVersion(
            _("%(quota)s was changed in the meantime by somebody else.") % {"quota": item},
            field="version",
            value=version,
            way_out=_("Open it in a second window, compare, and save again."),
        )
    found.version += 1
    return found


def _no_quota(quota_id: UUID) -> NotFoundRefused:
    return NotFoundRefused(_("There is no such quota."), value=quota_id)


def _problems(data: QuotaData) -> list[Refusal]:
    """What is wrong with the figures."""
    found: list[Refusal] = []
    if data.way not in QuotaWay.values:
        found.append(ValidationRefused(_("This is not known."), field="way", value=data.way))
    if data.valid_to and data.valid_to < data.valid_from:
        found.append(ValidationRefused(_("It ends before it begins."), field="valid_to", value=data.valid_to))
    if not data.shares or len(data.shares) > MOST_SUPPLIERS:
        words = _("A quota has one to %(most)s suppliers.") % {"most": MOST_SUPPLIERS}
        return [*found, ValidationRefused(words, field="shares", value=len(data.shares))]
    for number, each in enumerate(data.shares, 1):
        if not ZERO < each.share <= HUNDRED or each.share != round(each.share, 4):
            words = _("A share is above 0 and at most 100 %.")
            found.append(ValidationRefused(words, line=number, field="share", value=each.share))
        if not ZERO <= each.base_qty < _MOST:
            words = _("This cannot be negative.")
            found.append(ValidationRefused(words, line=number, field="base_qty", value=each.base_qty))
    whole = sum((each.share for each in data.shares), ZERO)
    if not found and whole != HUNDRED:
        words = _("The shares make %(sum)s %%, and not 100 %%.") % {"sum": plain(whole)}
        way = _("Change them until they make 100 %.")
        found.append(ValidationRefused(words, field="shares", value=plain(whole), way_out=way))
    return found


def _unknown(data: QuotaData) -> list[Refusal]:
    """Suppliers that there are not, or that are named twice."""
    named = [each.supplier_id for each in data.shares]
    rows = Party.objects.filter(pk__in=named, is_supplier=True, supplier__isnull=False)
    known = set(rows.values_list("pk", flat=True))
    found: list[Refusal] = []
    for number, supplier_id in enumerate(named, 1):
        if supplier_id not in known:
            words = _("There is no such supplier.")
        elif supplier_id in named[: number - 1]:
            words = _("A supplier has one share.")
        else:
            continue
        found.append(ValidationRefused(words, line=number, field="supplier_id", value=supplier_id))
    return found


def _refuse_meeting(quota: ItemQuota, data: QuotaData) -> None:
    others = ItemQuota.objects.filter(item=quota.item).exclude(pk=quota.pk).order_by("valid_from")
    for other in others:
        ends_before = other.valid_to is not None and other.valid_to < data.valid_from
        begins_after = data.valid_to is not None and other.valid_from > data.valid_to
        if not (ends_before or begins_after):
            raise QuotaMeets(
                _("From %(day)s another quota of %(item)s holds.") % {"day": other.valid_from, "item": quota.item},
                field="valid_from",
                value=data.valid_from,
                way_out=_("End that one before, or change it."),
            )


def _words(quota: ItemQuota) -> str:
    """The quota for its trail."""
    rows = quota.shares.select_related("supplier").order_by("-share", "id")
    shares = " · ".join(f"{row.supplier.code} {plain(row.share)} %" for row in rows)
    way = in_books(lambda: str(quota.get_way_display()))
    return f"{quota.valid_from} – {quota.valid_to or ''} {way}: {shares}"


def _note(quota: ItemQuota, before: str, after: str, actor: Actor, at: datetime) -> None:
    audit.record(quota, "quota" if after else "drop", actor=actor, at=at, changes={"quota": [before, after]})
