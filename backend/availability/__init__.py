"""Availability: one dated table of supply and demand, and what follows from it.

Owns: DemandLine, SupplyLine, Peg, Reservation, Promise, PromiseRevision, Suggestion. Publishes:
DemandReserved, PromiseRevised, ShortageFound. Calls: inventory, catalog, parties, kernel.

Documents register dated demand and dated supply; pegs join them. Everything else is derived: what
is available, the promise of a line with its reason, the shortage that becomes a suggestion. First
promises are immutable. Suggestions are a derived set (run twice = same) until they are accepted.
Invariants: reserved on the stock balance = sum of reservations; what a demand needs = shipped +
reserved + pegged; a supply's pegs never exceed what it brings.
"""
