"""Catalog: what is bought, kept and sold, in which unit, at which price and tax.

Owns: Unit, TaxCode, ItemCategory, Item, PriceList, LastPrice. Publishes: ItemSaved, PriceListSaved. Calls:
parties, kernel.
"""
