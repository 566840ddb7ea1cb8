"""Open items: what documents leave open with a party, and what settles what.

Invariants: matching joins one item that raises with one that lowers, of the same party and kind, and
never takes more than is open on either side. The database moves the open amounts and refuses the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from backend.accounting.events import ItemsMatched
from backend.accounting.models import OpenItem, SettlementMatch
from backend.accounting.services.vouchers import SourceRef
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.bulk import Batch
from backend.kernel.errors import Conflict, NotFoundRefused


class CannotMatchItems(Conflict):
    """More would be settled than is open."""

    code = "cannot_match_items"


class CannotVoidItem(Conflict):
    """Money or another document settles the item."""

    code = "cannot_void_item"


@dataclass(frozen=True)
class Pair:
    """So much of a raising item settled by a lowering one."""

    raising_id: UUID
    lowering_id: UUID
    amount: Decimal


@dataclass(frozen=True)
class Opened:
    """What a document leaves open: positive raises what the party owes or is owed, negative lowers it."""

    source: SourceRef
    item_date: date
    due_date: date
    amount: Decimal


def open_all(*, kind: str, party_id: UUID, opened: Sequence[Opened], purpose: str = "") -> list[OpenItem]:
    """Open the items of several documents of a party in one statement."""
    items = [
        OpenItem(
            kind=kind,
            party_id=party_id,
            source_type=one.source.doc_type,
            source_id=one.source.id,
            source_number=one.source.number,
            purpose=purpose,
            item_date=one.item_date,
            due_date=one.due_date,
            amount=one.amount,
            open_amount=one.amount,
        )
        for one in opened
    ]
    batch = Batch()
    batch.insert(items)
    batch.write()
    return items


def open_item(
    *,
    kind: str,
    party_id: UUID,
    source: SourceRef,
    item_date: date,
    due_date: date,
    amount: Decimal,
    purpose: str = "",
) -> OpenItem:
    """Open the item of one document in one statement."""
    opened = [Opened(source, item_date, due_date, amount)]
    return open_all(kind=kind, party_id=party_id, opened=opened, purpose=purpose)[0]


def items_of(*, kind: str, source_ids: Iterable[UUID], purpose: str | None = None) -> dict[UUID, OpenItem]:
    """The standing items of documents by document id, locked in id order."""
    found = OpenItem.objects.filter(kind=kind, source_id__in=list(source_ids), voided=False)
    if purpose is not None:
        found = found.filter(purpose=purpose)
    return {item.source_id: item for item in found.order_by("id").select_for_update()}


def match(*, pairs: Sequence[Pair], actor: Actor, at: datetime) -> None:
    """Settle; four statements. Raises CannotMatchItems naming document, open amount and what was asked."""
    wanted = [pair for pair in pairs if pair.amount]
    if not wanted:
        return
    items = _locked_items({pair.raising_id for pair in wanted} | {pair.lowering_id for pair in wanted})
    _refuse_too_much(wanted, items)
    _write(wanted, items, actor, at, undone=False)


def unmatch(
    *, lowering_source_id: UUID, actor: Actor, at: datetime, raising_source_ids: Iterable[UUID] | None = None
) -> None:
    """Undo what a document (a receipt, a payment) settled, wholly or for some documents; nothing matched is fine."""
    found = SettlementMatch.objects.filter(lowering__source_id=lowering_source_id, lowering__voided=False)
    if raising_source_ids is not None:
        found = found.filter(raising__source_id__in=list(raising_source_ids))
    sums = found.values_list("raising_id", "lowering_id").annotate(amount=Sum("amount")).order_by("raising_id")
    pairs = [Pair(raising, lowering, -amount) for raising, lowering, amount in sums if amount]
    if pairs:
        items = _locked_items({pair.raising_id for pair in pairs} | {pair.lowering_id for pair in pairs})
        _write(pairs, items, actor, at, undone=True)


def unmatch_raising(*, source_id: UUID, purpose: str, actor: Actor, at: datetime) -> None:
    """Undo what settled the items that a document raised for a purpose."""
    found = SettlementMatch.objects.filter(
        raising__source_id=source_id, raising__purpose=purpose, raising__voided=False
    )
    sums = found.values_list("raising_id", "lowering_id").annotate(amount=Sum("amount")).order_by("raising_id")
    pairs = [Pair(raising, lowering, -amount) for raising, lowering, amount in sums if amount]
    if pairs:
        items = _locked_items({pair.raising_id for pair in pairs} | {pair.lowering_id for pair in pairs})
        _write(pairs, items, actor, at, undone=True)


def open_notes(*, kind: str, party_id: UUID, source_types: Sequence[str]) -> list[OpenItem]:
    """The open lowering items of documents of these types, the oldest first, locked in id order."""
    found = OpenItem.objects.filter(
        kind=kind, party_id=party_id, source_type__in=source_types, open_amount__lt=0, voided=False
    )
    return list(found.order_by("id").select_for_update())


def void_items(*, source_id: UUID, also: Sequence[UUID] = ()) -> None:
    """Void every item of a document (and ``also`` of others) that is taken back; raises CannotVoidItem when one is settled."""
    items = OpenItem.objects.filter(source_id__in=[source_id, *also], voided=False).order_by("id").select_for_update()
    for item in items:
        if item.open_amount != item.amount:
            raise CannotVoidItem(
                _("%(amount)s of %(number)s is settled.")
                % {"amount": abs(item.amount - item.open_amount), "number": item.source_number},
                document=item.source_number,
                way_out=_("Undo the matching first."),
            )
    OpenItem.objects.filter(pk__in=[item.pk for item in items]).update(voided=True, open_amount=0)


def _locked_items(ids: set[UUID]) -> dict[UUID, OpenItem]:
    items = {item.pk: item for item in OpenItem.objects.filter(pk__in=ids).order_by("id").select_for_update()}
    if len(items) < len(ids):
        raise NotFoundRefused(_("There is no such open item."))
    return items


def _refuse_too_much(pairs: Sequence[Pair], items: dict[UUID, OpenItem]) -> None:
    asked: dict[UUID, Decimal] = {}
    for pair in pairs:
        for item_id in (pair.raising_id, pair.lowering_id):
            asked[item_id] = asked.get(item_id, Decimal(0)) + pair.amount
    problems = [
        CannotMatchItems(
            _("%(number)s has %(open)s open; %(asked)s was to be matched.")
            % {"number": items[item_id].source_number, "open": abs(items[item_id].open_amount), "asked": amount},
            document=items[item_id].source_number,
            field="amount",
            value=amount,
            way_out=_("Match at most what is open."),
        )
        for item_id, amount in asked.items()
        if amount > abs(items[item_id].open_amount)
    ]
    if problems:
        raise CannotMatchItems.many(problems)


def _write(pairs: Sequence[Pair], items: dict[UUID, OpenItem], actor: Actor, at: datetime, *, undone: bool) -> None:
    SettlementMatch.objects.bulk_create(
        SettlementMatch(
            raising_id=pair.raising_id,
            lowering_id=pair.lowering_id,
            amount=pair.amount,
            matched_at=at,
            matched_by_name=actor.name,
        )
        for pair in pairs
    )
    raising = [items[pair.raising_id] for pair in pairs]
    sources = tuple(sorted({(item.source_type, item.source_id) for item in raising}))
    event = ItemsMatched(aggregate_id=pairs[0].lowering_id, kind=raising[0].kind, sources=sources, undone=undone)
    events.publish(event, actor=actor)
