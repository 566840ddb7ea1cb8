"""Inventory: what lies where, in which lots, at what value, and how it came and went.

Owns: Warehouse, Lot, LotEdge (the lot graph), StockBalance, LotBalance, StockMove, OpeningStock.
Publishes: OpeningStockApproved, OpeningStockUnapproved, StockClaimed, LotsChanged. Calls: catalog, parties, kernel.

Invariants, held by the database: moves are never changed; a balance row is the sum of its moves
(kept by trigger); nothing is negative; reserved + blocked never exceed what is on hand; quantity 0
means value 0; a lot that is not released does not leave. Rows are locked in the order of their keys.
"""
