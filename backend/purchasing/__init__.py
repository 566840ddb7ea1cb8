"""Purchasing: orders to suppliers, their confirmations, progress, shipping notices and receipts.

Owns: PurchaseOrder, OrderConfirmation, ScheduleLine, ProgressReport, Asn, PurchaseReceipt. Publishes:
PurchaseOrderApproved, PurchaseOrderSent, PurchaseOrderAnswered, AsnSubmitted, PurchaseReceiptApproved,
… (events.py). Calls: availability, inventory, logistics, invoicing's reading side, catalog, parties,
workflow, kernel. Blind to sales.

Invariants: a confirmation revision is a row, not an edit; what a line is still to bring is its
schedule (``schedule.py``, plain arithmetic) and the same in availability; shipped and received
quantities are sums of the schedule; locks are taken in the order notice or receipt, orders by id,
balances, number counter.
"""
