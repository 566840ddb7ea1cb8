"""SAAS-11: what lists say twice, what is wrong beyond its own row, who may read what, and lists that the program fails at."""

from decimal import Decimal as D

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from backend.access.models import Member
from backend.access.services.actors import actor_for
from backend.catalog.inputs import AttributeData, ValueData
from backend.catalog.models import AttributeValue, Item, ItemCategory, ItemUnit, PriceList, Style
from backend.catalog.services.attributes import save_attribute
from backend.imports.columns import Column
from backend.imports.kinds.items import ItemReader
from backend.imports.models import ImportRun
from backend.imports.selectors import columns_shown, rows_shown
from backend.imports.services import ask_to_save, runs, start_import, work_off
from backend.kernel.actor import Actor
from backend.kernel.errors import ValidationRefused
from backend.parties.inputs import ContactData, PartyData, SupplierData
from backend.parties.models import Party
from backend.parties.services import save_party
from tests.factories.catalog import make_item
from tests.factories.inventory import refuses
from tests.factories.parties import AT
from tests.imports.sheet import faults, send
from tests.people import make_member, owner_actor

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def owner():
    return owner_actor()


@pytest.fixture
def by_two(monkeypatch):
    """Lists are read two rows at a time."""
    monkeypatch.setattr(runs, "PORTION", 2)


def test_numbers_are_rounded_half_up_as_amounts_are():
    money = Column("x", "X", "number", decimals=2, negative=True)
    assert [money.read(text) for text in ("0.125", "2.5", "-0.125")] == [D("0.13"), D("2.50"), D("-0.13")]


@pytest.mark.usefixtures("by_two")
def test_no_two_rows_are_about_the_same_item(owner):
    """A row of a later portion finds what an earlier one has just made: it is no change of it, but the same row again."""
    heads = ("Item code", "Name", "Sale price incl. tax")
    rows = [("", "Pen", 1), ("X", "Ink", 2), ("", "Pen", 9), ("X", "Other ink", 9), ("", "Ink", 9), ("Y", "Pen", 3)]
    run = send("items", heads, *rows, actor=owner)
    assert faults(run) == [(4, "code"), (5, "code"), (6, "code")]
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    assert (run.state, faults(run)) == ("saved", [(4, "code"), (5, "code"), (6, "code")])
    made = Item.objects.filter(name__in=("Pen", "Ink", "Other ink")).order_by("sale_price")
    assert list(made.values_list("name", "sale_price")) == [("Pen", 1), ("Ink", 2), ("Pen", 3)]


@pytest.mark.usefixtures("by_two")
def test_no_two_rows_are_about_the_same_partner(owner):
    heads = ("Code", "Name", "Tax id", "Phone")
    tax_id = "91440300708461136T"
    rows = [("", "One", "", 1), ("", "Two", tax_id, 2), ("", "One", "", 9), ("", "Three", tax_id.lower(), 9)]
    run = send("customers", heads, *rows, actor=owner)
    assert faults(run) == [(4, "name"), (5, "name")]
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    assert (run.state, faults(run)) == ("saved", [(4, "name"), (5, "name")])
    assert dict(Party.objects.filter(is_customer=True).values_list("name", "phone")) == {"One": "1", "Two": "2"}


def test_the_same_partners_again_are_as_they_are(owner):
    """Whatever the order of the contacts, and the case of the tax id."""
    two = (ContactData(name="Second"), ContactData(name="First", phone="1", is_primary=True))
    data = PartyData(name="Mill", tax_id="91440300708461136T", supplier=SupplierData(), contacts=two)
    save_party(data=data, actor=owner, at=AT)
    row = ("Mill", "91440300708461136t", "First", "1")
    again = send("suppliers", ("Name", "Tax id", "Contact", "Contact's phone"), row, actor=owner)
    assert (again.same_count, again.faulty_count) == (1, 0)


def test_units_of_many_items_take_a_fixed_number_of_statements(owner, django_assert_max_num_queries):
    """No barcode of a unit is given twice, neither in the list nor beside what is there."""
    heads = ("Item code", "Name", "Unit 2", "Unit 2 holds", "Unit 2 barcode")
    run = send("items", heads, *((f"U{no}", f"Unit {no}", "box", 12, f"B{no}") for no in range(60)), actor=owner)
    with django_assert_max_num_queries(60):
        run = ask_to_save(run_id=run.pk, actor=owner, at=AT)
    assert (run.state, ItemUnit.objects.filter(item__code__startswith="U", factor=12).count()) == ("saved", 60)
    rows = [("N1", "New", "box", 2, "C1"), ("N2", "New 2", "box", 2, "C1"), ("N3", "New 3", "box", 2, "B7")]
    assert faults(send("items", heads, *rows, actor=owner)) == [(3, "barcode_2"), (4, "barcode_2")]
    change = send("items", heads[::3], ("U7", 24), actor=owner)
    assert change.same_count == 1  # without its unit nothing is said
    change = send("items", ("Item code", "Unit 2", "Unit 2 holds"), ("U7", "box", 24), actor=owner)
    ask_to_save(run_id=change.pk, actor=owner, at=AT)
    assert list(ItemUnit.objects.filter(item__code="U7").values_list("factor", "barcode")) == [(24, "B7")]


