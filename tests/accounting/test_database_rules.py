"""The database refuses what breaks the books, whoever asks: plain SQL is used here on purpose."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from backend.accounting.models import Account, OpenItem, Period, SettlementMatch, Voucher, VoucherLine
from backend.accounting.services import open_items, vouchers
from backend.accounting.services.vouchers import SourceRef
from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from tests.factories.accounting import AT, DAY, D, account, make_party, post

CLERK = Actor(kind="staff", name="Clerk")


def run(sql: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def refused(sql: str, *values, words: str = "") -> None:
    with pytest.raises(IntegrityError, match=words or None):
        run(sql, *values)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def voucher(tenant):
    return post(("bank", "10", 0), ("revenue", 0, "10"))


INSERT_VOUCHER = """
INSERT INTO accounting_voucher (id, period_id, word, serial, voucher_date, summary, source_type, source_id, source_number,
    rule, total, reverses_id, attachments, created_at, created_by_name)
VALUES (%s, %s, '记', %s, %s, 'x', '', %s, '', %s, %s, %s, 0, now(), 'x')
"""
INSERT_LINE = """
INSERT INTO accounting_voucher_line (voucher_id, line_no, account_id, summary, debit, credit, party_id, voucher_date)
VALUES (%s, %s, %s, 'x', %s, %s, %s, %s)
"""
INSERT_LINES = INSERT_LINE.rstrip() + ", (%s, %s, %s, 'x', %s, %s, %s, %s)"


def insert_voucher(serial=9000, *, day=DAY, source=None, rule="", total=0, reverses=None, period="2026-11"):
    voucher_id = uuid7()
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT_VOUCHER,
            [voucher_id, Period.objects.get(code=period).pk, serial, day, source, rule, total, reverses],
        )
    return voucher_id


class TestVouchersAreFacts:
    @pytest.mark.parametrize("table", ["accounting_voucher", "accounting_voucher_line"])
    def test_no_update_no_delete_no_truncate(self, voucher, table):
        run("SELECT 1")
        refused(f"UPDATE {table} SET summary = 'y'", words="facts")
        refused(f"DELETE FROM {table}", words="facts")
        refused(f"TRUNCATE {table} CASCADE", words="facts")

    def test_the_orm_is_refused_too(self, voucher):
        with pytest.raises(IntegrityError), transaction.atomic():
            Voucher.objects.update(total=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            VoucherLine.objects.all().delete()

    def test_a_line_cannot_be_added_to_a_posted_voucher(self, voucher):
        refused(INSERT_LINE, voucher.pk, 3, account("bank").pk, 5, 0, None, DAY, words="written at once")


class TestVouchersBalance:
    def test_an_empty_voucher(self, tenant):
        with transaction.atomic():
            insert_voucher()
            refused("SELECT 1", words="fewer than two lines")
            transaction.set_rollback(True)

    def test_one_line_is_no_voucher(self, tenant):
        with pytest.raises(IntegrityError, match="fewer than two lines"), transaction.atomic():
            run(INSERT_LINE, insert_voucher(total=10), 1, account("bank").pk, 10, 0, None, DAY)

    def insert(self, debit, credit, total):
        voucher_id = insert_voucher(total=total)
        one = (voucher_id, 1, account("bank").pk, debit, 0, None, DAY)
        run(INSERT_LINES, *one, voucher_id, 2, account("revenue").pk, 0, credit, None, DAY)

    @pytest.mark.parametrize(("debit", "credit", "total"), [(10, 9, 10), (9, 10, 10), (10, 10, 11)])
    def test_debit_credit_and_the_stated_total_agree(self, tenant, debit, credit, total):
        with pytest.raises(IntegrityError, match="does not balance"), transaction.atomic():
            self.insert(debit, credit, total)

    def test_what_balances_passes(self, tenant):
        self.insert(10, 10, 10)

    def test_both_sides_on_one_line(self, tenant):
        with transaction.atomic():
            voucher_id = insert_voucher(total=10)
            refused(INSERT_LINE, voucher_id, 1, account("bank").pk, 10, 10, None, DAY, words="voucher_line_one_side")
            transaction.set_rollback(True)


class TestLines:
    def test_sub_accounts_parties_and_control(self, voucher):
        with transaction.atomic():
            voucher_id = insert_voucher(total=10)
            parent, inactive = Account.objects.get(code="2221"), account("notes_receivable")
            refused(INSERT_LINE, voucher_id, 1, parent.pk, 10, 0, None, DAY, words="sub-accounts")
            Account.objects.filter(pk=inactive.pk).update(active=False)
            refused(INSERT_LINE, voucher_id, 1, inactive.pk, 10, 0, None, DAY, words="not active")
            refused(INSERT_LINE, voucher_id, 1, account("ar").pk, 10, 0, None, DAY, words="demands a party")
            refused(INSERT_LINE, voucher_id, 1, account("inventory").pk, 10, 0, None, DAY, words="kept by documents")
            refused(
                INSERT_LINE, voucher_id, 1, account("bank").pk, 10, 0, None, date(2026, 11, 2), words="another date"
            )
            transaction.set_rollback(True)


class TestPeriods:
    def test_a_closed_month_refuses(self, tenant):
        Period.objects.filter(code="2026-11").update(state="closed")
        with pytest.raises(IntegrityError, match="not open"), transaction.atomic():
            insert_voucher()

    def test_the_date_lies_in_the_month(self, tenant):
        with pytest.raises(IntegrityError, match="outside of its period"), transaction.atomic():
            insert_voucher(day=date(2026, 10, 31))

    def test_months_do_not_move_or_vanish(self, tenant):
        refused("UPDATE accounting_period SET start_date = '2026-11-02' WHERE code = '2026-11'", words="stays")
        refused("DELETE FROM accounting_period WHERE code = '2026-11'", words="stays")
        insert = "INSERT INTO accounting_period (id, code, start_date, end_date, state, closed_by_name) VALUES (%s, %s, %s, %s, 'open', '')"
        refused(insert, uuid7(), "2031-02", date(2031, 2, 1), date(2031, 3, 31), words="period_is_a_month")
        refused(insert, uuid7(), "2031-03", date(2031, 2, 1), date(2031, 2, 28), words="period_is_a_month")


class TestReversals:
    def test_once_and_never_of_a_reversal(self, voucher):
        red = vouchers.reverse_voucher(voucher_id=voucher.pk, actor=CLERK, at=AT)
        with pytest.raises(IntegrityError), transaction.atomic():
            insert_voucher(source=voucher.source_id, reverses=voucher.pk)
        with pytest.raises(IntegrityError, match="not reversed"), transaction.atomic():
            insert_voucher(source=voucher.source_id, reverses=red.pk)

    def test_one_standing_voucher_per_document_and_rule(self, voucher):
        with pytest.raises(IntegrityError, match="already"), transaction.atomic():
            insert_voucher(source=voucher.source_id, rule="test")

    def test_a_reversal_keeps_its_source(self, voucher):
        with pytest.raises(IntegrityError, match="keeps the source"), transaction.atomic():
            insert_voucher(source=uuid7(), reverses=voucher.pk)


class TestBalances:
    def test_nobody_writes_them(self, voucher):
        refused("UPDATE accounting_account_balance SET debit = debit + 1", words="voucher lines alone")
        refused("DELETE FROM accounting_account_balance", words="voucher lines alone")
        refused(
            "INSERT INTO accounting_account_balance (account_id, period_id) SELECT %s, id FROM accounting_period LIMIT 1",
            account("cash").pk,
            words="voucher lines alone",
        )


class TestOpenItems:
    @pytest.fixture
    def items(self, tenant):
        party = make_party()

        def item(amount, party=party, kind="receivable"):
            return open_items.open_item(
                kind=kind,
                party_id=party.pk,
                source=SourceRef("test.document", uuid7(), "T"),
                item_date=DAY,
                due_date=DAY,
                amount=D(amount),
            )

        return item

    MATCH = """INSERT INTO accounting_settlement_match (raising_id, lowering_id, amount, matched_at, matched_by_name)
               VALUES (%s, %s, %s, now(), 'x')"""

    def test_never_more_than_is_open(self, items):
        invoice, receipt = items(100), items(-60)
        refused(self.MATCH, invoice.pk, receipt.pk, "60.01", words="within_its_amount")
        run(self.MATCH, invoice.pk, receipt.pk, 60)
        refused(self.MATCH, invoice.pk, receipt.pk, "0.01", words="within_its_amount")
        invoice.refresh_from_db()
        assert invoice.open_amount == 40

    def test_no_more_undone_than_matched(self, items):
        invoice, receipt = items(100), items(-60)
        run(self.MATCH, invoice.pk, receipt.pk, 50)
        refused(self.MATCH, invoice.pk, receipt.pk, "-50.01")
        run(self.MATCH, invoice.pk, receipt.pk, -50)
        refused(self.MATCH, invoice.pk, receipt.pk, -1)

    def test_only_like_with_like(self, items):
        invoice, other, payable = items(100), items(-60, party=make_party()), items(-60, kind="payable")
        refused(self.MATCH, invoice.pk, other.pk, 10, words="different parties")
        refused(self.MATCH, invoice.pk, payable.pk, 10, words="different parties")
        refused(self.MATCH, invoice.pk, items(5).pk, 5, words="same side")

    def test_amounts_are_not_written_by_hand(self, items):
        invoice, receipt = items(100), items(-60)
        refused("UPDATE accounting_open_item SET open_amount = 1 WHERE id = %s", invoice.pk, words="matches alone")
        refused(
            "UPDATE accounting_open_item SET amount = 90, open_amount = 90 WHERE id = %s",
            invoice.pk,
            words="does not change",
        )
        refused("DELETE FROM accounting_open_item", words="voided")
        run(self.MATCH, invoice.pk, receipt.pk, 60)
        refused(
            "UPDATE accounting_open_item SET voided = true, open_amount = 0 WHERE id = %s", invoice.pk, words="matched"
        )
        refused("UPDATE accounting_settlement_match SET amount = 1", words="facts")
        refused("DELETE FROM accounting_settlement_match", words="facts")
        assert SettlementMatch.objects.count() == 1

    def test_one_item_per_document_until_it_is_voided(self, items):
        invoice = items(100)
        values = {
            "kind": "receivable",
            "party_id": invoice.party_id,
            "source_type": "test.document",
            "source_id": invoice.source_id,
            "source_number": "T",
            "item_date": DAY,
            "due_date": DAY,
            "amount": 5,
            "open_amount": 5,
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            OpenItem.objects.create(**values)
        open_items.void_items(source_id=invoice.source_id)
        assert OpenItem.objects.create(**values)
