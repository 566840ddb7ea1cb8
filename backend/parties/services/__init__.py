"""Writes of parties."""

from backend.parties.inputs import AddressData, CarrierData, ContactData, CustomerData, PartyData, SupplierData
from backend.parties.services.saving import save_party

__all__ = [
    "AddressData",
    "CarrierData",
    "ContactData",
    "CustomerData",
    "PartyData",
    "SupplierData",
    "save_party",
]
