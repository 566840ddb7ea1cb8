"""The parameters of a new company, all written out; what the profile decides comes from it."""

from datetime import datetime

from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile
from backend.workflow.models import Setting
from backend.workflow.parameters import PARAMETERS


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay every parameter at its default, in one statement."""
    decided = {"accounting.taxpayer_type": company.taxpayer_type}
    Setting.objects.bulk_create(
        [
            Setting(key=key, value=decided.get(key, declared.default), updated_at=at, updated_by_name=actor.name)
            for key, declared in PARAMETERS.items()
        ],
        ignore_conflicts=True,
    )
