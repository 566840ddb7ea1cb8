"""Invoicing: what partners owe us and what we owe them, as documents.

Owns: FundAccount, SalesInvoice, PurchaseInvoice, Receipt, Payment, Statement. Publishes (``events``):
invoices approved, differing and taken back, money in and out and its allocation, statements proposed,
disputed, answered and agreed. Calls: catalog, parties, workflow's parameters, accounting's reading side,
kernel. The goods that are invoiced live above: those areas register how they are read (``sources``).
Vouchers and open items are made by ``posting``, which listens.
"""
