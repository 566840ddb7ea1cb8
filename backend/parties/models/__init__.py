from backend.parties.models.party import (
    Address,
    CarrierRole,
    Contact,
    ContactRole,
    CustomerRole,
    Party,
    SupplierRole,
    SupplierState,
)

__all__ = ["Address", "CarrierRole", "Contact", "ContactRole", "CustomerRole", "Party", "SupplierRole", "SupplierState"]
