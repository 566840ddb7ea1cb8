"""Production: orders for what we make ourselves, the material that is issued to them, and what they bring (PUR-02).

Owns: ProductionOrder, ProductionComponent, ProductionMaterial, ProductReceipt. Publishes: ProductionOrderApproved,
ProductionMaterialMoved, ProductReceiptApproved, … (events.py). Calls: availability, inventory, catalog, kernel. Blind to
sales and purchasing. What it shares with subcontracting lies below both (``inventory.models.making``,
``inventory.services.making`` and ``.material``).

An order runs from approval until it is closed: what is still to be issued of each component is its demand, what is still to
be made its supply, late by as much as its latest component. Material that is issued lies in the workshop, a place of
inventory with an account of its own (work in progress), until a receipt uses it, it comes back or is lost.

Invariants: held of a component = issued − returned − used − lost ≥ 0, and the sum of what orders hold of an item is what
lies in the workshop, lot by lot; a product is worth what its receipt used; an order is closed only when nothing is held for it,
so work in progress returns to 0: one that is made in full closes by itself once what is over went back or was written
off. Locks are taken in the order paper, order, balances.
"""
