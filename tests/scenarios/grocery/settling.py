"""The wholesaler's settling: statements signed online with planted differences, invoices, money, the close."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from backend.accounting.services import closing
from backend.accounting.services.periods import close_period, ensure_period
from backend.inventory.services.costing_runs import run_costing
from backend.invoicing.claim_sheets import ClaimInput
from backend.invoicing.models import PurchaseInvoice, SalesInvoice, Statement
from backend.invoicing.services import answering, money, purchase_invoices, sales_invoices, statements
from backend.invoicing.services.differences import settle_rest
from backend.processes.order_to_cash import CannotInvoiceDeliveries, invoice_deliveries
from backend.processes.procure_to_pay import CannotInvoiceReceipts, invoice_statement, post_when_it_matches
from backend.processes.statements import (
    propose_customer_statement,
    propose_supplier_statement,
    submit_statement_list,
)
from backend.sales.models import SalesDelivery
from tests.factories.invoicing import fund
from tests.scenarios.grocery.company import Grocer
from tests.scenarios.world import D


class Settling(Grocer):
    """What accountants of all sides do."""

    # --- statements ----------------------------------------------------------------------------
    def state(self, *, last: bool = False) -> None:
        """A statement with every supplier that has something to state, signed by both and invoiced by the supplier."""
        for supplier in self.suppliers:
            if not last and self.chance(20):
                continue
            made = self._propose(propose_supplier_statement, supplier)
            if made is None:
                continue
            assert made.closing_amount == self.truth.owed_to[supplier.pk], supplier.name
            self._sign(made, self.by_supplier)
            if not last or self.chance(80):
                self._invoice(made)

    def state_customers(self) -> None:
        """The month's statement of every customer."""
        for customer in self.customers:
            made = self._propose(propose_customer_statement, customer)
            if made is None:
                assert not self.truth.owed_by[customer.pk]
                continue
            assert made.closing_amount == self.truth.owed_by[customer.pk], customer.name
            self._sign(made, self.by_customer)

    def _propose(self, propose: Any, party: Any) -> Statement | None:
        period = {"period_from": self.month, "period_to": self.today}
        try:
            return propose(party_id=party.pk, **period, **self.by("accountant"))  # type: ignore[no-any-return]
        except statements.CannotChangeStatement as refusal:
            if refusal.code != "nothing_to_state":
                raise
            return None

    def _sign(self, made: Statement, by_them: Any) -> None:
        """Accepted as it is; disputed and answered; or compared with their list, which is wrong in two rows."""
        way = self.turn("sign", 4)
        goods = list(made.lines.filter(kind="receipt").select_related("item").order_by("line_no"))
        about = {"statement_id": made.pk}
        if way == 0 and goods:
            self.did["disputed"] += 1
            line = self.random.choice(goods)
            statements.dispute_line(
                line_id=line.pk, reason="one more", their_qty=line.qty + 1, **about, **by_them(made.party_id)
            )
            answering.answer_dispute(line_id=line.pk, answer="signed for so much", **about, **self.by("accountant"))
        if way == 1 and len(goods) > 1:
            self._compare(made, goods, by_them)
        statements.accept_lines(**about, **by_them(made.party_id))
        statements.agree(side="them", **about, **by_them(made.party_id))
        done = statements.agree(side="us", **about, **self.by("accountant"))
        assert (done.state, done.closing_amount) == ("agreed", made.closing_amount)

    def _compare(self, made: Statement, goods: list[Any], by_them: Any) -> None:
        """One row says two pieces more, one is left out: exactly these two are found, and ours hold."""
        claims = [
            ClaimInput(
                number=line.their_number or line.source_number,
                qty=line.qty + (2 if place == 0 else 0),
                price=line.price,
                line_date=line.line_date,
                item_text=line.item.code,
                amount=line.amount + (line.price * 2 if place == 0 else 0),
            )
            for place, line in enumerate(goods[:-1])
        ]
        claims += [
            ClaimInput(
                number=line.their_number or line.source_number,
                qty=-line.qty,
                price=line.price,
                line_date=line.line_date,
                item_text=line.item.code,
                amount=-line.amount,
            )
            for line in made.lines.filter(kind="return").select_related("item")
        ]
        submit_statement_list(statement_id=made.pk, claims=claims, **by_them(made.party_id))
        found = sorted(made.differences.exclude(kind="rounding").values_list("kind", flat=True))
        assert found == ["missing", "quantity"], (made.number, found)
        self.did["compared"] += 1
        settle_rest(statement_id=made.pk, **by_them(made.party_id))

    # --- invoices and money --------------------------------------------------------------------
    def _invoice(self, made: Statement) -> None:
        """The supplier's invoice matches by itself; one in eight is dearer than agreed and is taken nevertheless."""
        supplier, more = made.party_id, {}
        goods = list(made.lines.filter(kind="receipt", source_line_id__isnull=False))
        if not goods:
            return
        if self.turn("invoice", 4) == 1:
            more = {"prices": {goods[0].source_line_id: goods[0].price + Decimal("0.10")}}
        try:
            draft = invoice_statement(
                statement_id=made.pk, external_no=made.number, **more, **self.by_supplier(supplier)
            )
        except CannotInvoiceReceipts as refusal:
            if refusal.code != "nothing_to_invoice":
                raise
            return
        invoice = post_when_it_matches(invoice_id=draft.pk, at=self.tick())
        if not invoice.is_approved:
            self.did["dearer invoice"] += 1
            assert more, (invoice.number, invoice.match_state)
            invoice = purchase_invoices.approve_invoice(
                invoice_id=draft.pk, accept_differences=True, **self.by("accountant")
            )
        for line in invoice.lines.all():
            self.truth.owed_to[supplier] += line.gross_amount - line.source_net - line.source_tax

    def invoice_shops(self, *, everything: bool = False) -> None:
        """Everything that was delivered by yesterday (at the end also today), one invoice for each shop."""
        found: dict[UUID, list[UUID]] = defaultdict(list)
        rows = SalesDelivery.objects.filter(
            approval="approved", doc_date__lt=self.today + timedelta(days=everything)
        ).exclude(lines__invoiced_qty__gt=0)
        for delivery in rows.order_by("number"):
            found[delivery.customer_id].append(delivery.pk)
        for deliveries in found.values():
            try:
                draft = invoice_deliveries(delivery_ids=deliveries, **self.by("accountant"))
            except CannotInvoiceDeliveries as refusal:
                if refusal.code != "nothing_to_invoice":
                    raise
                continue
            sales_invoices.approve_invoice(invoice_id=draft.pk, **self.by("accountant"))

    def pay(self) -> None:
        """Some suppliers are paid, some shops pay: a whole invoice, or a round sum in advance."""
        for invoice in self._open_invoices(PurchaseInvoice):
            amount = invoice.gross_amount - invoice.settled_amount
            data = self._money(invoice.supplier_id, amount, [(invoice.pk, amount)])
            draft = money.save_payment(data=data, **self.by("accountant"))
            money.approve_payment(payment_id=draft.pk, **self.by("accountant"))
            self.truth.owed_to[invoice.supplier_id] -= amount
            self.did["paid"] += 1
        for invoice in self._open_invoices(SalesInvoice):
            amount = invoice.gross_amount - invoice.settled_amount
            part = amount if self.chance(70) else round(amount / 2, 2)
            data = self._money(invoice.customer_id, part, [(invoice.pk, part)])
            draft = money.save_receipt(data=data, **self.by("accountant"))
            money.approve_receipt(receipt_id=draft.pk, **self.by("accountant"))
            self.truth.owed_by[invoice.customer_id] -= part
            self.did["collected"] += 1

    def _open_invoices(self, model: Any) -> list[Any]:
        found = model.objects.filter(approval="approved", gross_amount__gt=0).exclude(settled="full")
        rows = [row for row in found.order_by("number") if row.gross_amount > row.settled_amount]
        return self.random.sample(rows, len(rows) // 3)

    def _money(self, party_id: UUID, amount: Decimal, allocations: Any) -> money.MoneyData:
        return money.MoneyData(
            party_id=party_id,
            fund_account_id=fund().pk,
            doc_date=self.today,
            amount=D(amount),
            allocations=allocations,
        )

    # --- the close -----------------------------------------------------------------------------
    def close(self) -> Any:
        """The month's costing, the transfer of profit and loss, the close with its checklist."""
        run_costing(month=self.month, **self.by("accountant"))
        period = ensure_period(self.month)
        closing.transfer_profit(period_id=period.pk, **self.by("accountant"))
        self.clock = self.moment(self.size.days) + timedelta(hours=1)
        return close_period(period_id=period.pk, **self.by("accountant"))
