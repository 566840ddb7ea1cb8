"""The API: one module per area, calling the same services as the pages, with the same selectors.

Rules: a foreign or unknown id is 404; every refusal has the kernel's shape; unsafe calls may carry
an ``Idempotency-Key``; money and quantities are strings; fields a role may not see are left out.
"""
