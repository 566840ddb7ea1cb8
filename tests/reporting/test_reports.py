"""Reports say what the books hold: statements balance, ledgers run, ages and figures come out to the cent."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from backend.accounting.models import Account, AccountRole, Period
from backend.accounting.services import closing
from backend.accounting.services.vouchers import VoucherLineInput, enter_voucher
from backend.invoicing.services import money
from backend.kernel.actor import Actor
from backend.kernel.errors import NotFoundRefused, ValidationRefused
from backend.reporting import ageing, kpis, ledger, statements, trial_balance
from tests.factories.accounting import AT, DAY, D, account, make_item, make_party, post
from tests.factories.invoicing import ROBOT, buy, deliver, money_data, receive, sell

CHIEF = Actor(kind="staff", name="Chief", permissions=frozenset({"*"}))


def by_hand(debit: str, credit: str, amount, day=DAY) -> None:
    lines = [VoucherLineInput(role=debit, debit=D(amount)), VoucherLineInput(role=credit, credit=D(amount))]
    enter_voucher(date=day, summary="x", lines=lines, actor=CHIEF, at=AT)


@pytest.fixture
def company(tenant):
    """A little company: capital, goods bought and sold, money both ways, some expense."""
    supplier, customer, item = make_party("Supplier", supplier=True), make_party("Customer"), make_item()
    by_hand("bank", "paid_in_capital", 5000, date(2026, 1, 5))
    by_hand("admin_entertainment", "bank", 120, date(2026, 10, 9))
    receipt = receive(supplier, [(item, 100, 10)], day=date(2026, 10, 12))
    purchase = buy(supplier, receipt, day=date(2026, 10, 15))
    sale = sell(customer, deliver(customer, [(item, 40, 20)], day=date(2026, 11, 3)), day=date(2026, 11, 4))
    taken = money.save_receipt(data=money_data(customer, 1000, [(sale, 500)]), actor=ROBOT, at=AT)
    money.approve_receipt(receipt_id=taken.pk, actor=ROBOT, at=AT)
    paid = money.save_payment(data=money_data(supplier, 300, [(purchase, 300)]), actor=ROBOT, at=AT)
    money.approve_payment(payment_id=paid.pk, actor=ROBOT, at=AT)
    return {"supplier": supplier, "customer": customer, "item": item, "sale": sale, "purchase": purchase}


class TestRules:
    def test_every_account_of_the_balance_sheet_has_one_line(self, tenant):
        """So assets equal liabilities and equity whatever is posted."""
        formulas = {rule.line: rule.formula for rule in statements.rules_of("balance_sheet") if rule.kind == "line"}
        for leaf in Account.objects.filter(is_leaf=True).exclude(kind="pl"):
            names = {leaf.code, *(leaf.code.rpartition(".")[0].split() or []), leaf.code.split(".")[0]}
            named = [line for line, formula in formulas.items() for name in names if f"({name})" in formula]
            partners = [line for line, formula in formulas.items() for name in names if f"_partners({name})" in formula]
            assert (len(named) == 1 and not partners) or (len(named) == 2 and len(partners) == 2), leaf

    def test_statements_have_the_lines_of_the_standard(self):
        assert [rule.line for rule in statements.rules_of("balance_sheet")] == list(range(1, 54))
        assert [rule.line for rule in statements.rules_of("income_statement")] == list(range(1, 33))


class TestBalanceSheet:
    def test_it_balances_before_and_after_the_transfer_of_profit(self, company):
        for _turn in range(2):
            sheet = statements.balance_sheet("2026-11")
            assert sheet.balanced
            assert sheet.amount(1) == 5000 - 120 + 1000 - 300
            assert sheet.amount(4) == 904 - 500
            assert sheet.amount(9) == sheet.amount(12) == 600
            assert sheet.amount(33) == 1130 - 300
            assert sheet.amount(34) == 500
            assert sheet.amount(36) == 104 - 130
            assert sheet.amount(51) == 800 - 400 - 120
            assert sheet.amount(30) == sheet.amount(53)
            assert sheet.amount(30, "opening") == 0
            closing.transfer_profit(period_id=Period.objects.get(code="2026-11").pk, actor=CHIEF, at=AT)

    def test_a_party_on_the_other_side_is_shown_there(self, tenant):
        owing, ahead = make_party(), make_party()
        post(("ar", 100, 0, owing.pk), ("revenue", 0, 100))
        post(("bank", 30, 0), ("ar", 0, 30, ahead.pk))
        sheet = statements.balance_sheet("2026-11")
        assert (sheet.amount(4), sheet.amount(34)) == (100, 30)
        assert sheet.balanced

    def test_the_year_begins_with_what_the_former_left(self, tenant):
        by_hand("bank", "paid_in_capital", 100, date(2026, 12, 1))
        sheet = statements.balance_sheet("2027-02")
        assert (sheet.amount(48, "opening"), sheet.amount(48, "closing")) == (100, 100)

    def test_two_statements_of_sql(self, company):
        with CaptureQueriesContext(connection) as seen:
            statements.balance_sheet("2026-11")
        assert len(seen) == 2

    def test_labels_in_both_languages(self, company):
        line = statements.balance_sheet("2026-11").lines[3]
        with translation.override("zh-hans"):
            assert line.label == "应收账款"
        with translation.override("en"):
            assert line.label == "Accounts receivable"
        assert line.accounts == ("1122", "2203")


class TestIncomeStatement:
    def test_month_and_year_to_date_whether_transferred_or_not(self, company):
        for _turn in range(2):
            income = statements.income_statement("2026-11")
            assert (income.amount(1), income.amount(2)) == (800, 400)
            assert (income.amount(14, "period"), income.amount(14)) == (0, 120)
            assert income.amount(16) == 120
            assert (income.amount(32, "period"), income.amount(32)) == (400, 280)
            assert statements.income_statement("2026-01", "2026-11").amount(32, "period") == 280
            closing.transfer_profit(period_id=Period.objects.get(code="2026-11").pk, actor=CHIEF, at=AT)

    def test_it_ties_to_the_balance_sheet(self, company):
        income, sheet = statements.income_statement("2026-11"), statements.balance_sheet("2026-11")
        assert income.amount(32) == sheet.amount(51, "closing") - sheet.amount(51, "opening")

    def test_months_the_books_do_not_have(self, tenant):
        with pytest.raises(NotFoundRefused):
            statements.income_statement("1999-01")
        with pytest.raises(NotFoundRefused):
            statements.income_statement("2026-11", "2026-10")


class TestTrialBalance:
    def test_opening_movement_and_closing_up_the_chart(self, company):
        with CaptureQueriesContext(connection) as seen:
            found = trial_balance.trial_balance("2026-11")
        assert len(seen) == 3
        assert found.balanced
        rows = {row.account.code: row for row in found.rows}
        assert (rows["1002"].opening_debit, rows["1002"].debit, rows["1002"].credit) == (4880, 1000, 300)
        assert rows["1002"].closing_debit == 5580
        vat = rows["2221"]
        assert (vat.opening, vat.closing) == (130, 130 - 104)
        assert (rows["2221.01.05"].closing_credit, rows["2221.01"].closing_debit) == (104, 26)
        assert [row.depth for row in found.rows if row.account.code.startswith("2221")] == [0, 1, 2, 2]
        assert found.totals["closing_debit"] == found.totals["closing_credit"]
        assert "1601" not in rows
        assert len(trial_balance.trial_balance("2026-11", with_empty=True, depth=0).rows) == 68

    def test_by_party(self, company):
        (row,) = trial_balance.party_balances("1122", "2026-11")
        assert (row.party, row.opening, row.debit, row.credit, row.closing) == (company["customer"], 0, 904, 500, 404)
        (payable,) = trial_balance.party_balances("2202", "2026-10", "2026-11")
        assert payable.closing == 830


class TestLedger:
    def test_running_balance_page_by_page(self, tenant):
        for number in range(1, 26):
            post(("bank", number, 0), ("revenue", 0, number), day=date(2026, 11, 1) + timedelta(days=number % 7))
        post(("bank", 1000, 0), ("revenue", 0, 1000), day=date(2026, 10, 1))
        whole = ledger.general_ledger("1002", "2026-11", limit=100)
        assert (whole.opening, whole.debit, whole.closing, whole.after) == (1000, 325, 1325, "")
        assert whole.entries[-1].balance == whole.closing
        pages, after = [], ""
        while True:
            with CaptureQueriesContext(connection) as seen:
                page = ledger.general_ledger("1002", "2026-11", limit=7, after=after)
            assert len(seen) <= 5
            pages += page.entries
            after = page.after
            if not after:
                break
        assert [(e.line.pk, e.balance) for e in pages] == [(e.line.pk, e.balance) for e in whole.entries]

    def test_parents_parties_and_the_way_to_the_document(self, company):
        page = ledger.general_ledger("1122", "2026-11", party_id=company["customer"].pk)
        assert [(entry.line.debit, entry.line.credit, entry.balance) for entry in page.entries] == [
            (904, 0, 904),
            (0, 500, 404),
        ]
        assert (page.entries[0].source_type, page.entries[0].source_number) == (
            "invoicing.sales_invoice",
            company["sale"].number,
        )
        above = ledger.general_ledger("2221", "2026-10", "2026-11")
        assert (above.closing, len(above.entries)) == (-26, 2)
        with pytest.raises(NotFoundRefused):
            ledger.general_ledger("9999", "2026-11")
        with pytest.raises(ValidationRefused):
            ledger.general_ledger("1002", "2026-11", after="nonsense")


class TestAgeing:
    def test_buckets_by_days_overdue(self, tenant):
        customer, item, supplier = make_party("Late"), make_item(), make_party(supplier=True)
        receive(supplier, [(item, 100, 1)], day=date(2026, 6, 1))
        for days in (0, 1, 30, 31, 61, 91):
            due = DAY - timedelta(days=days)
            sell(
                customer, deliver(customer, [(item, 1, 100)], day=date(2026, 7, 1)), day=date(2026, 7, 1), due_date=due
            )
        advance = money.save_receipt(data=money_data(customer, 50), actor=ROBOT, at=AT)
        money.approve_receipt(receipt_id=advance.pk, actor=ROBOT, at=AT)
        with CaptureQueriesContext(connection) as seen:
            found = ageing.ageing("receivable", DAY)
        assert len(seen) == 1
        (row,) = found.rows
        assert (row.not_due, row.overdue, row.advances) == (113, (226, 113, 113, 113), 50)
        assert (row.total_overdue, row.balance, row.oldest_due) == (565, 628, DAY - timedelta(days=91))
        assert found.totals.open_amount == 678

    def test_funds_by_week_and_partners_on_both_sides(self, tenant):
        both = make_party("Both", customer=True, supplier=True)
        item = make_item()
        by_hand("bank", "paid_in_capital", 12000)
        buy(both, receive(both, [(item, 30, 1000)]), due_date=DAY + timedelta(days=9))
        sell(both, deliver(both, [(item, 25, 2000)]), due_date=DAY + timedelta(days=20))
        weeks = ageing.funds_by_week(DAY)
        assert [(week.incoming, week.outgoing) for week in weeks[:4]] == [(0, 0), (0, 0), (0, 33900), (56500, 0)]
        assert sum(week.incoming for week in weeks) == 56500
        assert sum(week.outgoing for week in weeks) == 33900
        assert weeks[-1].balance == 12000 + 56500 - 33900
        (row,) = ageing.both_sides()
        assert (row.receivable, row.payable, row.net) == (56500, 33900, 22600)


class TestFigures:
    def test_the_home_page(self, company):
        with CaptureQueriesContext(connection) as seen:
            found = {kpi.code: kpi for kpi in kpis.home_kpis(DAY)}
        assert len(seen) == 4
        assert (found["sales_net"].value, found["sales_net"].n) == (800, 1)
        assert found["gross_margin"].value == Decimal("50.0")
        assert (found["gross_margin"].numerator, found["gross_margin"].denominator) == (400, 800)
        assert found["gross_margin"].former is None
        assert (found["receivable"].value, found["receivable_overdue"].value) == (404, 0)
        assert found["payable"].value == 830
        assert found["cash"].value == 5580
        assert found["on_time_delivery"].value is None

    def test_ranges(self):
        assert kpis.month_of(DAY) == kpis.Range(date(2026, 11, 1), DAY)
        assert kpis.quarter_of(DAY).first == date(2026, 10, 1)
        assert kpis.RANGES["today"](DAY).former == kpis.Range(DAY - timedelta(days=1), DAY - timedelta(days=1))

    def test_revenue_by_month_and_automatic_vouchers(self, company):
        months = kpis.revenue_by_month(DAY, months=3)
        assert [(month.code, month.revenue, month.cost) for month in months] == [
            ("2026-09", 0, 0),
            ("2026-10", 0, 0),
            ("2026-11", 800, 400),
        ]
        share = kpis.automatic_vouchers(kpis.Range(date(2026, 1, 1), DAY))
        assert (share.numerator, share.denominator) == (6, 8)

    def test_on_time_delivery_counts_lines_by_the_first_promise(self, tenant):
        from backend.availability.models import DemandLine, Promise
        from backend.sales.models import SalesOrderLine

        customer, item = make_party(), make_item()
        receive(make_party(supplier=True), [(item, 100, 1)], day=date(2026, 11, 1))
        for promised, shipped in ((5, 4), (5, 5), (5, 6), (20, 20)):
            deliver(customer, [(item, 1, 10)], day=date(2026, 11, shipped))
            line = SalesOrderLine.objects.order_by("-id").first()
            demand = DemandLine.objects.create(
                item=item,
                warehouse=line.document.warehouse,
                ref_type="sales.order",
                ref_id=line.document_id,
                ref_number=line.document.number,
                ref_line_id=line.pk,
                ref_line_no=1,
                qty=1,
                open_qty=0,
                required_date=DAY,
                registered_at=AT,
            )
            Promise.objects.create(demand=demand, first_date=date(2026, 11, promised), first_at=AT, revised_at=AT)
        found = kpis.on_time_delivery(kpis.month_of(DAY), DAY)
        assert (found.numerator, found.denominator, found.value) == (3, 4, D("75.0"))


def test_roles_of_the_reports_exist(tenant):
    assert AccountRole.objects.filter(role__in=["cash", "bank", "other_cash", "revenue", "cogs"]).count() == 5
    assert account("revenue").kind == "pl"
