"""Writes of inventory: balances (locks), moves, lots, opening stock, warehouses."""