def test_one_price_list_called_by_its_code_and_by_its_name(owner):
    pen, ink = make_item("Pen"), make_item("Ink")
    heads = ("Price list", "Item code", "Unit price")
    ask_to_save(run_id=send("prices", heads, ("2026", pen.code, 10), actor=owner).pk, actor=owner, at=AT)
    listed = PriceList.objects.get(name="2026")
    run = send("prices", heads, ("2026", pen.code, 11), (listed.code, ink.code, 5), actor=owner)
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT)
    assert run.state == "saved", run.note
    assert dict(listed.lines.values_list("item__code", "price")) == {pen.code: 11, ink.code: 5}
    twice = send("prices", heads, ("2026", pen.code, 1), (listed.code, pen.code, 2), actor=owner)
    assert faults(twice) == [(3, "item")]


def test_what_is_wrong_about_a_new_price_list_is_wrong_about_all_its_rows(owner):
    """Otherwise its good rows alone would make a list for everybody, or one of purchase prices by who may not see cost."""
    pen, ink = make_item("Pen"), make_item("Ink")
    heads = ("Price list", "Item code", "Unit price", "Kind", "For")
    rows = (("New", pen.code, 1, "", "Nobody"), ("New", ink.code, 1, "", ""))
    assert faults(send("prices", heads, *rows, actor=owner)) == [(2, "party"), (3, "party")]
    seller = Actor(
        kind="staff",
        name="Seller",
        member_id=owner.member_id,
        permissions=frozenset({"imports.run.edit", "catalog.price_list.edit"}),
    )
    rows = (("New", pen.code, 1, "purchase", ""), ("New", ink.code, 1, "", ""))
    assert faults(send("prices", heads, *rows, actor=seller)) == [(2, "kind"), (3, "kind")]


def test_a_style_is_begun_by_the_first_row_that_can_say_what_it_is(owner):
    save_attribute(data=AttributeData("Size", "size", (ValueData("S", "S"), ValueData("M", "M"))), actor=owner, at=AT)
    heads = ("Style code", "Name", "Size", "Category")
    run = send("variants", heads, ("HAT", "", "S", ""), ("HAT", "Hat", "M", ""), actor=owner)
    assert faults(run) == [(2, "name")]
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    assert run.state == "saved", run.note
    style = Style.objects.get(code="HAT")
    assert (style.name, [item.code for item in style.variants.all()]) == ("Hat", ["HAT-M"])


@pytest.mark.usefixtures("by_two")
def test_what_another_item_has_is_found_when_variants_are_checked(owner):
    """INV-14: a barcode or code that is taken names its row, its column and who has it; the other rows are saved."""
    save_attribute(
        data=AttributeData("Size", "size", tuple(ValueData(code, code) for code in "SMLX")), actor=owner, at=AT
    )
    make_item("Cap", barcode="69001")
    make_item("Sock", code="HAT-X")
    heads = ("Style code", "Name", "Size", "Barcode", "Sale price incl. tax")
    rows = [("HAT", "Hat", "S", "69001", 1), ("HAT", "", "M", "69002", 1), ("HAT", "", "L", "69002", 1)]
    run = send("variants", heads, *rows, ("HAT", "", "X", "", -1), actor=owner)
    assert faults(run) == [(2, "barcode"), (4, "barcode"), (5, "sale_price"), (5, "style")]
    words = [row.faults[0]["message"] for row in run.rows.filter(is_faulty=True).order_by("number")]
    assert "Cap" in words[0]
    assert "HAT-M" in words[1]
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    assert (run.state, [item.code for item in Item.objects.filter(style__code="HAT")]) == ("saved", ["HAT-M"]), run.note
    moved = send("variants", heads, ("HAT", "", "M", "69001", ""), ("HAT", "", "M", "69003", ""), actor=owner)
    assert faults(moved) == [(2, "barcode"), (3, "style")]


