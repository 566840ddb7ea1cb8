"""Quotas for tests: set by the service, as in life."""

from decimal import Decimal
from typing import Any

from backend.catalog.models import Item
from backend.kernel.actor import Actor
from backend.parties.models import Party
from backend.purchasing.models import ItemQuota
from backend.purchasing.services.quotas import QuotaData, ShareInput, save_quota
from tests.factories.parties import AT
from tests.factories.purchasing import day

QUOTAS = Actor(kind="staff", name="Buyer", permissions=frozenset({"purchasing.*", "purchasing.quota.edit"}))


def make_quota(item: Item, *shares: tuple[Party, Any], begins: Any = None, **words: Any) -> ItemQuota:
    """The quota of an item from today on: (supplier, per cent)."""
    inputs = [ShareInput(party.pk, Decimal(share)) for party, share in shares]
    data = QuotaData(item.pk, begins or day(0), inputs, **words)
    return save_quota(data=data, actor=QUOTAS, at=AT)
