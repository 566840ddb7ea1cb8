"""Invoicing: what partners owe us and what we owe them, as documents.

Owns: FundAccount, SalesInvoice, PurchaseInvoice, Receipt, Payment, Statement. Publishes:
SalesInvoiceApproved, PurchaseInvoiceApproved, ReceiptApproved, PaymentApproved, StatementProposed,
StatementAgreed and their undoing. Calls: catalog, parties, accounting's reading side, kernel.
Vouchers and open items are made by ``posting``, which listens.
"""
