"""Purchasing: orders to suppliers, their confirmations, progress, shipping notices and receipts.

Owns: PurchaseOrder, OrderConfirmation, ScheduleLine, ProgressReport, Asn, PurchaseReceipt. Publishes:
PurchaseOrderApproved, PurchaseOrderSent, PurchaseOrderLineConfirmed, AsnSubmitted,
PurchaseReceiptApproved, … (events.py). Calls: availability, inventory, catalog, parties, workflow,
kernel. Blind to sales. A confirmation revision is a row, not an edit.
"""
