"""Customers, suppliers and carriers for tests, made by the same services as in life."""

from datetime import UTC, datetime
from itertools import count
from typing import Any

from backend.kernel.actor import Actor
from backend.parties.models import Party
from backend.parties.services import CarrierData, ContactData, CustomerData, PartyData, SupplierData, save_party

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
_serial = count(1)


def _save(data: PartyData) -> Party:
    return save_party(actor=Actor.system(), at=AT, data=data)


def make_customer(name: str = "", *, language: str = "zh-hans", email: str = "", **terms: Any) -> Party:
    """A customer; ``terms`` are those of CustomerData (credit_limit, level, payment_days …)."""
    return _save(
        PartyData(
            name=name or f"客户{next(_serial)}号商店", language=language, email=email, customer=CustomerData(**terms)
        )
    )


def make_supplier(name: str = "", *, language: str = "zh-hans", email: str = "", **terms: Any) -> Party:
    """A supplier; ``terms`` are those of SupplierData (lead_days, transport_days …)."""
    return _save(
        PartyData(
            name=name or f"供应商{next(_serial)}号工厂",
            language=language,
            email=email,
            supplier=SupplierData(**terms),
            contacts=(ContactData(name="李经理", email=email, is_primary=True),),
        )
    )


def make_carrier(name: str = "", **terms: Any) -> Party:
    """A carrier; ``terms`` are those of CarrierData."""
    return _save(PartyData(name=name or f"物流{next(_serial)}号", carrier=CarrierData(**terms)))
