"""Prepared queries find what their querysets find, for other keys, other numbers of keys and other companies."""

from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Count, Q, Sum, Value
from django.db.models.signals import post_init

from backend.catalog.models import Item, Unit
from backend.kernel.prepared import Prepared, Questions
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


def test_an_object_is_the_one_a_queryset_makes(items):
    for query in (found, only_names):
        made = query([items[0].pk])[0] if query is found else query.first(items[0].pk)
        plain = (Item.objects.only("name") if query is only_names else Item.objects).get(pk=items[0].pk)
        values = {name: value for name, value in vars(made).items() if name not in ("_state", "mark")}
        assert values == {name: value for name, value in vars(plain).items() if name != "_state"}
        assert (made._state.adding, made._state.db) == (False, plain._state.db)
    made.name = "Other"
    made.save(update_fields=["name"])
    assert Item.objects.get(pk=made.pk).name == "Other"


def test_a_model_that_listens_is_asked_to_make_its_objects(items):
    seen = []

    def listen(instance, **_more):
        seen.append(instance.code)

    post_init.connect(listen, sender=Item)
    try:
        listened = Prepared(lambda id: Item.objects.filter(pk=id))
        assert listened.first(items[0].pk) == items[0]
    finally:
        post_init.disconnect(listen, sender=Item)
    assert seen == ["P0"]


def test_lists_of_any_length_are_one_statement_with_one_plan(items):
    keys = [item.pk for item in items]
    for _time in range(4):
        assert [item.code for item in found(keys)] == ["P0", "P1", "P2", "P3"]
        assert [item.code for item in found({items[1].pk})] == ["P1"]
        assert [item.code for item in found(keys[2:])] == ["P2", "P3"]
    assert found([]) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT custom_plans FROM pg_prepared_statements WHERE statement LIKE '%%''m'' AS \"mark\"%%'")
        assert cursor.fetchall() == [(5,)], "PostgreSQL looks at the values five times, then keeps the plan"


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


def _by_prefix(questions, prefix, built):
    def build():
        built.append(prefix)
        return (
            Item.objects.filter(code__startswith=prefix)
            .select_related("unit")
            .annotate(mark=Value("m"))
            .order_by("code")
        )

    return questions.rows(("items", prefix), build).objects()


def test_a_question_is_written_once_and_finds_what_is_there_now(items, beta):
    questions, built = Questions(), []
    assert [item.code for item in _by_prefix(questions, "P", built)] == ["P0", "P1", "P2", "P3"]
    make_item(code="P9")
    again = _by_prefix(questions, "P", built)
    assert [(item.code, item.unit.code, item.mark) for item in again][-1] == ("P9", again[0].unit.code, "m")
    with run_in(beta):
        assert _by_prefix(questions, "P", built) == []
    assert _by_prefix(questions, "P9", built) == again[-1:]
    assert built == ["P", "P9"]


def test_figures_of_a_question_are_counted_anew_each_time(items, django_assert_num_queries):
    questions, built = Questions(), []

    def build():
        built.append(1)
        found = Item.objects.filter(code__startswith="P")
        return found, {"rows": Count("pk"), "first": Count("pk", filter=Q(code="P0")), "price": Sum("sale_price")}

    before = questions.figures("all", build)
    make_item(code="P8", sale_price=Decimal("7.5"))
    with django_assert_num_queries(1):
        after = questions.figures("all", build)
    assert built == [1]
    assert (before["rows"], after["rows"], after["first"]) == (4, 5, 1)
    assert after["price"] == (before["price"] or 0) + Decimal("7.5")
    assert list(after) == ["rows", "first", "price"]


def test_the_oldest_question_is_forgotten_and_one_without_an_answer_is_asked_again(items):
    questions, built = Questions(most=1), []
    for prefix in ("P", "X", "P"):
        _by_prefix(questions, prefix, built)
    assert built == ["P", "X", "P"]
    assert questions.rows("none", Item.objects.none).objects() == []
    assert questions.figures("none", lambda: (Item.objects.none(), {"rows": Count("pk")})) == {"rows": 0}
    assert questions.figures("none", lambda: (Item.objects.all(), {"rows": Count("pk")}))["rows"] >= 4
