"""Loading this module subscribes every source of vouchers and adds the checks of the close."""

from backend.posting import (  # noqa: F401 - imported for what they subscribe
    assembly,
    checks,
    clearing,
    consignment,
    cost_adjustment,
    cost_correction,
    material,
    money,
    notes,
    opening_stock,
    other_stock,
    purchase_invoice,
    purchase_receipt,
    purchase_return,
    sales_delivery,
    sales_invoice,
    sales_return,
    stock_calendar,
    stock_count,
    transfer_receipt,
)
