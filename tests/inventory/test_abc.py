"""The classes of items (INV-08): what is sold and what something is made of, by the warehouse that it left."""

import pytest

from backend.inventory.selectors.abc import abc_classes
from backend.production.services import receipts
from tests.factories.availability import issue
from tests.factories.catalog import make_item
from tests.factories.inventory import TODAY, main_warehouse, make_warehouse, stock_up
from tests.factories.production import BY, Lamps, move_material, receive_product

pytestmark = pytest.mark.usefixtures("tenant")


def classes(*items, **where):
    found = abc_classes(TODAY, **where)
    return "".join(found[item.pk] for item in items)


def test_inv_08_material_counts_once_something_was_made_of_it():
    lamps = Lamps()
    move_material(lamps.order, "issue")
    assert classes(lamps.tube, lamps.cord) == "CC"  # it lies in the workshop
    made = receive_product(lamps.order)
    assert classes(lamps.tube, lamps.cord) == "AC"  # 420.00 and 10.00
    receipts.unapprove_receipt(document_id=made.pk, **BY)
    assert classes(lamps.tube, lamps.cord) == "CC"


def test_inv_08_material_counts_for_the_warehouse_that_issued_it(django_assert_num_queries):
    lamps, sold, main, other = Lamps(), make_item(), main_warehouse().pk, make_warehouse()
    stock_up(sold, 10, 100, warehouse=other)
    stock_up(lamps.tube, 10, 100, warehouse=other)
    issue(sold.pk, 10, other.pk)
    move_material(lamps.order, "issue", (lamps.tube, 2), warehouse_id=other.pk)
    move_material(lamps.order, "issue")
    receive_product(lamps.order)
    with django_assert_num_queries(1):
        assert classes(lamps.tube, sold, warehouse_id=main) == "AC"
    assert classes(sold, lamps.tube, warehouse_id=other.pk) == "AB"  # 100.00 and 2 of 42 tubes
    assert classes(lamps.tube, sold, lamps.cord) == "AAC"  # 420.00, 100.00 and 10.00
    assert classes(lamps.tube, warehouse_id=lamps.place.pk) == "A"
