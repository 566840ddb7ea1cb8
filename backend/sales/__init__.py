"""Sales: quotations, orders and deliveries to customers.

Owns: SalesQuote, SalesOrder, SalesDelivery. Publishes: SalesOrderApproved, SalesOrderUnapproved,
SalesOrderAmended, SalesDeliveryApproved, … (events.py). Calls: availability, inventory, invoicing's
reading side, catalog, parties, workflow, kernel. Blind to purchasing.
"""
