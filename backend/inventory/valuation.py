"""What goods are worth when they come and leave: one class per way of costing, all with the same three questions.

A holding knows what lies of an item in a warehouse and is kept up to date by being asked. Invariants of every holding:
an issue of everything takes all the value, so quantity 0 means value 0; a part never takes more than there is. Below
zero (where the warehouse allows it) goods are worth what they were provisionally issued at; the arrival that fills the
gap trues them up: ``Worth.true_up`` is what the goods that had left cost more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from backend.catalog.models import CostMethod
from backend.kernel.money import ZERO, allocate, cents

LAYERED = frozenset({CostMethod.FIFO, CostMethod.SPECIFIC})


@dataclass
class Layer:
    """What is left of an arrival. ``id`` is None until it is written; then ``arrival`` is the place of its move."""

    qty: Decimal
    value: Decimal
    id: int | None = None
    lot_id: UUID | None = None
    move_id: int | None = None
    day: date | None = None

    def share(self, qty: Decimal) -> Decimal:
        """The value of a part of the layer; all of it takes all."""
        return self.value if qty == self.qty else cents(self.value * qty / self.qty)


@dataclass
class Worth:
    """The value of a move, what the goods that had left before cost more, and (layer, quantity, value) entries."""

    value: Decimal
    true_up: Decimal = ZERO
    entries: list[tuple[Layer, Decimal, Decimal]] = field(default_factory=list)
    true_ups: list[tuple[Layer, Decimal, Decimal]] = field(default_factory=list)


@dataclass
class Holding:
    """Goods at the average of what lies there; the last piece takes the rest of the value."""

    on_hand: Decimal
    value: Decimal

    def receive(self, qty: Decimal, value: Decimal, **_arrival: object) -> Worth:
        """Goods come; those that had left before they came are trued up to what they cost."""
        true_up, after = ZERO, self.on_hand + qty
        if self.on_hand < 0:
            right = cents(value * after / qty) if after > 0 else cents(self.value * after / self.on_hand)
            true_up = self.value + value - right
        self.on_hand, self.value = after, self.value + value - true_up
        return Worth(value, true_up)

    def issue(
        self, qty: Decimal, *, provisional: Decimal = ZERO, at_cost: Decimal | None = None, **_which: object
    ) -> Worth:
        """Goods leave, at ``at_cost`` as far as there is that much; ``provisional`` values a piece that is not there."""
        held = max(self.on_hand, ZERO)
        if qty > held:
            value = max(self.value, ZERO) + cents((qty - held) * provisional)
        elif qty == held:
            value = self.value
        elif at_cost is not None:
            value = min(at_cost, self.value)
        else:
            value = cents(qty * self.value / held)
        self.on_hand, self.value = self.on_hand - qty, self.value - value
        return Worth(value)

    def revalue(self, amount: Decimal, **_which: object) -> Worth:
        """The goods that lie there are worth so much more (or less)."""
        self.value += amount
        return Worth(amount)


@dataclass
class LayeredHolding:
    """Goods by their arrivals, the oldest leaving first; with ``by_lot`` those of the lot that leaves."""

    layers: list[Layer]
    by_lot: bool = False

    @property
    def on_hand(self) -> Decimal:
        return sum((layer.qty for layer in self.layers), ZERO)

    def receive(
        self, qty: Decimal, value: Decimal, *, lot_id: UUID | None = None, day: date | None = None, **_: object
    ) -> Worth:
        """A new layer, after what had left before it came is filled."""
        worth, rest, left = Worth(value), qty, value
        for layer in [layer for layer in self.layers if layer.qty < 0]:
            fill = min(rest, -layer.qty)
            if not fill:
                break
            cost = left if fill == rest else cents(value * fill / qty)
            booked = -layer.share(-fill) if fill < -layer.qty else -layer.value
            self._enter(worth.entries, layer, fill, cost)
            self._enter(worth.true_ups, layer, ZERO, booked - cost)
            worth.true_up += cost - booked
            rest, left = rest - fill, left - cost
        if rest:
            layer = Layer(ZERO, ZERO, lot_id=lot_id, day=day)
            self.layers.append(layer)
            self._enter(worth.entries, layer, rest, left)
        return worth

    def issue(
        self,
        qty: Decimal,
        *,
        provisional: Decimal = ZERO,
        lot_id: UUID | None = None,
        origin_id: int | None = None,
        day: date | None = None,
        arrivals: Mapping[int, Decimal] | None = None,
        **_: object,
    ) -> Worth:
        """The goods of the lot leave first where lots are valued, then those of the origin, then the oldest.

        ``arrivals`` = how many leave of each arrival, where it is known of each piece.
        """
        worth, rest = Worth(ZERO), qty
        for layer in self._open() if arrivals else ():
            known = (arrivals or {}).get(layer.move_id or 0, ZERO)
            rest -= self._take(worth, layer, min(rest, layer.qty, known))
        for layer in sorted(self._open(), key=self._order(lot_id, origin_id)):
            take = min(rest, layer.qty)
            if not take:
                break
            rest -= self._take(worth, layer, take)
        if rest:
            value = cents(rest * provisional)
            layer = Layer(ZERO, ZERO, day=day)
            self.layers.append(layer)
            self._enter(worth.entries, layer, -rest, -value)
            worth.value += value
        return worth

    def revalue(
        self, amount: Decimal, *, lot_id: UUID | None = None, origin_id: int | None = None, **_: object
    ) -> Worth:
        """The layers of the origin are worth so much more; without one, those of the lot, or all by what they are worth."""
        open_layers = self._open()
        chosen = (
            [layer for layer in open_layers if origin_id and layer.move_id == origin_id]
            or [layer for layer in open_layers if lot_id and layer.lot_id == lot_id]
            or open_layers
        )
        worth = Worth(amount)
        for layer, part in zip(chosen, allocate(amount, self._weights(chosen)), strict=True):
            self._enter(worth.entries, layer, ZERO, part)
        return worth

    def _take(self, worth: Worth, layer: Layer, qty: Decimal) -> Decimal:
        """Take so much out of a layer, at its share of the value."""
        if qty:
            value = layer.share(qty)
            self._enter(worth.entries, layer, -qty, -value)
            worth.value += value
        return qty

    def _open(self) -> list[Layer]:
        return [layer for layer in self.layers if layer.qty > 0]

    def _order(self, lot_id: UUID | None, origin_id: int | None) -> Callable[[Layer], tuple[bool, bool]]:
        def order(layer: Layer) -> tuple[bool, bool]:
            return (self.by_lot and layer.lot_id != lot_id, origin_id is None or layer.move_id != origin_id)

        return order

    @staticmethod
    def _weights(layers: Sequence[Layer]) -> list[Decimal]:
        values = [layer.value for layer in layers]
        return values if any(values) else [layer.qty for layer in layers]

    @staticmethod
    def _enter(entries: list[tuple[Layer, Decimal, Decimal]], layer: Layer, qty: Decimal, value: Decimal) -> None:
        layer.qty, layer.value = layer.qty + qty, layer.value + value
        entries.append((layer, qty, value))
