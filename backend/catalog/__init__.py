"""Catalog: what is bought, kept and sold, in which unit, at which price and tax.

Owns: Unit, TaxCode, ItemCategory, Item, ItemUnit, Attribute, Style, PriceList, LastPrice. Publishes: ItemSaved,
PriceListSaved. Calls: parties, kernel.
"""
