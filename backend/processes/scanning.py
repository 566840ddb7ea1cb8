"""What a scanned code stands for, and what a scan does at once: receive a shipping notice, pick and book out a delivery.

A code is the address in one of our QR codes, a document's number, a barcode, an item code or a lot number. Every deed
carries the key that its page made for it: sent again, however often, it is done once (INV-15).
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from backend.catalog.models import Item
from backend.inventory.models import Bin, Lot, Serial, StockBalance, WarehouseKind
from backend.inventory.selectors.bins import contents, stops_of
from backend.inventory.selectors.pieces import all_pieces
from backend.inventory.services.picking import lots_of
from backend.kernel import clock
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.kernel.idempotency import once
from backend.kernel.labels import as_key, named_by
from backend.kernel.money import plain
from backend.processes.picking_pieces import pick_piece, pieces_named
from backend.purchasing.models import Asn
from backend.purchasing.services.receipts import receive_asn
from backend.purchasing.states import ASN as ASN_STATES
from backend.sales.models import SalesDelivery
from backend.sales.services import handling
from backend.sales.services.shipping import approve_delivery

ASN, DELIVERY, LOT, ITEM, BIN, SERIAL = "asn", "delivery", "lot", "item", "bin", "serial"


@dataclass(frozen=True)
class ScannedLine:
    """A line to receive or to pick; ``codes`` are what may be scanned for it, ``bins`` where it goes or lies.

    ``key`` is what stands for the line itself where it can be picked, ``pieces`` are those that leave with it.
    """

    item_code: str
    item_name: str
    spec: str
    qty: Decimal
    unit: str
    lots: tuple[tuple[str, Decimal], ...]
    codes: tuple[str, ...]
    bins: tuple[tuple[str, Decimal], ...] = ()
    key: str = ""
    picked: bool = False
    pieces: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scanned:
    """What a code stands for. ``open`` says whether there is something left to do with it."""

    kind: str
    pk: UUID
    number: str
    title: str
    sub: str
    open: bool
    lines: tuple[ScannedLine, ...] = ()

    @property
    def picked(self) -> bool:
        """Whether nothing is left to pick."""
        return all(line.picked for line in self.lines)


def read_scan(text: str, *, actor: Actor, at: datetime) -> Scanned:
    """What the code stands for, as far as the actor may see it; raises NotFoundRefused."""
    code = _code_of(text)
    for permission, find in (
        ("purchasing.asn.view", _asn),
        ("sales.delivery.view", _delivery),
        ("inventory.lot.view", _lot),
        ("catalog.item.view", _item),
        ("inventory.stock.view", _bin),
        ("inventory.stock.view", _serial),
    ):
        found = find(code, at) if actor.may(permission) else None
        if found:
            return found
    raise NotFoundRefused(
        _("Nothing here has the code “%(code)s”.") % {"code": code[:60]}, field="code", value=code[:60]
    )


def _code_of(text: str) -> str:
    return named_by(text.strip())[1][:80]


def _asn(code: str, at: datetime) -> Scanned | None:
    notice = Asn.objects.select_related("supplier").filter(number__iexact=code).first()
    if notice is None:
        return None
    places = _places(notice)
    lines = tuple(
        ScannedLine(
            line.item.code,
            line.item.name,
            line.item.spec,
            line.qty,
            str(line.item.unit),
            ((line.lot_no, line.qty),) if line.lot_no else (),
            _codes(line.item, line.lot_no),
            places[line.pk],
        )
        for line in notice.lines.select_related("item__unit").order_by("line_no")
    )
    is_open = ASN_STATES.may(notice, "receive")
    return Scanned(ASN, notice.pk, notice.number, notice.supplier.label, notice.get_state_display(), is_open, lines)


def _delivery(code: str, at: datetime) -> Scanned | None:
    delivery = SalesDelivery.objects.select_related("customer").filter(number__iexact=code).first()
    if delivery is None:
        return None
    rows = delivery.lines.select_related("item__unit", "lot").prefetch_related("item__units")
    lines = list(rows.order_by("line_no"))
    stock: dict[UUID, list[Any]] = defaultdict(list)
    for lot in lots_of({(line.item_id, delivery.warehouse_id) for line in lines if line.item.lot_tracked}):
        if lot.may_leave(clock.day_of(at)):
            stock[lot.pair[0]].append(lot)
    places = _places(delivery)
    pieces = pieces_named(delivery, lines)
    made = tuple(
        replace(_to_pick(line, stock[line.item_id]), bins=places[line.pk], pieces=pieces.get(line.pk, ()))
        for line in lines
    )
    words = delivery.get_approval_display()
    return Scanned(DELIVERY, delivery.pk, delivery.number, delivery.customer.label, words, delivery.is_draft, made)


def _places(document: Any) -> dict[Any, tuple[tuple[str, Decimal], ...]]:
    """The bins of each line, in the order people walk; nothing where the warehouse has none."""
    found: dict[Any, tuple[tuple[str, Decimal], ...]] = defaultdict(tuple)
    for stop in stops_of(document):
        found[stop.line_id] += ((stop.bin.code, stop.qty),)
    return found


def _to_pick(line: Any, stock: list[Any]) -> ScannedLine:
    """The lots that will leave: the one that is named, else first expired first."""
    chosen: list[tuple[str, Decimal]] = [(line.lot.lot_no, line.qty)] if line.lot else []
    labels = [str(line.lot.pk)] if line.lot else []
    rest = line.qty if not line.lot else Decimal(0)
    for lot in stock:
        take = min(rest, lot.free)
        if take > 0:
            lot.free -= take
            rest -= take
            chosen.append((lot.lot_no, take))
            labels.append(str(lot.lot_id))
    item = line.item
    packings = [unit.barcode for unit in item.units.all()]
    codes = _codes(item, *(lot_no for lot_no, _qty in chosen), *labels, *packings, str(item.pk))
    given = (item.code, item.name, item.spec, line.qty, str(item.unit), tuple(chosen), codes)
    return ScannedLine(*given, key=str(line.pk), picked=line.picked_at is not None or not item.is_stocked)


def _codes(item: Item, *more: str) -> tuple[str, ...]:
    return tuple(code for code in (item.barcode, item.code, *more) if code)


def _lot(code: str, at: datetime) -> Scanned | None:
    key = as_key(code)
    same = Q(pk=key) if key else Q(lot_no__iexact=code) | Q(supplier_lot_no__iexact=code)
    lot = Lot.objects.select_related("item").filter(same).order_by("-created_at", "-id").first()
    if lot is None:
        return None
    return Scanned(LOT, lot.pk, lot.lot_no, f"{lot.item.code} {lot.item.name}", lot.get_state_display(), False)


def _item(code: str, at: datetime) -> Scanned | None:
    key = as_key(code)
    same = Q(pk=key) if key else Q(barcode=code) | Q(code__iexact=code) | Q(units__barcode=code)
    item = Item.objects.select_related("unit").filter(same).first()
    if item is None:
        return None
    return Scanned(ITEM, item.pk, item.code, f"{item.name} {item.spec}".strip(), _in_stock(item), False)


def _in_stock(item: Item) -> str:
    """How much lies in the warehouses; nothing is said of what has no stock."""
    if not item.is_stocked:
        return ""
    there = StockBalance.objects.filter(item=item, warehouse__kind=WarehouseKind.STOCK)
    total = there.aggregate(total=Sum("on_hand"))["total"] or Decimal(0)
    return _("%(qty)s %(unit)s on hand") % {"qty": plain(total), "unit": item.unit}


def _bin(code: str, at: datetime) -> Scanned | None:
    """A bin with what lies in it."""
    key = as_key(code)
    same = Q(pk=key) if key else Q(code__iexact=code)
    found = Bin.objects.select_related("warehouse").filter(same).order_by("-warehouse__is_default").first()
    if found is None:
        return None
    lines = tuple(
        ScannedLine(
            row.item.code,
            row.item.name,
            row.item.spec,
            row.on_hand,
            str(row.item.unit),
            ((row.lot.lot_no, row.on_hand),) if row.lot else (),
            _codes(row.item, row.lot.lot_no if row.lot else ""),
        )
        for row in contents().filter(bin=found).order_by("item__sort_key", "lot__lot_no")[:200]
    )
    return Scanned(BIN, found.pk, found.code, str(found.warehouse), found.zone, False, lines)


def _serial(code: str, at: datetime) -> Scanned | None:
    key = as_key(code)
    piece = (
        all_pieces()
        .filter(Q(pk=key) if key else Q(serial_no__in=[code, code.upper()]))
        .order_by("-created_at", "-id")
        .first()
    )
    if piece is None:
        return None
    where = str(piece.warehouse) if piece.warehouse else ""
    return Scanned(SERIAL, piece.pk, piece.serial_no, f"{piece.item.code} {piece.item.name}", where, False)


# --- deeds -------------------------------------------------------------------------------------
def receive_by_scan(*, text: str, key: str, actor: Actor, at: datetime) -> str:
    """Receive the shipping notice as announced; returns the number of the receipt."""
    actor.require("purchasing.receipt.approve")
    notice = _asn(_code_of(text), at)
    if notice is None:
        raise NotFoundRefused(_("This is not a shipping notice."), field="code", value=text[:60])

    def act() -> tuple[int, Any]:
        return 201, receive_asn(asn_id=notice.pk, actor=actor, at=at).number

    return _once("receive", notice, key, act, actor, at)


def ship_by_scan(*, text: str, key: str, actor: Actor, at: datetime) -> str:
    """Book a picked delivery out; returns its number."""
    actor.require("sales.delivery.approve")
    delivery = _delivery(_code_of(text), at)
    if delivery is None:
        raise NotFoundRefused(_("This is not a delivery."), field="code", value=text[:60])

    def act() -> tuple[int, Any]:
        return 200, approve_delivery(delivery_id=delivery.pk, actor=actor, at=at).number

    return _once("ship", delivery, key, act, actor, at)


def pick_by_scan(*, text: str, number: str, key: str, actor: Actor, at: datetime) -> Scanned:
    """Tick off the line of a delivery whose label was scanned (the line itself, or one of its pieces); returns what is left."""
    actor.require("sales.delivery.edit")
    delivery, code = _delivery(_code_of(number), at), _code_of(text)
    if delivery is None:
        raise NotFoundRefused(_("This is not a delivery."), field="code", value=number[:60])

    def act() -> tuple[int, Any]:
        if line_id := _line_of(delivery, code):
            handling.pick_lines(delivery_id=delivery.pk, line_ids=[line_id], actor=actor, at=at)
        elif not pick_piece(delivery_id=delivery.pk, code=code, key=as_key(code), actor=actor, at=at):
            raise NotFoundRefused(
                _("“%(code)s” is not on %(number)s.") % {"code": _told(code), "number": delivery.number},
                field="code",
                value=code[:60],
            )
        return 200, delivery.number

    _once(f"pick {code}", delivery, key, act, actor, at)
    return _delivery(delivery.number, at) or delivery


def _line_of(delivery: Scanned, code: str) -> UUID | None:
    """The first line to pick that the code stands for; one that is picked already when there is no other."""
    fitting = [line for line in delivery.lines if code.lower() in {line.key, *map(str.lower, line.codes)}]
    return UUID(next((line for line in fitting if not line.picked), fitting[0]).key) if fitting else None


def _told(code: str) -> str:
    """What a label says to people: a piece's number in place of its key."""
    piece = Serial.objects.filter(pk=key).first() if (key := as_key(code)) else None
    return str(piece) if piece else code[:60]


def pack_by_scan(*, text: str, key: str, actor: Actor, at: datetime) -> Scanned:
    """Say that a picked delivery is packed."""
    actor.require("sales.delivery.edit")
    delivery = _delivery(_code_of(text), at)
    if delivery is None:
        raise NotFoundRefused(_("This is not a delivery."), field="code", value=text[:60])

    def act() -> tuple[int, Any]:
        return 200, handling.pack_delivery(delivery_id=delivery.pk, actor=actor, at=at).number

    _once("pack", delivery, key, act, actor, at)
    return delivery


def _once(deed: str, found: Scanned, key: str, act: Callable[[], tuple[int, Any]], actor: Actor, at: datetime) -> str:
    if not re.fullmatch(r"[0-9a-zA-Z-]{16,64}", key):
        raise ValidationRefused(_("The scan has no key of its own."), field="key", value=key[:60])
    who = actor.member_id or actor.name
    _status, number, _again = once(f"scan:{who}:{key}", {"deed": deed, "number": found.number}, act, at=at)
    return str(number)
