"""Many threads post, match and close at once: numbers have no gap, nothing deadlocks, nothing slips through."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from django.db import connection, connections, transaction

from backend.accounting.models import AccountBalance, OpenItem, Period, Voucher, VoucherLine
from backend.accounting.services import open_items, periods, vouchers
from backend.accounting.services.vouchers import CannotPostVoucher, SourceRef
from backend.kernel.actor import Actor
from backend.kernel.ids import uuid7
from backend.kernel.tenancy import run_in
from tests.factories.accounting import AT, DAY, D, make_party, post

CHIEF = Actor(kind="staff", name="Chief", permissions=frozenset({"accounting.period.close"}))


def in_threads(company: Any, count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work(0…count-1) at once, each on a connection of its own; exceptions come back as values."""

    def call(number: int) -> Any:
        try:
            with run_in(company):
                return work(number)
        except Exception as problem:
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(call, range(count)))


def test_twenty_threads_post_without_gap_or_deadlock(committed_tenant):
    parties = [make_party() for _ in range(5)]

    def work(number: int) -> str:
        for turn in range(5):
            with transaction.atomic():
                one, other = parties[number % 5], parties[(number + turn) % 5]
                first, second = (date(2026, 11, 2), DAY) if number % 2 else (DAY, date(2026, 10, 2))
                voucher = post(("ar", 1, 0, one.pk), ("ar", 2, 0, other.pk), ("revenue", 0, 3), day=first)
                post(("cogs", 3, 0), ("bank", 0, 3), day=second)
                if turn == 4:
                    vouchers.reverse_voucher(voucher_id=voucher.pk, actor=CHIEF, at=AT)
        return "done"

    assert in_threads(committed_tenant, 20, work) == ["done"] * 20
    for period in Period.objects.filter(voucher__isnull=False).distinct():
        serials = sorted(Voucher.objects.filter(period=period).values_list("serial", flat=True))
        assert serials == list(range(1, len(serials) + 1))
    assert Voucher.objects.count() == 20 * 11
    assert sum(b.debit for b in AccountBalance.objects.all()) == sum(line.debit for line in VoucherLine.objects.all())


def test_a_voucher_that_rolls_back_leaves_no_gap(committed_tenant):
    def work(number: int) -> None:
        with transaction.atomic():
            post(("bank", 1, 0), ("revenue", 0, 1))
            if number % 3 == 0:
                raise RuntimeError

    in_threads(committed_tenant, 12, work)
    serials = sorted(Voucher.objects.values_list("serial", flat=True))
    assert serials == list(range(1, 9))


def test_nothing_slips_into_a_month_that_closes(committed_tenant):
    period = Period.objects.get(code="2026-11")

    def work(number: int) -> str:
        if number == 7:
            periods.close_period(period_id=period.pk, actor=CHIEF, at=AT)
            return f"closed after {Voucher.objects.count()}"
        try:
            with transaction.atomic():
                post(("bank", 1, 0), ("revenue", 0, 1))
        except CannotPostVoucher as refusal:
            return refusal.problems[0].code
        return "posted"

    answers = in_threads(committed_tenant, 15, work)
    posted = answers.count("posted")
    assert posted + answers.count("period_closed") == 14
    assert f"closed after {posted}" in answers
    assert Voucher.objects.count() == posted


def test_two_receipts_never_settle_more_than_the_invoice(committed_tenant):
    party = make_party()

    def item(amount: Any) -> OpenItem:
        source = SourceRef("test.document", uuid7(), "T")
        return open_items.open_item(
            kind="receivable", party_id=party.pk, source=source, item_date=DAY, due_date=DAY, amount=D(amount)
        )

    invoices, receipts = [item(100), item(100)], [item(-60) for _ in range(10)]

    def work(number: int) -> str:
        pairs = [
            open_items.Pair(invoice.pk, receipts[number].pk, D(30)) for invoice in invoices[:: 1 if number % 2 else -1]
        ]
        try:
            with transaction.atomic():
                open_items.match(pairs=pairs, actor=CHIEF, at=AT)
        except open_items.CannotMatchItems:
            return "refused"
        return "matched"

    answers = in_threads(committed_tenant, 10, work)
    assert sorted(answers) == ["matched"] * 3 + ["refused"] * 7
    assert set(OpenItem.objects.filter(amount__gt=0).values_list("open_amount", flat=True)) == {D(10)}


def test_checks_at_the_commit_find_their_tables_from_any_search_path(committed_tenant):
    """The outbox commits in the public schema what handlers wrote in a company's."""
    from backend.kernel.tenancy import in_public

    with in_public(), transaction.atomic(), run_in(committed_tenant):
        post(("bank", 1, 0), ("revenue", 0, 1))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounting_voucher")
        assert cursor.fetchone() == (1,)
