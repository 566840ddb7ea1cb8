"""The control plane, in the public schema: companies, addresses, identities, memberships, sessions, plans, payment.

Owns: Tenant, Domain, Identity, Membership, FaceSession, Plan, Subscription. Calls: every area of
``backend`` to set a new company up. Nothing in a company's schema refers to anything here.
"""
