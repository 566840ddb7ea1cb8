"""The public face and what all faces share about accounts: landing, sign-up, sign-in, account pages, plans and payment.

Owns no tables: everything is done by ``tenants``. Account pages stand once under each face (``/account/``,
``/supplier/account/``, ``/customer/account/``), because each face has a session cookie of its own.
"""
