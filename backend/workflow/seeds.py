"""The parameters of a new company, all written out, and its first rules of approval; what the profile decides comes from it."""

from datetime import datetime
from decimal import Decimal

from backend.access.models import Role
from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile
from backend.workflow.models import ApprovalRule, Setting
from backend.workflow.parameters import PARAMETERS

# Kind of document, level, from this amount on, role (PUR-01). Other kinds are approved by right alone until a rule is made.
FIRST_RULES = (
    ("purchasing.requisition", 1, Decimal(0), "buyer"),
    ("purchasing.requisition", 2, Decimal(10_000), "owner"),
)


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay every parameter at its default and the first rules, in three statements."""
    decided = {"accounting.taxpayer_type": company.taxpayer_type}
    Setting.objects.bulk_create(
        [
            Setting(key=key, value=decided.get(key, declared.default), updated_at=at, updated_by_name=actor.name)
            for key, declared in PARAMETERS.items()
        ],
        ignore_conflicts=True,
    )
    roles = {role.code: role for role in Role.objects.filter(code__in={rule[3] for rule in FIRST_RULES})}
    ApprovalRule.objects.bulk_create(
        [
            ApprovalRule(
                doc_type=doc_type,
                level=level,
                amount_from=amount,
                role=roles[code],
                updated_at=at,
                updated_by_name=actor.name,
            )
            for doc_type, level, amount, code in FIRST_RULES
            if code in roles
        ],
        ignore_conflicts=True,
    )
