from backend.srm.models.application import ApplicationState, SupplierApplication
from backend.srm.models.bank import BankState, SupplierBankAccount
from backend.srm.models.profile import SupplierProfile
from backend.srm.models.qualification import DocumentState, DocumentType, QualificationDocument

__all__ = [
    "ApplicationState",
    "BankState",
    "DocumentState",
    "DocumentType",
    "QualificationDocument",
    "SupplierApplication",
    "SupplierBankAccount",
    "SupplierProfile",
]
