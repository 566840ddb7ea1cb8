"""Warehouses: one default, none closed with stock in it."""

import pytest

from backend.inventory.errors import CannotSaveWarehouse
from backend.inventory.models import Warehouse
from backend.inventory.selectors import active_warehouses, default_warehouse
from backend.inventory.services.warehouses import save_warehouse
from backend.kernel.errors import NotFoundRefused
from backend.kernel.ids import uuid7
from backend.kernel.tenancy import run_in
from tests.factories.catalog import make_item
from tests.factories.inventory import AT, SYSTEM, main_warehouse, make_warehouse, refuses, stock_up

pytestmark = pytest.mark.usefixtures("tenant")


def save(**values):
    return save_warehouse(actor=SYSTEM, at=AT, **values)


def test_a_company_begins_with_one_in_its_language(beta):
    assert (main_warehouse().code, main_warehouse().name) == ("WH01", "主仓")
    with run_in(beta):
        assert main_warehouse().name == "Main warehouse"


def test_a_new_default_takes_the_place_of_the_old():
    made = save(code="SH", name="上海仓", is_default=True)
    assert list(Warehouse.objects.filter(is_default=True)) == [made]
    assert default_warehouse() == made
    assert save(code="SH", name="上海总仓", warehouse_id=made.pk).is_default
    assert [w.code for w in active_warehouses()] == ["SH", "WH01"]


def test_what_is_refused():
    other = make_warehouse()
    with refuses(CannotSaveWarehouse, "already"):
        save(code="WH01", name="x")
    with refuses(CannotSaveWarehouse, "code and a name"):
        save(code=" ", name="x")
    with refuses(CannotSaveWarehouse, "default warehouse cannot be closed"):
        save(code="WH01", name="x", active=False, warehouse_id=main_warehouse().pk)
    with refuses(NotFoundRefused):
        save(code="Q", name="x", warehouse_id=uuid7())
    stock_up(make_item(), 1, 1, warehouse=other)
    with refuses(CannotSaveWarehouse, "There is stock"):
        save(code="Q", name="x", active=False, warehouse_id=other.pk)
