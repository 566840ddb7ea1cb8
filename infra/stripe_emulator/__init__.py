"""A stateful emulator of the Stripe API calls a subscription product makes.

It runs as a process of its own; the official SDK talks to it over HTTP by its base address
(``stripe.StripeClient(key, base_addresses={"api": url})``), so production differs by keys alone.

Invariants:
* every request is one transaction of the state file: objects, events and pending deliveries are written together;
* objects have the shapes of API version ``API_VERSION``; what is not emulated is refused, never ignored;
* webhooks leave only after the transaction that caused them has been written.

Known differences from the real service: renewal invoices are finalised and charged at once (not an hour later),
and advancing a test clock has finished when the call returns.
"""

API_VERSION = "2026-10-28.endive"
