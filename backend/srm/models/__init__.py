from backend.srm.models.application import ApplicationState, SupplierApplication
from backend.srm.models.bank import BankState, SupplierBankAccount
from backend.srm.models.claim import ClaimState, QualityClaim
from backend.srm.models.profile import SupplierProfile
from backend.srm.models.qualification import DocumentState, DocumentType, QualificationDocument
from backend.srm.models.score import DeliveryFact, QualityFact, SupplierScore

__all__ = [
    "ApplicationState",
    "BankState",
    "ClaimState",
    "DeliveryFact",
    "DocumentState",
    "DocumentType",
    "QualificationDocument",
    "QualityClaim",
    "QualityFact",
    "SupplierApplication",
    "SupplierBankAccount",
    "SupplierProfile",
    "SupplierScore",
]
