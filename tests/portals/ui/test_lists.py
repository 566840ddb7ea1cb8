"""The list page over real rows: filters, sorting, totals, views, batch actions, export, and how many statements it takes."""

import io
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import RequestFactory
from django.utils import timezone
from python_calamine import CalamineWorkbook

from backend.catalog.models import Item
from backend.kernel.actor import Actor
from backend.kernel.errors import Conflict, NotFoundRefused, ValidationRefused
from backend.workflow.models import SavedView
from portals.ui.lists import (
    BatchAction,
    ChoiceFilter,
    Column,
    DateFilter,
    FlagFilter,
    ListPage,
    NumberFilter,
    PartyFilter,
    Preset,
    TextFilter,
)
from portals.ui.lists.export import _plain
from portals.ui.lists.filters import period
from portals.ui.lists.state import ListState
from tests.factories.catalog import make_item

MEMBER = uuid4()


class Items(ListPage):
    key = "test.items"
    title = "Items"
    columns = (
        Column("code", "Code", sort=True),
        Column("name", "Name", sort=True),
        Column("safety_stock", "Safety", "qty", total="safety_stock", sort=True),
        Column("active", "Active", "bool"),
        Column("created_at", "Made", "moment"),
        Column("spec", "Spec", shown=False),
    )
    filters = (
        TextFilter("q", "Search", fields=("code", "name")),
        ChoiceFilter("type", "Type", "item_type", choices=(("goods", "Goods"), ("service", "Service"))),
        DateFilter("made", "Made", "created_at", moments=True),
        NumberFilter("safety", "Safety", "safety_stock"),
        FlagFilter("off", "Off", when=Q(active=False)),
        PartyFilter("supplier", "Supplier", "supplier_id"),
    )
    presets = (Preset("goods", "Goods", "type=goods"), Preset("off", "Off", "off=1", need=True))
    default_sort = ("code",)
    batch = (BatchAction("disable", "Disable"), BatchAction("secret", "Secret", permission="nobody.has.this"))

    def rows(self) -> Any:
        return Item.objects.filter(name__startswith="TL ")

    def row_url(self, row: Any) -> str:
        return f"/items/{row.code}/"

    def apply_batch(self, action: str, row: Any) -> None:
        if not row.active:
            raise Conflict("It is off already.", field="name")
        Item.objects.filter(pk=row.pk).update(active=False)


def request(query: str = "", method: str = "get", **data: Any) -> HttpRequest:
    made = (
        getattr(RequestFactory(), method)(f"/items/?{query}" if query else "/items/", data)
        if method == "post"
        else RequestFactory().get(f"/items/?{query}" if query else "/items/")
    )
    made.face, made.htmx, made.tenant = "staff", False, None
    made.member = SimpleNamespace(pk=MEMBER, name="Chen")
    made.actor = Actor(kind="staff", name="Chen", permissions=frozenset({"catalog.item.view"}))
    made.session = {}
    made._messages = FallbackStorage(made)
    return made


def page(query: str = "") -> Items:
    made = Items()
    made.setup(request(query))
    return made


def codes(query: str = "") -> list[str]:
    return [row.code for row in page(query).page_rows]


@pytest.fixture
def items(tenant: Any) -> list[Item]:
    made = [make_item(f"TL item {index}", code=f"TL-{index:02d}") for index in range(12)]
    for index, item in enumerate(made):
        Item.objects.filter(pk=item.pk).update(
            safety_stock=Decimal(index) / 4, active=index % 3 != 0, created_at=timezone.now()
        )
    return made


def test_the_first_preset_speaks_on_the_bare_page(items: list[Item]) -> None:
    assert page().state.filters == {"type": "goods"}
    assert page("view=all").state.filters == {}
    assert len(codes()) == 12


def test_filters_make_one_condition_each(items: list[Item]) -> None:
    assert codes("q=item+1") == ["TL-01", "TL-10", "TL-11"]
    assert codes("off=1") == ["TL-00", "TL-03", "TL-06", "TL-09"]
    assert codes("safety=0.5..1") == ["TL-02", "TL-03", "TL-04"]
    assert codes("safety_from=2.5&safety_to=") == ["TL-10", "TL-11"]
    assert codes("type=service") == []
    assert codes("type=nonsense") == codes("view=all")
    assert codes("supplier=not-an-id") == []
    assert len(codes("made=today")) == 12


def test_sorting_by_several_columns_and_unknown_ones_ignored(items: list[Item]) -> None:
    assert codes("sort=-code")[0] == "TL-11"
    assert codes("sort=drop_table,-code")[0] == "TL-11"
    assert page("sort=-code").ordering() == ["-code", "-pk"]
    state = ListState(sort=("-code",))
    assert state.sorted_by("code").sort == ("code",)
    assert state.sorted_by("name", add=True).sort == ("-code", "name")


def test_totals_cover_the_whole_filtered_set(items: list[Item]) -> None:
    found = page("view=all")
    assert found.count == 12
    assert found.totals["sum_safety_stock"] == Decimal("16.5")


def test_pages_and_their_words(items: list[Item]) -> None:
    found = page("view=all&size=50&page=2")
    assert found.page_rows == []
    assert page("page=99999&size=7").state.page == 200
    assert page("size=7").state.size == 50


