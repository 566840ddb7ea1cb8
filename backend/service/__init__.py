"""Service: tickets of customers, with item, lot, supplier and carrier already joined.

Owns: Ticket. Publishes: TicketOpened, TicketAnswered, TicketSolved. Calls: sales', inventory's and
logistics' reading side, workflow, parties, kernel.
"""
