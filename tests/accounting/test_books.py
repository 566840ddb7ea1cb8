"""What the services of accounting promise."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from backend.accounting import chart, checks, selectors
from backend.accounting.events import VoucherPosted
from backend.accounting.models import Account, AccountBalance, AccountRole, Period, Voucher, VoucherLine
from backend.accounting.services import closing, periods, vouchers
from backend.accounting.services.vouchers import CannotPostVoucher, CannotReverseVoucher, VoucherLineInput
from backend.kernel import events
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, PermissionRefused
from tests.factories.accounting import AT, DAY, D, account, balance, make_party, post

CLERK = Actor(
    kind="staff", name="Clerk", permissions=frozenset({"accounting.voucher.edit", "accounting.voucher.unapprove"})
)


def check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


class TestChart:
    def test_a_general_taxpayer_gets_the_66_accounts_and_the_vat_columns(self, tenant):
        first_level = Account.objects.filter(parent=None).exclude(code__in=["1406", "1409"])
        assert first_level.count() == 66
        assert Account.objects.get(code="2221.01.01").name == "进项税额"
        assert not Account.objects.get(code="2221.01").is_leaf
        assert selectors.has_input_vat()

    def test_every_role_points_to_an_account_and_parents_have_children(self, tenant):
        assert AccountRole.objects.count() > 60
        assert not Account.objects.filter(is_leaf=False, children=None).exists()
        assert not Account.objects.filter(is_leaf=True, children__isnull=False).exists()

    def test_small_scale_taxpayers_have_one_vat_account_and_no_input_vat(self):
        rows = {row.role: row for row in chart.rows_for("small_enterprise", "small_scale") if row.role}
        assert rows["vat_output"].code == "2221.01"
        assert "vat_input" not in rows
        codes = [row.code for row in chart.rows_for("small_enterprise", "small_scale")]
        assert len(codes) == len(set(codes))

    def test_labels_follow_the_reader(self, tenant):
        from django.utils import translation

        with translation.override("zh-hans"):
            assert str(account("ar")) == "1122 应收账款"
        with translation.override("en"):
            assert str(account("ar")) == "1122 Accounts receivable"


class TestPosting:
    def test_a_voucher_is_numbered_and_moves_balances_by_party(self, tenant):
        party = make_party()
        first = post(("ar", "113", 0, party.pk), ("revenue", 0, "100"), ("vat_output", 0, "13"))
        second = post(("ar", "-13", 0, party.pk), ("revenue", 0, "-13"))
        check_constraints()
        assert second.serial == first.serial + 1
        assert first.number == f"记-202611-{first.serial:04d}"
        assert selectors.voucher_by_number(first.number) == first
        assert balance("ar", party) == 100
        assert balance("revenue") == -87
        assert AccountBalance.objects.get(account=account("revenue"), period__code="2026-11").party_id is None

    def test_english_books_have_an_english_word(self, tenant, beta):
        from backend.kernel.tenancy import run_in

        with run_in(beta):
            voucher = post(("bank", "10", 0), ("revenue", 0, "10"))
            assert voucher.number == "JV-202611-0001"
            assert selectors.voucher_by_number(voucher.number) == voucher

    def test_posting_takes_at_most_six_statements(self, tenant):
        party = make_party()
        with transaction.atomic(), CaptureQueriesContext(connection) as seen:
            post(*[("ar", "1", 0, party.pk) for _ in range(50)], ("revenue", 0, "50"))
        assert len(seen) <= 6

    def test_what_does_not_balance_is_refused_with_the_difference(self, tenant):
        with pytest.raises(CannotPostVoucher) as refused:
            post(("bank", "10", 0), ("revenue", 0, "9.99"))
        assert refused.value.problems[0].code == "voucher_not_balanced"
        assert refused.value.problems[0].value == D("0.01")

    def test_all_problems_come_at_once(self, tenant):
        with pytest.raises(CannotPostVoucher) as refused:
            post(("ar", "10", 0), ("nobody", 0, "9"))
        assert [problem.line for problem in refused.value.problems] == [1, 2, None]

    def test_lines_of_nothing_are_left_out_and_one_line_is_no_voucher(self, tenant):
        voucher = post(("bank", "10", 0), ("revenue", 0, "10"), ("vat_output", 0, 0))
        assert voucher.lines.count() == 2
        with pytest.raises(CannotPostVoucher):
            post(("bank", 0, 0), ("revenue", 0, 0))

    def test_a_month_that_is_missing_is_made(self, tenant):
        last = Period.objects.order_by("start_date").last()
        day = date(last.end_date.year + 1, 3, 15)
        voucher = post(("bank", "10", 0), ("revenue", 0, "10"), day=day)
        assert voucher.period.code == f"{day:%Y-%m}"
        assert Period.objects.filter(start_date__gt=last.start_date).count() == 3

    def test_subscribers_hear_of_it(self, tenant, monkeypatch):
        heard = []
        monkeypatch.setitem(events._handlers["now"], VoucherPosted, [lambda event, actor: heard.append(event)])
        voucher = post(("bank", "10", 0), ("revenue", 0, "10"))
        assert [(event.aggregate_id, event.number) for event in heard] == [(voucher.pk, voucher.number)]


class TestReversal:
    def test_a_reversal_is_red_on_the_same_sides(self, tenant):
        voucher = post(("bank", "10", 0), ("revenue", 0, "10"))
        red = vouchers.reverse_voucher(voucher_id=voucher.pk, actor=CLERK, at=AT)
        check_constraints()
        assert [(line.debit, line.credit) for line in red.lines.order_by("line_no")] == [(-10, 0), (0, -10)]
        assert red.voucher_date == voucher.voucher_date
        assert balance("bank") == 0
        with pytest.raises(CannotReverseVoucher):
            vouchers.reverse_voucher(voucher_id=voucher.pk, actor=CLERK, at=AT)
        with pytest.raises(CannotReverseVoucher):
            vouchers.reverse_voucher(voucher_id=red.pk, actor=CLERK, at=AT)

    def test_after_the_close_it_is_dated_today(self, tenant):
        voucher = post(("bank", "10", 0), ("revenue", 0, "10"), day=date(2026, 10, 5))
        Period.objects.filter(code="2026-10").update(state="closed")
        red = vouchers.reverse_voucher(voucher_id=voucher.pk, actor=CLERK, at=AT)
        assert red.voucher_date == DAY

    def test_all_vouchers_of_a_document_go_at_once_and_may_be_posted_again(self, tenant):
        source = vouchers.SourceRef("test.document", make_party().pk, "X-1")
        post(("bank", "10", 0), ("revenue", 0, "10"), source=source)
        post(("bank", "5", 0), ("revenue", 0, "5"), source=source, rule="other")
        reds = vouchers.reverse_source(source_id=source.id, actor=CLERK, at=AT)
        assert len(reds) == 2
        assert vouchers.reverse_source(source_id=source.id, actor=CLERK, at=AT) == []
        assert post(("bank", "12", 0), ("revenue", 0, "12"), source=source)
        assert balance("bank") == 12

    def test_summary_is_in_the_language_of_the_books(self, tenant):
        from django.utils import translation

        voucher = post(("bank", "10", 0), ("revenue", 0, "10"), summary="Sale")
        with translation.override("en"):
            red = vouchers.reverse_voucher(voucher_id=voucher.pk, actor=CLERK, at=AT)
        assert voucher.number in red.summary


class TestByHand:
    def lines(self, debit="bank", credit="paid_in_capital", amount="1000"):
        return [VoucherLineInput(role=debit, debit=D(amount)), VoucherLineInput(role=credit, credit=D(amount))]

    def test_a_voucher_is_entered_and_reversed(self, tenant):
        voucher = vouchers.enter_voucher(date=DAY, summary="Capital", lines=self.lines(), actor=CLERK, at=AT)
        assert voucher.source_id is None
        vouchers.reverse_entered_voucher(voucher_id=voucher.pk, reason="wrong", actor=CLERK, at=AT)
        assert balance("bank") == 0

    def test_the_right_is_needed(self, tenant):
        with pytest.raises(PermissionRefused):
            vouchers.enter_voucher(
                date=DAY, summary="x", lines=self.lines(), actor=Actor(kind="staff", name="Nobody"), at=AT
            )

    @pytest.mark.parametrize("role", ["ar", "ap_trade", "inventory", "ap_grni", "goods_dispatched", "prepayment"])
    def test_accounts_that_documents_keep_are_refused(self, tenant, role):
        party = make_party()
        lines = [
            VoucherLineInput(role=role, debit=D(10), party_id=party.pk),
            VoucherLineInput(role="paid_in_capital", credit=D(10)),
        ]
        with pytest.raises(CannotPostVoucher) as refused:
            vouchers.enter_voucher(date=DAY, summary="x", lines=lines, actor=CLERK, at=AT)
        assert refused.value.way_out is None or refused.value.problems[0].way_out

    def test_vouchers_of_documents_are_not_reversed_by_hand(self, tenant):
        voucher = post(("bank", "10", 0), ("revenue", 0, "10"))
        with pytest.raises(CannotReverseVoucher) as refused:
            vouchers.reverse_entered_voucher(voucher_id=voucher.pk, actor=CLERK, at=AT)
        assert voucher.source_number in refused.value.message


class TestPeriods:
    CHIEF = Actor(kind="staff", name="Chief", permissions=frozenset({"accounting.period.close"}))

    def test_a_closed_month_takes_no_voucher_until_it_is_reopened(self, tenant):
        period = Period.objects.get(code="2026-11")
        periods.close_period(period_id=period.pk, actor=self.CHIEF, at=AT)
        with pytest.raises(CannotPostVoucher) as refused:
            post(("bank", "10", 0), ("revenue", 0, "10"))
        assert refused.value.problems[0].code == "period_closed"
        periods.reopen_period(period_id=period.pk, reason="invoice came late", actor=self.CHIEF, at=AT)
        assert post(("bank", "10", 0), ("revenue", 0, "10"))

    def test_months_are_closed_in_order_and_reopened_from_the_last(self, tenant):
        post(("bank", "10", 0), ("revenue", 0, "10"), day=date(2026, 10, 3))
        october, november = Period.objects.filter(code__in=["2026-10", "2026-11"]).order_by("code")
        with pytest.raises(periods.CannotClosePeriod) as refused:
            periods.close_period(period_id=november.pk, actor=self.CHIEF, at=AT)
        assert "2026-10" in refused.value.message
        periods.close_period(period_id=october.pk, actor=self.CHIEF, at=AT)
        periods.close_period(period_id=november.pk, actor=self.CHIEF, at=AT)
        with pytest.raises(periods.CannotReopenPeriod):
            periods.reopen_period(period_id=october.pk, reason="x", actor=self.CHIEF, at=AT)

    def test_whoever_closed_it_does_not_reopen_it_when_somebody_else_may(self, tenant, member_for):
        from backend.access.services import actor_for

        chief, other = actor_for(member_for("finance_manager"), "web"), member_for("finance_manager", name="Second")
        period = Period.objects.get(code="2026-11")
        periods.close_period(period_id=period.pk, actor=chief, at=AT)
        with pytest.raises(periods.CannotReopenPeriod) as refused:
            periods.reopen_period(period_id=period.pk, reason="x", actor=chief, at=AT)
        assert refused.value.code == "four_eyes"
        periods.reopen_period(period_id=period.pk, reason="x", actor=actor_for(other, "web"), at=AT)

    def test_red_checks_of_other_areas_block(self, tenant, monkeypatch):
        period = Period.objects.get(code="2026-11")
        monkeypatch.setitem(
            checks._CHECKS,
            "test",
            lambda period: checks.CheckResult("unapproved", "Documents are approved", 3, True, "XSDD-1"),
        )
        with pytest.raises(periods.CannotClosePeriod) as refused:
            periods.close_period(period_id=period.pk, actor=self.CHIEF, at=AT)
        assert "XSDD-1" in refused.value.message

    def test_no_month_before_closed_books(self, tenant):
        first = Period.objects.order_by("start_date").first()
        Period.objects.filter(pk=first.pk).update(state="closed")
        with pytest.raises(Conflict):
            periods.ensure_period(date(first.start_date.year - 1, 12, 31))

    def test_profit_is_transferred_and_again(self, tenant):
        post(("bank", "100", 0), ("revenue", 0, "100"))
        post(("cogs", "60", 0), ("bank", 0, "60"))
        period = Period.objects.get(code="2026-11")
        closing.transfer_profit(period_id=period.pk, actor=self.CHIEF, at=AT)
        assert balance("current_year_profit") == -40
        assert balance("revenue") == balance("cogs") == 0
        post(("bank", "5", 0), ("revenue", 0, "5"))
        closing.transfer_profit(period_id=period.pk, actor=self.CHIEF, at=AT)
        check_constraints()
        assert balance("current_year_profit") == -45
        row = AccountBalance.objects.get(account=account("revenue"), period=period)
        assert (row.credit - row.closing_credit) - (row.debit - row.closing_debit) == 105

    def test_december_moves_the_year_into_undistributed_profit(self, tenant):
        post(("bank", "100", 0), ("revenue", 0, "100"), day=date(2026, 12, 3))
        made = closing.transfer_profit(period_id=Period.objects.get(code="2026-12").pk, actor=self.CHIEF, at=AT)
        assert len(made) == 2
        assert balance("current_year_profit") == 0
        assert balance("retained") == -100


def test_balances_equal_the_lines(tenant):
    party = make_party()
    for number in range(1, 30):
        voucher = post(("ar", number, 0, party.pk), ("revenue", 0, number), day=date(2026, 1 + number % 12, 5))
        if number % 3 == 0:
            vouchers.reverse_voucher(voucher_id=voucher.pk, actor=CLERK, at=AT)
    lines: dict = {}
    for line in VoucherLine.objects.select_related("account", "voucher"):
        key = (line.account_id, line.voucher.period_id, line.party_id if line.account.by_party else None)
        debit, credit = lines.get(key, (Decimal(0), Decimal(0)))
        lines[key] = (debit + line.debit, credit + line.credit)
    kept = {(b.account_id, b.period_id, b.party_id): (b.debit, b.credit) for b in AccountBalance.objects.all()}
    assert kept == lines
    for period in Period.objects.all():
        serials = sorted(Voucher.objects.filter(period=period).values_list("serial", flat=True))
        assert serials == list(range(1, len(serials) + 1))
