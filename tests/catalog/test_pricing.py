"""Prices by rank, with their source."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backend.catalog.services import PriceLineData, PriceListData, remember_prices, resolve_prices, save_price_list
from backend.catalog.services.pricing import paid_last
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from tests.factories.catalog import make_item, make_price_list
from tests.factories.parties import AT, make_customer

pytestmark = pytest.mark.usefixtures("tenant")
DAY = date(2026, 11, 23)


def price(party, item, qty=1):
    found = resolve_prices(kind="sales", party=party, items=[(item, Decimal(qty))], at_date=DAY)[item.pk]
    return found.price, found.source


def test_sources_rank_agreed_level_list_last_item():
    party, item = make_customer(level="A"), make_item(sale_price=Decimal(100))
    assert price(party, item) == (100, "item")
    remember_prices(
        kind="sales", party_id=party.pk, prices=[(item.pk, Decimal(99), True)], doc_number="SO-1", doc_date=DAY
    )
    assert price(party, item) == (99, "last")
    make_price_list((item, 98), name="通用")
    assert price(party, item) == (98, "list")
    make_price_list((item, 97), name="A级", customer_level="A")
    make_price_list((item, 1), name="B级", customer_level="B")
    assert price(party, item) == (97, "level")
    make_price_list((item, 96), name="协议", party_id=party.pk)
    assert price(party, item) == (96, "agreed")
    assert price(make_customer(), item) == (98, "list")


def test_a_last_price_is_none_in_another_currency():
    """700 yuan paid before are not 700 dollars now."""
    party, item = make_customer(), make_item(sale_price=None)
    paid: dict[str, Any] = {"kind": "sales", "party_id": party.pk, "doc_number": "SO-1", "doc_date": DAY}
    remember_prices(prices=[(item.pk, Decimal(700), True)], **paid)
    party.currency = "USD"
    party.save()
    assert price(party, item) == (None, "none")
    assert not paid_last(kind="sales", party_id=party.pk, currency="USD", item_ids=[item.pk])
    remember_prices(prices=[(item.pk, Decimal(100), True)], currency="USD", **paid)
    assert price(party, item) == (100, "last")


def test_quantity_steps():
    party, item = make_customer(), make_item()
    make_price_list((item, 10), (item, 9, 100))
    assert [price(party, item, qty)[0] for qty in (1, 99, 100, 120)] == [10, 10, 9, 9]


def test_a_price_holds_within_its_dates():
    party, item = make_customer(), make_item(sale_price=None)
    lines = (PriceLineData(item_id=item.pk, price=Decimal(5), valid_to=date(2026, 11, 22)),)
    save_price_list(actor=Actor.system(), at=AT, data=PriceListData(name="旧", lines=lines))
    assert price(party, item) == (None, "none")


def test_tax_mode_is_converted():
    party, item = make_customer(), make_item(sale_price=Decimal(113))
    found = resolve_prices(kind="sales", party=party, items=[(item, Decimal(1))], at_date=DAY)[item.pk]
    assert found.in_mode(includes_tax=False, tax_rate=Decimal(13)) == Decimal(100)


def test_three_statements_for_any_number_of_lines(django_assert_num_queries):
    party = make_customer(level="A")
    items = [make_item() for _ in range(30)]
    make_price_list(*((item, 5) for item in items))
    with django_assert_num_queries(3):
        found = resolve_prices(kind="sales", party=party, items=[(item, Decimal(1)) for item in items], at_date=DAY)
    assert {p.source for p in found.values()} == {"list"}


def test_a_twice_priced_line_is_refused_by_its_number():
    item = make_item()
    with pytest.raises(Refusal) as refused:
        make_price_list((item, 5), (item, 6))
    assert refused.value.problems[0].line == 2
