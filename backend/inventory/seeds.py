"""The first warehouse of a new company."""

from datetime import datetime

from backend.inventory.models import Warehouse
from backend.kernel.actor import Actor
from backend.kernel.company import CompanyProfile


def seed(*, company: CompanyProfile, actor: Actor, at: datetime) -> None:
    """Lay the default warehouse, in one statement."""
    Warehouse.objects.create(code="WH01", name=company.word("主仓", "Main warehouse"), is_default=True)
