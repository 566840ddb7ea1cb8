"""Posting: facts into voucher lines, one file per source document.

Owns the posting rules (``rules``, as data). Listens, in the same transaction, to the documents of inventory,
purchasing, sales and invoicing; writes vouchers and open items through accounting's services, and value
corrections through inventory's. With vouchers keyed by hand it is the only caller of accounting's write side.

Invariants after every commit: inventory accounts = value of stock; receivables and payables = open
items, party by party; 2202.02 = received and not invoiced; 1406 = shipped and not invoiced
(``reconciliation`` computes all of them).
"""
