"""SAAS-11: lists of items come in from spreadsheets: checked whole, shown, saved whole or without what is not right."""

from decimal import Decimal as D

import pytest

from backend.access.services.actors import actor_for
from backend.catalog.models import Item, ItemCategory, ItemUnit
from backend.imports.models import ImportRun
from backend.imports.services import ask_to_save, drop_run, runs, work_off
from backend.kernel.errors import IllegalTransition, PermissionRefused, ValidationRefused
from backend.kernel.models import AuditEntry
from tests.factories.catalog import make_item
from tests.factories.inventory import refuses, stock_up
from tests.factories.parties import AT, make_supplier
from tests.imports.sheet import faults, send
from tests.people import make_member, owner_actor

pytestmark = pytest.mark.usefixtures("tenant")
HEADS = (
    "Item code*",
    "名称",
    "Unit",
    "税率",
    "Sale price incl. tax",
    "Category",
    "Supplier",
    "Unit 2",
    "Unit 2 holds",
    "Kept by lot",
)


@pytest.fixture
def owner():
    return owner_actor()


def test_saas_11_a_list_is_checked_shown_and_saved(owner):
    """SAAS-11: new items with units, prices and categories; the same list again changes nothing; empty cells keep."""
    supplier = make_supplier()
    rows = (
        HEADS,
        ("A4-80", "打印纸", "pcs", "13", 113, "Paper", supplier.code, "box", 12, "no"),
        ("", "铅笔", "pcs", 13.0, "1.5", "Paper", supplier.name, "", "", ""),
    )
    run = send("items", *rows, actor=owner, make_missing=True)
    assert (run.state, run.new_count, run.faulty_count) == ("checked", 2, 0)
    assert not Item.objects.exists()
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT)
    assert run.state == "saved", run.note
    paper = Item.objects.get(code="A4-80")
    assert (paper.name, paper.sale_price, paper.supplier_id, paper.tax_code.rate) == ("打印纸", 113, supplier.pk, 13)
    assert (paper.category.name, paper.mnemonic) == ("Paper", "DYZ")
    assert [(row.unit.code, row.factor) for row in ItemUnit.objects.filter(item=paper)] == [("box", 12)]
    pencil = Item.objects.get(name="铅笔")
    assert pencil.code
    assert pencil.category_id == paper.category_id
    assert AuditEntry.objects.filter(subject_id=pencil.pk, verb="create").exists()
    again = send("items", *rows, actor=owner)
    assert (again.new_count, again.changed_count, again.same_count, again.faulty_count) == (0, 0, 2, 0)
    change = send("items", ("Item code", "Sale price incl. tax", "Specification"), ("A4-80", "", "80g"), actor=owner)
    assert change.changed_count == 1
    ask_to_save(run_id=change.pk, actor=owner, at=AT)
    paper.refresh_from_db()
    assert (paper.spec, paper.sale_price, paper.version) == ("80g", 113, 2)


def test_every_fault_is_named_by_row_and_column(owner):
    """SAAS-11: nothing is saved unless all is right, or the good rows are asked for alone."""
    used = make_item("Used")
    stock_up(used, 5)
    run = send(
        "items",
        HEADS,
        ("A", "Fine", "pcs", "13", "1", "", "", "", "", ""),
        ("A", "Twin", "pcs", "13", "1", "", "", "", "", ""),
        ("B", "", "furlong", "14", "cheap", "Nowhere", "Nobody", "box", "0", "maybe"),
        (used.code, "Used", "kg", "", "", "", "", "", "", ""),
        ("C", "Owns itself", "pcs", "", "", "", "", "pcs", "2", ""),
        actor=owner,
    )
    assert (run.good_count, run.faulty_count) == (1, 4)
    assert faults(run) == [
        (3, "code"),
        (4, "sale_price"), (4, "lot_tracked"), (4, "category"), (4, "unit"), (4, "tax"), (4, "supplier"), (4, "name"),
        (4, "holds_2"),
        (5, "unit"),
        (6, "unit_2"),
    ]  # fmt: skip
    with refuses(runs.CannotImport, "not right: 4"):
        ask_to_save(run_id=run.pk, actor=owner, at=AT)
    assert not Item.objects.filter(code="A").exists()
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    assert (run.state, run.saved_by_name) == ("saved", owner.name)
    assert Item.objects.get(code="A").name == "Fine"
    assert not Item.objects.filter(code__in=["B", "C"]).exists()
    with refuses(IllegalTransition):
        drop_run(run_id=run.pk, actor=owner, at=AT)


def test_long_lists_are_a_workers_work_of_a_fixed_number_of_statements(
    owner, django_assert_max_num_queries, monkeypatch
):
    """SAAS-11: 1 200 rows; while they wait nothing is decided; the worker checks, then saves; statements do not follow rows."""
    monkeypatch.setattr(runs, "ask_worker", lambda: None)
    rows = [(f"P{number}", f"Part {number}", "pcs", "13", number, "", "", "", "", "") for number in range(1200)]
    run = send("items", HEADS, *rows, actor=owner)
    assert run.state == "waiting"
    with refuses(IllegalTransition):
        ask_to_save(run_id=run.pk, actor=owner, at=AT)
    with django_assert_max_num_queries(60):
        assert work_off(at=AT) == 1
    assert ImportRun.objects.get(pk=run.pk).new_count == 1200
    ask_to_save(run_id=run.pk, actor=owner, at=AT)
    with django_assert_max_num_queries(90):
        assert work_off(at=AT) == 1
    assert ImportRun.objects.get(pk=run.pk).state == "saved"
    assert Item.objects.filter(code__startswith="P").count() == 1200


def test_what_changed_in_the_meantime_stops_the_whole_list(owner):
    run = send("items", ("Item code", "Name", "Barcode"), ("A", "One", "69001"), ("B", "Two", "69002"), actor=owner)
    make_item("Quick", barcode="69002")
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT)
    assert (run.state, run.faulty_count, faults(run)) == ("checked", 1, [(3, "barcode")])
    assert run.note
    assert not Item.objects.filter(code="A").exists()


def test_rights(owner):
    """Importing and changing items are two rights; prices need their own, a heading without it is not read."""
    keeper, buyer = (actor_for(make_member(role)) for role in ("picker", "buyer"))
    with refuses(PermissionRefused):
        send("items", HEADS, ("A", "One"), actor=keeper)
    with refuses(ValidationRefused, "heading"):
        send("items", ("foo", "bar"), ("A", "One"), actor=buyer)
    run = send("items", ("Item code", "Name", "Colour"), ("A", "One", "red"), actor=buyer)
    assert run.unread == ["Colour"]
    assert not ItemCategory.objects.filter(name="Colour").exists()
    assert D(run.rows_count) == 1
