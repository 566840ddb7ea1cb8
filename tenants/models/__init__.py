"""Tables of the control plane (public schema)."""

from tenants.models.billing import BillingEvent, TrialNotice
from tenants.models.company import Domain, Tenant, TenantState
from tenants.models.identity import FaceSession, Identity, Membership, UsedToken
from tenants.models.schemas import SchemaStep, SpareSchema
from tenants.models.signup import SignUp

__all__ = [
    "BillingEvent",
    "Domain",
    "FaceSession",
    "Identity",
    "Membership",
    "SchemaStep",
    "SignUp",
    "SpareSchema",
    "Tenant",
    "TenantState",
    "TrialNotice",
    "UsedToken",
]
