"""Items and search."""

from decimal import Decimal

import pytest

from backend.catalog import selectors
from backend.catalog.models import Item, TaxCode, Unit
from backend.catalog.services import ItemData, save_item
from backend.inventory.models import StockBalance
from backend.kernel.actor import Actor
from backend.kernel.errors import Refusal
from tests.factories.catalog import make_item
from tests.factories.parties import AT
from tests.factories.sales import default_warehouse, put_stock

pytestmark = pytest.mark.usefixtures("tenant")


def save(data, **more):
    return save_item(actor=Actor.system(), at=AT, data=data, **more)


def test_a_new_item_takes_the_defaults():
    item = save(ItemData(name="A4 打印纸", spec="70g"))
    assert (item.code, item.unit.code, item.tax_code.rate) == ("SP00001", "pcs", Decimal(13))
    assert item.category.inventory_role == "inventory"
    assert item.mnemonic == "A4DYZ70G"


def test_problems_are_named_together():
    with pytest.raises(Refusal) as refused:
        save(ItemData(name="", pack_qty=Decimal(0), expiry_tracked=True, sale_price=Decimal(-1)))
    assert {p.field for p in refused.value.problems} == {"name", "pack_qty", "expiry_tracked", "sale_price"}


def test_a_barcode_is_given_once():
    make_item("一", barcode="690001")
    with pytest.raises(Refusal) as refused:
        make_item("二", barcode="690001")
    assert refused.value.problems[0].field == "barcode"
    assert "一" in refused.value.message


def test_the_unit_of_an_item_with_stock_stays():
    item = make_item("一")
    box = Unit.objects.get(code="box")
    save(ItemData(name="一", unit_id=box.pk), item_id=item.pk)
    StockBalance.objects.create(item=item, warehouse=default_warehouse())
    with pytest.raises(Refusal) as refused:
        save(ItemData(name="一", unit_id=Unit.objects.get(code="kg").pk), item_id=item.pk)
    assert refused.value.problems[0].code == "item_in_use"


def test_search_shows_stock_and_finds_by_every_key():
    paper = make_item("打印纸", spec="A4 70g", barcode="6900000000012")
    make_item("打孔机")
    warehouse = put_stock(paper, 100)
    for text in ("dyz", "打印", "a4", "6900000000012", paper.code, "打印 70g"):
        found = selectors.search_items(text)
        assert found[0] == paper, text
    assert (found[0].on_hand, found[0].reserved, found[0].available) == (100, 0, 100)
    assert selectors.search_items("dyz", warehouse=warehouse)[0].available == 100


def test_search_is_one_statement(django_assert_num_queries):
    for name in ("打印纸", "打孔机", "打包带"):
        make_item(name)
    with django_assert_num_queries(1):
        found = selectors.search_items("d")
        assert [item.unit.name for item in found]


def test_rates_of_the_seeds():
    assert set(TaxCode.objects.values_list("rate", flat=True)) >= {Decimal(n) for n in (13, 9, 6, 3, 0)}
    assert Item.objects.count() == 0
