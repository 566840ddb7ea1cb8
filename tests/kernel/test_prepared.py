"""Prepared queries find what their querysets find, for other keys, other numbers of keys and other companies."""

import pytest
from django.db.models import Value

from backend.catalog.models import Item, Unit
from backend.kernel.prepared import Prepared
from backend.kernel.tenancy import run_in
from tests.factories.catalog import make_item

found = Prepared(
    lambda ids: (
        Item.objects.filter(pk__in=ids, active=True)
        .select_related("unit", "category", "tax_code", "supplier")
        .annotate(mark=Value("m"))
        .order_by("code")
    )
)
only_names = Prepared(lambda id: Item.objects.filter(pk=id).only("name"))


@pytest.fixture
def items(tenant):
    return [make_item(code=f"P{place}") for place in range(4)]


def test_the_same_objects_with_their_relations(items, django_assert_num_queries):
    found([items[0].pk, items[1].pk])
    wanted = [(item.code, item.unit.code, item.tax_code.rate, "m") for item in items[2:]]
    with django_assert_num_queries(1):
        again = found([items[3].pk, items[2].pk])
        assert [(item.code, item.unit.code, item.tax_code.rate, item.mark) for item in again] == wanted
        assert again[0].category.inventory_role
        assert again[0].supplier is None
    assert again == list(Item.objects.filter(pk__in=[items[2].pk, items[3].pk]).order_by("code"))


def test_another_number_of_keys_is_another_statement(items):
    assert [item.code for item in found([item.pk for item in items])] == ["P0", "P1", "P2", "P3"]
    assert [item.code for item in found({items[1].pk})] == ["P1"]
    assert found([]) == []


def test_codes_are_keys_too(items):
    by_code = Prepared(lambda codes, unit: Item.objects.filter(code__in=codes, unit_id=unit).order_by("code"))
    assert [item.code for item in by_code(["P2", "P0"], items[0].unit_id)] == ["P0", "P2"]
    assert [item.code for item in by_code(["P1", "nobody"], items[0].unit_id)] == ["P1"]


def test_deferred_fields_are_read_when_asked_for(items):
    item = only_names.first(items[0].pk)
    assert item.get_deferred_fields()
    assert item.code == "P0"


def test_what_changed_is_seen(items):
    found([items[0].pk])
    Item.objects.filter(pk=items[0].pk).update(name="Other")
    assert found([items[0].pk])[0].name == "Other"
    assert only_names.first(Unit.objects.values_list("pk", flat=True)[0]) is None


def test_each_company_finds_its_own(items, beta):
    assert found([items[0].pk])
    with run_in(beta):
        assert found([items[0].pk]) == []


@pytest.mark.usefixtures("tenant")
def test_a_key_that_is_lost_is_told():
    with pytest.raises(ValueError, match="not among its values"):
        Prepared(lambda id: Item.objects.all())(items_key())


def items_key():
    from backend.kernel.ids import uuid7

    return uuid7()
