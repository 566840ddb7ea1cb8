"""The staff face: pages for the people of the company, one package per area.

Every view loads through a selector scoped to the actor, calls one service, and renders. `shared` holds what several areas
use: the registry of document kinds, the rail of document pages, steps with refusals in place, forms and lists. `figures` is
the one source of live counts. Pages work without script; scripts only make them quicker.
"""
