"""The outbox: events for those who act after the commit, in one public table with the schema as a column.

Invariants: a row is written in the transaction of what it tells about; each (event, handler) is done
at most once, in one transaction with its effects; the order of one aggregate's events is kept.
"""
