"""Reports stay fast when the books are full (P-08): they read balances, not lines."""

import time

import pytest
from django.db import connection

from backend.reporting import ledger, statements, trial_balance
from tests.factories.accounting import account, make_party

VOUCHERS = 10_000
_FILL = """
WITH made AS (
    INSERT INTO accounting_voucher (id, period_id, word, serial, voucher_date, summary, source_type, source_id, source_number,
        rule, total, attachments, created_at, created_by_name)
    SELECT gen_random_uuid(), p.id, '记', n, p.start_date + (n %% 28), 'x', 'test', gen_random_uuid(), n::text, 'test', 45, 0,
           now(), 'x'
    FROM generate_series(1, %(vouchers)s) n
    JOIN accounting_period p ON p.code = '2026-' || lpad((1 + n %% 12)::text, 2, '0')
    RETURNING id, voucher_date
)
SELECT count(*) FROM made
"""
_LINES = """
INSERT INTO accounting_voucher_line (voucher_id, line_no, account_id, summary, debit, credit, party_id, voucher_date)
SELECT v.id, k, CASE WHEN k <= 9 THEN %(ar)s::uuid ELSE %(revenue)s::uuid END, 'x',
       CASE WHEN k <= 9 THEN k ELSE 0 END, CASE WHEN k = 10 THEN 45 ELSE 0 END,
       CASE WHEN k <= 9 THEN (%(parties)s::uuid[])[1 + (v.serial / 12 + k * 31) %% %(count)s] END, v.voucher_date
FROM accounting_voucher v CROSS JOIN generate_series(1, 10) k WHERE v.period_id = %(period)s
"""


def timed(call, *arguments, **options) -> tuple[float, object]:
    begin = time.perf_counter()
    found = call(*arguments, **options)
    return time.perf_counter() - begin, found


@pytest.mark.slow
def test_reports_over_a_hundred_thousand_lines(tenant):
    parties = [make_party(f"P{number}").pk for number in range(300)]
    ar, revenue = account("ar").pk, account("revenue").pk
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"vouchers": VOUCHERS})
        cursor.execute("SELECT id FROM accounting_period WHERE code LIKE '2026-%'")
        for (period_id,) in cursor.fetchall():
            values = {"ar": ar, "revenue": revenue, "parties": parties, "count": len(parties), "period": period_id}
            cursor.execute(_LINES, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ANALYZE accounting_voucher_line")
        cursor.execute("SELECT sum(debit), sum(credit) FROM accounting_account_balance")
        assert cursor.fetchone() == (VOUCHERS * 45, VOUCHERS * 45)
    took, found = timed(trial_balance.trial_balance, "2026-11")
    assert found.balanced
    assert took < 1
    took, sheet = timed(statements.balance_sheet, "2026-12")
    assert (sheet.balanced, sheet.amount(4)) == (True, VOUCHERS * 45)
    assert took < 1
    took, page = timed(ledger.general_ledger, "1122", "2026-06", party_id=parties[7], limit=20)
    assert (len(page.entries), took < 1) == (20, True)
    took, page = timed(ledger.general_ledger, "1122", "2026-12", after="2026-12-20.0", limit=50)
    assert (len(page.entries), took < 1) == (50, True)
