"""Documents on paper."""

import json
import re
import unicodedata

import pytest
from django.utils import translation

from portals.ui import printing
from portals.ui.chips import chip
from portals.ui.documents import Cell, Line, LineColumn
from portals.ui.glyphs import _COMMON, characters, drawable
from portals.ui.printing import PrintColumn, PrintSheet, PrintTotal

EVIL = '#eval("1") $x$ *bold* [link] \\ " {"a": 1}'


def sheet(rows: int = 2, **changes: object) -> PrintSheet:
    columns = [PrintColumn("#", "center"), PrintColumn("Item", share=3), PrintColumn("Total", "right")]
    values = {
        "title": "Order",
        "number": "SO-1",
        "company": "Yunshan",
        "party": EVIL,
        "columns": columns,
        "rows": [[no, ("复印纸 A4", EVIL), "12,804.00"] for no in range(rows)],
        "totals": [PrintTotal("Total", "19,124.00", True)],
        "amount": "19124",
        "remark": EVIL,
        "link": "http://demo.localhost/sales/orders/SO-1/",
        "signatures": [("Made by", "Chen"), ("Received by", "")],
    }
    return PrintSheet(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("paper", ["a4", "a5"])
def test_a_document_becomes_a_pdf(language: str, paper: str) -> None:
    assert printing.document_pdf(sheet(paper=paper), language).startswith(b"%PDF")


def test_text_of_users_is_never_markup() -> None:
    data = json.dumps(printing._context(sheet()), default=str)
    assert json.loads(data)["party"]["name"] == EVIL
    assert printing.document_pdf(sheet()).startswith(b"%PDF")


def test_many_lines_go_over_pages() -> None:
    one, many = printing.document_pdf(sheet(3)), printing.document_pdf(sheet(200))
    assert many.count(b"/Type /Page\n") > one.count(b"/Type /Page\n") or many.count(b"/Page") > one.count(b"/Page")


def test_capital_amounts_only_in_chinese() -> None:
    with translation.override("zh-hans"):
        assert printing._context(sheet())["in-words"] == "壹万玖仟壹佰贰拾肆元整"
    with translation.override("en"):
        assert printing._context(sheet())["in-words"] == ""


def test_lines_for_print_leave_out_what_is_for_ourselves() -> None:
    columns = [
        LineColumn("item", "Item", "item"),
        LineColumn("qty", "Quantity", "qty"),
        LineColumn("stock", "Free", "stock"),
        LineColumn("state", "State", "chip"),
    ]
    lines = [
        Line(1, {"item": Cell("Paper", sub="PA4"), "qty": Cell(100, unit="ctn"), "state": chip("approval", "approved")})
    ]
    heads, rows = printing.lines_for_print(columns, lines)
    assert [str(head.label) for head in heads] == ["#", "Item", "Quantity", "State"]
    assert rows == [[1, ("Paper", "PA4"), "100 ctn", "Approved"]]


def test_a_number_that_leaves_the_items_no_room_may_fold() -> None:
    """Words take what they need while the items keep room; what is longer gets a part and places to fold."""
    columns = [
        LineColumn("item", "Item", "item"),
        LineColumn("order", "Order"),
        LineColumn("note", "Note"),
        LineColumn("qty", "Quantity", "qty"),
    ]
    cells = {"item": "Paper", "order": "CGDD-20261122-00001", "note": "word " * 20, "qty": Cell(100, unit="ctn")}
    heads, rows = printing.lines_for_print(columns, [Line(1, cells)])
    assert [head.share for head in heads] == [0, 3, 0, 1, 0]
    assert rows[0][2] == "CGDD-20261122-00001"
    cells["order"] = "CGDD-20261122-00001-AND-ON"
    heads, rows = printing.lines_for_print(columns, [Line(1, cells)])
    assert heads[2].share == 1
    assert rows[0][2].replace("\u200b", "") == cells["order"] != rows[0][2]
    heads, _rows = printing.lines_for_print(
        [LineColumn("bin", "Bin"), LineColumn("name", "Name")], [Line(1, {"name": "Paper"})]
    )
    assert [head.share for head in heads] == [0, 0, 3]  # without an item the widest words fill the paper


def test_a_qr_code_is_svg() -> None:
    assert printing.qr_svg("http://demo.localhost/").startswith("<svg")


def test_rare_characters_of_names_are_drawn_and_others_printed_by_their_code() -> None:
    """Names of people and places beyond the common characters; a sign that no font has is no empty box."""
    names = "张㛃 李㐂 王𠮷 赵䶮 𬱖 김 é Ǖ ㎡\u200b"
    assert drawable(names) == names
    assert drawable("箱📦 王𤭢") == "箱[U+1F4E6] 王[U+24B62]"
    assert printing.document_pdf(sheet(party=names, remark="📦")).startswith(b"%PDF")
    everyday = re.compile(f"[{_COMMON}]")
    every = {chr(code) for code in range(0x20, 0xFFFF) if everyday.match(chr(code))}
    unseen = {sign for sign in every if unicodedata.category(sign) in {"Cc", "Cf", "Zs"}}
    assert every - unseen <= characters("notosanssc"), "the fonts are not asked for these"
