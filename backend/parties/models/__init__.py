from backend.parties.models.party import (
    Address,
    CarrierRole,
    Contact,
    CustomerRole,
    Party,
    SupplierRole,
    SupplierState,
)

__all__ = ["Address", "CarrierRole", "Contact", "CustomerRole", "Party", "SupplierRole", "SupplierState"]