def test_columns_of_the_address_then_of_the_member_then_the_defaults(items: list[Item]) -> None:
    assert [column.key for column in page("cols=spec&view=all").shown_columns] == ["code", "spec"]
    Items.as_view()(request("cols=name&keep=columns"))
    assert [column.key for column in page("view=all").shown_columns] == ["code", "name"]
    Items.as_view()(request("keep=columns"))
    assert len(page("view=all").shown_columns) == 5


def test_the_page_takes_at_most_five_statements(items: list[Item], django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(5):
        answer = Items.as_view()(request("view=all"))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'href="/items/TL-00/"' in text
    assert "nobody.has.this" not in text
    assert "Secret" not in text


def test_a_swap_gets_the_fragment_alone(items: list[Item]) -> None:
    made = request("off=1")
    made.htmx = SimpleNamespace(history_restore_request=False)
    text = Items.as_view()(made).content.decode()
    assert "<html" not in text
    assert 'id="tk-list"' in text


def test_views_are_saved_shared_and_deleted(items: list[Item]) -> None:
    answer = Items.as_view()(request("off=1&sort=-code", "post", action="save_view", name="Off ones", shared="on"))
    view = SavedView.objects.get(page="test.items", name="Off ones")
    assert view.shared
    assert view.query == "off=1&sort=-code"
    assert answer["Location"].endswith(f"off=1&sort=-code&view={view.pk}")
    assert "Off ones" in [str(tab.label) for tab in page("view=all").tabs()]
    other = request("view=all")
    other.member = SimpleNamespace(pk=uuid4(), name="Zhou")
    foreign = Items()
    foreign.setup(other)
    assert "Off ones" in [str(tab.label) for tab in foreign.tabs()]
    removal = request("", "post", action="delete_view", view=str(view.pk))
    removal.member = other.member
    Items.as_view()(removal)
    assert SavedView.objects.filter(pk=view.pk).exists()
    Items.as_view()(request("", "post", action="delete_view", view=str(view.pk)))
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_a_view_needs_a_name(items: list[Item]) -> None:
    with pytest.raises(ValidationRefused):
        Items.as_view()(request("off=1", "post", action="save_view", name="  "))


def test_a_batch_does_what_it_can_and_tells_the_rest(items: list[Item]) -> None:
    chosen = [str(items[0].pk), str(items[1].pk)]
    answer = Items.as_view()(request("view=all", "post", action="disable", id=chosen))
    text = answer.content.decode()
    assert "It is off already." in text
    assert "1 was not done" in text
    assert not Item.objects.get(pk=items[1].pk).active


def test_a_batch_action_without_the_right_does_not_exist(items: list[Item]) -> None:
    with pytest.raises(NotFoundRefused):
        Items.as_view()(request("view=all", "post", action="secret", id=[str(items[0].pk)]))


def sheet_of(answer: HttpResponse) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return book.get_sheet_by_index(0).to_python()


def test_the_export_is_what_is_shown_with_real_numbers(items: list[Item]) -> None:
    rows = sheet_of(Items.as_view()(request("off=1&sort=-code&export=xlsx")))
    assert rows[0] == ["Code", "Name", "Safety", "Active", "Made"]
    assert [row[0] for row in rows[1:5]] == ["TL-09", "TL-06", "TL-03", "TL-00"]
    assert rows[1][2] == 2.25
    assert rows[5][2] == 4.5
    text = Items.as_view()(request("off=1&cols=name&export=csv")).content.decode("utf-8-sig")
    assert text.splitlines()[0] == "Code,Name"


def test_selected_rows_are_exported_alone(items: list[Item]) -> None:
    answer = Items.as_view()(request("view=all", "post", action="export", id=[str(items[2].pk)]))
    assert [row[0] for row in sheet_of(answer)] == ["Code", "TL-02"]


def test_a_formula_in_a_csv_does_not_run() -> None:
    assert _plain('=HYPERLINK("x")') == '\'=HYPERLINK("x")'
    assert _plain(Decimal("-5")) == "-5"
    assert _plain("杭州") == "杭州"


def test_periods() -> None:
    assert period("quarter", date(2026, 11, 27)) == (date(2026, 10, 1), date(2026, 12, 31))
    assert period("last_month", date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 2, 28))
    assert period("week", date(2026, 11, 27)) == (date(2026, 11, 23), date(2026, 11, 29))
    assert period("nonsense", date(2026, 11, 27)) is None


def test_a_date_filter_reads_open_ranges() -> None:
    made = DateFilter("d", "Date", "doc_date")
    assert made.bounds("2026-11-01..") == (date(2026, 11, 1), None)
    assert made.bounds("2026-11-01") == (date(2026, 11, 1), date(2026, 11, 1))
    assert made.bounds("rubbish") == (None, None)


def test_the_address_is_the_whole_state() -> None:
    query = QueryDict("type=goods&type=service&sort=-code&cols=a&cols=b&by=lines&page=3&view=x&other=1")
    state = ListState.parse(query, ["type"])
    assert state.filters == {"type": "goods,service"}
    assert state.url() == "?type=goods%2Cservice&sort=-code&cols=a%2Cb&by=lines&view=x&page=3"
    assert state.without("type").page == 1


def test_an_empty_list_says_what_to_do_first(tenant: Any) -> None:
    text = Items.as_view()(request()).content.decode()
    assert "tk-empty" in text
    assert "tk-empty" not in Items.as_view()(request("off=1")).content.decode()
