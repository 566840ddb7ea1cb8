"""The kernel: what every business area stands on, without one business word.

Owns: identifiers, money and quantity, the actor, typed refusals, life cycles, documents and their
links, events with the outbox, idempotency, numbering, the audit trail, files, comments, the clock
and the only door to the current tenant. Imports no other area.
"""
