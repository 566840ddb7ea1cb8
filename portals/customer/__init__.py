"""The customer portal: follow orders, see what moved and why, sign, report what is wrong, accept quotations, see invoices.

Every view scopes by the selectors' ``*_visible_to(actor)``. Nothing of suppliers, cost or other
customers is ever put into a context here: promises show quantities and dates, reasons are the words
that staff chose for the customer.
"""
