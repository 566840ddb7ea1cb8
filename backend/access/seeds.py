"""The built-in roles of a new company."""

from datetime import datetime

from django.utils.translation import override

from backend.access.models import Role
from backend.access.roles import BUILTIN
from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay the built-in roles, in one statement."""
    with override(company.language):
        Role.objects.bulk_create(
            [Role(code=code, name=str(role.name), kind=role.kind, is_builtin=True) for code, role in BUILTIN.items()],
            ignore_conflicts=True,
        )
