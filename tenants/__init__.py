"""The control plane, in the public schema: companies, addresses, people, memberships, sessions, plans and payment.

Owns: Tenant, Domain, Identity, Membership, FaceSession, SignUp, SchemaStep, SpareSchema, BillingEvent. Calls every area of
``backend`` to set a new company up (``provisioning``) and to fill it with sample data (``demo``). Listens to ``access``: members
and memberships move together. Nothing in a company's schema refers to anything here.

Where to look: ``directory`` (host → company), ``schemas``, ``pool``, ``upgrade`` (schemas and releases), ``provisioning``,
``signup``, ``signin``, ``second_factor``, ``passwords``, ``joining`` (people), ``sessions``, ``middleware`` (requests),
``plans``, ``billing``, ``trial``, ``limits`` (money), ``archive`` (export, restore).
"""
