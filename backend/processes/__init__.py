"""Processes: the sideways wiring between areas that are blind to each other, one module per chain.

order_to_cash, procure_to_pay, issue_to_resolution, record_to_report. Each holds the push-downs that
span areas (deliveries → invoice, receipts → invoice, movements → statement) and the reactions to
events. Effects that belong to the same truth run ``now``, in the transaction of what happened;
messages run ``after_commit`` and may run again: their keys make them one. ``EVENTS.md`` is the
generated map of all events and their handlers.
"""
