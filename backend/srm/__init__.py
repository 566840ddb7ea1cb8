"""SRM: the life of a supplier, from the application to the block.

Owns: SupplierProfile, SupplierApplication, DocumentType, QualificationDocument, SupplierBankAccount, DeliveryFact,
QualityFact, SupplierScore, QualityClaim. A supplier's state itself lies on
its role in ``parties`` (one gate for everything that orders); its steps are here. Publishes: SupplierApplied,
SupplierSubmitted, QualificationReviewed, BankAccountChanged, ClaimOpened, ClaimAnswered … (events.py).
Calls: parties, access, catalog, inventory, purchasing, workflow, kernel.
Blind to service, sales and processes.

Invariants: who lacks a mandatory document is not approved, and the refusal names it; an expired mandatory document
suspends; nobody reviews what is not there; reminders come once for each stage of a document.
"""
