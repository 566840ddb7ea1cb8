"""Several lists in one statement are what each list alone would be."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from backend.catalog.models import Item
from backend.kernel import audit
from backend.kernel.actor import Actor
from backend.kernel.comments import add_comment, comments_on
from backend.kernel.models import AuditEntry, Comment
from backend.kernel.together import hold, together
from tests.factories.catalog import make_item

AT = datetime(2026, 11, 20, 9, 30, 15, 123456, tzinfo=UTC)
CLERK = Actor(kind="staff", name="Li", permissions=frozenset({"*"}))


def test_each_list_is_what_its_queryset_alone_gives(tenant, django_assert_num_queries):
    item = make_item(sale_price=Decimal("113.000001"))
    for words in ("first", "second"):
        add_comment(subject=item, text=words, actor=CLERK, at=AT)
    audit.record(item, "edit", actor=CLERK, at=AT, changes={"price": ["1", "1.1"]}, reason="dearer")
    alone = {
        "said": comments_on(item.pk),
        "done": audit.timeline(item.pk)[:1],
        "items": Item.objects.filter(pk=item.pk),
        "none": Comment.objects.filter(pk__in=[]),
    }
    with django_assert_num_queries(1):
        found = together(**alone)
    assert [row.text for row in found["said"]] == ["first", "second"]
    assert found["none"] == []
    for name, rows in alone.items():
        expected = list(rows.all())
        assert [_values(row) for row in found[name]] == [_values(row) for row in expected]


def test_rows_that_are_more_than_plain_columns_are_refused(tenant):
    with pytest.raises(ValueError, match="entries"):
        together(entries=Item.objects.select_related("unit"))


def test_rows_are_held_where_a_prefetch_would_put_them(tenant, django_assert_num_queries):
    items = [make_item(code="A"), make_item(code="B")]
    category = items[0].category
    found = together(items=Item.objects.filter(category=category).order_by("-code"))["items"]
    hold([category], "item_set", found, by="category")
    with django_assert_num_queries(0):
        assert [item.code for item in category.item_set.all()] == ["B", "A"]
        assert all(item.category is category for item in category.item_set.all())


def test_nothing_to_ask_costs_no_statement(tenant, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert together(gone=AuditEntry.objects.none()) == {"gone": []}


def _values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
