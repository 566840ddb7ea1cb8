"""Lots: making them at receipt, holding and releasing them, letting them expire.

The quantity of lots that are not released counts as blocked on the balance (trigger). Before stock is blocked that orders
have reserved, ``StockClaimed`` asks the reservations to give way.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.errors import CannotChangeLot, CannotReceiveStock
from backend.inventory.events import LotsChanged, StockClaimed
from backend.inventory.models import Lot, LotBalance, LotState
from backend.inventory.services import picking
from backend.inventory.services.balances import LockedBalance, Pair, lock_balances
from backend.inventory.services.inputs import LotInput
from backend.kernel import audit, clock, events
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused
from backend.kernel.lifecycle import LifeCycle

STATES = LifeCycle(
    {
        "hold": ({LotState.RELEASED, LotState.QUARANTINE}, LotState.HELD),
        "release": ({LotState.HELD, LotState.QUARANTINE}, LotState.RELEASED),
        "expire": ({LotState.RELEASED}, LotState.EXPIRED),
        "scrap": ({LotState.HELD, LotState.QUARANTINE, LotState.EXPIRED}, LotState.SCRAPPED),
    },
    axis="state",
)


# --- at receipt --------------------------------------------------------------------------------
_ENSURE = """
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset(%s) AS x (id uuid, item_id uuid, lot_no text, supplier_lot_no text, supplier_id uuid,
        mfg_date date, expiry_date date, state text, hold_reason text, created_at timestamptz)
), made AS (
    INSERT INTO inventory_lot (id, item_id, lot_no, supplier_lot_no, supplier_id, mfg_date, expiry_date, state,
        hold_reason, created_at)
    SELECT * FROM wanted ORDER BY item_id, lot_no
    ON CONFLICT (item_id, lot_no) DO NOTHING RETURNING *
)
SELECT * FROM made UNION ALL
SELECT l.* FROM inventory_lot l JOIN wanted w ON w.item_id = l.item_id AND w.lot_no = l.lot_no
"""


def ensure_lots(
    wanted: Iterable[LotInput], *, at: datetime, items: Mapping[UUID, Item] | None = None
) -> dict[tuple[UUID, str], Lot]:
    """The lots of these numbers by (item, lot number), made when they are new; one statement where the items are known.

    Raises CannotReceiveStock where a lot lacks the expiry date that its item asks for, or is known with another one.
    """
    given = {(lot.item_id, lot.lot_no): lot for lot in wanted}
    if not given:
        return {}
    if items is None:
        items = {item.pk: item for item in Item.objects.filter(pk__in={item_id for item_id, _ in given})}
    fresh = [_new_lot(given[key], items[key[0]], at) for key in sorted(given)]
    made = _made_or_found(fresh)
    if len(made) < len(fresh):  # somebody made one of them in the same moment: it can be seen now
        made = _made_or_found(fresh)
    for lot in fresh:
        known = made[lot.item_id, lot.lot_no]
        known.is_new = known.pk == lot.pk
        if lot.expiry_date and known.expiry_date and lot.expiry_date != known.expiry_date:
            raise CannotReceiveStock(
                _("Lot %(lot)s of %(item)s expires on %(known)s, not on %(given)s.")
                % {"lot": lot, "item": items[lot.item_id], "known": known.expiry_date, "given": lot.expiry_date},
                field="expiry_date",
                value=lot.expiry_date,
                way_out=_("Correct the date, or give the goods a lot number of their own."),
            )
    return made


def _made_or_found(fresh: Sequence[Lot]) -> dict[tuple[UUID, str], Lot]:
    columns = [column.attname for column in Lot._meta.concrete_fields]
    rows = [{name: getattr(lot, name) for name in columns} for lot in fresh]
    found = Lot.objects.raw(_ENSURE, [json.dumps(rows, default=str)])
    return {(lot.item_id, lot.lot_no): lot for lot in found}


def _new_lot(given: LotInput, item: Item, at: datetime) -> Lot:
    expiry = given.expiry_date
    if expiry is None and given.mfg_date and item.shelf_life_days:
        expiry = given.mfg_date + timedelta(days=item.shelf_life_days)
    if item.expiry_tracked and expiry is None:
        raise CannotReceiveStock(
            _("Lot %(lot)s of %(item)s needs an expiry date.") % {"lot": given.lot_no, "item": item},
            field="expiry_date",
            value=given.lot_no,
            way_out=_("Enter the date that stands on the goods."),
        )
    return Lot(
        item_id=given.item_id,
        lot_no=given.lot_no,
        supplier_lot_no=given.supplier_lot_no,
        supplier_id=given.supplier_id,
        mfg_date=given.mfg_date,
        expiry_date=expiry,
        state=given.state,
        created_at=at,
    )


def fefo_lots(*, item_id: UUID, warehouse_id: UUID, qty: Decimal, at: datetime) -> list[tuple[UUID, str, Decimal]]:
    """The lots that would leave for a quantity, first expired first: (lot id, lot number, quantity)."""
    day, rest, chosen = clock.day_of(at), qty, []
    for lot in picking.lots_of([(item_id, warehouse_id)]):
        take = min(rest, lot.free) if lot.may_leave(day) else Decimal(0)
        if take > 0:
            rest -= take
            chosen.append((lot.lot_id, lot.lot_no, take))
    return chosen


# --- states ------------------------------------------------------------------------------------
def hold_lot(*, lot_id: UUID, reason: str, actor: Actor, at: datetime) -> Lot:
    """Stop a lot: nothing of it is sold or shipped until it is released."""
    _require_reason(reason)
    return _change_one(lot_id, "hold", reason.strip(), actor, at)


def hold_lots(*, lot_ids: Iterable[UUID], reason: str, actor: Actor, at: datetime) -> list[Lot]:
    """Stop many lots at once; those that are stopped, expired or scrapped already stay as they are. Returns the others.

    A fixed number of statements.
    """
    _require_reason(reason)
    with transaction.atomic():
        found = Lot.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=list(lot_ids)).order_by("id")
        lots = [lot for lot in found if STATES.may(lot, "hold")]
        if lots:
            _change(lots, "hold", reason.strip(), actor, at)
        return lots


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise CannotChangeLot(
            _("Say why the lot is held."), field="reason", status=400, way_out=_("A few words are enough.")
        )


def release_lot(*, lot_id: UUID, actor: Actor, at: datetime) -> Lot:
    """Let a lot be sold again, after inspection or a hold."""
    return _change_one(lot_id, "release", "", actor, at)


def scrap_lot(*, lot_id: UUID, reason: str, actor: Actor, at: datetime) -> Lot:
    """Give a lot up; it can never be released again."""
    return _change_one(lot_id, "scrap", reason.strip(), actor, at)


def expire_lots(*, actor: Actor, at: datetime) -> int:
    """Block every released lot whose expiry date has passed; returns how many. A fixed number of statements."""
    with transaction.atomic():
        due = Lot.objects.filter(state=LotState.RELEASED, expiry_date__lt=clock.day_of(at))
        lots = list(due.select_for_update(no_key=True, of=("self",)).order_by("id"))
        if lots:
            _change(lots, "expire", "", actor, at)
        return len(lots)


def _change_one(lot_id: UUID, verb: str, reason: str, actor: Actor, at: datetime) -> Lot:
    with transaction.atomic():
        lot = Lot.objects.select_for_update(no_key=True, of=("self",)).filter(pk=lot_id).first()
        if lot is None:
            raise NotFoundRefused(_("There is no such lot."), value=lot_id)
        if verb == "release" and lot.expiry_date and lot.expiry_date < clock.day_of(at):
            raise CannotChangeLot(
                _("Lot %(lot)s expired on %(date)s.") % {"lot": lot, "date": lot.expiry_date},
                field="expiry_date",
                value=lot.expiry_date,
                way_out=_("Expired goods cannot be released: scrap them or send them back."),
            )
        _change([lot], verb, reason, actor, at)
        return lot


def _change(lots: Sequence[Lot], verb: str, reason: str, actor: Actor, at: datetime) -> None:
    """Lock what lies in the lots, claim it, then change the state; the trigger moves ``blocked``."""
    places = _places(lots)
    balances = lock_balances({pair for found in places.values() for pair in found})
    before = {lot.pk: STATES.advance(lot, verb) for lot in lots}
    if lots[0].state != LotState.RELEASED:
        _claim([lot for lot in lots if before[lot.pk] == LotState.RELEASED], balances, actor)
    Lot.objects.filter(pk__in=before).update(state=lots[0].state, hold_reason=reason[:200])
    for lot in lots:
        lot.hold_reason = reason[:200]
    audit.record_many(
        audit.entry(lot, verb, actor=actor, at=at, axis="state", before=before[lot.pk], after=lot.state, reason=reason)
        for lot in lots
    )
    changed = LotsChanged(
        lots[0].pk,
        verb=verb,
        after=lots[0].state,
        reason=reason[:200],
        lots=tuple((lot.pk, lot.lot_no, lot.item_id) for lot in lots),
        pairs=tuple(sorted(balances)),
        at=at,
    )
    events.publish(changed, actor=actor)


def _places(lots: Iterable[Lot]) -> dict[UUID, dict[Pair, Decimal]]:
    found: dict[UUID, dict[Pair, Decimal]] = {lot.pk: {} for lot in lots}
    for row in LotBalance.objects.filter(lot_id__in=found, on_hand__gt=0):
        found[row.lot_id][row.item_id, row.warehouse_id] = row.on_hand
    return found


def _claim(lots: Sequence[Lot], balances: dict[Pair, LockedBalance], actor: Actor) -> None:
    """Quantities are read again: the balances are locked by now."""
    needed: dict[Pair, Decimal] = defaultdict(Decimal)
    for found in _places(lots).values():
        for pair, qty in found.items():
            needed[pair] += qty
    claims = tuple(
        (*pair, qty) for pair, qty in sorted(needed.items()) if pair in balances and qty > balances[pair].available
    )
    if claims:
        events.publish(StockClaimed(lots[0].pk, claims, release=True, number=str(lots[0])), actor=actor)
