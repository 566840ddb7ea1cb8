"""INV-14: a style in colours and sizes makes items; they follow the style, and stand in a matrix with their stock."""

from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.catalog.inputs import AttributeData, ValueData
from backend.catalog.models import Item
from backend.catalog.services import ItemData, save_item
from backend.catalog.services.attributes import save_attribute
from backend.catalog.services.styles import make_variants
from backend.catalog.variants import matrices_of, search_styles, styles
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, Refusal, ValidationRefused
from tests.factories.inventory import refuses
from tests.factories.parties import AT
from tests.factories.sales import approved_order, put_stock
from tests.factories.styles import COLOUR, SIZE, make_attribute, make_style

pytestmark = pytest.mark.usefixtures("tenant")
WHO = Actor.system()


@pytest.fixture
def shirt():
    """A shirt in red and blue, in S, M and L, for 113."""
    return make_style("SHIRT", "衬衫", sale_price=D(113))


def test_inv_14_a_style_makes_one_item_for_each_combination(shirt):
    """INV-14: 2 colours × 3 sizes make 6 items with codes of their own; a second run makes none."""
    made = make_variants(style_id=shirt.pk, actor=WHO, at=AT)
    codes = [f"SHIRT-{colour}-{size}" for colour in ("RED", "BLUE") for size in ("S", "M", "L")]
    assert [item.code for item in made] == codes
    first = Item.objects.get(code="SHIRT-RED-M")
    assert (first.name, first.spec, first.sale_price, first.style) == ("衬衫", "红 / M", 113, shirt)
    assert make_variants(style_id=shirt.pk, actor=WHO, at=AT) == []


def test_single_variants_are_chosen_by_their_values(shirt):
    value = {each.value.code: each.value_id for each in shirt.chosen.select_related("value")}
    [made] = make_variants(style_id=shirt.pk, combinations=[(value["M"], value["RED"])], actor=WHO, at=AT)
    assert made.code == "SHIRT-RED-M"
    for wrong in ((value["M"],), (value["M"], value["L"]), (value["M"], WHO.member_id or shirt.pk)):
        with refuses(ValidationRefused, "one value of each"):
            make_variants(style_id=shirt.pk, combinations=[wrong], actor=WHO, at=AT)


def test_making_many_takes_as_many_statements_as_making_few(shirt):
    counts = []
    for code in ("A", "B"):
        style = make_style(code, "x", values=("RED", "S") if code == "A" else None)
        with CaptureQueriesContext(connection) as queries:
            make_variants(style_id=style.pk, actor=WHO, at=AT)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_variants_follow_their_style_unless_they_say_otherwise(shirt):
    """113 becomes 120: five variants follow, the red M that was given 99 keeps it."""
    make_variants(style_id=shirt.pk, actor=WHO, at=AT)
    own = Item.objects.get(code="SHIRT-RED-M")
    values = {name: getattr(own, name) for name in ItemData.__dataclass_fields__}
    save_item(data=ItemData(**values | {"sale_price": D(99)}), item_id=own.pk, actor=WHO, at=AT)
    make_style("SHIRT", "全棉衬衫", style=shirt, sale_price=D(120))
    rows = dict(Item.objects.filter(style=shirt).values_list("code", "sale_price"))
    assert rows.pop("SHIRT-RED-M") == 99
    assert set(rows.values()) == {120}
    assert set(Item.objects.filter(style=shirt).values_list("name", flat=True)) == {"全棉衬衫"}


def test_what_variants_stand_on_stays(shirt):
    make_variants(style_id=shirt.pk, actor=WHO, at=AT)
    for values, words in ((("RED", "S", "M", "L"), "in 蓝"), (("RED", "BLUE"), "keeps its attributes")):
        with refuses(Conflict, words):
            make_style("SHIRT", "衬衫", style=shirt, values=values)
    with refuses(Conflict, "named by its code"):
        make_style("SHIRT2", "衬衫", style=shirt)
    size = make_attribute(SIZE)
    kept = tuple(ValueData(row.code, row.name, row.pk) for row in size.values.all())
    with refuses(Conflict, "exists in"):
        save_attribute(data=AttributeData("尺码", SIZE, kept[1:]), attribute_id=size.pk, actor=WHO, at=AT)


def test_a_value_is_renamed_on_every_variant(shirt):
    make_variants(style_id=shirt.pk, actor=WHO, at=AT)
    Item.objects.filter(code="SHIRT-RED-L").update(spec="特别款")
    colour = make_attribute(COLOUR)
    names = {"RED": "大红"}
    kept = tuple(ValueData(row.code, names.get(row.code, row.name), row.pk) for row in colour.values.all())
    save_attribute(data=AttributeData("颜色", COLOUR, kept), attribute_id=colour.pk, actor=WHO, at=AT)
    specs = dict(Item.objects.filter(style=shirt).values_list("code", "spec"))
    assert (specs["SHIRT-RED-M"], specs["SHIRT-RED-L"], specs["SHIRT-BLUE-M"]) == ("大红 / M", "特别款", "蓝 / M")


def test_codes_are_not_taken_twice(shirt, monkeypatch):
    save_item(data=ItemData(name="other", code="SHIRT-RED-S"), actor=WHO, at=AT)
    with refuses(Conflict, "SHIRT-RED-S"):
        make_variants(style_id=shirt.pk, actor=WHO, at=AT)
    with refuses(Refusal, "code"):
        make_style("SHIRT-RED-S", "x")
    monkeypatch.setattr("backend.catalog.services.styles.LONGEST_CODE", 8)
    with refuses(ValidationRefused, "longer"):
        make_variants(style_id=make_style("LONG", "x").pk, actor=WHO, at=AT)


def test_inv_14_the_matrix_shows_stock_of_each_variant(shirt, django_assert_num_queries):
    """10 red M on hand, 4 of them ordered: 6 available; the red S of which there is none is empty."""
    make_variants(style_id=shirt.pk, actor=WHO, at=AT)
    item = Item.objects.get(code="SHIRT-RED-M")
    put_stock(item, 10)
    approved_order((item, 4))
    Item.objects.get(code="SHIRT-BLUE-L").delete()
    with django_assert_num_queries(3):
        [found] = styles()
        [matrix] = matrices_of([found])
    assert [str(value) for value in matrix.columns] == ["S", "M", "L"]
    assert [row.label for row in matrix.rows] == ["红", "蓝"]
    red, blue = (row.cells for row in matrix.rows)
    assert [(cell.on_hand, cell.available) for cell in red] == [(0, 0), (10, 6), (0, 0)]
    assert blue[2] is None
    assert (matrix.row_label, matrix.column_label, len(matrix.items)) == ("颜色", "尺码", 5)


def test_styles_are_found_by_code_name_and_initials(shirt):
    assert [found.code for text in ("shi", "衬", "CS") for found in search_styles(text)] == ["SHIRT"] * 3
    assert search_styles("") == []
