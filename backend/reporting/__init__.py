"""Reporting: what the books say. Read only.

Owns the lines of the legal statements (``data/``). Reads balances that accounting keeps by trigger, so no report
scans voucher lines (the ledger reads one page of them). Every report takes a fixed number of statements.
"""
