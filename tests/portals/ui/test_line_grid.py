"""Reading a posted grid back, and keeping what was typed."""

from decimal import Decimal

from django.http import QueryDict
from django.template.loader import render_to_string

from backend.kernel.errors import Refusal, ValidationRefused
from portals.ui.line_grid import GridColumn, GridRow, LineGrid, read_lines

COLUMNS = (
    GridColumn("item", "Code", "item", required=True),
    GridColumn("name", "Name", out=True),
    GridColumn("qty", "Quantity", "qty"),
    GridColumn("price", "Price", "price"),
    GridColumn("gross", "Total", out=True, numeric=True),
)


def post(**fields: str) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update({key.replace("__", "-"): value for key, value in fields.items()})
    return query


def test_blank_rows_are_no_lines_and_numbers_follow_the_order() -> None:
    lines = read_lines(
        post(
            lines__10__item_code=" PA4 ",
            lines__10__qty="5",
            lines__10__touched="qty,price",
            lines__2__item="uuid",
            lines__2__qty="1",
            lines__3__qty="",
            lines__x__qty="9",
            other__1__qty="9",
        ),
        COLUMNS,
    )
    assert [(line.no, line.index) for line in lines] == [(1, 2), (2, 10)]
    assert lines[1].text("item_code") == "PA4"
    assert lines[1].touched == {"qty", "price"}
    assert lines[0].text("missing") == ""


def test_a_quantity_without_an_item_is_a_line_so_that_it_is_not_lost() -> None:
    assert len(read_lines(post(lines__0__qty="7"), COLUMNS)) == 1


def test_a_failed_save_keeps_the_text_and_marks_the_cell() -> None:
    refusal = Refusal.many(
        [
            ValidationRefused("Not a number.", line=1, field="qty", value="ten", way_out="Type digits."),
            ValidationRefused("No such item.", line=2, field="item"),
        ]
    )
    data = post(
        lines__0__item="a",
        lines__0__item_code="PA4",
        lines__0__qty="ten",
        lines__4__item_code="nope",
        lines__4__qty="2",
    )
    grid = LineGrid(COLUMNS).with_posted(data, refusal)
    html = render_to_string("ui/line_grid.html", {"grid": grid})
    assert 'name="lines-0-qty" value="ten"' in html
    assert "Not a number. Type digits." in html
    assert 'name="lines-1-item_code" value="nope"' in html
    assert "No such item." in html


def test_decimals_come_plain_into_the_inputs_and_text_is_escaped() -> None:
    grid = LineGrid(COLUMNS, [GridRow({"item_code": '"><b>', "qty": Decimal("1200.5000")})])
    html = render_to_string("ui/line_grid.html", {"grid": grid})
    assert 'value="1200.5"' in html
    assert "<b>" not in html


def test_a_fixed_grid_has_no_spare_rows() -> None:
    assert len(LineGrid(COLUMNS, [GridRow()], fixed=True).cells) == 1
    assert len(LineGrid(COLUMNS, [GridRow()] * 9).cells) == 12
