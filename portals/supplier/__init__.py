"""The supplier portal: confirm, report, ship, reconcile, invoice, see payments. Made for one hand on a phone.

Every view scopes by the selectors' ``*_visible_to(actor)``: what belongs to another supplier, or was not
sent yet, does not exist here. Prices need ``supplier.price.view``.
"""
