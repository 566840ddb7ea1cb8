"""What messages link to exists."""

from uuid import uuid4

import pytest
from django.urls import resolve

from backend.processes import addresses
from tests.addresses import COMPANY

PAGES = [
    *(page for face in (addresses.STAFF, addresses.SUPPLIER, addresses.CUSTOMER) for page in face.values()),
    addresses.PERIODS,
    addresses.LOGISTICS,
    addresses.PRICE_ALERT,
]


@pytest.mark.parametrize("page", PAGES)
def test_a_message_leads_to_a_page(page: str) -> None:
    assert resolve(page.format(number="X-1", pk=uuid4()), urlconf=COMPANY)
