"""The wholesaler's buying: orders, answers, notices with lots, receipts, inspections, goods that go back, fees."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.inventory.models import Lot
from backend.inventory.services.lots import expire_lots
from backend.purchasing.models import Asn, Inspection, InspectionLine, PurchaseOrder, PurchaseOrderLine, PurchaseReceipt
from backend.purchasing.services import (
    asns,
    confirmations,
    inspections,
    landed_costs,
    orders,
    receipts,
    returns,
)
from backend.purchasing.services.inputs import (
    AnswerLine,
    AsnData,
    AsnLineInput,
    InspectionResult,
    LineInput,
    OrderData,
    PartInput,
    ReceiptData,
    ReceiptLineInput,
    ReturnData,
    ReturnLineInput,
)
from tests.scenarios.grocery.company import Grocer
from tests.scenarios.world import D

TARGET = 40


class Buying(Grocer):
    """What the buyer, the suppliers and the keeper do on a day."""

    def buy(self) -> None:
        """Order what runs low, by supplier; the supplier answers at once, in its own way."""
        wanted: dict[UUID, list[LineInput]] = {}
        coming = {
            row.item_id
            for row in PurchaseOrderLine.objects.filter(document__closing="open", document__approval="approved")
        }
        for item in self.items:
            if self.truth.on_hand(item.pk) < TARGET / 2 and item.pk not in coming:
                supplier = self.random.choice([item.supplier_id, self.random.choice(self.suppliers).pk])
                line = LineInput(item.pk, D(self.random.randint(20, TARGET)), price=self.about(self.price[item.pk], 3))
                wanted.setdefault(supplier, []).append(line)
        for supplier, lines in wanted.items():
            data = OrderData(supplier, self.today + timedelta(days=self.random.randint(1, 4)), lines)
            order = orders.save_order(data=data, **self.by("buyer"))
            orders.approve_order(order_id=order.pk, **self.by("buyer"))
            self._answer(order)

    def _answer(self, order: PurchaseOrder) -> None:
        """In full; in two parts; a part refused; a cent more, which the buyer takes or declines."""
        who, way = self.by_supplier(order.supplier_id), 3 * self.turn("answer", 10) % 10
        if way < 5:
            confirmations.confirm_order_all(order_id=order.pk, **who)
            return
        lines = [self._answer_line(line, way) for line in order.lines.order_by("line_no")]
        made = confirmations.answer_order(order_id=order.pk, lines=lines, **who)
        self.did["partly confirmed" if way < 8 else "price counter"] += 1
        if made.state == "proposed":
            accept = way < 9
            confirmations.decide_confirmation(confirmation_id=made.pk, accept=accept, **self.by("buyer"))
            if not accept:
                confirmations.confirm_order_all(order_id=order.pk, **self.by_supplier(order.supplier_id))

    def _answer_line(self, line: PurchaseOrderLine, way: int) -> AnswerLine:
        half, later = round(line.qty / 2), line.requested_date + timedelta(days=2)
        if way < 7:
            return AnswerLine(line.pk, [PartInput(half, line.requested_date), PartInput(line.qty - half, later)])
        if way < 8:
            return AnswerLine(line.pk, [PartInput(half, line.requested_date)], reject_reason="sold out")
        dearer = line.tax_incl_price + Decimal("0.01")
        return AnswerLine(line.pk, [PartInput(line.qty, line.requested_date, price=dearer)])

    # --- goods come ----------------------------------------------------------------------------
    def send(self) -> None:
        """Suppliers announce what is due tomorrow; one in six sends without a word."""
        due = PurchaseOrderLine.objects.filter(
            document__closing="open", document__approval="approved", schedule__date__lte=self.today + timedelta(days=1)
        )
        by_order: dict[UUID, list[PurchaseOrderLine]] = {}
        for line in due.distinct().select_related("document").order_by("document_id", "line_no"):
            open_qty = line.confirmed_qty - max(line.shipped_qty, line.received_qty)
            if open_qty > 0:
                line.to_send = open_qty  # type: ignore[attr-defined]
                by_order.setdefault(line.document_id, []).append(line)
        for lines in by_order.values():
            if self.turn("send", 4):
                self._announce(lines)
            else:
                self._come_unannounced(lines)

    def _announce(self, lines: list[Any]) -> None:
        given = [
            AsnLineInput(line.pk, line.to_send, lot_no=self.new_lot_no(), expiry_date=self.expiry()) for line in lines
        ]
        data = AsnData(given, expected_date=self.today + timedelta(days=1), carrier_name="SF")
        asns.submit_asn(data=data, **self.by_supplier(lines[0].document.supplier_id))

    def _come_unannounced(self, lines: list[Any]) -> None:
        given = [
            ReceiptLineInput(line.pk, line.to_send, lot_no=self.new_lot_no(), expiry_date=self.expiry())
            for line in lines
        ]
        order, late = lines[0].document_id, self.turn("late", 2) and self.today > self.month
        self.did["backdated" if late else "unannounced"] += 1
        if not late:
            made = receipts.receive_order(
                order_id=order, lines=given, supplier_note_no=self._note(), **self.by("keeper")
            )
        else:  # keyed on the day after, dated when the goods came
            data = ReceiptData(given, doc_date=self.today - timedelta(days=1), supplier_note_no=self._note())
            draft = receipts.save_receipt(data=data, **self.by("keeper"))
            made = receipts.approve_receipt(receipt_id=draft.pk, **self.by("keeper"))
        self._note_receipt(made)

    def _note(self) -> str:
        return f"DN-{self.random.randrange(10**9):09d}"

    def receive(self) -> None:
        """Scan yesterday's notices: in full, some pieces short, or a piece broken at the ramp."""
        waiting = Asn.objects.filter(state__in=["submitted", "in_transit", "arrived"], doc_date__lt=self.today)
        for notice in waiting.order_by("number"):
            row = notice.lines.order_by("line_no").first()
            way = self.turn("receive", 6)
            counted = {row.pk: row.qty - 2} if way == 0 and row.qty > 2 else None
            damaged = {row.pk: D(1)} if way == 1 and row.qty > 1 else None
            self.did.update({"short": counted is not None, "damaged": damaged is not None})
            made = receipts.receive_asn(
                asn_id=notice.pk,
                quantities=counted,
                damaged=damaged,
                supplier_note_no=self._note(),
                **self.by("keeper"),
            )
            self._note_receipt(made)

    def _note_receipt(self, made: PurchaseReceipt) -> None:
        for line in made.lines.select_related("lot", "item"):
            self.truth.came(line.lot, line.qty, made.doc_date, free=line.item.inspection == "none")
            self.truth.owed_to[made.supplier_id] += line.gross_amount

    def inspect(self) -> None:
        """Decide what waits; one in three rejects pieces, which go back or stay aside."""
        for made in Inspection.objects.filter(state="open").order_by("number"):
            results = [
                InspectionResult(line.pk, D(min(3, line.qty)), reason="damp")
                for line in made.lines.order_by("line_no")
                if self.turn("reject", 2)
            ]
            inspections.decide_inspection(inspection_id=made.pk, results=results, **self.by("keeper"))
            back = []
            for line in made.lines.select_related("rejected_lot"):
                good = self.truth.lots[line.lot_id]
                good.free = line.accepted_qty > 0
                self.did["rejected"] += bool(line.rejected_qty)
                if line.rejected_qty and line.rejected_lot_id != line.lot_id:
                    self.truth.left(line.lot_id, line.rejected_qty)
                    self.truth.came(line.rejected_lot, line.rejected_qty, self.today, free=False)
                if line.rejected_qty and self.turn("aside", 4):
                    back.append((line.receipt_line_id, line.rejected_qty, line.rejected_lot_id))
            if back:
                self._send_back(back, ("credit", "replacement")[self.turn("outcome", 2)])

    def _send_back(self, what: list[tuple[UUID, Decimal, UUID]], outcome: str) -> None:
        lines = [ReturnLineInput(line, qty) for line, qty, _lot in what]
        draft = returns.save_return(data=ReturnData(lines=lines, outcome=outcome), **self.by("keeper"))
        self.did["replaced" if outcome == "replacement" else "sent back"] += 1
        made = returns.approve_return(return_id=draft.pk, **self.by("keeper"))
        for _line, qty, lot in what:
            self.truth.left(lot, qty)
        self.truth.owed_to[made.supplier_id] -= made.gross_amount

    def send_goods_back(self) -> None:
        """Something of an earlier receipt was not as ordered."""
        found = PurchaseReceipt.objects.filter(approval="approved", doc_date__lt=self.today).order_by("-number")[:20]
        for receipt in self.random.sample(list(found), min(1, len(found))):
            line = receipt.lines.order_by("line_no").first()
            lot = self.truth.lots[line.lot_id]
            if (
                lot.qty >= 2
                and line.qty - line.returned_qty >= 2
                and not InspectionLine.objects.filter(receipt_line_id=line.pk).exists()
            ):
                self._send_back([(line.pk, D(2), line.lot_id)], ("credit", "replacement")[self.turn("outcome", 2)])

    def pay_freight(self) -> None:
        """A fee over the last receipts follows their goods into stock and cost of sales."""
        found = list(PurchaseReceipt.objects.filter(approval="approved").order_by("-number")[:3])
        rows = [line for receipt in found for line in receipt.lines.all() if line.returned_qty == 0]
        if not rows:
            return
        carrier = self.random.choice(self.suppliers)
        data = landed_costs.LandedCostData(
            supplier_id=carrier.pk,
            doc_date=self.today,
            fee_name="运费",
            amount=D(self.random.randint(1000, 30000)) / 100,
            lines=[landed_costs.FeeLineInput(row.pk) for row in rows],
            tax_rate=D(9),
            basis=self.random.choice(["value", "qty"]),
        )
        draft = landed_costs.save_landed_cost(data=data, **self.by("accountant"))
        made = landed_costs.approve_landed_cost(document_id=draft.pk, **self.by("accountant"))
        self.did["freight"] += 1
        assert made.stock_amount + made.sold_amount == made.net_amount
        self.truth.owed_to[carrier.pk] += made.gross_amount

    def lots_expire(self) -> None:
        """The morning's job; the truth expires by its dates alone."""
        expired = expire_lots(**self.by("keeper"))
        due = [lot for lot in self.truth.lots.values() if lot.free and lot.expiry < self.today]
        for lot in due:
            lot.free = False
        assert expired == len(due)
        assert set(Lot.objects.filter(state="expired").values_list("pk", flat=True)) >= {lot.id for lot in due}
