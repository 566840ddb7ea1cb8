"""Imports: lists that a company keeps in spreadsheets become masters and drafts.

Owns: ImportRun, ImportRow. Calls: purchasing, inventory, catalog, parties, access, kernel. Publishes nothing of its own: what it
saves is saved by the services of the areas, which tell it as always.

Invariants: a list is read, checked row by row and shown before anything is saved; it is saved in one transaction, all of
it or the rows that are good; a row says what is to be, so that the same list a second time changes nothing. An empty cell
leaves what is there. Whoever imports needs the right to import and the right to change what the list is about.
"""
