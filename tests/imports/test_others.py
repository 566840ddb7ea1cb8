"""SAAS-11: customers, suppliers and opening stock come in from spreadsheets, too; pages; what stays as it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.catalog.inputs import AttributeData, ValueData
from backend.catalog.models import Item, PriceList
from backend.catalog.services.attributes import save_attribute
from backend.imports.services import ask_to_save
from backend.inventory.models import OpeningStock
from backend.kernel.models import AuditEntry
from backend.parties.models import Party, SupplierRole
from backend.workflow.parameters import set_parameter
from tests.factories.catalog import make_item
from tests.factories.parties import AT, make_supplier
from tests.imports.sheet import faults, send
from tests.people import owner_actor

pytestmark = pytest.mark.usefixtures("tenant")


@pytest.fixture
def owner():
    return owner_actor()


def test_saas_11_customers_and_suppliers(owner):
    """SAAS-11: terms, contact, address; a supplier of the same tax id becomes a customer, too, and keeps its terms."""
    supplier = make_supplier("晨光")
    heads = ("Name", "Tax id", "账期", "Credit limit", "联系人", "Contact's e-mail", "Address", "城市")
    rows = (
        heads,
        ("新客户", "", 45, 100000, "王芳", "wang@example.com", "西湖路 1 号", "杭州"),
        (supplier.name, "", 60, "", "", "", "", ""),
        ("坏客户", "123", "soon", "", "", "not-a-mail", "", ""),
    )
    run = send("customers", *rows, actor=owner)
    assert faults(run) == [(4, "payment_days"), (4, "contact_name"), (4, "tax_id")]
    ask_to_save(run_id=run.pk, actor=owner, at=AT, only_good=True)
    new = Party.objects.get(name="新客户")
    assert (new.is_customer, new.customer.payment_days, new.customer.credit_limit) == (True, 45, 100000)
    assert (new.contacts.get().email, new.addresses.get().city) == ("wang@example.com", "杭州")
    both = Party.objects.get(pk=supplier.pk)
    assert (both.is_supplier, both.is_customer, both.customer.payment_days) == (True, True, 60)
    assert both.supplier.lead_days == supplier.supplier.lead_days
    again = send("customers", *rows[:3], actor=owner)
    assert (again.same_count, again.faulty_count) == (2, 0)
    change = send("suppliers", ("Code", "Days to make"), (supplier.code, 9), actor=owner)
    ask_to_save(run_id=change.pk, actor=owner, at=AT)
    assert Party.objects.get(pk=supplier.pk).supplier.lead_days == 9


def test_saas_11_partners_that_are_there_change_together(owner):
    """SAAS-11: new terms, contacts and addresses of known partners take as many statements as those of one."""
    parties = [make_supplier() for _number in range(31)]
    heads = ("Code", "Days to make", "Contact", "Contact's e-mail", "Address")

    def save(few, days):
        rows = [(party.code, days, f"联系人{place}", f"c{place}@example.com", "西湖路 1 号") for place, party in few]
        run = send("suppliers", heads, *rows, actor=owner)
        with CaptureQueriesContext(connection) as taken:
            run = ask_to_save(run_id=run.pk, actor=owner, at=AT)
        assert (run.state, run.changed_count) == ("saved", len(rows)), run.note
        return len(taken)

    every = list(enumerate(parties))
    save(every, 8)
    assert save(every[:1], 9) == save(every[1:], 9)
    last = Party.objects.get(pk=parties[30].pk)
    assert (last.supplier.lead_days, last.version, last.contacts.get().name) == (9, 3, "联系人30")
    assert last.addresses.get().is_default
    entry = AuditEntry.objects.filter(subject_id=last.pk).latest("id")
    assert (entry.verb, entry.changes) == ("change", {"supplier.lead_days": ["8", "9"]})


def test_saas_11_new_suppliers_wait_to_be_qualified_together(owner):
    """SAAS-11, SRM: 200 new suppliers where the company qualifies them take as many statements as two."""
    set_parameter(key="srm.qualify_new_suppliers", value=True, actor=owner, at=AT)

    def save(names):
        run = send("suppliers", ("Name",), *((name,) for name in names), actor=owner)
        with CaptureQueriesContext(connection) as taken:
            assert ask_to_save(run_id=run.pk, actor=owner, at=AT).state == "saved"
        return len(taken)

    assert save(["甲", "乙"]) == save([f"新供应商 {number}" for number in range(200)])
    states = SupplierRole.objects.filter(party__name__startswith="新供应商").values_list("state", flat=True)
    assert list(states) == ["pending"] * 200


def test_saas_11_opening_stock_becomes_a_draft_once(owner):
    """SAAS-11: lines by item and warehouse become one draft; a second time they are there already."""
    pen, ink = make_item("Pen"), make_item("Ink", lot_tracked=True)
    heads = ("Item code", "Quantity", "Unit cost", "Lot")
    run = send("opening_stock", heads, (pen.code, 10, 2.5, ""), (ink.code, 4, 1, ""), ("??", 1, 1, ""), actor=owner)
    assert faults(run) == [(3, "lot_no"), (4, "item")]
    rows = (heads, (pen.code, 10, 2.5, ""), (ink.code, 4, 1, "L1"))
    run = ask_to_save(run_id=send("opening_stock", *rows, actor=owner).pk, actor=owner, at=AT)
    document = OpeningStock.objects.get()
    assert (document.total_value, document.lines.count(), document.approval) == (29, 2, "draft")
    assert run.made[0]["number"] == document.number
    again = send("opening_stock", *rows, actor=owner)
    assert faults(again) == [(2, "item"), (3, "item")]


def test_saas_11_prices_of_lists(owner):
    """SAAS-11: a new list with steps; what is not spoken of stays; the same again changes nothing."""
    pen = make_item("Pen")
    heads = ("Price list", "Item code", "Unit price", "From quantity")
    rows = (heads, ("2026", pen.code, 10, ""), ("2026", pen.code, 9, 100))
    run = ask_to_save(run_id=send("prices", *rows, actor=owner).pk, actor=owner, at=AT)
    assert run.state == "saved", run.note
    listed = PriceList.objects.get(name="2026")
    assert [(row.min_qty, row.price) for row in listed.lines.order_by("min_qty")] == [(0, 10), (100, 9)]
    assert send("prices", *rows, actor=owner).same_count == 2
    wrong = send("prices", heads, ("2026", "??", 1, ""), ("", pen.code, "cheap", ""), actor=owner)
    assert faults(wrong) == [(2, "item"), (3, "price"), (3, "list")]
    change = send("prices", heads, (listed.code, pen.code, 8, 100), actor=owner)
    assert change.changed_count == 1
    ask_to_save(run_id=change.pk, actor=owner, at=AT)
    assert [row.price for row in listed.lines.order_by("min_qty")] == [10, 8]


def test_inv_14_styles_and_variants(owner):
    """INV-14, SAAS-11: rows of a style become its variants, with prices of their own; new sizes are made when asked for."""
    values = {"colour": ("RED", "BLUE"), "size": ("S", "M")}
    for place, (code, names) in enumerate(values.items()):
        data = AttributeData(code.title(), code, tuple(ValueData(name, name.title()) for name in names), place)
        save_attribute(data=data, actor=owner, at=AT)
    heads = ("Style code", "Name", "Colour", "Size", "Sale price incl. tax", "Barcode")
    rows = (heads, ("SHIRT", "Shirt", "Red", "S", 50, "690001"), ("SHIRT", "", "blue", "XL", 60, ""))
    assert faults(send("variants", *rows, actor=owner)) == [(3, "attribute_size"), (3, "style")]
    run = send("variants", *rows, actor=owner, make_missing=True)
    assert (run.new_count, run.faulty_count) == (2, 0)
    run = ask_to_save(run_id=run.pk, actor=owner, at=AT)
    assert run.state == "saved", run.note
    made = {item.code: (item.sale_price, item.barcode) for item in Item.objects.filter(style__code="SHIRT")}
    assert made == {"SHIRT-RED-S": (50, "690001"), "SHIRT-BLUE-XL": (60, "")}
    again = send("variants", *rows, ("SHIRT", "", "Red", "S", "", ""), ("SHIRT", "", "Red", "", "", ""), actor=owner)
    assert (again.same_count, faults(again)) == (2, [(4, "style"), (5, "style")])
    more = send("variants", heads, ("SHIRT", "", "Red", "M", "", ""), actor=owner)
    ask_to_save(run_id=more.pk, actor=owner, at=AT)
    assert Item.objects.get(code="SHIRT-RED-M").sale_price == 50
