"""SAAS-11: customers, suppliers and opening stock come in from spreadsheets, too; pages; what stays as it is."""

import pytest

from backend.imports.services import ask_to_save
from backend.inventory.models import OpeningStock
from backend.parties.models import Party
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
