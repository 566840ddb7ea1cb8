"""Accounting: chart, periods, vouchers, balances, open items and their matching.

Owns: Account, AccountRole, Period, Voucher, VoucherLine, AccountBalance, OpenItem, SettlementMatch.
Publishes: VoucherPosted, PeriodClosed, PeriodReopened, ItemsMatched, AccountDivided. Calls: parties, kernel. Written by
``posting``
and by vouchers keyed by hand, by nobody else.

Invariants, held by the database: debit = credit per voucher (deferred trigger); posted vouchers and
lines are never updated or deleted, only reversed; no voucher in a closed period; balances per
account, period and party are kept by trigger and equal the lines; open amounts are kept by trigger
and equal amount − matches; accounts that documents keep are never keyed by hand.
"""
