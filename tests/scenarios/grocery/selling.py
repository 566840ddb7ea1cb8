"""The wholesaler's selling: orders, deliveries first expired first, signatures, goods that come back, counts, damage."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.availability.models import DemandLine
from backend.inventory.models import Lot, StockBalance
from backend.inventory.services import count_booking, counting, other
from backend.inventory.services.inputs import CountedInput, OtherIssueLineInput
from backend.sales.models import SalesDelivery, SalesOrder
from backend.sales.services import deliveries, orders, returns
from backend.sales.services.inputs import DecisionInput, LineInput, OrderData, ReturnData, ReturnLineInput
from backend.sales.services.signing import sign_delivery
from tests.scenarios.grocery.company import Grocer
from tests.scenarios.world import D

ORDER = SalesOrder.DOC_TYPE


class Selling(Grocer):
    """What the rep, the keeper and the customers do on a day."""

    def sell(self) -> None:
        """Shops order some goods each; a few orders are amended by being taken back and never come again."""
        for _order in range(self.size.sales):
            items = self.random.sample(self.items[: max(4, len(self.items) * 4 // 5)], self.random.randint(1, 3))
            lines = [
                LineInput(item.pk, D(self.random.randint(1, 9)), price=self.about(self.price[item.pk] * 2, 10))
                for item in items
            ]
            data = OrderData(self.random.choice(self.customers).pk, self.today + timedelta(days=1), tuple(lines))
            order = orders.save_order(data=data, **self.by("rep"))
            orders.approve_order(order_id=order.pk, **self.by("rep"))
            if self.turn("sell", 20) == 9:
                orders.unapprove_order(order_id=order.pk, **self.by("rep"))
                orders.void_order(order_id=order.pk, **self.by("rep"))

    def ship(self) -> None:
        """Everything reserved leaves; by the truth the first expired of it."""
        held = DemandLine.objects.filter(ref_type=ORDER, reserved_qty__gt=0)
        for order_id in list(dict.fromkeys(held.order_by("id").values_list("ref_id", flat=True))):
            made = deliveries.ship_order(order_id=order_id, **self.by("keeper"))
            self._note_delivery(made)
            if self.turn("ship", 15) == 9:
                self._take_delivery_back(made)
            elif self.chance(80):
                sign_delivery(delivery_id=made.pk, signed_by="王店长", **self.by_customer(made.customer_id))

    def _note_delivery(self, made: SalesDelivery) -> None:
        left: dict[UUID, list[tuple[UUID, Decimal]]] = defaultdict(list)
        for line in made.lines.order_by("line_no"):
            left[line.item_id].append((line.lot_id, line.qty))
            self.truth.shipped[line.order_line_id] += line.qty
            self.truth.sold(line.item_id, line.qty, self.today)
        for item_id, lots in left.items():
            expected = self.truth.first_expired(item_id, sum((qty for _lot, qty in lots), D(0)), self.today)
            assert sorted(lots) == sorted(expected), (made.number, "not first expired first out")
            for lot, qty in lots:
                self.truth.left(lot, qty)
        self.truth.owed_by[made.customer_id] += made.gross_amount

    def _take_delivery_back(self, made: SalesDelivery) -> None:
        """Booked by mistake: nothing of it ever happened; it is thrown away and shipped another time."""
        self.did["delivery taken back"] += 1
        gone = list(made.lines.all())
        deliveries.unapprove_delivery(delivery_id=made.pk, reason="wrong shop", **self.by("keeper"))
        deliveries.void_delivery(delivery_id=made.pk, **self.by("keeper"))
        for line in gone:
            self.truth.undone(line.lot_id, line.qty)
            self.truth.unsold(line.item_id, line.qty, self.today)
            self.truth.shipped[line.order_line_id] -= line.qty
        self.truth.owed_by[made.customer_id] -= made.gross_amount

    def take_goods_back(self) -> None:
        """A shop sends a delivery's first line back: fit pieces to the shelf, one to scrap."""
        found = SalesDelivery.objects.filter(approval="approved", doc_date__lt=self.today).order_by("-number")[:30]
        for delivery in self.random.sample(list(found), min(2, len(found))):
            line = delivery.lines.order_by("line_no").first()
            if line.qty - line.returned_qty < 2:
                continue
            data = ReturnData(lines=(ReturnLineInput(line.pk, D(2)),))
            made = returns.save_return(data=data, **self.by_customer(delivery.customer_id))
            returns.authorise_return(return_id=made.pk, **self.by("rep"))
            returns.receive_return(return_id=made.pk, **self.by("keeper"))
            self.did["goods taken back"] += 1
            decision = DecisionInput(made.lines.get().pk, D(1), D(1))
            made = returns.decide_return(return_id=made.pk, decisions=[decision], **self.by("keeper"))
            self.truth.came(Lot.objects.get(pk=line.lot_id), D(1), self.today)
            self.truth.owed_by[delivery.customer_id] -= made.gross_amount

    # --- the warehouse -------------------------------------------------------------------------
    def break_something(self) -> None:
        """A piece of what is free is dropped; expired goods are thrown away."""
        lots = [lot for lot in self.truth.lots.values() if lot.may_leave(self.today)]
        waste = [lot for lot in self.truth.lots.values() if lot.qty > 0 and lot.expiry < self.today]
        chosen = [(lot, lot.qty) for lot in waste[:3]]
        self.did["wasted"] += len(chosen)
        if lots:
            lot = self.random.choice(lots)
            if self._free_of(lot.item) >= 1:
                chosen.append((lot, D(1)))
                self.did["broken"] += 1
        if chosen:
            self._scrap(chosen)

    def _free_of(self, item_id: UUID) -> Decimal:
        return StockBalance.objects.get(item=item_id).available

    def _scrap(self, chosen: list[tuple[Any, Decimal]]) -> None:
        lines = [OtherIssueLineInput(lot.item, qty, lot_id=lot.id) for lot, qty in chosen]
        draft = other.save_other_issue(
            doc_date=self.today, warehouse_id=self.world.warehouse.pk, reason="scrap", lines=lines, **self.by("keeper")
        )
        other.approve_other_issue(document_id=draft.pk, **self.by("accountant"))
        for lot, qty in chosen:
            self.truth.left(lot.id, qty)

    def count(self) -> None:
        """A cycle count of some items with planted differences: a piece too few here, one too many there."""
        items = self.random.sample(self.items, min(8, len(self.items)))
        document = counting.save_count(
            doc_date=self.today,
            warehouse_id=self.world.warehouse.pk,
            item_ids=[item.pk for item in items],
            **self.by("keeper"),
        )
        counting.start_count(document_id=document.pk, **self.by("keeper"))
        rows, found = [], []
        for line in document.lines.order_by("line_no"):
            there = self.truth.lots[line.lot_id].qty if line.lot_id else D(0)
            off = (
                D(self.random.choice([0, 0, 0, -1, 1]))
                if line.lot_id and there >= 2 and self._free_of(line.item_id) >= 1
                else D(0)
            )
            rows.append(CountedInput(line.pk, there + off))
            if off:
                found.append((line, off))
        counting.record_counts(document_id=document.pk, counted=rows, **self.by("keeper"))
        document = count_booking.approve_count(document_id=document.pk, **self.by("accountant"))
        count_booking.settle_count(document_id=document.pk, disposition="non_operating", **self.by("accountant"))
        wrong = {line.pk: line.diff_qty for line in document.lines.all() if line.diff_qty}
        assert wrong == {line.pk: off for line, off in found}
        self.did["count difference"] += len(found)
        for line, off in found:
            if off > 0:
                self.truth.came(line.lot, off, self.today)
            else:
                self.truth.left(line.lot_id, -off)