def test_what_is_missing_is_made_for_rows_that_are_saved_alone(owner):
    """Categories and values that only faulty rows name are not made; those of good rows are, once."""
    heads = ("Item code", "Name", "Category", "Unit")
    rows = [
        ("A", "Pen", "Ink", ""),
        ("B", "Pot", "Clay", "furlong"),
        ("C", "Pad", "ink", ""),
        ("D", "Cup", "Clay", "?"),
    ]
    run = send("items", heads, *rows, actor=owner, make_missing=True)
    ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    made = Item.objects.filter(code__in="ABCD").order_by("code").values_list("code", "category__name")
    assert list(made) == [("A", "Ink"), ("C", "Ink")]
    save_attribute(data=AttributeData("Size", "size", (ValueData("S", "S"),)), actor=owner, at=AT)
    heads = ("Style code", "Name", "Size", "Category", "Sale price incl. tax")
    rows = [("HAT", "Hat", "M", "Felt", 1), ("HAT", "", "L", "", -1), ("BAG", "Bag", "S", "Clay", -1)]
    run = send("variants", heads, *rows, actor=owner, make_missing=True)
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    assert run.state == "saved", run.note
    assert sorted(AttributeValue.objects.values_list("code", flat=True)) == ["M", "S"]
    assert list(Style.objects.values_list("code", "category__name")) == [("HAT", "Felt")]
    assert ItemCategory.objects.filter(name__in=("Ink", "ink", "Clay", "Felt")).count() == 2


def test_columns_that_are_not_for_everybody_are_not_read_by_everybody(owner):
    """Purchase prices of another one's list: neither on its page nor over the API nor in the file of its faults."""
    heads = ("Item code", "Name", "Purchase price incl. tax", "Unit")
    run = send("items", heads, ("A", "One", "77.31", "furlong"), ("B", "Two", "cheap", "pcs"), actor=owner)
    blind = Actor(kind="staff", name="", permissions=frozenset({"imports.run.edit", "catalog.item.edit"}))
    for actor, prices, wrong in ((owner, ["77.31", "cheap"], 2), (blind, [None, None], 1)):
        rows = list(rows_shown(run, columns_shown(actor, run), run.rows.order_by("number")))
        assert [row.texts.get("purchase_price") for row in rows] == prices
        assert sum(bool(row.faults) for row in rows) == wrong


def test_who_has_left_saves_nothing_any_more(owner, monkeypatch):
    """A list that waits for its worker is saved with the rights of whoever asked, not with those of the product."""
    monkeypatch.setattr(runs, "AT_ONCE", 0)
    monkeypatch.setattr(runs, "ask_worker", lambda: None)
    member = make_member("owner")
    run = send("items", ("Item code", "Name"), ("A", "One"), actor=actor_for(member))
    work_off(at=AT)
    ask_to_save(run_id=run.pk, actor=actor_for(member), at=AT)
    Member.objects.filter(pk=member.pk).update(active=False)
    work_off(at=AT)
    run.refresh_from_db()
    assert (run.state, bool(run.note), Item.objects.filter(code="A").exists()) == ("checked", True, False)


def test_a_list_that_the_program_fails_at_holds_up_no_other_one(owner, monkeypatch):
    monkeypatch.setattr(runs, "AT_ONCE", 0)
    monkeypatch.setattr(runs, "ask_worker", lambda: None)
    bad, good = (send("items", ("Item code", "Name"), (code, code), actor=owner) for code in ("BAD", "GOOD"))
    assert work_off(at=AT) == 2
    for run in (bad, good):
        ask_to_save(run_id=run.pk, actor=owner, at=AT)
    save = ItemReader.save

    def fail(reader, rows):
        save(reader, rows)
        if rows[0].values["code"] == "BAD":
            raise ZeroDivisionError

    monkeypatch.setattr(ItemReader, "save", fail)
    assert work_off(at=AT) == 1
    states = {run.pk: (run.state, bool(run.note)) for run in ImportRun.objects.all()}
    assert states == {bad.pk: ("checked", True), good.pk: ("saved", False)}
    assert list(Item.objects.filter(code__in=("BAD", "GOOD")).values_list("code", flat=True)) == ["GOOD"]


def test_figures_beyond_what_a_column_holds_are_faults(owner):
    pen = make_item("Pen")
    run = send("opening_stock", ("Item code", "Quantity", "Unit cost"), (pen.code, 10**11, 10**11), actor=owner)
    assert faults(run) == [(2, "unit_cost")]
    run = send("suppliers", ("Name", "May deliver more by (%)"), ("Mill", 100_000), actor=owner)
    assert faults(run) == [(2, "over_receipt_pct")]
    huge = SimpleUploadedFile("list.csv", b"Item code,Name\nA," + b"x" * 200_000)
    with refuses(ValidationRefused):
        start_import(kind="items", upload=huge, actor=owner, at=AT)
